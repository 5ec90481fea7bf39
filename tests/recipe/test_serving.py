"""The arguments of the application for Ray Serve, and answers of replicas as errors of a model. Ray itself: lane/test_serving.py."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iea.editor import Program
from iea.recipe.agent.models import ModelError
from iea.recipe.agent.models.endpoint import EndpointConfig
from iea.recipe.agent.models.model import UNREACHED
from iea.recipe.agent.models.vllm_server import NAME
from iea.recipe.serving import RemoteEndpoint, read_settings
from iea.reward_fns.chat import Completion, RequestRejectedError, RetryableError

IMAGE = np.full((40, 60, 3), 99, np.uint8)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text("{}")
    return tmp_path


def test_arguments_are_texts_or_values_and_limits_are_among_them() -> None:
    given = {"root": "/srv/iea", "pages": "4", "days": "0.5", "max_pixels": 1000, "domain": "a.example, b.example"}
    settings = read_settings(given)  # type: ignore[arg-type]  # a configuration file has numbers
    assert (settings.root, settings.pages, settings.days, settings.max_pixels) == (Path("/srv/iea"), 4, 0.5, 1000)
    assert settings.hosts[:2] == ["a.example", "b.example"] and "127.0.0.1" in settings.hosts


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "root: Field required"),
        ({"root": "sessions"}, "root must be an absolute folder"),
        ({"root": "/srv", "page": "4"}, "page: Unexpected keyword argument"),
        ({"root": "/srv", "pages": "0"}, "pages must be at least 1, got 0"),
        ({"root": "/srv", "gpus": "-1"}, "gpus must be at least 0, got -1"),
        ({"root": "/srv", "pages": "many"}, "got 'many'"),
        ({"root": "/srv", "style": "long"}, "got 'long'"),
        ({"root": "/srv", "endpoint": "ftp://x"}, "url must be an address"),
        ({"root": "/srv", "checkpoint": "/nowhere"}, "without config.json"),
        ({"root": "/srv", "checkpoint": "/nowhere", "endpoint": "http://x/v1"}, "leave one of them out"),
        ({"root": "/srv", "checkpoint": "/nowhere", "vllm": "--x 'y"}, "No closing quotation"),
    ],
)
def test_wrong_arguments_are_named(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_settings(given)


@pytest.mark.skipif(find_spec("vllm") is None, reason="a checkpoint needs vLLM")
def test_requests_to_a_policy_name_no_address(checkpoint: Path) -> None:
    config = read_settings({"root": "/srv", "checkpoint": str(checkpoint), "style": "short"}).config
    assert (config.model, config.style, config.key_env) == (NAME, "short", "")
    assert RemoteEndpoint(config, None).name == NAME


class Handle:
    """A handle of Ray Serve whose replica gives one answer."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.complete, self._answer, self.body, self.canceled = self, answer, {}, False

    def remote(self, body: dict[str, Any]) -> "Handle":
        self.body = body
        return self

    def result(self, timeout_s: float) -> Any:
        return self._answer()

    def cancel(self) -> None:
        self.canceled = True


def _raises(error: Exception) -> Any:
    raise error


def test_answers_of_a_replica_are_those_of_a_model() -> None:
    pytest.importorskip("ray.serve.exceptions", reason="needs pip install 'ray[serve]'", exc_type=ImportError)
    from ray.exceptions import RayActorError
    from ray.serve.exceptions import BackPressureError

    config = EndpointConfig(url="http://policy/v1", model=NAME, style="short")
    handle = Handle(lambda: Completion('{"exposure": 20}', "", False, True, 1, 1))
    assert RemoteEndpoint(config, handle).edit(IMAGE, "brighter").program == Program({"exposure": 20})
    assert handle.body["model"] == NAME
    busy = BackPressureError(num_queued_requests=9, max_queued_requests=8)
    for error in (TimeoutError(), RayActorError(), busy):
        handle = Handle(lambda error=error: _raises(error))  # type: ignore[misc]
        with pytest.raises(ModelError, match="no replica of the policy answered") as raised:
            RemoteEndpoint(config, handle).edit(IMAGE, "brighter")
        assert (raised.value.exit_status, handle.canceled) == (UNREACHED, isinstance(error, TimeoutError))
    for refused, status in (
        (RequestRejectedError("http_400", "no"), 4),
        (RetryableError("connection", "no"), UNREACHED),
    ):
        with pytest.raises(ModelError) as raised:
            RemoteEndpoint(config, Handle(lambda refused=refused: refused)).edit(IMAGE, "brighter")  # type: ignore[misc]
        assert raised.value.exit_status == status
