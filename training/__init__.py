"""From a CRM export to a registered, promoted model."""
