"""Which photographs belong together, and hence into one split."""
