"""What a trained model and the agreement are: predict, explain, qualify, save, verify."""
