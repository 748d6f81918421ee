"""From files of a CRM export to tables."""
