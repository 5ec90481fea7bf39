"""Mean reward on each held-out photograph."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.results import RunResults, photo_name
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run and photograph, with a column for each stage."""
    for run in runs:
        stages = run.stages()
        for photo in sorted({photo for results in stages.values() for photo in results.photo}):
            rewards = {title: results.score[results.photo == photo] for title, results in stages.items()}
            rows = max(map(len, rewards.values()))
            means = {title: float(reward.mean()) for title, reward in rewards.items()}
            yield {"run": run.name, "photograph": photo_name(photo), "rows": rows} | means


TABLE = Table(
    "photographs", "**Photographs**: mean reward on each photograph that no stage was trained on.", lines, rank=40
)
