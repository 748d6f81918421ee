"""What notebooks ask of models and exports, as tidy tables and plots."""
