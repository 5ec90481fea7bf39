"""What stats and show see of any of our tables."""
