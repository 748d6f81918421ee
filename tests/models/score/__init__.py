"""Tests of margin, probability and score."""
