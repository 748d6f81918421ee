"""Runs, models and bundles: MLflow and the way out of it."""
