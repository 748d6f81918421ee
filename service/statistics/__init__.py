"""What the store tells of many leads at once."""
