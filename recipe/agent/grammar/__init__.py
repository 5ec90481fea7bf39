"""Read requests without a model: the phrase files of data preparation, inverted."""
