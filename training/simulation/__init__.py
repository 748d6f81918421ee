"""A sample CRM whose truth is known: leads, activities, history and the oracle."""
