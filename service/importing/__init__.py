"""Files as rows of the store."""
