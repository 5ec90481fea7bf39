"""The model that an endpoint serves."""

from typing import Any

import pytest

from iea.recipe.evaluation.served import served_name


def test_an_endpoint_names_its_model(server: Any) -> None:
    with pytest.raises(ValueError, match="must be that of an endpoint that lists its models"):
        served_name(server.url)  # the test's server answers POST alone
    with pytest.raises(ValueError, match="start it first"):
        served_name("http://127.0.0.1:9/v1")
