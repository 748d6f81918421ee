"""Connectors to CRM systems: leads come in, scores go back."""
