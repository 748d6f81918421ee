"""The model card: what a training found, for people."""
