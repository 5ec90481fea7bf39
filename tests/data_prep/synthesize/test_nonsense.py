import re

import numpy as np

from iea.data_prep.synthesize.nonsense import TEXTS, nonsense


def words(texts):
    return {word for text in texts for word in re.findall(r"[a-z0-9]+", text)}


def drawn(phrase_split, count=4000):
    rng = np.random.default_rng(0)
    return {nonsense(rng, phrase_split) for _ in range(count)}


def test_held_out_nonsense_is_new_but_has_only_training_words():
    train, val = drawn("train"), drawn("val")
    assert len(val) > 300
    assert not train & val
    assert words(val) <= words(train)


def test_no_template_is_in_both_splits():
    for table in (TEXTS["talk"], TEXTS["foreign"], TEXTS["judge"]):
        assert not set(table["train"]) & set(table["val"])


def test_every_kind_is_drawn():
    texts = drawn("train")
    assert any(text in texts for text in TEXTS["foreign"]["train"])
    assert any(text in texts for text in TEXTS["judge"]["train"])
    assert any(
        re.fullmatch(r"(natural contrast|[a-z]+)( (natural contrast|[a-z]+)){3,}", t) and "tint" in t for t in texts
    )
    assert not any("{" in text for text in texts)
