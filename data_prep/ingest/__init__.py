"""Ingest a source: decode, align, deduplicate and split its photographs."""
