"""Pages where marketing and sales look together."""
