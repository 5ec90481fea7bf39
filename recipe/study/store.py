"""Store raters, their pages and their rankings in SQLite: a ranking is one transaction, which survives a killed server.

A rater is a number and a random token, which is the participant's link; nothing else about a person is stored. All pages of
a rater are planned when the rater is invited, so that no later change can shuffle them again.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock

import pandas as pd

from iea.recipe.study.plan import Page, plan_pages
from iea.recipe.study.study import DATABASE, Study

SCHEMA = """
CREATE TABLE IF NOT EXISTS raters (
    rater INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, language TEXT, consented TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS pages (
    rater INTEGER NOT NULL REFERENCES raters, page INTEGER NOT NULL, item INTEGER NOT NULL, kind TEXT NOT NULL,
    question TEXT NOT NULL, shown TEXT NOT NULL, ranking TEXT, answered TEXT, PRIMARY KEY (rater, page)
) STRICT, WITHOUT ROWID;
"""
WAIT = 60  # s that a transaction waits for another


@dataclass(frozen=True)
class Rater:
    """A rater: number, language, and if consent was given."""

    number: int
    language: str | None
    consented: bool


@contextmanager
def open_store(folder: Path) -> Iterator["Store"]:
    """Open the database of the study in a folder; several processes may have it open.

    One connection serves all threads: with one for each transaction, the last to close would write a checkpoint every time.
    """
    with closing(sqlite3.connect(folder / DATABASE, timeout=WAIT, check_same_thread=False)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # a ranking is on the disk before the rater gets the next page
        db.executescript(SCHEMA)
        yield Store(db)


class Store:
    """The database of a study, from `open_store`. Every method is one transaction, safe to call from several threads."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db, self._lock = db, Lock()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._db:
            yield self._db

    def invite(self, study: Study, count: int) -> list[str]:
        """Add raters; return the token of each."""
        tokens = []
        with self._transaction() as db:
            for _ in range(count):
                token = secrets.token_urlsafe(12)
                number = db.execute("INSERT INTO raters (token) VALUES (?)", (token,)).lastrowid
                assert number is not None
                db.executemany(
                    "INSERT INTO pages (rater, page, item, kind, question, shown) VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (number, place, page.item, page.kind, page.question, json.dumps(page.shown))
                        for place, page in enumerate(plan_pages(study, number), 1)
                    ],
                )
                tokens.append(token)
        return tokens

    def rater(self, token: str) -> Rater | None:
        """Return the rater of a token, None for an unknown one."""
        with self._transaction() as db:
            row = db.execute("SELECT rater, language, consented FROM raters WHERE token = ?", (token,)).fetchone()
        return row and Rater(row[0], row[1], row[2] is not None)

    def set_language(self, rater: int, language: str) -> None:
        """Store the language in which a rater reads the pages."""
        with self._transaction() as db:
            db.execute("UPDATE raters SET language = ? WHERE rater = ?", (language, rater))

    def consent(self, rater: int) -> None:
        """Store that a rater agreed; the first time counts."""
        with self._transaction() as db:
            db.execute("UPDATE raters SET consented = coalesce(consented, ?) WHERE rater = ?", (_now(), rater))

    def progress(self, rater: int) -> tuple[int | None, int]:
        """Return the first page without a ranking, None after the last, and the number of pages."""
        with self._transaction() as db:
            first, count = db.execute(
                "SELECT min(CASE WHEN ranking IS NULL THEN page END), count(*) FROM pages WHERE rater = ?", (rater,)
            ).fetchone()
        return first, count

    def page(self, rater: int, number: int) -> tuple[Page, list[str]]:
        """Return a page and its ranking, best first, empty before it was given.

        Raises
        ------
        KeyError : the rater has no such page
        """
        with self._transaction() as db:
            row = db.execute(
                "SELECT item, kind, question, shown, ranking FROM pages WHERE rater = ? AND page = ?", (rater, number)
            ).fetchone()
        if row is None:
            raise KeyError(number)
        item, kind, question, shown, ranking = row
        return Page(item, kind, question, tuple(json.loads(shown))), json.loads(ranking or "[]")

    def rank(self, rater: int, number: int, ranking: Sequence[str]) -> None:
        """Store the ranking of a page, best first; a later one replaces it."""
        with self._transaction() as db:
            db.execute(
                "UPDATE pages SET ranking = ?, answered = ? WHERE rater = ? AND page = ?",
                (json.dumps(ranking), _now(), rater, number),
            )

    def rankings(self, study: Study) -> pd.DataFrame:
        """Return all rankings, one line for each system of each page.

        Returns
        -------
        rater, page, item (name), kind, question, system, rank (1 = best), position (1 = first shown), answered (UTC)
        """
        with self._transaction() as db:
            rows = db.execute(
                "SELECT rater, page, item, kind, question, shown, ranking, answered FROM pages "
                "WHERE ranking IS NOT NULL ORDER BY rater, page"
            ).fetchall()
        return pd.DataFrame(
            [
                (rater, page, study.items[item].name, kind, question, system, rank, position, answered)
                for rater, page, item, kind, question, shown, ranking, answered in rows
                for position, system in enumerate(json.loads(shown), 1)
                for rank in [json.loads(ranking).index(system) + 1]
            ],
            columns=["rater", "page", "item", "kind", "question", "system", "rank", "position", "answered"],
        )


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
