"""WHAT BECAME OF QUESTIONS, over time: a row for each answer, opinion and second answer.

One SQLite file beside the store. Of a question and its answer it keeps how it ended and how long it
took, never the words; only what another model was quietly asked again (`assistant.app.shadow`)
keeps them, for whoever set that going.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.app.database import opened
from assistant.app.reply import Ended, Reply
from assistant.assistant import CALCULATED
from eval.intervals import percentile

Ending = Literal["figures", "model", "refused", "stopped", "failed"]
ENDINGS: tuple[Ending, ...] = ("figures", "model", "refused", "stopped", "failed")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
    at REAL NOT NULL, ending TEXT NOT NULL, model TEXT NOT NULL, first_s REAL,
    total_s REAL NOT NULL, unsupported INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_at ON answers (at);
CREATE TABLE IF NOT EXISTS opinions (
    number TEXT PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS opinions_at ON opinions (at);
CREATE TABLE IF NOT EXISTS again (
    at REAL NOT NULL, question TEXT NOT NULL, model TEXT NOT NULL, other TEXT NOT NULL,
    answers TEXT NOT NULL, difference REAL NOT NULL, verdict TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS again_at ON again (at);
"""
_WITHIN = "at >= ? AND at < ?"
_ANSWERS = f"SELECT * FROM answers WHERE {_WITHIN}"
_OPINIONS = f"SELECT kind, count(*) AS n FROM opinions WHERE {_WITHIN} GROUP BY kind"
_COUNTED = f"SELECT count(*), coalesce(sum(difference > ?), 0) FROM again WHERE {_WITHIN}"
_TOLD = (
    f"SELECT * FROM again WHERE difference > ? AND {_WITHIN} "
    "ORDER BY difference DESC, at DESC LIMIT ?"
)
_FORMAT = 1
_MOST_TOLD = 20


@dataclass(frozen=True)
class Again:
    """A question that a second model was asked again on the same evidence. `difference` is 0 for
    answers that say the same to 1 (`assistant.app.agree`); `at` in seconds since 1970."""

    at: float
    question: str
    model: str
    other: str
    answer: str
    other_answer: str
    difference: float
    verdict: str


@dataclass(frozen=True)
class Seconds:
    """Median and 95th percentile of `n` waits; None of none."""

    n: int
    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class Span:
    """What ended in a stretch of time that begins at `at`."""

    at: float
    endings: dict[Ending, int]
    first: Seconds
    total: Seconds


@dataclass(frozen=True)
class Summary:
    """Everything since a moment, in equal `spans` and as a `whole`. `doubted` answers state numbers
    that no passage holds; `opinions` counts what readers said, by kind. Of `again` questions asked
    again, `differing` got answers that differ by more than was allowed; the worst are `told`."""

    spans: tuple[Span, ...]
    whole: Span
    doubted: int
    opinions: dict[str, int]
    again: int
    differing: int
    told: tuple[Again, ...]


class Monitor:
    """The file at `path`, made when first written. AssistantError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answered(self, ended: Ended) -> None:
        """Count an answer, or that there was none."""
        reply = ended.reply
        doubted = len(reply.answer.unsupported_numbers) if reply.answer else 0
        row = (time.time(), ending_of(reply), reply.model, ended.first_s, ended.total_s, doubted)
        with self._open() as database:
            database.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)

    def judged(self, number: str, kind: str, model: str) -> None:
        """Count a reader's opinion of an answer, once for each number."""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO opinions VALUES (?, ?, ?, ?)",
                (number, time.time(), kind, model),
            )

    def asked_again(self, again: Again) -> None:
        """Keep two answers to one question."""
        answers = json.dumps([again.answer, again.other_answer], ensure_ascii=False)
        names = (again.question, again.model, again.other)
        row = (again.at, *names, answers, again.difference, again.verdict)
        with self._open() as database:
            database.execute("INSERT INTO again VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def summary(self, since: float, until: float, spans: int, allowed: float) -> Summary:
        """From `since` to `until` (seconds since 1970), in so many equal spans; `allowed` is the
        difference up to which two answers pass as the same."""
        within = (since, until)
        answers, opinions, again, differing, told = [], [], 0, 0, []
        if self._path.is_file():
            with self._open() as database:
                database.row_factory = sqlite3.Row
                answers = database.execute(_ANSWERS, within).fetchall()
                opinions = database.execute(_OPINIONS, within).fetchall()
                again, differing = database.execute(_COUNTED, (allowed, *within)).fetchone()
                told = database.execute(_TOLD, (allowed, *within, _MOST_TOLD)).fetchall()
        width = (until - since) / spans
        parts: list[list[sqlite3.Row]] = [[] for _ in range(spans)]
        for row in answers:
            parts[min(int((row["at"] - since) / width), spans - 1)].append(row)
        return Summary(
            spans=tuple(_span(since + n * width, rows) for n, rows in enumerate(parts)),
            whole=_span(since, answers),
            doubted=sum(row["unsupported"] > 0 for row in answers),
            opinions={row["kind"]: row["n"] for row in opinions},
            again=again,
            differing=differing,
            told=tuple(_again(row) for row in told),
        )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._path, _SCHEMA, _FORMAT, "what became of questions")


def ending_of(reply: Reply) -> Ending:
    """How a finished reply ended."""
    if reply.answer is None:
        return "stopped" if reply.stopped else "failed"
    if reply.answer.refused:
        return "refused"
    return "figures" if reply.answer.model.get("scheme") == CALCULATED else "model"


def _span(at: float, rows: Sequence[sqlite3.Row]) -> Span:
    endings: dict[Ending, int] = {
        ending: sum(row["ending"] == ending for row in rows) for ending in ENDINGS
    }
    answered = [row for row in rows if row["ending"] not in ("stopped", "failed")]
    firsts = [row["first_s"] for row in answered if row["first_s"] is not None]
    return Span(at, endings, _seconds(firsts), _seconds([row["total_s"] for row in answered]))


def _seconds(values: Sequence[float]) -> Seconds:
    return Seconds(len(values), percentile(values, 50), percentile(values, 95))


def _again(row: sqlite3.Row) -> Again:
    answer, other = json.loads(row["answers"])
    names = (row["question"], row["model"], row["other"])
    return Again(row["at"], *names, answer, other, row["difference"], row["verdict"])
