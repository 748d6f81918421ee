"""Tests of the connectors, against fakes that count."""
