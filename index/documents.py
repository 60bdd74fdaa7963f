"""What the store's tables hold, as values: a document, a hit; and how a filing becomes rows."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from index.chunks import Chunk
from index.digests import DOCUMENT_COLUMNS, TOLD, keep
from index.fact_rows import row_of
from index.filing import Filing, Identity
from index.scan_rows import keep_scans

if TYPE_CHECKING:
    from index.embed import Vectors

Status = Literal["added", "unchanged", "replaced"]
_ANNUAL = ("10-K", "20-F", "40-F", "ARS")


def is_annual(form: str | None) -> bool:
    """Whether a filing of this form reports a year."""
    return (form or "").startswith(_ANNUAL)


@dataclass(frozen=True)
class Document:
    """A filing in the store, as listed."""

    id: int
    name: str
    path: str
    kind: Literal["pdf", "html", "text"]
    sha256: str
    company: str | None
    form: str | None
    fiscal_year: int | None
    fiscal_period: str | None
    period_end: str | None
    cik: str | None
    ticker: str | None
    pages: int
    chunks: int
    facts: int
    added: str
    problems: tuple[str, ...]
    private: bool = False  # only for the readers who brought it
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class AddResult:
    """What adding a file did. "unchanged": the same content was there already."""

    status: Status
    document: Document
    seconds: float


@dataclass(frozen=True)
class Hit:
    """A chunk found for a query. `text` is what a reader needs (table headers included)."""

    chunk_id: int
    doc_id: int
    doc: str
    page: int
    text: str
    score: float
    company: str | None
    form: str | None
    fiscal_year: int | None
    statement: str | None
    section: str | None = None  # Item or part, as headed
    context: str = ""  # the first lines of `text`: earlier ones that it needs


def place_of(path: Path) -> str:
    """Where a file was added from, as stored: absolute; bytes of its name that are not UTF-8 are
    written as \\xNN, because SQLite holds nothing else."""
    return os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")


def insert(
    database: sqlite3.Connection,
    filing: Filing,
    file: str,
    chunks: list[Chunk],
    vectors: Vectors,
    doc_id: int | None = None,
) -> int:
    """Write a filing, inside the caller's transaction; returns its document id: a new one, or
    `doc_id`, if given.

    `file` is the store's own copy; `vectors` has shape (len(chunks), dimension).
    """
    told = rows_of(filing, chunks)
    place, added = place_of(filing.path), datetime.now(UTC).isoformat(timespec="seconds")
    entry = (doc_id, filing.name, place, file, filing.sha256, *told["documents"][0], added)
    marks = ", ".join("?" * len(entry))
    cursor = database.execute(
        f"INSERT INTO documents ({', '.join(DOCUMENT_COLUMNS)}) VALUES ({marks})", entry
    )
    doc_id = int(cursor.lastrowid or 0)
    keep_scans(database, doc_id, filing.scans)
    for table in ("pages", "facts", "aliases"):
        columns = ("doc_id", *TOLD[table])
        database.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [(doc_id, *row) for row in told[table]],
        )
    for chunk, row, vector in zip(chunks, told["chunks"], vectors, strict=True):
        made = database.execute(
            f"INSERT INTO chunks (doc_id, {', '.join(TOLD['chunks'])}, vector)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (doc_id, *row, vector.tobytes()),
        )
        database.execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", (made.lastrowid, chunk.shown())
        )
    keep(database, doc_id)
    return doc_id


def rows_of(filing: Filing, chunks: list[Chunk]) -> dict[str, list[tuple[Any, ...]]]:
    """What a filing as read comes to in each table: the columns of `index.digests.TOLD`."""
    who, counts = filing.identity, (len(filing.pages), len(chunks), len(filing.facts))
    end = who.period_end.isoformat() if who.period_end else None
    period = (who.company, who.form, who.fiscal_year, who.fiscal_period, end)
    problems = json.dumps(filing.problems)
    return {
        "documents": [(filing.kind, *period, who.cik, who.ticker, *counts, problems)],
        "pages": [(page.number, page.text) for page in filing.pages],
        "chunks": [(c.page, c.header, c.context, c.text, c.statement) for c in chunks],
        "facts": [row_of(fact) for fact in filing.facts],
        "aliases": [(name,) for name in sorted(set(who.aliases))],
    }


_KINDS = {
    str: ("name", "path", "file", "kind", "sha256", "problems", "added"),
    int: ("id", "pages", "chunks", "facts"),
}


def identity_of(document: Document) -> Identity:
    """Who filed the document for which period."""
    end = date.fromisoformat(document.period_end) if document.period_end else None
    d = document
    return Identity(d.company, d.form, d.fiscal_year, d.fiscal_period, end, d.cik, d.ticker)


def document_of(row: sqlite3.Row) -> Document:
    """A row of `documents` as a value. TypeError or ValueError where it is none of ours."""
    for kind, names in _KINDS.items():
        if not all(isinstance(row[name], kind) for name in names):
            raise TypeError("a row of the table documents")
    values = {key: row[key] for key in Document.__dataclass_fields__}
    lists = {name: tuple(json.loads(row[name])) for name in ("problems", "aliases")}
    told = {**lists, "private": bool(row["private"])}
    return Document(**values | told)
