"""Annotate pairs of images: by a model behind an OpenAI-compatible endpoint, or by measurements and a grammar."""

from iea.data_prep.annotate.annotation import Annotation, AnnotationRequest

__all__ = ["Annotation", "AnnotationRequest"]
