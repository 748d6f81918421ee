"""Ways to learn: from rows of numbers to log-odds."""
