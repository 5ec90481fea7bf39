"""verl reward functions."""
