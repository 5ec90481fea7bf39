"""From photographs to verl parquet."""
