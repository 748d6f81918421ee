"""Contributions, ledger, evidence and reasons."""
