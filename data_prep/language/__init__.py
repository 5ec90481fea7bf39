"""Requests in words: phrases for every tool, sentences made of them, and the rubric that compares two requests."""
