"""Search for the program of every annotated pair."""
