"""Heads of a PDF's columns are told from where they stand, and left alone where that is unsure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index.columns import headers
from index.pdf import read_pdf

MakePdf = Callable[..., Path]
Pieces = list[tuple[float, float, str]]

LEFT = (300, 380, 460, 540)  # where columns begin


def rows(*amounts: tuple[str, ...], at: int = 600, left: tuple[int, ...] = LEFT) -> Pieces:
    """Rows of a label and an amount a column; "" for an empty cell."""
    found: Pieces = []
    for n, (label, *cells) in enumerate(amounts):
        y = at - 14 * n
        found.append((60, y, label))
        found += [(x, y, cell) for x, cell in zip(left, cells, strict=False) if cell]
    return found


NET_SALES = ("Net sales", "1,200", "1,100", "2,300", "2,400")
COSTS = ("Cost of sales", "700", "650", "1,350", "1,450")


def page_of(make_pdf: MakePdf, *pieces: tuple[float, float, str]) -> list[str]:
    title = (60, 700, "Quillfeather Paper Company, net sales by mill")
    return read_pdf(make_pdf([[title, *pieces]])).pages[0].splitlines()


def columns(lines: list[str]) -> tuple[str | None, ...]:
    """What the last row's columns are called."""
    header = headers(lines)[len(lines) - 1]
    return header.columns if header else ()


def test_heads_of_one_year_are_kept_apart(make_pdf: MakePdf) -> None:
    heads = [(60, 640, "Year ended December 31, 2024"), (60, 620, "(in millions)")]
    heads += [(295, 620, "Paper"), (375, 620, "Tissue"), (455, 620, "Board"), (540, 620, "Total")]
    lines = page_of(make_pdf, *heads, *rows(NET_SALES, COSTS))
    assert "(in millions)  Paper  Tissue  Board  Total" in lines
    assert columns(lines) == ("Paper 2024", "Tissue 2024", "Board 2024", "Total 2024")


def test_heads_broken_on_several_lines_are_put_together(make_pdf: MakePdf) -> None:
    heads = [(60, 650, "Year ended December 31, 2024")]
    heads += [(295, 632, "Fine"), (375, 632, "Soft")]
    heads += [(290, 620, "Paper"), (375, 620, "Tissue"), (455, 620, "Board"), (540, 620, "Total")]
    lines = page_of(make_pdf, *heads, *rows(NET_SALES, COSTS))
    assert "Fine Paper  Soft Tissue  Board  Total" in lines
    assert columns(lines)[:2] == ("Fine Paper 2024", "Soft Tissue 2024")


def test_heads_over_the_years_are_of_the_columns_below_them(make_pdf: MakePdf) -> None:
    years = [(x, 620, year) for x, year in zip(LEFT, ("2024", "2023") * 2, strict=True)]
    heads = [(335, 632, "Paper"), (492, 632, "Tissue")]
    lines = page_of(make_pdf, *heads, *years, *rows(NET_SALES, COSTS))
    assert columns(lines) == ("Paper 2024", "Paper 2023", "Tissue 2024", "Tissue 2023")


def test_a_head_over_several_heads_belongs_to_each(make_pdf: MakePdf) -> None:
    left = (240, 300, 360, 420, 480, 540)
    years = [(x, 620, year) for x, year in zip(left, ("2024", "2023") * 3, strict=True)]
    heads = [(310, 644, "Own mills"), (260, 632, "North"), (380, 632, "South")]
    heads.append((490, 644, "Joint mills"))
    cells = tuple("123456")
    body = rows(("Tons sold", *cells), ("Tons made", *cells), left=left)
    lines = page_of(make_pdf, *heads, *years, *body)
    assert columns(lines)[::2] == (
        "Own mills North 2024",
        "Own mills South 2024",
        "Joint mills 2024",
    )


def test_a_head_over_the_labels_is_no_column(make_pdf: MakePdf) -> None:
    heads = [(60, 640, "December 31, 2024"), (60, 620, "Mill"), (300, 620, "Cost")]
    heads += [(375, 620, "Carrying value")]
    body = rows(("North mill", "1,200", "1,100"), ("South mill", "700", "650"))
    lines = page_of(make_pdf, *heads, *body)
    assert columns(lines) == ("Cost 2024", "Carrying value 2024")


def test_levels_of_fair_value_are_heads(make_pdf: MakePdf) -> None:
    heads = [(60, 640, "December 31, 2024")]
    heads += [(x, 620, f"Level {n}") for n, x in enumerate(LEFT[:3], 1)] + [(540, 620, "Total")]
    lines = page_of(make_pdf, *heads, *rows(("Bonds", "12", "7", "—", "19"), ("Funds", *"3306")))
    assert columns(lines) == ("Level 1 2024", "Level 2 2024", "Level 3 2024", "Total 2024")


@pytest.mark.parametrize(
    "heads",
    [
        # One stands between two columns, over either.
        [(295, 620, "Paper"), (415, 620, "Tissue"), (540, 620, "Total")],
        # A column has none.
        [(295, 620, "Paper"), (375, 620, "Tissue"), (540, 620, "Total")],
        # The head above may be over the middle column alone, or over all three.
        [(380, 632, "Own"), (295, 620, "Paper"), (375, 620, "Tissue"), (455, 620, "Board")],
        # Two columns have one name.
        [(x, 620, name) for x, name in zip(LEFT, ("Paper", "Total") * 2, strict=True)],
    ],
)
def test_unsure_heads_are_left_as_they_are(make_pdf: MakePdf, heads: Pieces) -> None:
    three = heads[0][2] == "Own"
    body = rows(*([NET_SALES[:4], COSTS[:4]] if three else [NET_SALES, COSTS]))
    lines = page_of(make_pdf, (60, 650, "Year ended December 31, 2024"), *heads, *body)
    assert columns(lines) == ()


def test_no_word_is_lost_or_added(make_pdf: MakePdf) -> None:
    heads = [(60, 650, "Year ended December 31, 2024"), (295, 632, "Fine"), (60, 620, "Mill")]
    heads += [(290, 620, "Paper"), (375, 620, "Tissue"), (455, 620, "Board"), (540, 620, "Total")]
    body = rows(NET_SALES, COSTS)
    lines = page_of(make_pdf, *heads, *body)
    assert lines[2:4] == ["Mill", "Fine Paper  Tissue  Board  Total"]
    printed = [word for _, _, text in [*heads, *body] for word in text.split()]
    assert sorted(" ".join(lines[1:]).split()) == sorted(printed)
