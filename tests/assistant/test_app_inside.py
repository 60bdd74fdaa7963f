"""What a reader sees inside a filing: tables that are the filing's, text that stays text, a page
for every key, files without formulas."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.app.inside import (
    column_name,
    documents_html,
    inside_html,
    pages_of,
    place_of,
    statement_files,
    unit_name,
)
from index.contents import Contents, contents_of
from index.documents import Document
from index.outline import Part
from index.store import Store
from tests.assistant.test_app_show import HOSTILE, Tags


@pytest.fixture(scope="module")
def contents(sample_store: Store) -> Contents:
    (document,) = (d for d in sample_store.documents() if d.name == "QUORVANE_2024_10K")
    return contents_of(sample_store, document.id)


@pytest.fixture
def hostile(contents: Contents) -> Contents:
    """The filing as if every text in it had been written by an enemy."""
    bad = dict.fromkeys(("company", "form", "fiscal_period", "period_end", "name"), HOSTILE)
    document = replace(contents.document, **bad, problems=(HOSTILE,))  # type: ignore[arg-type]
    tables = tuple(
        replace(
            table,
            title=HOSTILE,
            unit=HOSTILE,
            columns=tuple(column._replace(about=HOSTILE) for column in table.columns),
            rows=tuple(
                replace(row, label=f"={HOSTILE}", amounts=(HOSTILE,) * len(row.amounts))
                for row in table.rows
            ),
        )
        for table in contents.statements
    )
    return Contents(document, (Part(HOSTILE, 1, 2, HOSTILE),), tables, (HOSTILE,))


def test_the_statement_reads_as_printed(contents: Contents) -> None:
    words = " ".join(Tags(inside_html(contents)).words)
    for piece in (
        "Quorvane Pump Corporation",
        "FY 2024",
        "2024-12-31",
        "Item 1A. Risk Factors",
        "Consolidated Balance Sheets",
        "USD, in millions; amounts as printed",
        "Year to Dec 31, 2024",
        "Inventories",
        "USD per share",
    ):
        assert piece in words
    income = next(t for t in contents.statements if t.statement == "income")
    interest = next(row for row in income.rows if row.label == "Interest expense")
    assert all(amount.startswith("(") for amount in interest.amounts)


def test_nothing_found_is_said(contents: Contents) -> None:
    bare = Contents(contents.document, (), (), ("no primary statements were found",))
    words = " ".join(Tags(inside_html(bare)).words)
    assert "No headings of sections were found." in words
    assert "no primary statements were found" in words


def test_hostile_text_stays_text(hostile: Contents) -> None:
    for part in (inside_html(hostile), documents_html([hostile.document])):
        seen = Tags(part)
        assert not seen.tags & {"img", "script", "a", "h1", "b", "code"}
        assert not any(name.startswith("on") for name in seen.attributes)
        assert "${" not in part and "{{" not in part


def test_every_key_opens_its_page(contents: Contents) -> None:
    for n, part in enumerate(contents.parts):
        assert place_of(contents, f"p/{n}") == (part.first, part.heading)
    for n, table in enumerate(contents.statements):
        assert place_of(contents, f"s/{n}") == (table.pages[0], table.title)
        row = table.rows[-1]
        key = f"s/{n}/{len(table.rows) - 1}"
        citations, index = pages_of(contents, key)
        assert len(citations) == contents.document.pages
        assert (citations[index].page, citations[index].quote) == (row.page, row.quote)
        assert [c.quote for c in citations if c.page != row.page] == [""] * (len(citations) - 1)


@pytest.mark.parametrize(
    "key", ["", "p/999", "p/0/1", "s/9", "s/0/9999", "s/-1", "x/1", "s/0/1; drop", "s/١"]
)
def test_other_keys_open_nothing(contents: Contents, key: str) -> None:
    assert pages_of(contents, key) == ([], 0)


def test_statements_are_taken_away_as_numbers(contents: Contents, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    text, book = statement_files(contents, tmp_path)
    assert (text.name, book.name) == (
        "QUORVANE_2024_10K-statements.csv",
        "QUORVANE_2024_10K-statements.xlsx",
    )
    lines = list(csv.reader(io.StringIO(text.read_text("utf-8-sig"))))
    balance = next(t for t in contents.statements if t.statement == "balance")
    total = next(line for line in lines if line[2].lower() == "total assets")
    at = lines[0].index(column_name(balance.columns[0]))
    printed = next(row for row in balance.rows if row.label.lower() == "total assets")
    assert total[at] == printed.amounts[0].replace(",", "")
    assert total[:2] == ["Balance sheet", str(printed.page)]
    sheets = load_workbook(book)
    assert len(sheets.sheetnames) == 3
    sheet = sheets[next(name for name in sheets.sheetnames if "Balance" in name)]
    cells = next(row for row in sheet.iter_rows() if str(row[1].value).lower() == "total assets")
    assert cells[3].value == int(printed.amounts[0].replace(",", ""))


def test_no_text_becomes_a_formula(hostile: Contents, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    text, book = statement_files(hostile, tmp_path)
    assert ".." not in text.name and "/" not in text.name and "<" not in text.name
    for line in csv.reader(io.StringIO(text.read_text("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)
    for sheet in load_workbook(book):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_none_to_take_away(contents: Contents, tmp_path: Path) -> None:
    assert statement_files(Contents(contents.document, (), (), ()), tmp_path) == []


@pytest.mark.parametrize(
    ("unit", "scale", "said"),
    [
        ("USD", 6, "USD, in millions"),
        ("USD", 0, "USD"),
        ("EUR/shares", 0, "EUR per share"),
        ("shares", 3, "shares, in thousands"),
        ("pure", 0, "ratio"),
    ],
)
def test_units_in_words(unit: str, scale: int, said: str) -> None:
    assert unit_name(unit, scale) == said


def test_the_list_says_what_is_missing_and_is_quick(
    contents: Contents, sample_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = contents.document
    odd = replace(d, company=None, facts=0, problems=("page 3 without text",))
    words = Tags(documents_html([odd])).words
    missing = "page 3 without text; company not recognised; no figures were found"
    assert f"{missing}; “Correct a filing” changes company, form, year" in words
    many: list[Document] = [replace(d, id=n, name=f"filing {n}") for n in range(1000)]
    began = time.process_time()
    shown = documents_html(many)
    assert shown.count("data-open=") == 1000
    assert time.process_time() - began < 2
