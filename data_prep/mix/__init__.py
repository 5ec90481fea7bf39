"""Mixes of the training stages: one YAML file per stage, and the code that draws their rows."""
