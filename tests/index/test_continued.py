"""A table that goes on over a page takes its title, units and heads along, and never another's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from index.chunks import Chunk, chunk_filing
from index.columns import headers
from index.read import read_filing

MakePdf = Callable[..., Path]
Row = tuple[str, ...]  # a label and amounts; a line of text is a label alone

HEADS: list[Row] = [
    ("Sales by country",),
    ("(in millions)",),
    ("", "2023", "2022"),
]
BEGINS: list[Row] = [
    ("Norland", "1,310", "1,290"),
    ("Sudmark", "(120)", "80"),
    ("Westria", "45", "39"),
]
GOES_ON: list[Row] = [
    ("Ostania", "2,410", "2,390"),
    ("Other countries", "(7)", "12"),
    ("Total", "3,638", "3,772"),
]
SAID: list[Row] = [("Sales rose in all countries but two, where plants stood still.",)]


def set_rows(
    rows: Sequence[Row], edges: Sequence[float], foot: str = ""
) -> list[tuple[float, float, str]]:
    """A page of rows, amounts set flush right at `edges`, with a page number."""
    pieces = []
    for n, (label, *amounts) in enumerate(rows):
        y = 740.0 - 14 * n
        pieces += [(60.0, y, label)] if label else []
        for amount, edge in zip(amounts, edges, strict=False):
            hangs = stringWidth(")", "Helvetica", 10) if amount.endswith(")") else 0
            pieces.append((edge - stringWidth(amount, "Helvetica", 10) + hangs, y, amount))
    return [*pieces, *([(300.0, 40.0, foot)] if foot else [])]


def of_second_page(path: Path) -> list[Chunk]:
    return [chunk for chunk in chunk_filing(read_filing(path)) if chunk.page == 2]


def test_a_table_takes_its_heads_to_the_next_page(make_pdf: MakePdf) -> None:
    first = set_rows([*SAID, *HEADS, *BEGINS], (400, 480), "17")
    second = set_rows([*GOES_ON, *SAID], (400, 480), "18")
    (chunk,) = of_second_page(make_pdf([first, second]))
    assert [" ".join(line.split()) for line in chunk.context.splitlines()[-3:]] == [
        "Sales by country",
        "(in millions)",
        "2023 2022",
    ]
    assert chunk.text.startswith("Ostania")


def test_running_heads_stand_above_the_heads_that_are_carried(make_pdf: MakePdf) -> None:
    head = [("Valdor Valves, Inc.",), ("Notes to the statements (continued)",)]
    pages = [
        set_rows([*head, *HEADS, *BEGINS], (400, 480), "17"),
        set_rows([*head, *GOES_ON, *SAID], (400, 480), "18"),
        set_rows([*head, *SAID], (400, 480), "19"),
    ]
    (chunk,) = of_second_page(make_pdf(pages))
    lines = [" ".join(line.split()) for line in chunk.shown().splitlines()]
    assert lines[:2] == [label for (label,) in head]
    assert lines[lines.index("2023 2022") + 1].startswith("Ostania 2,410")


def test_a_table_over_three_pages_takes_them_twice(make_pdf: MakePdf) -> None:
    pages = [
        set_rows([*HEADS, *BEGINS], (400, 480)),
        set_rows(GOES_ON[:2] * 3, (400, 480)),
        set_rows([*GOES_ON, *SAID], (400, 480)),
    ]
    chunks = chunk_filing(read_filing(make_pdf(pages)))
    assert all("(in millions)" in chunk.shown() for chunk in chunks)
    assert {chunk.page for chunk in chunks} == {1, 2, 3}


def test_heads_of_words_are_taken_along(make_pdf: MakePdf) -> None:
    heads: list[Row] = [
        ("Our plants stood in these countries at the end of the year:",),
        ("Country", "Owned", "Leased"),
    ]
    first = set_rows([*heads, *BEGINS], (400, 480))
    (chunk,) = of_second_page(make_pdf([first, set_rows(GOES_ON, (400, 480))]))
    assert " ".join(chunk.context.split()) == "Country Owned Leased"


@pytest.mark.parametrize(
    ("first", "second", "edges"),
    [
        pytest.param(BEGINS, [(*row, "5") for row in GOES_ON], (400, 480, 540), id="more columns"),
        pytest.param(BEGINS, [row[:2] for row in GOES_ON], (400, 480), id="fewer columns"),
        pytest.param(BEGINS, GOES_ON, (320, 480), id="columns stand elsewhere"),
        pytest.param(BEGINS, [("Orders by country",), *GOES_ON], (400, 480), id="a title"),
        pytest.param(BEGINS, [*SAID, *GOES_ON], (400, 480), id="text on the later page"),
        pytest.param([*BEGINS, *SAID], GOES_ON, (400, 480), id="text on the earlier page"),
        pytest.param(BEGINS, [("", "2021", "2020"), *GOES_ON], (400, 480), id="heads of its own"),
        pytest.param(BEGINS, [("", "Owned", "Leased"), *GOES_ON], (400, 480), id="heads of words"),
    ],
)
def test_what_may_be_another_table_takes_no_heads(
    make_pdf: MakePdf, first: list[Row], second: list[Row], edges: tuple[float, ...]
) -> None:
    path = make_pdf([set_rows([*HEADS, *first], (400, 480), "1"), set_rows(second, edges, "2")])
    assert all("Sales by country" not in chunk.shown() for chunk in of_second_page(path))
    assert all("2023" not in chunk.shown() for chunk in of_second_page(path))


def test_dates_that_head_each_page_are_no_running_heads(make_pdf: MakePdf) -> None:
    dated: list[Row] = [("In millions", "May 26,", "May 27,"), ("", "2019", "2018")]
    pages = [set_rows([*dated, *rows], (400, 480)) for rows in (BEGINS, GOES_ON, BEGINS)]
    chunks = chunk_filing(read_filing(make_pdf(pages)))
    assert all(chunk.context == "" for chunk in chunks)


def html(first: str, second: str) -> str:
    def table(rows: str) -> str:
        cells = ["".join(f"<td>{c}</td>" for c in row.split("|")) for row in rows.splitlines()]
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"

    rule = '<hr style="page-break-after:always"/>'
    return f"<html><body><p>Sales by country</p>{table(first)}{rule}{table(second)}</body></html>"


def test_amounts_without_heads_are_read_by_those_of_the_page_before(make_pdf: MakePdf) -> None:
    first = set_rows([*SAID, *HEADS, *BEGINS], (400, 480), "17")
    path = make_pdf([first, set_rows([*GOES_ON, *SAID], (400, 480), "18")])
    (chunk,) = of_second_page(path)
    header = headers(chunk.shown().splitlines())[-3]
    assert header is not None
    assert header.years == ("2023", "2022")


def test_a_table_that_a_page_break_cuts_in_html(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    first = "(in millions)|2023|2022\nNorland|1,310|1,290\nSudmark|120|80"
    path.write_text(html(first, "Ostania|2,410|2,390\nTotal|3,840|3,760"), encoding="utf-8")
    (chunk,) = of_second_page(path)
    assert chunk.context.splitlines() == ["Sales by country", "(in millions)  2023  2022"]
    path.write_text(html(first, "Ostania|2,410\nTotal|3,840"), encoding="utf-8")
    assert of_second_page(path)[0].context == ""
