"""Annotate every pair: from PAIRS to ANNOTATED.

    iea data annotate --pairs OUT/pairs/pairs.parquet --out OUT/annotated
    iea data annotate --pairs OUT/pairs/pairs.parquet --out OUT/annotated --url https://api.openai.com/v1 \\
        --model gpt-4.1 --key-env OPENAI_API_KEY --price-in 2 --price-out 8 --budget 20

Safe to interrupt: rerun the same command to resume. Completions of an endpoint are cached in `--cache`, so no request is
paid twice; the rows are written once every pair is annotated, or with `--partial`. The API key is read from the
environment and written nowhere. `usage.json` beside the report states the usage of the last run.
"""

from collections import Counter
from pathlib import Path

from iea.data_prep import runner
from iea.data_prep.annotate.online import USAGE
from iea.data_prep.files import read_json
from iea.data_prep.runner import Item
from iea.data_prep.runner.tables import read_schema, table_files
from iea.data_prep.schema import PAIRS


def read_pairs(path: Path) -> list[Item]:
    """Read rows of PAIRS from the folder of a finished step or a parquet file.

    Raises
    ------
    ValueError : `path` is neither, has other columns, or two rows of a source have the same name
    """
    for file in table_files(path):
        if differing := sorted(set(read_schema(file).names) ^ set(PAIRS.names)):
            raise ValueError(f"--pairs must have the columns of PAIRS, got {str(file)!r}, which differs in {differing}")
    rows = runner.read_rows(path, PAIRS)
    counted = Counter((row["source"], row["name"]) for row in rows)
    if twice := [key for key, count in counted.items() if count > 1]:
        raise ValueError(f"every pair of a source must have its own name, got {twice[0]} twice in {str(path)!r}")
    return rows


def summary(report: runner.Report, out: Path) -> str:
    """Return the result of a run in a few lines."""
    lines = [f"made {out}: {report.rows} of {report.items} pairs annotated in {report.seconds:.1f} s"]
    lines += [f"  rejected {reason}: {count}" for reason, count in report.rejected.items()]
    if usage := read_json(out / USAGE):
        run, total = usage["this_run"], usage["all"]
        lines.append(
            f"  this run: {run['requests']} requests ({run['retries']} retries), {run['cache_hits']} cached, "
            f"{run['tokens_in']} + {run['tokens_out']} tokens, cost {run['cost']:.4f}"
        )
        if run["unmetered"]:
            lines.append(f"  {run['unmetered']} completions came without token counts: the cost is higher")
        lines.append(f"  all answers: {total['tokens_in']} + {total['tokens_out']} tokens, cost {total['cost']:.4f}")
    return "\n".join(lines)
