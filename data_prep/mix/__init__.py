"""Mixes of the training stages: one YAML file a stage, and how they are drawn."""
