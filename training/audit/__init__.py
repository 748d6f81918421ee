"""Columns that know the outcome although the mapping says they do not."""
