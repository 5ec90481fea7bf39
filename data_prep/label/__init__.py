"""Fit a program to a pair of images, and label every annotated pair with its program."""

from iea.data_prep.label.match import fit_program

__all__ = ["fit_program"]
