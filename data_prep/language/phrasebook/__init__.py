"""What people say, by tool and direction: photographers in `expert.yaml`, others in `amateur.yaml`.

What stands around it is in `frames`.
"""

from __future__ import annotations

from collections.abc import Mapping

from iea.data_prep.language.instructions import PHRASES
from iea.data_prep.language.phrasebook.phrases import Key, Persona, Phrases, Wording
from iea.data_prep.language.phrasebook.reading import read_phrases

EXPERT: Mapping[Key, Phrases] = read_phrases("expert", given=PHRASES)
AMATEUR: Mapping[Key, Phrases] = read_phrases("amateur")
PHRASEBOOK: Mapping[Persona, Mapping[Key, Phrases]] = {"expert": EXPERT, "amateur": AMATEUR}

__all__ = ["AMATEUR", "EXPERT", "PHRASEBOOK", "Key", "Persona", "Phrases", "Wording"]
