"""What the store's tables hold, as values: a document, a hit; and how a filing becomes rows."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.chunks import Chunk
from index.fact_rows import FACT_COLUMNS, row_of
from index.filing import Filing, Identity

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
    who = filing.identity
    cursor = database.execute(
        "INSERT INTO documents (id, name, path, file, kind, sha256, company, form, fiscal_year,"
        " fiscal_period, period_end, cik, ticker, pages, chunks, facts, problems, added)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            doc_id,
            filing.name,
            place_of(filing.path),
            file,
            filing.kind,
            filing.sha256,
            who.company,
            who.form,
            who.fiscal_year,
            who.fiscal_period,
            who.period_end.isoformat() if who.period_end else None,
            who.cik,
            who.ticker,
            len(filing.pages),
            len(chunks),
            len(filing.facts),
            json.dumps(filing.problems),
            datetime.now(UTC).isoformat(timespec="seconds"),
        ),
    )
    doc_id = int(cursor.lastrowid or 0)
    database.executemany(
        "INSERT OR IGNORE INTO aliases VALUES (?, ?)", [(doc_id, name) for name in who.aliases]
    )
    database.executemany(
        "INSERT INTO pages VALUES (?, ?, ?)",
        [(doc_id, page.number, page.text) for page in filing.pages],
    )
    for chunk, vector in zip(chunks, vectors, strict=True):
        row = (doc_id, chunk.page, chunk.header, chunk.context, chunk.text, chunk.statement)
        made = database.execute(
            "INSERT INTO chunks (doc_id, page, header, context, text, statement, vector)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, vector.tobytes()),
        )
        database.execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", (made.lastrowid, chunk.shown())
        )
    database.executemany(
        f"INSERT INTO facts (doc_id, {', '.join(FACT_COLUMNS)})"
        f" VALUES ({', '.join('?' * (1 + len(FACT_COLUMNS)))})",
        [(doc_id, *row_of(fact)) for fact in filing.facts],
    )
    return doc_id


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
