"""Explain pairs of images: by a model behind an OpenAI-compatible endpoint, or by measurements and a grammar."""

from iea.data_prep.annotate.teacher import Answer, Question

__all__ = ["Answer", "Question"]
