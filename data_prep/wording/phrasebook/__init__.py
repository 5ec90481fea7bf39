"""What people say, by tool and direction: photographers in `expert.yaml`, others in `amateur.yaml`.

What stands around it is in `frames`.
"""

from __future__ import annotations

from collections.abc import Mapping

from iea.data_prep.wording.instructions import PHRASES
from iea.data_prep.wording.phrasebook.phrases import Key, Phrases, Register, Wording
from iea.data_prep.wording.phrasebook.reading import read_phrases

EXPERT: Mapping[Key, Phrases] = read_phrases("expert", given=PHRASES)
AMATEUR: Mapping[Key, Phrases] = read_phrases("amateur")
PHRASEBOOK: Mapping[Register, Mapping[Key, Phrases]] = {"expert": EXPERT, "amateur": AMATEUR}

__all__ = ["AMATEUR", "EXPERT", "PHRASEBOOK", "Key", "Phrases", "Register", "Wording"]
