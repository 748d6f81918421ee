"""The store as files that training reads."""
