"""Search: the contract of every method, and the two defaults find the program of a rendered image."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from skimage import data

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.label.compare import compared, pairs_of, plot, reached, table
from iea.data_prep.label.method import search
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.objective import Objective, OutOfBudgetError
from iea.data_prep.schema import RL_SCHEMA
from iea.editor import TOOLS, Image, Program, distance, render

PROGRAMS = [
    Program({"exposure": 45, "saturation": -45}),
    Program({"temperature": -45, "shadows": 80, "vignette": -45}),
    Program({"contrast": 45, "tint": 20, "fade": 45, "sharpness": 80}),
]


@pytest.fixture(scope="module")
def photograph() -> Image:
    """(84, 84, 3): a face and a flag, every third pixel."""
    return np.ascontiguousarray(data.astronaut()[:252:3, 60:312:3])


def _start(program: Program) -> Program:
    return noisy_label(program, 1.0, np.random.default_rng(3))


@pytest.mark.parametrize("name", METHODS)
def test_never_worse_than_the_start_and_reproducible(name: str, photograph: Image) -> None:
    target = render(photograph, PROGRAMS[1])
    start = _start(PROGRAMS[1])
    first, again = (search(METHODS[name], photograph, target, start, seed=2) for _ in range(2))
    assert (first.program, first.evaluations) == (again.program, again.evaluations)
    assert distance(render(photograph, first.program), target) <= distance(render(photograph, start), target)
    assert all(first.program.values()), "tools at 0 are left out"


@pytest.mark.parametrize("limit", [1, 7, 40])
@pytest.mark.parametrize("name", METHODS)
def test_no_method_exceeds_its_limit(name: str, limit: int, photograph: Image) -> None:
    target = render(photograph, PROGRAMS[0])
    found = search(METHODS[name], photograph, target, _start(PROGRAMS[0]), limit=limit)
    assert 1 <= found.evaluations <= limit
    assert found.trace[-1][0] <= limit


@pytest.mark.parametrize("name", METHODS)
def test_an_empty_start_is_allowed(name: str, photograph: Image) -> None:
    target = render(photograph, {"exposure": 40})
    assert search(METHODS[name], photograph, target, Program()).evaluations >= 1


def test_equal_images_are_refused(photograph: Image) -> None:
    with pytest.raises(ValueError, match="must differ"):
        search(METHODS["InitGen"], photograph, photograph, PROGRAMS[0])


def test_fast_search_keeps_tools_and_signs_and_costs_eight_each(photograph: Image) -> None:
    for program in PROGRAMS:
        start = _start(program)
        found = search(METHODS["FastSearch"], photograph, render(photograph, program), start)
        assert list(found.program) == list(start)
        assert all(found.program[tool] * start[tool] > 0 for tool in start)
        assert found.evaluations <= 1 + 8 * len(start)


def test_greedy_tries_every_integer_and_may_remove_a_tool(photograph: Image) -> None:
    target = render(photograph, {"exposure": 37})
    found = search(METHODS["Greedy"], photograph, target, Program({"exposure": 20}))
    assert found.program == {"exposure": 37} and found.evaluations == 201
    with_extra = search(METHODS["Greedy"], photograph, target, Program({"exposure": 37, "grain": 10}))
    assert found.program == with_extra.program and with_extra.evaluations == 1 + 200 + 100


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_default_comes_close_with_few_tools_at_bounded_cost(program: Program, photograph: Image) -> None:
    found = search(METHODS["Stepwise"], photograph, render(photograph, program), Program())
    assert found.rating["r_like"] > 0.9 and found.rating["r_use"] == 1
    assert len(found.program) <= 5 and found.evaluations <= 300


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_oracle_finds_the_true_program(program: Program, photograph: Image) -> None:
    found = search(METHODS["Levenberg-Marquardt"], photograph, render(photograph, program), Program())
    assert found.rating["r_like"] > 0.98 and found.rating["r_use"] == 1


def test_an_objective_measures_once_and_keeps_the_best(photograph: Image) -> None:
    target = render(photograph, {"exposure": 30})
    objective = Objective(photograph, target, limit=3)
    assert objective({"exposure": 30}) == 0
    assert objective.many([{"exposure": 30, "tint": 0}, {"exposure": 20}]) == [
        0,
        distance(render(photograph, {"exposure": 20}), target),
    ]
    assert objective.evaluations == 2
    with pytest.raises(OutOfBudgetError):
        objective.many([{"tint": value} for value in (5, 10)])
    assert objective.evaluations == 3
    assert (objective.best, objective.distance, objective.trace) == ({"exposure": 30}, 0, [(1, 0.0)])


def test_all_methods_of_the_paper_are_there() -> None:
    assert {"FastSearch", "InitGen", "Reflect", "SimAnneal", "RandomSearch", "Greedy"} < set(METHODS)


def test_the_curve_starts_at_the_unedited_image() -> None:
    trace = ((2, 0.4), (5, 0.1))
    assert reached(trace, 0.2, np.array([1, 2, 4, 5, 9])) == pytest.approx([0, -1, -1, 0.5, 0.5])


@pytest.mark.slow
def test_comparison_of_a_data_set(tmp_path: Path, photograph: Image) -> None:
    import pandas as pd

    from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl
    from iea.editor.io import write_image
    from iea.reward_fns.example import Example

    rows = []
    for number, program in enumerate(PROGRAMS[:2]):
        names = {key: str(tmp_path / f"{number}-{key}.png") for key in ("original", "reference")}
        write_image(names["original"], photograph)
        write_image(names["reference"], render(photograph, program))
        for persona in ("expert", "none"):
            example = Example("edit", "a", persona=persona, text="Lift it.", program=program.to_json(), **names)
            rows.append(example_to_rl(example, len(rows), PromptConfig()))
    pq.write_table(pa.Table.from_pylist(rows, schema=RL_SCHEMA), tmp_path / "rows.parquet")
    pairs = list(pairs_of(tmp_path / "rows.parquet", 5, seed=0))
    assert len(pairs) == 2 and all(set(pair.start) & set(TOOLS) for pair in pairs)
    results = pd.DataFrame([line for pair in pairs for line in compared(pair)])
    assert table(results).count("\n") == 1 + len(METHODS)
    plot(results, tmp_path / "search.png")
    assert (tmp_path / "search.png").stat().st_size > 10_000
