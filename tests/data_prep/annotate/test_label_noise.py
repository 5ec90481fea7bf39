import numpy as np
import pytest

from iea.data_prep.annotate.label_noise import HABITS, UNDERDONE, label_of, noisy_label
from iea.editor import TOOLS, Program


def labels(program: Program, noise: float, count: int = 2000) -> list[Program]:
    return [noisy_label(program, noise, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("tool", TOOLS)
def test_without_noise_the_label_is_the_program(tool):
    program = Program({tool: 45})
    assert all(label == program for label in labels(program, 0, 20))


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("value", [5, 20, 100])
def test_labels_are_valid_keep_the_sign_and_come_in_fives(tool, value):
    sign = -1 if TOOLS[tool].low < 0 else 1
    for label in labels(Program({tool: sign * value}), 1.0, 50):
        assert label[tool] * sign >= 5
        assert all(v % 5 == 0 for v in label.values())


@pytest.mark.parametrize("tool", TOOLS)
def test_about_half_of_the_tools_are_overdone_and_half_underdone(tool):
    factor = 1 / 1.4 if tool in UNDERDONE else 1.4
    found = [label[tool] for label in labels(Program({tool: 50}), 1.0)]
    assert np.mean(found) == pytest.approx(50 * factor, abs=1)
    assert set(UNDERDONE) < set(TOOLS) and 0.4 < len(UNDERDONE) / len(TOOLS) < 0.6  # with room for a new tool


def test_errors_jitter_and_habits_grow_with_the_noise():
    program = Program({"fade": 40})
    full, half = labels(program, 1.0), labels(program, 0.5)
    assert np.mean([label["fade"] for label in full]) == pytest.approx(56, abs=1)
    assert np.mean([label["fade"] for label in half]) == pytest.approx(48, abs=1)
    assert np.std([label["fade"] for label in full]) == pytest.approx(10, abs=1)
    assert np.mean([len(label) == 2 for label in full]) == pytest.approx(0.5, abs=0.04)
    assert np.mean([len(label) == 2 for label in half]) == pytest.approx(0.25, abs=0.04)
    assert {tool for label in full for tool in label} == {"fade", *HABITS}


def test_a_tenth_of_the_labels_of_several_tools_lack_one():
    program = Program({"fade": 40, "grain": 40, "contrast": 20, "saturation": 20, "vibrance": 20, "sharpness": 20})
    sizes = [len(label) for label in labels(program, 1.0)]
    assert set(sizes) == {5, 6}
    assert np.mean([size == 5 for size in sizes]) < 0.13
    assert all(len(label) >= 1 and "fade" in label for label in labels(Program({"fade": 40}), 1.0, 200))


def test_the_label_of_an_example_depends_on_its_name_and_the_seed_alone():
    program = Program({"fade": 40, "grain": 40})
    names = [f"{n:08d}-edit-template" for n in range(50)]
    found = [label_of(program, 1.0, 0, name) for name in names]
    assert found == [label_of(program, 1.0, 0, name) for name in names]
    assert len({label.to_json() for label in found}) > 20
    assert found != [label_of(program, 1.0, 1, name) for name in names]
    assert all(label_of(program, 0.0, 0, name) == program for name in names)
