"""CONVERSATIONS KEPT: what each reader asked and was answered, in one SQLite file.

Every statement names the reader, so that nobody opens, renames or deletes what is another's, not
even by its id. A conversation is written whole after each answer.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from assistant.answer import Answer, Citation
from assistant.app.database import opened
from assistant.app.reply import Reply
from assistant.errors import AssistantError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, reader TEXT NOT NULL, title TEXT NOT NULL, changed REAL NOT NULL,
    turns TEXT NOT NULL, words TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS of_reader ON conversations (reader, changed DESC);
"""
_FORMAT = 1
_MOST_LISTED = 200
_LONGEST_TITLE = 80


@dataclass(frozen=True)
class Kept:
    """A conversation as listed; `changed` is in seconds since 1970."""

    id: str
    title: str
    changed: float


class Conversations:
    """The file at `path`, made at the first save. AssistantError where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, reader: str, number: str | None, replies: Sequence[Reply]) -> str:
        """Keep the conversation `number`, a new one for None; returns its id."""
        number = number or secrets.token_urlsafe(16)
        title = " ".join(replies[0].question.split())[:_LONGEST_TITLE] if replies else ""
        turns = json.dumps([_to_json(reply) for reply in replies], ensure_ascii=False)
        words = "\n".join(f"{r.question}\n{r.answer.answer if r.answer else ''}" for r in replies)
        with self._open() as database:
            database.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET changed = excluded.changed, turns = excluded.turns, words = excluded.words "
                "WHERE reader = excluded.reader",
                (number, reader, title, time.time(), turns, words.lower()),
            )
        return number

    def listed(self, reader: str, words: str = "") -> list[Kept]:
        """The reader's conversations that say all of `words`, the latest first."""
        wanted = [f"%{_literal(word)}%" for word in words.lower().split()]
        said = " AND ".join(
            ["(words LIKE ? ESCAPE '\\' OR lower(title) LIKE ? ESCAPE '\\')"] * len(wanted)
        )
        with self._open() as database:
            rows = database.execute(
                "SELECT id, title, changed FROM conversations WHERE reader = ?"
                + (f" AND {said}" if said else "")
                + " ORDER BY changed DESC LIMIT ?",
                (reader, *(word for word in wanted for _ in range(2)), _MOST_LISTED),
            ).fetchall()
        return [Kept(*row) for row in rows]

    def replies(self, reader: str, number: str) -> list[Reply]:
        """What was asked and answered; AssistantError where there is no such conversation."""
        with self._open() as database:
            row = database.execute(
                "SELECT turns FROM conversations WHERE id = ? AND reader = ?", (number, reader)
            ).fetchone()
        if row is None:
            raise AssistantError("this conversation is not there any more")
        try:
            return [_from_json(each) for each in json.loads(row[0])]
        except (ValueError, TypeError, KeyError) as error:
            raise AssistantError("this conversation is damaged; delete it") from error

    def rename(self, reader: str, number: str, title: str) -> None:
        """Give it another title."""
        plain = " ".join(title.split())[:_LONGEST_TITLE]
        if not plain:
            raise AssistantError("the title is empty; type one")
        with self._open() as database:
            database.execute(
                "UPDATE conversations SET title = ? WHERE id = ? AND reader = ?",
                (plain, number, reader),
            )

    def delete(self, reader: str, number: str) -> None:
        """Forget it for good."""
        with self._open() as database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute(
                "DELETE FROM conversations WHERE id = ? AND reader = ?", (number, reader)
            )

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return opened(self._path, _SCHEMA, _FORMAT, "conversations")


def _to_json(reply: Reply) -> dict[str, Any]:
    """Without the passages that the model read: the citations say what counts."""
    kept = replace(reply, phase=None)
    if kept.answer:
        kept = replace(kept, answer=replace(kept.answer, passages=()))
    return asdict(kept)


def _from_json(told: dict[str, Any]) -> Reply:
    answer = told.pop("answer")
    if answer is not None:
        cited = tuple(Citation(**each) for each in answer.pop("citations"))
        answer = Answer(**_tuples(Answer, answer), citations=cited)
    return Reply(**_tuples(Reply, told), answer=answer)


def _tuples(kind: type[Any], told: dict[str, Any]) -> dict[str, Any]:
    """Lists as the tuples they were."""
    texts = {field.name for field in fields(kind) if str(field.type).startswith("tuple")}
    return {name: tuple(each) if name in texts else each for name, each in told.items()}


def _literal(word: str) -> str:
    """`word` with what LIKE takes for a pattern escaped."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
