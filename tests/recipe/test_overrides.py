"""A path with any characters reaches hydra unchanged."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from iea.recipe.overrides import override

ODD = [
    *[
        "é",
        "新",
        "=",
        "(",
        ")",
        ",",
        "&",
        "#",
        "'",
        '"',
        " ",
        "$",
        "{",
        "}",
        "[",
        "]",
        ":",
        "*",
        "?",
        "!",
        ";",
        "|",
        "~",
    ],
    *[
        "%",
        "@",
        "+",
        "`",
        "<",
        ">",
        "^",
        "a\\b",
        "it's, (new) = 1",
        '"',
        "'\"'",
        "\t",
        "a\nb",
        "null",
        "true",
        "1e3",
        "a b ",
    ],
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("form", ["/data/{}", "/data/{}/sft", "{}", "/data/a{}b/c"])
def test_a_value_is_read_as_it_was(odd: str, form: str) -> None:
    text = form.format(odd)
    parsed = OverridesParser.create().parse_override(override("iea.model", text))
    assert parsed.value() == text and not parsed.is_sweep_override()


@pytest.mark.parametrize("text", ["/data/${iea.w}", "${", "/data/$HOME", "/data/${HOME}/x"])
def test_a_value_that_hydra_cannot_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the value of iea.model must not contain"):
        override("iea.model", text)


def test_a_number_stays_a_number() -> None:
    assert OverridesParser.create().parse_override(override("iea.w", 0.5)).value() == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["é新", "a=b,c", "(x)", "it's", "a & b", "#1", "$ $none", "{x}", '"q"'])
def test_a_home_with_odd_characters_starts(
    odd: str, tmp_path: Path, script: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    from homes import write_home

    home = write_home(tmp_path / odd)
    model = override("iea.model", home / "tiny_model")
    done = script("sweep", "--sft", "+recipe=iea_sft_cpu", model, override("hydra.run.dir", home), IEA_HOME=str(home))
    assert f"point {home}/stage1" in done.stdout
    assert json.loads((home / "stage1/run.json").read_text())["inputs"]["model"]["place"] == str(home / "tiny_model")
