"""Scores leads, and computes their features, on a Spark cluster by the code of one machine."""
