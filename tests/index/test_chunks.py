"""Chunks stay on their page, keep every line, and carry what a table needs to be read."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.chunks import chunk_filing
from index.filing import Filing, Identity, Page
from index.statements import statement_of

WHO = Identity(company="Valdor Valves, Inc.", form="10-K", fiscal_year=2023, fiscal_period="FY")


def filing(*pages: str) -> Filing:
    numbered = tuple(Page(n, text) for n, text in enumerate(pages, 1))
    return Filing(Path("x.txt"), "x", "text", "0", numbered, WHO)


@given(st.lists(st.text(max_size=2000), max_size=4))
def test_every_line_is_in_one_chunk_of_its_page(pages: list[str]) -> None:
    chunks = chunk_filing(filing(*pages))
    for number, text in enumerate(pages, 1):
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        kept = [line for c in chunks if c.page == number for line in c.text.split("\n")]
        assert kept == lines


def test_header_says_whose_page_it_is() -> None:
    (chunk,) = chunk_filing(filing("Item 1. Business"))
    assert chunk.header == "Valdor Valves, Inc. 10-K fiscal year 2023 · Item 1. Business"
    assert chunk.embedded().startswith("Valdor Valves, Inc. 10-K fiscal year 2023. ")


def test_header_names_the_section_that_the_passage_stands_in() -> None:
    said = "\n".join(f"Sentence number {n} about the demand for valves." for n in range(1, 60))
    pages = [
        "Annual report",
        f"Item 1. Business\n{said}",
        f"{said}\nItem 1A. Risk Factors\n{said}\n{said}",
        said,
    ]
    sections = [(c.page, c.header.partition(" · Item ")[2]) for c in chunk_filing(filing(*pages))]
    assert sections[0] == (1, "")
    assert {s for page, s in sections if page == 2} == {"1. Business"}
    assert next(s for page, s in sections if page == 3) == "1. Business"
    assert [s for page, s in sections if page == 3][-1] == "1A. Risk Factors"
    assert {s for page, s in sections if page == 4} == {"1A. Risk Factors"}


def test_a_passage_ends_where_an_item_does() -> None:
    said = "\n".join(f"Sentence number {n} about the demand for valves." for n in range(1, 12))
    page = f"{said}\nItem 1A. Risk Factors\n{said}\nItem 1B. Unresolved Staff Comments\nNone.\n"
    before = f"Item 1. Business\n{said}"
    after = f"Item 2. Properties\n{said}\nItem 3. Legal Proceedings\n{said}"
    chunks = [c for c in chunk_filing(filing("Cover", before, page + after)) if c.page == 3]
    opened = [[line for line in c.text.splitlines() if line.startswith("Item")] for c in chunks]
    assert opened == [
        [],
        ["Item 1A. Risk Factors", "Item 1B. Unresolved Staff Comments"],  # too short to stand alone
        ["Item 2. Properties"],
        ["Item 3. Legal Proceedings"],
    ]
    assert all(
        not names or c.text.startswith(names[0]) for c, names in zip(chunks, opened, strict=True)
    )


def test_a_table_takes_no_headers_from_the_item_before() -> None:
    said = "\n".join(f"Sentence number {n} about the demand for valves." for n in range(1, 12))
    rows = "\n".join(f"Plant number {n} of the company {n},120 {n},090" for n in range(1, 50))
    before = f"Item 1. Business\n{said}\n(in millions)\n2019 2018\n{rows}"
    after = f"Item 2. Properties\n(square feet)\nOwned Leased\n{rows}"
    chunks = chunk_filing(filing("Cover", f"{before}\n{after}"))
    assert all("2019" not in c.shown() for c in chunks if "Item 2" in c.header)
    assert any("2019" in c.context for c in chunks if "Item 1." in c.header)


def test_continued_table_repeats_units_and_periods() -> None:
    rows = "\n".join(
        f"Expense of department number {n} {n},120 {n},090 {n},880" for n in range(1, 80)
    )
    page = f"Consolidated Statements of Income\n(in millions)\n2023 2022 2021\n{rows}"
    first, *others = chunk_filing(filing(page))
    assert first.context == ""
    assert others
    for chunk in others:
        assert chunk.context.splitlines()[-2:] == ["(in millions)", "2023 2022 2021"]
        assert chunk.shown().startswith("Consolidated Statements of Income")


def test_how_long_the_periods_are_is_repeated_with_them() -> None:
    rows = "\n".join(f"Expense of department number {n} {n},120 {n},090" for n in range(1, 80))
    heads = ["Valdor Valves", "Statements of Income", "(in millions)", "(unaudited)"]
    heads += ["Nine Months Ended June 30,", "2023 2022"]
    _, *others = chunk_filing(filing("\n".join([*heads, rows])))
    assert {chunk.context for chunk in others} == {"\n".join(heads)}


def test_what_tells_the_same_years_apart_is_repeated_with_them() -> None:
    rows = "\n".join(f"Cost of plant number {n} {n} {n}1 {n}2 {n}3" for n in range(1, 90))
    heads = ["Valdor Valves", "Costs", "(in millions)"]
    heads += ["Three Months Ended Six Months Ended", "June 30, June 30, June 30, June 30,"]
    heads += ["2023 2022 2023 2022"]
    _, *others = chunk_filing(filing("\n".join([*heads, rows])))
    assert {chunk.context for chunk in others} == {"\n".join(heads)}


def test_a_table_headed_by_words_repeats_them() -> None:
    said = "\n".join(f"Sentence number {n} about the demand for valves." for n in range(1, 6))
    rows = "\n".join(f"Plant number {n} of the company {n},120 {n},090" for n in range(1, 60))
    page = f"{said}\nPlants by region\n(square feet)\nOwned Leased\n{rows}"
    first, *others = chunk_filing(filing(page))
    assert first.context == ""
    assert others
    for chunk in others:
        assert chunk.context.splitlines() == ["Plants by region", "(square feet)", "Owned Leased"]


def test_statements_are_told_from_what_speaks_of_them() -> None:
    income = """CONSOLIDATED STATEMENTS OF OPERATIONS
(in millions, except per share data)
2023 2022 2021
Net sales $ 4,100 $ 3,900 $ 3,700
Cost of sales 2,400 2,300 2,200
Gross profit 1,700 1,600 1,500
Selling, general and administrative 700 650 600
Operating income 1,000 950 900
Interest expense 100 90 80
Income before income taxes 900 860 820
Provision for income taxes 200 190 180
Net income $ 700 $ 670 $ 640
Diluted earnings per share $ 7.00 $ 6.70 $ 6.40
"""
    assert statement_of(income) == "income"
    contents = "Index to statements\n" + "\n".join(
        f"Consolidated Statements of Operations and net income, page {n}" for n in range(30)
    )
    assert statement_of(contents) is None
    assert statement_of("We discuss net income, total assets and operating activities.") is None
