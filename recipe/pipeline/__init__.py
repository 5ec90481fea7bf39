"""Run the training stages one after another."""
