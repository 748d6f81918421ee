"""Tests of contributions, ledger, evidence and reasons."""
