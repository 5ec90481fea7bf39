"""The offline teacher: the same answer every time, a program that points the right way, and named rejections."""

from dataclasses import replace

import numpy as np
import pytest

from iea.data_prep.annotate import Question
from iea.data_prep.annotate.offline import Offline
from iea.data_prep.runner import RejectedError
from iea.editor import Program, distance, render
from iea.editor.io import read_image, write_image


def test_an_answer_depends_on_the_question_and_its_name(question):
    teacher = Offline()
    assert teacher.explain(question) == Offline().explain(question)
    question = replace(question, program=Program({"exposure": 40, "temperature": 30}))
    others = [teacher.explain(replace(question, name=f"other/{n}")) for n in range(4)]
    assert len({one.program for one in others}) > 1
    assert len({one.program for one in (Offline(seed=n).explain(question) for n in range(4))}) > 1


def test_without_noise_a_true_program_is_the_start(question):
    true = Program({"shadows": 40, "tint": -25, "grain": 0})
    answer = Offline(noise=0).explain(replace(question, program=true))
    assert answer.program == {"shadows": 40, "tint": -25}
    assert "shadows +40" in answer.reasoning and "tint -25" in answer.reasoning


def test_without_a_true_program_the_start_is_searched(question):
    original, reference = read_image(question.original), read_image(question.reference)
    before = distance(original, reference)
    exact = Offline(noise=0).explain(question).program
    assert distance(render(original, exact), reference) < 0.2 * before
    known = replace(question, program=exact)
    noisy = [Offline(seed=n).explain(known).program for n in range(6)]
    worse = [distance(render(original, program), reference) for program in noisy]
    assert np.mean(worse) > distance(render(original, exact), reference), "a model's faults are made"


def test_tools_that_are_known_to_have_been_used_are_tried_first(question):
    known = replace(question, operators=("brightness", "temperature"))
    unknown = replace(question, operators=())
    assert "brightness" in Offline(noise=0).explain(known).program
    assert "brightness" not in Offline(noise=0).explain(unknown).program, "the picture was made with exposure"


def test_summaries_are_several_sentences_in_each_register(question):
    answer = Offline(summaries=3).explain(question)
    for summaries in (answer.summaries_expert, answer.summaries_amateur):
        assert 1 <= len(summaries) <= 3 and len(set(summaries)) == len(summaries) and all(summaries)
    assert (answer.tokens_in, answer.tokens_out) == (0, 0)


def test_sixteen_bits_and_large_pictures_are_understood(tmp_path):
    rng = np.random.default_rng(0)
    before = rng.integers(8000, 40000, (300, 500, 3)).astype(np.uint16)
    before[:, :250] //= 2
    for name, image in (("a", before), ("b", render(before, {"exposure": 40}))):
        write_image(tmp_path / f"{name}.png", image)
    teacher = Offline(noise=0)
    answer = teacher.explain(Question("x", tmp_path / "a.png", tmp_path / "b.png"))
    assert answer.program.get("exposure", 0) > 20


@pytest.mark.parametrize("fault", ["unreadable", "missing", "other_size", "no_change"])
def test_an_unusable_pair_is_rejected_by_name(fault, question, tmp_path):
    original = read_image(question.original)
    path = tmp_path / "reference.png"
    if fault == "unreadable":
        path.write_bytes(b"\x89PNG")
    elif fault == "other_size":
        write_image(path, original[:-2])
    elif fault == "no_change":
        write_image(path, original)
    with pytest.raises(RejectedError) as caught:
        Offline().explain(replace(question, reference=path))
    assert caught.value.reason == ("unreadable" if fault == "missing" else fault)


def test_a_pair_that_no_tool_explains_is_refused(tmp_path):
    left, right = np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)
    left[:, :8] = right[:, 8:] = 255  # black and white in other places: no curve tells the two apart
    write_image(tmp_path / "a.png", left)
    write_image(tmp_path / "b.png", right)
    with pytest.raises(RejectedError) as caught:
        Offline(evaluations=1).explain(Question("x", tmp_path / "a.png", tmp_path / "b.png"))
    assert caught.value.reason == "no_program"


@pytest.mark.parametrize("wrong", [{"noise": 2}, {"seed": -1}, {"evaluations": 0}, {"side": 4}, {"summaries": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="got"):
        Offline(**wrong)
