"""How many of GIER's pairs our tools can express, and why the others are left out, against the paper's 2.4 k of 6,179.

    iea data coverage --root /data/gier

Needs the annotations alone. Where only some of the pairs are at hand, the counts are extrapolated by their share; the
split of T2ONet is random, so that is fair.
"""

from collections import Counter
from pathlib import Path

from iea.data_prep.ingest.sources.gier import PAPER_LEAVES_OUT, annotation_files, list_gier, pair_name
from iea.data_prep.ingest.sources.records import read_records
from iea.data_prep.ingest.sources.source import Listed, Rejected

ALL = 6_179  # pairs of GIER
PAPER = 2_433  # of them by the paper's rule (it says 2.4 k): global, and one of its tools or of its three mappings


def coverage(root: Path) -> str:
    """A table of counts: kept and rejected, as found and extrapolated to the whole of GIER."""
    listed = list(list_gier(root))
    kept = [one for one in listed if isinstance(one, Listed)]
    rejected = Counter(one.reason for one in listed if not isinstance(one, Listed))
    extra = len(_black_and_white(root) & {one.name for one in kept})
    scale = ALL / max(len(listed), 1)
    lines = [f"{len(listed)} of GIER's {ALL} pairs are here; right: extrapolated to all of them (times {scale:.3f})"]
    lines += [_line("kept", len(kept), scale)]
    lines += [_line("  of these with black&white, which the paper leaves out", extra, scale)]
    lines += [_line(f"  the others: the paper's rule, {PAPER} by count over all", len(kept) - extra, scale)]
    lines += [_line("  kept without any usable request", sum(not (k.expert or k.amateur) for k in kept), scale)]
    lines += [_line(f"rejected: {reason}", count, scale) for reason, count in rejected.most_common()]
    return "\n".join(lines)


def _black_and_white(root: Path) -> set[str]:
    """Names of the pairs with an operator that is kept here and not in the paper."""
    names = set()
    for path, _ in annotation_files(root):
        for record in read_records(path):
            if isinstance(record, Rejected):
                continue
            operators = record.get("operator")
            if isinstance(operators, dict) and PAPER_LEAVES_OUT & operators.keys():
                names.add(pair_name(str(record.get("input")), str(record.get("output"))))
    return names


def _line(what: str, count: int, scale: float) -> str:
    return f"{what:<62}{count:>6}{count * scale:>8.0f}"
