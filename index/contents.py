"""FILING -> WHAT IS INSIDE: its parts with their pages, its primary statements, what is missing.

Made from what the store keeps (pages and facts); nothing is read from the filing's file again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from index.documents import Document
from index.facts import Fact
from index.identity import FROM_ITS_NAME
from index.outline import Part, outline_of
from index.statement_rows import Column, Row, rows_of
from index.statements import Statement, heading_of
from index.store import Store

STATEMENT_NAMES: dict[Statement, str] = {
    "balance": "Balance sheet",
    "income": "Income statement",
    "cash_flow": "Cash flows",
}


@dataclass(frozen=True)
class StatementTable:
    """A primary statement. `unit` and `scale` are those of most of its rows; `title` is as printed,
    "" where the page does not name it. `pages` are all it stands on."""

    statement: Statement
    title: str
    pages: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    unit: str
    scale: int


@dataclass(frozen=True)
class Contents:
    """What is inside a filing. `problems` are lines for the reader."""

    document: Document
    parts: tuple[Part, ...]
    statements: tuple[StatementTable, ...]
    problems: tuple[str, ...]


def contents_of(store: Store, doc_id: int) -> Contents:
    """What the store knows to be inside a filing. Raises StoreError if there is none such."""
    document = store.document(doc_id)
    pages = store.page_texts(doc_id)
    facts = [
        stored.fact
        for kind in get_args(Statement)
        for stored in store.facts([doc_id], statement=kind)
    ]
    statements = _statements(pages, facts)
    parts = outline_of(pages, document.form, [page for s in statements for page in s.pages])
    problems = (*document.problems, *_missing(document, pages, statements))
    return Contents(document, tuple(parts), statements, problems)


def gaps_of(document: Document) -> tuple[str, ...]:
    """What a filing's entry in the store alone shows to be wrong: cheap enough for a long list."""
    gaps = _unknown(document, "company", "form", "fiscal_year", "period_end")
    return (*document.problems, *gaps, *([] if document.facts else ["no figures were found"]))


def doubts_of(document: Document) -> tuple[str, ...]:
    """What of a filing's company, form and year was guessed or not found: questions need those."""
    guessed = [problem for problem in document.problems if problem.endswith(FROM_ITS_NAME)]
    return (*guessed, *_unknown(document, "company", "fiscal_year"))


def _unknown(document: Document, *wanted: str) -> list[str]:
    """One line on which of these fields are not known; none where all are."""
    unknown = [name.replace("_", " ") for name in wanted if getattr(document, name) is None]
    return [f"{', '.join(unknown)} not recognised"] if unknown else []


def _missing(
    document: Document, pages: Sequence[str], statements: Sequence[StatementTable]
) -> list[str]:
    """What a reader may look for and not find, beyond what the reader of the file remarked."""
    found = [gap for gap in gaps_of(document) if gap not in document.problems]
    blank = sum(not text.strip() for text in pages)
    if blank and not any("without text" in problem for problem in document.problems):
        found.append(f"{blank} of {len(pages)} pages have no text (scanned?)")
    kinds = {table.statement for table in statements}
    lacking = [name.lower() for kind, name in STATEMENT_NAMES.items() if kind not in kinds]
    if len(lacking) == len(STATEMENT_NAMES):
        found.append("no primary statements were found")
    elif lacking:
        found.append(f"not found among the statements: {', '.join(lacking)}")
    return found


def _statements(pages: Sequence[str], facts: Sequence[Fact]) -> tuple[StatementTable, ...]:
    """The statements in the filing's own order. One that goes on overleaf under the same columns is
    one table."""
    by_place: dict[tuple[int, Statement], list[Fact]] = {}
    for fact in facts:
        if fact.statement:
            by_place.setdefault((fact.page, fact.statement), []).append(fact)
    found: list[StatementTable] = []
    for (page, statement), own in sorted(by_place.items(), key=lambda item: item[0][0]):
        columns, rows = rows_of(page, pages[page - 1], own)
        title = heading_of(pages[page - 1], statement)
        rows = [row for row in rows if row.amounts or row.quote != title]
        if not rows:
            continue
        before = next((s for s in reversed(found) if s.statement == statement), None)
        if before and before.pages[-1] == page - 1 and before.columns == tuple(columns):
            at = found.index(before)
            joined = (*before.rows, *rows)
            found[at] = _table(statement, before.title, (*before.pages, page), columns, joined)
        else:
            found.append(_table(statement, title, (page,), columns, rows))
    return tuple(found)


def _table(
    statement: Statement,
    title: str,
    pages: tuple[int, ...],
    columns: Sequence[Column],
    rows: Sequence[Row],
) -> StatementTable:
    units = Counter((row.unit, row.scale or 0) for row in rows if row.unit)
    money = {unit: n for unit, n in units.items() if str(unit[0]).isupper()} or units
    unit, scale = max(money, key=lambda each: money[each], default=("", 0))
    return StatementTable(statement, title, pages, tuple(columns), tuple(rows), unit or "", scale)
