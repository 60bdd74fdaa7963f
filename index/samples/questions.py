"""Turns the questions into records: answers from the accounts, pages from the documents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from index.samples.accounts import Accounts
from index.samples.ask import Ask, Input
from index.samples.document import Document, Paragraph, Table, digits, plain
from index.samples.question_list import ASKED

Documents = Mapping[tuple[str, int], Document]
Books = Mapping[str, Accounts]
NOT_THERE = "not in the filings"
STEPS = {"ratio": "0.01", "%": "0.1", "percentage points": "0.1", "times": "0.1", "days": "0.1"}


def records(books: Books, documents: Documents) -> list[dict[str, Any]]:
    """One record per question, ready for JSON.

    `pages` are pages of `doc`: for a lookup every page with a table that prints the number, for
    the other types a page for each input, and those that print the answer outright. `evidence`
    lists them with what is printed there, over all documents; `docs` is there where more than one
    is needed. `value` is in `unit`.
    """
    made = []
    for number, ask in enumerate(ASKED, 1):
        record: dict[str, Any] = {"id": f"sample-{number:02d}", "question": ask.question}
        if ask.type == "unanswerable":
            record |= {"answer": NOT_THERE, "doc": None, "pages": [], "type": ask.type}
            record |= {"company": _name(books, ask.company), "fiscal_year": ask.year}
        elif ask.type == "narrative":
            record |= _told(ask, books, documents)
        else:
            record |= _computed(ask, books, documents)
        made.append(record)
    return made


def _name(books: Books, company: str) -> str | None:
    return books[company].company.name if company else None


def _told(ask: Ask, books: Books, documents: Documents) -> dict[str, Any]:
    assert ask.year is not None
    document = documents[ask.company, ask.year]
    evidence, told = [], []
    for place in ask.places:
        page, block = document.find(place)
        assert isinstance(block, Paragraph)
        told.append(plain(block.text))
        evidence.append({"doc": document.name, "page": page, "quote": told[-1]})
    return {
        "answer": " ".join(told),
        "doc": document.name,
        "pages": sorted({int(str(item["page"])) for item in evidence}),
        "type": ask.type,
        "company": _name(books, ask.company),
        "fiscal_year": ask.year,
        "key_points": list(ask.points),
        "evidence": evidence,
    }


def _computed(ask: Ask, books: Books, documents: Documents) -> dict[str, Any]:
    values = [books[item.company](item.key, item.year) for item in ask.inputs]
    first = ask.inputs[0]
    unit = ask.unit if ask.unit != "as printed" else _unit(books[first.company], first.key)
    exact = ask.formula(*values) if ask.formula else values[0]
    value = exact.quantize(Decimal(STEPS[unit]), ROUND_HALF_UP) if unit in STEPS else exact
    evidence: list[dict[str, Any]] = []
    for item in (*ask.inputs, *([ask.stated] if ask.stated else [])):
        for entry in _evidence(item, books[item.company], documents[item.company, item.filed]):
            if entry not in evidence:
                evidence.append(entry)
    doc = documents[first.company, first.filed].name
    docs = list(dict.fromkeys(str(item["doc"]) for item in evidence))
    companies = list(dict.fromkeys(item.company for item in ask.inputs))
    record = {
        "answer": ask.words.format(
            value=_say(abs(value) if "{fell}" in ask.words else value, unit),
            fell="fell" if value < 0 else "rose",
            winner=_winner(ask, values, books) if "{winner}" in ask.words else "",
        ),
        "doc": doc,
        "pages": sorted({item["page"] for item in evidence if item["doc"] == doc}),
        "type": ask.type,
        "company": " and ".join(books[company].company.name for company in companies),
        "fiscal_year": max(item.year for item in ask.inputs),
        "value": float(value),
        "unit": unit,
        "evidence": evidence,
    }
    return record | ({"docs": docs} if len(docs) > 1 else {})


def _winner(ask: Ask, values: list[Decimal], books: Books) -> str:
    """The company whose half of the inputs, alone, gives the value of the formula."""
    assert ask.formula is not None
    half = len(values) // 2
    first = ask.formula(*values[:half], *values[:half])
    better = first == ask.formula(*values)
    return books[ask.inputs[0 if better else half].company].company.name


def _evidence(item: Input, books: Accounts, document: Document) -> list[dict[str, Any]]:
    source = (item.key, item.year)
    kind = books.kinds[item.key]
    quote = digits(books(*source), kind, books.company.share_step)
    pages = document.pages_of(source)
    if item.table:
        page, table = document.find(item.table)
        shown = isinstance(table, Table) and any(
            cell.source == source for row in table.rows for cell in row.cells
        )
        if not shown:
            raise KeyError(f"{document.name}: {item.table} does not print {source}")
        pages = [page]
    return [{"doc": document.name, "page": page, "quote": quote} for page in pages]


def _unit(books: Accounts, key: str) -> str:
    money = f"USD {books.company.unit_words}"
    return {"money": money, "per_share": "USD per share", "percent": "%"}.get(
        books.kinds[key], "count"
    )


def _say(value: Decimal, unit: str) -> str:
    if unit.startswith("USD "):
        if unit == "USD per share":
            return f"${value:,.2f} per share"
        return f"${value:,.0f} {unit.removeprefix('USD ').removesuffix('s')}"
    if unit in STEPS:
        return f"{value:,}{'%' if unit == '%' else '' if unit == 'ratio' else ' ' + unit}"
    return f"{value:,.0f}"
