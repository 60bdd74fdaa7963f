"""The Items and parts of a filing, and the pages each covers."""

from __future__ import annotations

import pytest

from index.outline import outline_of

CONTENTS = "\n".join(f"Item {n}. Heading {n}" for n in (*range(1, 10), *range(10, 16)))
PROSE = "The company sells pumps.\nSee Item 9 for more.\nItem 9 of this report says why."


def titles(pages: list[str], form: str | None = "10-K") -> list[tuple[str, int, int]]:
    return [(part.title, part.first, part.last) for part in outline_of(pages, form, [])]


def test_items_reach_to_the_next_one_and_contents_do_not_count() -> None:
    pages = [
        f"TABLE OF CONTENTS\n{CONTENTS}",
        "Part I\nItem 1. Business\n" + PROSE,
        PROSE,
        "Some words\nmore words\nand more\nItem 2. Properties\nOne plant.",
        "Item 3. Legal Proceedings\nNone.\nItem 4. Mine Safety Disclosures\nNone.",
    ]
    assert titles(pages) == [
        ("Item 1. Business", 2, 4),
        ("Item 2. Properties", 4, 4),
        ("Item 3. Legal Proceedings", 5, 5),
        ("Item 4. Mine Safety Disclosures", 5, 5),
    ]


def test_running_heads_are_no_new_items() -> None:
    pages = ["PART I\nItem 1\nwords", "PART I\nItem 1. Business\nwords", "PART I\nItem 1\nwords"]
    pages += ["PART I\nItem 1A\nwords", "PART I\nItem 1A. Risk Factors\nwords"]
    assert titles(pages) == [("Item 1. Business", 2, 4), ("Item 1A. Risk Factors", 5, 5)]


def test_items_headed_together_are_one() -> None:
    pages = ["Items 1 and 2. Business and Properties\nwords", "Item 3. Legal Proceedings\nNone."]
    assert [title for title, _, _ in titles(pages)] == [
        "Items 1 and 2. Business and Properties",
        "Item 3. Legal Proceedings",
    ]


def test_a_quarterly_report_numbers_its_parts_anew() -> None:
    pages = [
        "Part I. Financial Information\nItem 1. Financial Statements",
        "Item 2. Management's Discussion and Analysis",
        "Part II. Other Information\nItem 1. Legal Proceedings\nItem 1A. Risk Factors",
    ]
    assert [title for title, _, _ in titles(pages, "10-Q")] == [
        "Item 1. Financial Statements",
        "Item 2. Management's Discussion and Analysis",
        "Item 1. Legal Proceedings",
        "Item 1A. Risk Factors",
    ]


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("ITEM 8. FINANCIAL STATEMENTS AND SUPPLEMENTARY\nDATA\nwords", None),
        ("Item 8\nFinancial Statements\nwords", "Item 8 Financial Statements"),
        ("ITEM 1. BUSINESS\nGENERAL\nwords", "ITEM 1. BUSINESS"),
        ("Item 9.01. Financial Statements and Exhibits.", None),
    ],
)
def test_a_heading_on_two_lines(lines: str, title: str | None) -> None:
    wanted = title or " ".join(lines.replace("\nwords", "").split("\n")).rstrip(".")
    assert titles([lines], "8-K" if "9.01" in lines else "10-K") == [(wanted, 1, 1)]


def test_parts_without_items() -> None:
    pages = ["Letter to shareholders", "Risk Factors\nWe may fail.", "More may fail.", "Notes to"]
    pages += ["Notes to the Consolidated Financial Statements\n1. Basis", "2. Debt"]
    assert titles(pages, None) == [
        ("Risk factors", 2, 4),
        ("Notes to the statements", 5, 6),
    ]
    assert titles(["nothing here"], None) == []
