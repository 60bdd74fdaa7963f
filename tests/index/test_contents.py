"""What is inside a filing: the sample filings' statements are their accounts, their parts stand on
their pages; what is missing is said."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from index.contents import Contents, contents_of
from index.embed import Embedder
from index.samples.companies import COMPANIES
from index.samples.document import Heading, Table
from index.samples.model import close_books
from index.samples.tenk import tenk
from index.statement_rows import amount_shown
from index.store import Store

DOCUMENTS = {
    document.name: document
    for company in COMPANIES
    for year in (2023, 2024)
    for document in [tenk(close_books(company), year)]
}
KINDS = {"balance": "balance_sheet", "income": "income_statement", "cash_flow": "cash_flow"}


@pytest.fixture(scope="module")
def inside(sample_store: Store) -> dict[str, Contents]:
    return {d.name: contents_of(sample_store, d.id) for d in sample_store.documents()}


@pytest.fixture
def add(tmp_path: Path, embedder_folder: Path):  # type: ignore[no-untyped-def]
    """Adds a text to a store of its own and says what is inside: add(text, name)."""
    store = Store.open(tmp_path / "store", Embedder(embedder_folder))

    def added(text: str, name: str = "filing.txt") -> Contents:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return contents_of(store, store.add(file).document.id)

    yield added
    store.close()


def squeezed(text: str) -> str:
    return re.sub(r"\W", "", text).lower()


@pytest.mark.parametrize("name", list(DOCUMENTS))
@pytest.mark.parametrize("kind", list(KINDS))
def test_statements_are_the_accounts(inside: dict[str, Contents], name: str, kind: str) -> None:
    page, printed = DOCUMENTS[name].find(KINDS[kind])
    assert isinstance(printed, Table)
    (table,) = (s for s in inside[name].statements if s.statement == kind)
    assert table.pages == (page,)
    assert table.scale == (3 if "thousands" in printed.units else 6)
    assert table.unit == "USD"
    ends = [DOCUMENTS[name].company.year_ends[int(name[-8:-4]) - n] for n in range(3)]
    assert [column.end for column in table.columns] == ends[: len(printed.columns)]
    assert all((column.start is None) == (kind == "balance") for column in table.columns)
    if kind == "income" and DOCUMENTS[name].find("comprehensive_income")[0] == page:
        return  # the statement of comprehensive income stands below it on the page
    rows = [row for row in printed.rows if any(cell.text for cell in row.cells)]
    mine = [row for row in table.rows if row.amounts]
    assert [squeezed(row.label) for row in mine] == [squeezed(row.label) for row in rows]
    assert [row.amounts for row in mine] == [
        tuple(amount_shown(cell.printed) for cell in row.cells) for row in rows
    ]
    heads = [squeezed(row.label) for row in printed.rows if row not in rows and row.label]
    assert [squeezed(row.label) for row in table.rows if not row.amounts] == heads


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_rows_quote_their_page(inside: dict[str, Contents], sample_store: Store, name: str) -> None:
    contents = inside[name]
    for table in contents.statements:
        for row in table.rows:
            text = squeezed(sample_store.page_text(contents.document.id, row.page))
            assert squeezed(row.quote) in text


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_parts_begin_on_their_pages(inside: dict[str, Contents], name: str) -> None:
    headed = [
        (block.text, number)
        for number, page in enumerate(DOCUMENTS[name].pages, 1)
        for block in page
        if isinstance(block, Heading) and block.level == 1 and block.text.startswith("Item")
    ]
    parts = inside[name].parts
    items = [part for part in parts if part.title.startswith("Item")]
    assert [part.first for part in items] == [number for _, number in headed]
    assert all(
        squeezed(text).startswith(squeezed(p.title))
        for p, (text, _) in zip(items, headed, strict=True)
    )
    assert items[-1].last == len(DOCUMENTS[name].pages)
    assert all(one.last in (after.first - 1, after.first) for one, after in pairwise(items))
    assert "Notes to the statements" in [part.title for part in parts]
    assert inside[name].problems == ()


def test_what_is_missing_is_said(add) -> None:  # type: ignore[no-untyped-def]
    contents = add("A letter about nothing.\f\n\fGoodbye.")
    assert contents.statements == ()
    assert "no figures were found" in contents.problems
    assert "no primary statements were found" in contents.problems
    assert any("not recognised" in problem for problem in contents.problems)


def test_dashes_brackets_units_and_a_row_on_two_lines(add) -> None:  # type: ignore[no-untyped-def]
    contents = add(
        """Larkspur Valve Company
FORM 10-K
Annual report for the fiscal year ended December 31, 2024
\f
CONSOLIDATED STATEMENTS OF OPERATIONS
(in millions, except per share data)
Year ended December 31, 2024 2023
Total revenue $ 1,284 $ 1,107
Cost of revenue 803 712
Gross profit 481 395
Selling, general and administrative
expenses (including amortization) 201 164
Impairment of goodwill — 31
Operating income (loss) 280 (200)
Interest expense (12) (10)
Income (loss) before income taxes 268 (210)
Income taxes (Note 4) 60 9
Net income (loss) $ 208 $ (219)
Earnings per share:
Diluted $ 2.08 $ (2.19)
"""
    )
    (table,) = contents.statements
    assert (table.statement, table.unit, table.scale) == ("income", "USD", 6)
    rows = {row.label: row for row in table.rows}
    assert rows["Total revenue"].amounts == ("1,284", "1,107")
    assert rows["Impairment of goodwill"].amounts == ("—", "31")
    assert rows["Operating income (loss)"].amounts == ("280", "(200)")
    assert rows["Earnings per share"].amounts == ()
    assert (rows["Diluted"].amounts, rows["Diluted"].unit) == (("2.08", "(2.19)"), "USD/shares")
    wrapped = rows["Selling, general and administrative expenses (including amortization)"]
    assert wrapped.quote.count("\n") == 1
    assert len([row for row in table.rows if not row.amounts]) == 1


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("$ 1,234", "1,234"),
        ("$(1,234)", "(1,234)"),
        ("(4.2)%", "(4.2%)"),
        ("-5", "(5)"),
        ("—", "—"),
        ("US$7", "7"),
        ("n/a", "n/a"),
    ],
)
def test_amounts_are_shown_in_one_way(printed: str, shown: str) -> None:
    assert amount_shown(printed) == shown
