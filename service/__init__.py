"""HTTP around one loaded model."""
