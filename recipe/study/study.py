"""Define a study: what raters see, as the file study.json in the study's folder."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from iea.editor.io import replacing

QUESTIONS = ("instruction", "quality")
"""Each page asks one of these: which result follows the request best, and which is the best image."""
DAMAGED = "damaged"
"""Name of the damaged image of an attention check, in the place of a system's name."""
IMAGES = "images"
DATABASE = "study.db"
FILE = "study.json"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Strict):
    """A photograph with a request and the results of all systems.

    name : the row's name in the table
    requests : language -> request
    original : file of the original in images/
    results : system -> file in images/; names of files are random, so that an address tells nothing
    damaged : file of the damaged image; None where this item has no attention check
    """

    name: str
    requests: dict[str, str]
    original: str
    results: dict[str, str]
    damaged: str | None = None


class Study(_Strict):
    """Everything that is fixed before the first rater begins.

    title : heading of all pages
    systems : names, in the order of the tables
    consent : language -> text that a rater agrees to; these are the languages of the study
    seed : of the order of items and results
    repeats : items that each rater sees a second time, at the end
    """

    title: str
    systems: tuple[str, ...]
    items: tuple[Item, ...]
    consent: dict[str, str]
    seed: int = 0
    repeats: int = 0

    def save(self, folder: Path) -> None:
        """Write study.json, whole or not at all."""
        with replacing(folder / FILE) as partial:
            partial.write_text(self.model_dump_json(indent=1), encoding="utf-8")


def load_study(folder: Path) -> Study:
    """Read the study of a folder.

    Raises
    ------
    ValueError : the folder has no study.json
    """
    path = folder / FILE
    if not path.is_file():
        raise ValueError(f"a study's folder must hold {FILE}, got {str(folder)!r}; make one by `iea study make`")
    return Study.model_validate_json(path.read_text(encoding="utf-8"))
