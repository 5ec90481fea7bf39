"""Evaluation of trained policies and judges."""
