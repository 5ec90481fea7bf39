"""Evaluate a judge of summaries on held-out pairs, on the cases of the rubric and on attacks."""
