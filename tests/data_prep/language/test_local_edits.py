"""Requests for an edit of a part of the image, by their words."""

import json
from pathlib import Path

import pytest

from iea.data_prep.language.local_edits import asks_for_local_edit


@pytest.mark.parametrize(
    "request_text",
    [
        "Remove the man on the left.",
        "make the sky darker",
        "Change the background to white",
        "take out the two people behind her",
        "Brighten everything except the flowers",
        "blur the bottom half",
    ],
)
def test_a_request_that_names_a_part_is_local(request_text: str) -> None:
    assert asks_for_local_edit(request_text)


@pytest.mark.parametrize(
    "request_text",
    [
        "make it brighter",
        "Reduce the exposure a little.",
        "it looks too cold",
        "",
        "get the colors right",
        "remove the haze",
    ],
)
def test_a_request_for_the_whole_image_is_not(request_text: str) -> None:
    assert not asks_for_local_edit(request_text)


def test_most_requests_of_gier_are_told_apart(annotations: Path) -> None:
    counts = {(local, found): 0 for local in (True, False) for found in (True, False)}
    for record in json.loads((annotations / "gier/val_sess_3.json").read_text()):
        local = {use["local"] for use in record["operator"].values()}
        texts = [text for key in ("expert_summary", "amateur_summary") for text in record[key] or []]
        for text in texts if len(local) == 1 else []:
            counts[local == {True}, asks_for_local_edit(text)] += isinstance(text, str)
    assert counts[True, True] / (counts[True, True] + counts[False, True]) > 0.8
    assert counts[True, True] / (counts[True, True] + counts[True, False]) > 0.85
