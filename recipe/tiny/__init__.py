"""Build policy and judge models that train on two cores."""
