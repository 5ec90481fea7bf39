"""The models that are built here, small enough to train on two cores."""
