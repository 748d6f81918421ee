"""What is known about a lead at one moment, as numbers."""
