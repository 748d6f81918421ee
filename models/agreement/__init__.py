"""The written definition of a qualified lead, and the labels that follow."""
