"""Half a year of a simulated CRM, so that a newcomer sees every page with something on it."""
