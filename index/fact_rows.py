"""FACTS <-> ROWS of the store's table `facts`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from index.facts import Fact

FACT_COLUMNS = (
    "page",
    "statement",
    "section",
    "label",
    "concept",
    "confidence",
    "start",
    "end",
    "months",
    "fiscal_year",
    "value",
    "unit",
    "scale",
    "shown",
    "dimensions",
    "box",
)


@dataclass(frozen=True)
class StoredFact:
    """A fact and the document it was read from."""

    id: int
    doc_id: int
    fact: Fact


class FactPlace(NamedTuple):
    """A page of a primary statement and a concept that it states for a fiscal year."""

    doc_id: int
    page: int
    concept: str
    statement: str
    fiscal_year: int | None


def row_of(fact: Fact) -> tuple[Any, ...]:
    """The values of FACT_COLUMNS, in order."""
    values = {
        "start": fact.start.isoformat() if fact.start else None,
        "end": fact.end.isoformat(),
        "value": str(fact.value),
        "dimensions": json.dumps(fact.dimensions),
        "box": json.dumps([round(place, 2) for place in fact.box]) if fact.box else None,
    }
    return tuple(values.get(name, getattr(fact, name)) for name in FACT_COLUMNS)


def fact_of(row: sqlite3.Row) -> StoredFact:
    """A row of `facts` as a value."""
    given: dict[str, Any] = {name: row[name] for name in FACT_COLUMNS}
    given["start"] = date.fromisoformat(row["start"]) if row["start"] else None
    given["end"] = date.fromisoformat(row["end"])
    given["value"] = Decimal(row["value"])
    given["dimensions"] = tuple(json.loads(row["dimensions"]))
    given["box"] = tuple(json.loads(row["box"])) if row["box"] else None
    return StoredFact(row["id"], row["doc_id"], Fact(**given))


def condition(
    doc_ids: Collection[int],
    concepts: Collection[str] = (),
    fiscal_years: Collection[int] = (),
    statement: str | None = None,
    words: str | None = None,
) -> tuple[str, list[Any]]:
    """SQL and its parameters for the facts of `doc_ids` that meet everything given."""
    parts = [f"doc_id IN ({','.join(str(int(number)) for number in doc_ids) or 'NULL'})"]
    values: list[Any] = []
    if concepts:
        parts.append(f"concept IN ({','.join('?' * len(concepts))})")
        values += concepts
    if fiscal_years:
        parts.append(f"fiscal_year IN ({','.join('?' * len(fiscal_years))})")
        values += fiscal_years
    if statement:
        parts.append("statement = ?")
        values.append(statement)
    for word in (words or "").split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parts.append("label LIKE ? ESCAPE '\\'")
        values.append(f"%{escaped}%")
    return " AND ".join(parts), values
