"""InitGen: the program to start from, unchanged."""

from iea.data_prep.label.method import Method

METHOD = Method("InitGen", "the paper's ablation without search", lambda objective, start, rng: start)
