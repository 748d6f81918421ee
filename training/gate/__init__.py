"""What a new model must show before it answers."""
