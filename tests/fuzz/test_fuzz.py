import asyncio
import math
import random
from collections.abc import Callable
from itertools import islice

import pytest
import run as fuzz
from mutate import LONGEST, MUTATIONS, answers
from typer import Typer
from typer.testing import CliRunner

from iea.reward_fns.result import failed_score

GOOD = failed_score(1.0) | {"error": 0.0}


@pytest.mark.slow
def test_two_thousand_broken_answers_break_no_promise() -> None:
    report = asyncio.run(fuzz.run(count=2000, seed=1))
    assert report.failures == []
    assert set(report.scores) == {
        *("edit", "no edit", "unparsable", "not_object", "duplicate_key"),
        *("unknown_tool", "not_integer", "out_of_range"),
    }
    assert sum(map(len, report.scores.values())) == 2000


def test_a_seed_gives_the_same_answers() -> None:
    first, again, other = ([*islice(answers(seed), 200)] for seed in (3, 3, 4))
    assert first == again != other


def test_some_answers_are_pathologically_long_and_all_are_bounded() -> None:
    lengths = [len(text) for text in islice(answers(0), 2000)]
    assert LONGEST / 2 < max(lengths) <= 2 * LONGEST


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("text", ["", "x", "{}", "```json"])
def test_every_mutation_takes_any_text(mutation: Callable[[str, random.Random], str], text: str) -> None:
    assert all(isinstance(mutation(text, random.Random(seed)), str) for seed in range(20))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_every_mutation_changes_a_program(mutation: Callable[[str, random.Random], str]) -> None:
    program = '{"exposure": 20, "tint": -35}'
    assert {mutation(program, random.Random(seed)) for seed in range(50)} - {program}


@pytest.mark.parametrize(
    ("change", "outcome", "complaint"),
    [
        ({"extra": 1.0}, "unparsable", "keys"),
        ({"score": math.nan}, "unparsable", "score = nan"),
        ({"score": -1.01}, "unparsable", "score = -1.01"),
        ({"r_like": math.inf}, "unparsable", "r_like = inf"),
        ({"d_after": 1}, "unparsable", "d_after = 1"),
        ({"error": 1.0}, "unparsable", "error = 1.0"),
        ({"reward_ms": 2001.0}, "unparsable", "slower than 2 s"),
        ({"parsable": 1.0}, "not_object", "parsable = 1.0 of outcome not_object"),
        ({"score": 0.5}, "out_of_range", "score = 0.5 of outcome out_of_range"),
    ],
)
def test_every_broken_promise_is_seen(change: dict[str, float], outcome: str, complaint: str) -> None:
    assert fuzz.broken_promises(GOOD, outcome, 2) == []
    assert any(complaint in broken for broken in fuzz.broken_promises(GOOD | change, outcome, 2))


async def _raises(*_: object, **__: object) -> dict[str, float]:
    raise RuntimeError("no reward today")


def _command(count: int) -> tuple[int, str]:
    app = Typer()
    app.command()(fuzz.main)
    result = CliRunner().invoke(app, ["--count", str(count)])
    return result.exit_code, result.stdout


def test_the_command_prints_a_table_and_succeeds() -> None:
    code, printed = _command(40)
    assert code == 0
    assert "unparsable" in printed
    assert "40 answers, 0 broken promises" in printed


def test_the_command_fails_where_the_reward_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "compute_score", _raises)
    code, printed = _command(3)
    assert code == 1
    assert "FAILED answer 0 of seed 0: raised RuntimeError('no reward today')" in printed
    assert "3 broken promises" in printed
