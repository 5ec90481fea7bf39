"""Evaluate policies and judges: systems give answers, metrics summarize their scores, tables compare runs."""
