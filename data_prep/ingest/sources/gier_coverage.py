"""Count GIER's pairs that our tools can express, and the reasons for the others, against the paper's 2.4 k of 6,179.

    iea data coverage --root /data/gier

Needs only the annotations. If only some of the pairs are available, the counts are extrapolated by their share; the split of
T2ONet is random, so that is fair.
"""

from collections import Counter
from pathlib import Path

from iea.data_prep.ingest.sources.gier import PAPER_EXCLUDES, annotation_files, list_gier, pair_name
from iea.data_prep.ingest.sources.records import read_records
from iea.data_prep.ingest.sources.source import Listed, Rejected

ALL = 6_179  # pairs of GIER
PAPER = 2_433  # of them by the paper's rule (it says 2.4 k): global, and one of its tools or of its three mappings


def coverage(root: Path) -> str:
    """Return a table of kept and rejected pairs, as found and extrapolated to the whole of GIER."""
    listed = list(list_gier(root))
    kept = [one for one in listed if isinstance(one, Listed)]
    rejected = Counter(one.reason for one in listed if isinstance(one, Rejected))
    extra = len(_black_and_white(root) & {one.name for one in kept})
    scale = ALL / max(len(listed), 1)
    counts = {
        "kept": len(kept),
        "  of these with black&white, which the paper excludes": extra,
        f"  the others: the paper's rule, {PAPER} by count over all": len(kept) - extra,
        "  kept without any usable request": sum(not (one.expert or one.amateur) for one in kept),
    }
    counts |= {f"rejected: {reason}": count for reason, count in rejected.most_common()}
    lines = [f"{len(listed)} of GIER's {ALL} pairs are here; right: extrapolated to all of them (times {scale:.3f})"]
    return "\n".join([*lines, *(f"{name:<62}{count:>6}{count * scale:>8.0f}" for name, count in counts.items())])


def _black_and_white(root: Path) -> set[str]:
    """Return the names of the pairs with an operator that is kept here and not in the paper."""
    names = set()
    for path, _ in annotation_files(root):
        for record in read_records(path):
            if isinstance(record, Rejected):
                continue
            operators = record.get("operator")
            if isinstance(operators, dict) and PAPER_EXCLUDES & operators.keys():
                names.add(pair_name(str(record.get("input")), str(record.get("output"))))
    return names
