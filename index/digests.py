"""ROWS OF A FILING -> DIGESTS, written with them in one transaction: they tell later whether a row
was changed since, by a flipped bit, another tool or an interrupted copy.

What the file itself does not tell again (its name, where it came from) is kept a second time with
them: the filing's entry, its row of `documents`, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from index.errors import StoreError
from index.fact_rows import FACT_COLUMNS

if TYPE_CHECKING:
    from index.database import Database

PARTS = ("pages", "chunks", "facts")
# What a file tells, by table: reading it again gives the same. No ids: those are new every time.
TOLD = {
    "documents": (
        *("kind", "company", "form", "fiscal_year", "fiscal_period", "period_end", "cik"),
        *("ticker", "pages", "chunks", "facts", "problems"),
    ),
    "pages": ("number", "text"),
    "chunks": ("page", "header", "context", "text", "statement"),
    "facts": FACT_COLUMNS,
}
DOCUMENT_COLUMNS = ("id", "name", "path", "file", "sha256", *TOLD["documents"], "added")
_FROM = {
    "documents": "documents WHERE id = {}",
    "pages": "pages WHERE doc_id = {} ORDER BY number",
    "chunks": "chunks WHERE doc_id = {} ORDER BY id",
    "facts": "facts WHERE doc_id = {} ORDER BY id",
}
_KEPT = {**TOLD, "documents": DOCUMENT_COLUMNS, "chunks": (*TOLD["chunks"], "vector")}
_Run = Callable[[str], Iterable[sqlite3.Row]]  # a connection's `execute`, or Database.rows


class Entry(NamedTuple):
    """An entry in the list of filings that was put right, and what was wrong with it."""

    name: str
    what: str


def keep(connection: sqlite3.Connection, doc_id: int) -> None:
    """Keep the digests of a filing's rows as they are, inside the caller's transaction."""
    entry, *rows = (_written(connection.execute, table, doc_id) for table in _KEPT)
    connection.execute(
        "INSERT OR REPLACE INTO digests (doc_id, entry, documents, pages, chunks, facts)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (doc_id, entry, _sha256(entry), *map(_sha256, rows)),
    )


def changed(database: Database, doc_id: int) -> tuple[str, ...] | None:
    """The tables among PARTS whose rows are not as they were written; None where no digests are
    kept. Rows that cannot be read are not as they were written."""
    with database.snapshot():
        kept = database.rows("SELECT pages, chunks, facts FROM digests WHERE doc_id = ?", doc_id)
        if not kept:
            return None
        return tuple(
            part
            for part in PARTS
            if _sha256(_readable(database.rows, part, doc_id)) != kept[0][part]
        )


def told(database: Database, table: str, doc_id: int) -> list[tuple[Any, ...]]:
    """What the rows of a filing in `table` tell: the columns of TOLD. Raises StoreError."""
    columns = ", ".join(TOLD[table])
    return [tuple(r) for r in database.rows(f"SELECT {columns} FROM {_FROM[table].format(doc_id)}")]


def mend_entries(database: Database) -> list[Entry]:
    """Put right the entries in the list of filings that are not as they were written; digests that
    are themselves damaged are forgotten. Raises StoreError."""
    kept = [int(row["doc_id"]) for row in database.rows("SELECT doc_id FROM digests")]
    if all(_is_sound(database.rows, doc_id) for doc_id in kept):
        return []
    try:
        with database.change() as connection:
            wrong = [doc_id for doc_id in kept if not _is_sound(connection.execute, doc_id)]
            return [_mend_entry(connection, doc_id) for doc_id in wrong]
    except sqlite3.Error as error:
        raise StoreError(
            f"the store {database.folder} cannot be mended: {database.said(error)}"
        ) from error


def _is_sound(run: _Run, doc_id: int) -> bool:
    entry = _readable(run, "documents", doc_id)
    return _second_copy(run, doc_id) == entry != ""


def _second_copy(run: _Run, doc_id: int) -> str | None:
    """The kept entry of a filing; None where it is not what was kept."""
    try:
        (kept,) = run(f"SELECT entry, documents FROM digests WHERE doc_id = {doc_id}")
        return str(kept["entry"]) if _sha256(kept["entry"]) == kept["documents"] else None
    except (sqlite3.Error, StoreError, ValueError, TypeError):
        return None


def _mend_entry(connection: sqlite3.Connection, doc_id: int) -> Entry:
    found = _readable(connection.execute, "documents", doc_id)
    kept = _second_copy(connection.execute, doc_id)
    if kept is None:
        connection.execute("DELETE FROM digests WHERE doc_id = ?", (doc_id,))
        return Entry(f"filing {doc_id}", "its digests were damaged")
    (values,) = json.loads(kept)
    columns = ", ".join(DOCUMENT_COLUMNS)
    marks = ", ".join("?" * len(DOCUMENT_COLUMNS))
    anew = ", ".join(f"{name} = excluded.{name}" for name in DOCUMENT_COLUMNS)
    try:
        # An update, not a replacement: that would take the filing's other rows with it.
        connection.execute(
            f"INSERT INTO documents ({columns}) VALUES ({marks})"
            f" ON CONFLICT (id) DO UPDATE SET {anew} ON CONFLICT (sha256) DO UPDATE SET {anew}",
            values,
        )
    except sqlite3.IntegrityError:  # added again since, under another id
        connection.execute("DELETE FROM digests WHERE doc_id = ?", (doc_id,))
    name = str(values[DOCUMENT_COLUMNS.index("name")])
    what = "gone" if found == "[]" else "changed"
    return Entry(name, f"its entry in the list of filings was {what}")


def _readable(run: _Run, table: str, doc_id: int) -> str:
    """As `_written`; "" where it cannot be read: text that is none."""
    try:
        return _written(run, table, doc_id)
    except (sqlite3.Error, StoreError, ValueError):
        return ""


def _written(run: _Run, table: str, doc_id: int) -> str:
    """A filing's rows of a table in one way only: the same on every platform and version."""
    columns = ", ".join(_KEPT[table])
    rows = [list(row) for row in run(f"SELECT {columns} FROM {_FROM[table].format(doc_id)}")]
    return json.dumps(rows, default=lambda blob: {"hex": blob.hex()})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
