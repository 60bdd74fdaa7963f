"""Which part of a filing each page belongs to."""

from __future__ import annotations

import pytest

from index.sections import Section, sections_of
from index.store import Store

BALANCE = "\n".join(
    [
        "CONSOLIDATED BALANCE SHEETS",
        "(in millions) 2024 2023",
        *(f"{name} {n},1{n}0 {n},0{n}0" for n, name in enumerate(["Cash", "Inventories"], 1)),
        *(f"Line {n} {n},200 {n},100" for n in range(3, 9)),
        "Total assets 9,200 9,100",
        "Total current liabilities 3,000 2,900",
        "Total shareholders' equity 6,200 6,200",
    ]
)


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("Item 1A. Risk Factors", "risk factors"),
        ("ITEM 1A — RISK FACTORS.", "risk factors"),
        ("Risk Factors", "risk factors"),
        ("Item 7. Management's Discussion and Analysis", "management's discussion"),
        ("Item 2. Management’s Discussion and Analysis", "management's discussion"),
        ("MANAGEMENT'S DISCUSSION AND ANALYSIS", "management's discussion"),
        ("Item 7A. Quantitative and Qualitative Disclosures", "other"),
        ("Notes to Consolidated Financial Statements", "notes"),
        ("NOTES TO THE CONDENSED CONSOLIDATED FINANCIAL STATEMENTS", "notes"),
        ("Item 9B. Other Information", "other"),
    ],
)
def test_headings_open_their_section(heading: str, section: Section) -> None:
    assert sections_of([f"{heading}\nSome words follow here."])[0] == section


def test_a_section_goes_on_until_the_next_heading() -> None:
    pages = [
        "Item 1A. Risk Factors\nWe may fail.",
        "We may fail again.",
        "Item 2. Properties\nNone.",
    ]
    assert sections_of(pages) == ["risk factors", "risk factors", "other"]


def test_a_page_belongs_to_what_begins_in_its_first_half() -> None:
    tail = "\n".join(["Risks go on."] * 8)
    pages = ["Item 1A. Risk Factors\nx", f"{tail}\nItem 2. Properties\nNone.", "More properties."]
    assert sections_of(pages) == ["risk factors", "risk factors", "other"]


def test_statements_are_told_by_what_they_show() -> None:
    pages = ["Item 8. Financial Statements\nsee below", BALANCE, "Notes to Financial Statements\nx"]
    assert sections_of(pages) == ["other", "statements", "notes"]


@pytest.mark.parametrize(
    "line",
    [
        "Risk factors are described in Item 1A of this report, and may change.",
        "See Risk Factors",
        "“Risk Factors”",
    ],
)
def test_a_sentence_that_refers_to_a_section_opens_none(line: str) -> None:
    assert sections_of([f"Item 1. Business\n{line}\nWe make pumps."]) == ["other"]


def test_a_table_of_contents_is_no_section() -> None:
    contents = (
        "Item 1. Business 3\nItem 1A. Risk Factors 9\nItem 7. Management's\nItem 8. Statements"
    )
    assert sections_of([contents, "We make pumps."]) == ["other", "other"]


def test_sample_filings_have_every_section(sample_store: Store) -> None:
    for document in sample_store.documents():
        pages = [sample_store.page_text(document.id, n + 1) for n in range(document.pages)]
        found = sections_of(pages)
        assert found.count("statements") == 3, document.name
        assert {"management's discussion", "risk factors", "notes", "other"} < set(found)
