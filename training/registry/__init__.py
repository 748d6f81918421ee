"""Where trained models are recorded, registered and exported from."""
