"""Settings of the judge: valid ones are read, mistakes are named."""

from typing import Any

import pytest

from iea.reward_fns.judge import JudgeSettings, NoJudgeError

URL = {"backend": "url", "url": "http://judge:8000/v1/", "model": "tiny"}


def test_a_url_is_read_with_defaults() -> None:
    settings = JudgeSettings.read(URL, None)
    assert (settings.url, settings.model, settings.decode) == ("http://judge:8000/v1/", "tiny", "integer")
    assert hash(settings) == hash(JudgeSettings.read(dict(URL), "ignored:1"))


def test_a_router_has_the_address_that_verl_gives() -> None:
    settings = JudgeSettings.read({"backend": "router", "model": "/m"}, "10.0.0.1:8000")
    assert settings.url == "http://10.0.0.1:8000/v1"


def test_references_in_hydra_mappings_are_resolved() -> None:
    omegaconf = pytest.importorskip("omegaconf")
    config = omegaconf.OmegaConf.create({"path": "/m", "judge": {"backend": "router", "model": "${path}"}})
    assert JudgeSettings.read(config.judge, "h:1").model == "/m"


@pytest.mark.parametrize(
    ("given", "router"), [(None, None), ("router", "h:1"), ({"backend": "router", "model": "m"}, None)]
)
def test_a_missing_judge_is_named_with_the_remedy(given: object, router: str | None) -> None:
    with pytest.raises(NoJudgeError, match="set"):
        JudgeSettings.read(given, router)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"backend": "fax"}, "judge.backend must be one of"),
        ({"decode": "expectation"}, "judge.decode must be one of"),
        ({"model": ""}, "judge.model must be set"),
        ({"url": ""}, "judge.url must be set"),
        ({"backend": "actor"}, "judge.actor must be set"),
        ({"backend": "actor", "actor": 3}, "judge.actor must be a text, got 3"),
        ({"timeout_s": True}, "judge.timeout_s must be above 0, and finite, got True"),
        ({"url": "http://judge/v1?api-version=1"}, "judge.url must be an address"),
        ({"timeout_s": 0}, "judge.timeout_s must be above 0, and finite, got 0"),
        ({"attempts": 0}, "judge.attempts must be at least 1, got 0"),
        ({"concurrency": 0}, "judge.concurrency must be at least 1"),
        ({"deadline_s": 9}, r"judge must have keys among .*timeout_s.*, got \['deadline_s'\]"),
        ({"modle": "tiny"}, r"judge must have keys among .*, got \['modle'\]"),
    ],
)
def test_mistakes_are_named(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        JudgeSettings.read(URL | changes, None)
