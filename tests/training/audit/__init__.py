"""Tests of the leakage audit."""
