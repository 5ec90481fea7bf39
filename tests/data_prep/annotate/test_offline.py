"""The offline teacher: the same annotation every time, a program in the right direction, and named rejections."""

from dataclasses import replace

import numpy as np
import pytest

from iea.data_prep.annotate import AnnotationRequest
from iea.data_prep.annotate.offline import Offline
from iea.data_prep.runner import RejectedError
from iea.editor import Program, distance, render
from iea.editor.io import read_image, write_image


def test_an_annotation_depends_on_the_request_and_its_name(pair):
    teacher = Offline()
    assert teacher.annotate(pair) == Offline().annotate(pair)
    pair = replace(pair, program=Program({"exposure": 40, "temperature": 30}))
    others = [teacher.annotate(replace(pair, name=f"other/{n}")) for n in range(4)]
    assert len({one.program for one in others}) > 1
    assert len({one.program for one in (Offline(seed=n).annotate(pair) for n in range(4))}) > 1


def test_without_noise_a_true_program_is_the_start(pair):
    true = Program({"shadows": 40, "tint": -25, "grain": 0})
    answer = Offline(noise=0).annotate(replace(pair, program=true))
    assert answer.program == {"shadows": 40, "tint": -25}
    assert "shadows +40" in answer.reasoning and "tint -25" in answer.reasoning


def test_without_a_true_program_the_start_is_searched(pair):
    original, reference = read_image(pair.original), read_image(pair.reference)
    before = distance(original, reference)
    exact = Offline(noise=0).annotate(pair).program
    assert distance(render(original, exact), reference) < 0.2 * before
    known = replace(pair, program=exact)
    noisy = [Offline(seed=n).annotate(known).program for n in range(6)]
    worse = [distance(render(original, program), reference) for program in noisy]
    assert np.mean(worse) > distance(render(original, exact), reference), "the errors of a model are made"


def test_tools_that_are_known_to_have_been_used_are_tried_first(pair):
    known = replace(pair, operators=("brightness", "temperature"))
    unknown = replace(pair, operators=())
    assert "brightness" in Offline(noise=0).annotate(known).program
    assert "brightness" not in Offline(noise=0).annotate(unknown).program, "the image was made with exposure"


def test_summaries_are_several_sentences_of_each_persona(pair):
    answer = Offline(summaries=3).annotate(pair)
    for summaries in (answer.summaries_expert, answer.summaries_amateur):
        assert 1 <= len(summaries) <= 3 and len(set(summaries)) == len(summaries) and all(summaries)
    assert (answer.tokens_in, answer.tokens_out) == (0, 0)


def test_sixteen_bits_and_large_images_are_read(tmp_path):
    rng = np.random.default_rng(0)
    before = rng.integers(8000, 40000, (300, 500, 3)).astype(np.uint16)
    before[:, :250] //= 2
    for name, image in (("a", before), ("b", render(before, {"exposure": 40}))):
        write_image(tmp_path / f"{name}.png", image)
    teacher = Offline(noise=0)
    answer = teacher.annotate(AnnotationRequest("x", tmp_path / "a.png", tmp_path / "b.png"))
    assert answer.program.get("exposure", 0) > 20


@pytest.mark.parametrize("fault", ["unreadable", "missing", "other_size", "no_change"])
def test_an_unusable_pair_is_rejected_by_name(fault, pair, tmp_path):
    original = read_image(pair.original)
    path = tmp_path / "reference.png"
    if fault == "unreadable":
        path.write_bytes(b"\x89PNG")
    elif fault == "other_size":
        write_image(path, original[:-2])
    elif fault == "no_change":
        write_image(path, original)
    with pytest.raises(RejectedError) as caught:
        Offline().annotate(replace(pair, reference=path))
    assert caught.value.reason == ("unreadable" if fault == "missing" else fault)


def test_a_pair_that_no_tool_brings_closer_is_rejected(tmp_path):
    left, right = np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)
    left[:, :8] = right[:, 8:] = 255  # black and white in other places: no curve tells the two apart
    write_image(tmp_path / "a.png", left)
    write_image(tmp_path / "b.png", right)
    with pytest.raises(RejectedError) as caught:
        Offline(evaluations=1).annotate(AnnotationRequest("x", tmp_path / "a.png", tmp_path / "b.png"))
    assert caught.value.reason == "no_program"


@pytest.mark.parametrize("wrong", [{"noise": 2}, {"seed": -1}, {"evaluations": 0}, {"side": 4}, {"summaries": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="got"):
        Offline(**wrong)
