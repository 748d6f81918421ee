"""Tests of the ways to learn."""
