"""One file per CRM: which of its fields is what."""
