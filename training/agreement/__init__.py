"""Agreements: proposed from past leads, tried before they hold, resolved and signed."""
