"""Margin, probability and score."""
