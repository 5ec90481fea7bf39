"""What people say, by tool and direction: photographers in `expert`, everybody else in `amateur`, the rest in `frames`."""

from __future__ import annotations

from collections.abc import Mapping

from iea.data_prep.wording.phrasebook.amateur import AMATEUR
from iea.data_prep.wording.phrasebook.expert import EXPERT
from iea.data_prep.wording.phrasebook.phrases import Key, Phrases, Register, Wording

PHRASEBOOK: Mapping[Register, Mapping[Key, Phrases]] = {"expert": EXPERT, "amateur": AMATEUR}

__all__ = ["PHRASEBOOK", "Key", "Phrases", "Register", "Wording"]
