"""The endpoint of a judge."""

from typing import Any

import pytest

from iea.recipe.pipeline.judge_endpoint import served_name


def test_an_endpoint_names_its_model(server: Any) -> None:
    with pytest.raises(ValueError, match="--judge must be a folder or an endpoint"):
        served_name(server.url)  # the test's server answers POST alone
    with pytest.raises(ValueError, match="start it first"):
        served_name("http://127.0.0.1:9/v1")
