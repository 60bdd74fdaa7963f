"""ROWS OF A FILING -> DIGESTS, written with them in one transaction: they tell later whether a row
was changed since, by a flipped bit, another tool or an interrupted copy.

What the file itself does not tell again (its name, where it came from, who may read it, what people
corrected, what OCR read) is kept a second time with them, as JSON: the filing's entry.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from index.errors import StoreError
from index.fact_rows import FACT_COLUMNS
from index.schema import CORRECTED

if TYPE_CHECKING:
    from index.database import Database

PARTS = ("pages", "chunks", "facts", "aliases")
# What a file tells, by table: reading it again gives the same. No ids: those are new every time.
TOLD = {
    "documents": (
        *("kind", "company", "form", "fiscal_year", "fiscal_period", "period_end", "cik"),
        *("ticker", "pages", "chunks", "facts", "problems"),
    ),
    "pages": ("number", "text"),
    "chunks": ("page", "header", "context", "text", "statement"),
    "facts": FACT_COLUMNS,
    "aliases": ("name",),
}
DOCUMENT_COLUMNS = ("id", "name", "path", "file", "sha256", *TOLD["documents"], "added")
_CONTENT = "(SELECT sha256 FROM documents WHERE id = {})"
_FROM = {
    "documents": "documents WHERE id = {}",
    "pages": "pages WHERE doc_id = {} ORDER BY number",
    "chunks": "chunks WHERE doc_id = {} ORDER BY id",
    "facts": "facts WHERE doc_id = {} ORDER BY id",
    "aliases": "aliases WHERE doc_id = {} ORDER BY name",
    "scans": "scans WHERE doc_id = {} ORDER BY page",
    "readers": f"readers WHERE sha256 = {_CONTENT} ORDER BY reader",
    "meta": f"meta WHERE key = '{CORRECTED}' || {_CONTENT}",
}
_OF_CONTENT = {"readers": ("sha256", "reader"), "meta": ("key", "value")}
_TWICE = {"documents": DOCUMENT_COLUMNS, "scans": ("doc_id", "page", "words"), **_OF_CONTENT}
_KEPT = {**TOLD, "chunks": (*TOLD["chunks"], "vector"), **_TWICE}
_Run = Callable[[str], Iterable[sqlite3.Row]]  # a connection's `execute`, or Database.rows


class Entry(NamedTuple):
    """An entry in the list of filings that was put right, and what was wrong with it."""

    name: str
    what: str


def keep(connection: sqlite3.Connection, doc_id: int) -> None:
    """Keep the digests of a filing's rows as they are, inside the caller's transaction."""
    entry = _entry(connection.execute, doc_id)
    rows = (_written(connection.execute, table, doc_id) for table in PARTS)
    connection.execute(
        f"INSERT OR REPLACE INTO digests (doc_id, entry, documents, {', '.join(PARTS)})"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (doc_id, entry, _sha256(entry), *map(_sha256, rows)),
    )


def keep_of_content(connection: sqlite3.Connection, sha256: str) -> None:
    """Keep anew who may read a content, and what was corrected of it, inside the caller's
    transaction that has changed it; nothing for a content that the store does not hold."""
    found = connection.execute("SELECT id FROM documents WHERE sha256 = ?", (sha256,)).fetchall()
    for doc_id in (int(row["id"]) for row in found):
        if kept := _second_copy(connection.execute, doc_id):
            rows = {table: _rows(connection.execute, table, doc_id) for table in _OF_CONTENT}
            entry = json.dumps(json.loads(kept) | rows)
            connection.execute(
                "UPDATE digests SET entry = ?, documents = ? WHERE doc_id = ?",
                (entry, _sha256(entry), doc_id),
            )


def changed(database: Database, doc_id: int) -> tuple[str, ...] | None:
    """The tables among PARTS whose rows are not as they were written; None where no digests are
    kept. Rows that cannot be read are not as they were written."""
    with database.snapshot():
        columns = ", ".join(PARTS)
        kept = database.rows(f"SELECT {columns} FROM digests WHERE doc_id = ?", doc_id)
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
    try:
        return _second_copy(run, doc_id) == _entry(run, doc_id)
    except (sqlite3.Error, StoreError, ValueError, TypeError):
        return False  # what cannot be read is not as it was written


def _entry(run: _Run, doc_id: int) -> str:
    return json.dumps({table: _rows(run, table, doc_id) for table in _TWICE})


def _second_copy(run: _Run, doc_id: int) -> str | None:
    """The kept entry of a filing; None where it is not what was kept."""
    try:
        (kept,) = run(f"SELECT entry, documents FROM digests WHERE doc_id = {doc_id}")
        return str(kept["entry"]) if _sha256(kept["entry"]) == kept["documents"] else None
    except (sqlite3.Error, StoreError, ValueError, TypeError):
        return None


def _mend_entry(connection: sqlite3.Connection, doc_id: int) -> Entry:
    kept = _second_copy(connection.execute, doc_id)
    if kept is None:
        connection.execute("DELETE FROM digests WHERE doc_id = ?", (doc_id,))
        return Entry(f"filing {doc_id}", "its digests were damaged")
    wanted = json.loads(kept)
    (values,) = wanted["documents"]
    told = dict(zip(DOCUMENT_COLUMNS, values, strict=True))
    wrong = {
        table
        for table in _TWICE
        if _readable(connection.execute, table, doc_id) != json.dumps(wanted[table])
    }
    gone = not connection.execute(f"SELECT 1 FROM {_FROM['documents'].format(doc_id)}").fetchall()
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
        return Entry(told["name"], "its entry in the list of filings was changed")
    _write_anew(connection, "scans", "doc_id", doc_id, wanted)
    _write_anew(connection, "readers", "sha256", told["sha256"], wanted)
    _write_anew(connection, "meta", "key", CORRECTED + told["sha256"], wanted)
    if "documents" in wrong:
        what = f"its entry in the list of filings was {'gone' if gone else 'changed'}"
    else:
        what = f"{' and '.join(_WORDS[table] for table in _WORDS if table in wrong)} was changed"
    return Entry(told["name"], what)


_WORDS = {
    "scans": "what OCR read of it",
    "readers": "who may read it",
    "meta": "what was corrected of it",
}


def _write_anew(
    connection: sqlite3.Connection, table: str, key: str, value: object, kept: dict[str, Any]
) -> None:
    """The rows of `table` whose `key` has this value, as they were kept."""
    connection.execute(f"DELETE FROM {table} WHERE {key} = ?", (value,))
    columns = ", ".join(_TWICE[table])
    marks = ", ".join("?" * len(_TWICE[table]))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", kept[table])


def _readable(run: _Run, table: str, doc_id: int) -> str:
    """As `_written`; "" where it cannot be read: text that is none."""
    try:
        return _written(run, table, doc_id)
    except (sqlite3.Error, StoreError, ValueError):
        return ""


def _written(run: _Run, table: str, doc_id: int) -> str:
    """A filing's rows of a table in one way only: the same on every platform and version."""
    rows = _rows(run, table, doc_id)
    return json.dumps(rows, default=lambda blob: {"hex": blob.hex()})


def _rows(run: _Run, table: str, doc_id: int) -> list[list[Any]]:
    columns = ", ".join(_KEPT[table])
    return [list(row) for row in run(f"SELECT {columns} FROM {_FROM[table].format(doc_id)}")]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
