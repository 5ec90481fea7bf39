"""Requests in words: phrases of every tool, sentences made of them, and the rubric that compares two requests."""
