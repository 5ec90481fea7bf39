"""Runs of the training stages, one after another."""
