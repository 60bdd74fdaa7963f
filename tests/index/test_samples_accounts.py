"""The fictional companies' accounts: every statement ties in every year."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.samples.accounts import Accounts, share, split
from index.samples.companies import COMPANIES
from index.samples.document import Cell, Table
from index.samples.model import close_books
from index.samples.sheet import Line, Sheet
from index.samples.statements import STATEMENTS

BOOKS = [close_books(company) for company in COMPANIES]
YEARS = [(books, year) for books in BOOKS for year in books.company.years]
IDS = [f"{books.company.ticker}-{year}" for books, year in YEARS]
every_year = pytest.mark.parametrize(("books", "year"), YEARS, ids=IDS)


def total(books: Accounts, year: int, *keys: str) -> Decimal:
    """The sum of keys, those starting with "-" subtracted."""
    return sum(
        (-books(key[1:], year) if key[0] == "-" else books(key, year) for key in keys), Decimal(0)
    )


@every_year
def test_balance_sheet_balances_and_its_parts_add_up(books: Accounts, year: int) -> None:
    assert books("total_assets", year) == books("total_claims", year)
    current = ("cash", "receivables", "inventories", "prepaid")
    assert total(books, year, *current) == books("current_assets", year)
    later = ("property_net", "lease_assets", "goodwill", "intangibles", "other_assets")
    assert total(books, year, "current_assets", *later) == books("total_assets", year)
    owed = ("payables", "accrued", "contract_liabilities", "lease_current", "debt_current")
    assert total(books, year, *owed) == books("current_liabilities", year)
    for item in ("cash", "receivables", "inventories", "payables", "accrued_other", "retained"):
        assert books(item, year) > 0


@every_year
def test_income_statement_adds_up(books: Accounts, year: int) -> None:
    assert total(books, year, "net_sales", "-cost_of_sales") == books("gross_profit", year)
    spent = ("-sga", "-research", "-amortization", "-restructuring", "-impairment")
    assert total(books, year, "gross_profit", *spent) == books("operating_income", year)
    below = ("-interest_expense", "interest_income", "other_income")
    assert total(books, year, "operating_income", *below) == books("pretax_income", year)
    assert total(books, year, "pretax_income", "-tax_expense") == books("net_income", year)
    for kind in ("basic", "diluted"):
        exact = books("net_income", year) / books(f"shares_{kind}", year)
        assert books(f"eps_{kind}", year) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@every_year
def test_cash_flow_explains_cash_and_every_balance(books: Accounts, year: int) -> None:
    flows = ("operating_cash", "investing_cash", "financing_cash", "translation_cash")
    assert total(books, year, *flows) == books("cash_change", year)
    assert books("cash", year) - books("cash", year - 1) == books("cash_change", year)
    moved = books("retained", year) - books("retained", year - 1)
    assert moved == total(books, year, "net_income", "-dividends")
    moved = books("debt", year) - books("debt", year - 1)
    assert moved == total(books, year, "debt_issued", "-debt_repaid")
    gained = books("equity", year) - books("equity", year - 1)
    assert gained == total(
        books,
        year,
        "comprehensive_income",
        "-dividends",
        "-buyback",
        "stock_compensation",
        "option_proceeds",
    )
    bought = books.company.drivers[year].acquired
    plant = books("property_net", year) - books("property_net", year - 1)
    assert plant - (bought.equipment if bought else 0) == total(
        books, year, "capex", "-depreciation", "-impairment"
    )
    shares = books("shares_outstanding", year) - books("shares_outstanding", year - 1)
    assert shares == total(books, year, "shares_issued", "-shares_bought")


@every_year
def test_notes_agree_with_the_statements(books: Accounts, year: int) -> None:
    company = books.company
    for name, rule in company.splits.items():
        parts = [f"{name}:{part}" for part in rule.parts]
        assert total(books, year, *parts) == books(rule.of, year), name
    segments = list(company.segments)
    assert total(books, year, *(f"sales:{part}" for part in segments)) == books("net_sales", year)
    profit = [f"profit:{part}" for part in segments]
    apart = ("-corporate_cost", "-amortization", "-restructuring", "-impairment")
    assert total(books, year, *profit, *apart) == books("operating_income", year)
    six = range(1, 7)
    assert total(books, year, *(f"debt_due:{n}" for n in six)) == books("debt", year)
    assert total(books, year, *(f"debt:{item.key}" for item in company.instruments)) == books(
        "debt", year
    )
    due = [f"lease_due:{n}" for n in six]
    assert total(books, year, *due, "-lease_imputed") == books("lease_liability", year)
    assert total(books, year, "lease_current", "lease_later") == books("lease_liability", year)
    ahead = [f"amortization_due:{n}" for n in six]
    assert total(books, year, *ahead) == books("intangibles", year)
    rates = [f"tax:{part}" for part in ("statutory", *company.drivers[year].tax_bp)]
    assert total(books, year, *rates) == books("tax_expense", year)
    assert total(books, year, "current_tax", "deferred_tax_expense") == books("tax_expense", year)
    assert total(books, year, "tax_debts", "-tax_assets") == books("deferred_tax", year)
    for part in ("leases", "property"):
        assert books(f"tax_debt:{part}", year) > 0
    accrued = ("accrued_compensation", "warranty", "restructuring_owed", "accrued_other")
    assert total(books, year, *accrued) == books("accrued", year)
    worn = total(books, year, "property_gross", "-property_worn")
    assert worn == books("property_net", year)
    if company.goodwill_segments:
        parts = [f"goodwill:{part}" for part in company.goodwill_segments]
        assert total(books, year, *parts) == books("goodwill", year)


def test_price_of_the_acquisition_is_what_was_allocated() -> None:
    bought = [
        (books, year) for books, year in YEARS if books.company.drivers[year].acquired is not None
    ]
    assert bought
    for books, year in bought:
        parts = ("receivables", "inventories", "equipment", "intangibles", "goodwill")
        keys = [f"bought:{part}" for part in parts]
        assert total(books, year, *keys, "-bought:payables") == books("acquisition_price", year)


@pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.company.ticker)
def test_nothing_is_restated(books: Accounts) -> None:
    for build in STATEMENTS.values():
        old, new = (printed(build(Sheet(books, year))) for year in (2023, 2024))
        shared = old.keys() & new.keys()
        assert shared
        assert {key: old[key] for key in shared} == {key: new[key] for key in shared}


def printed(table: Table) -> dict[tuple[str, int], tuple[str, bool]]:
    cells: list[Cell] = [cell for row in table.rows for cell in row.cells]
    return {cell.source: (cell.text, cell.negative) for cell in cells if cell.source}


def test_lines_are_read_as_they_print() -> None:
    sheet = Sheet(BOOKS[0], 2024)
    head, inner, done = sheet.lines("Head:\n  Part | capex | Paid | out\n== All | cash | Cash")
    assert head == Line("Head:")
    assert inner == Line("Part", "capex", "us-gaap:Paid", shown=-1, indent=1)
    assert (done.label, done.style) == ("All", "grand")


@given(
    st.integers(-(10**9), 10**9),
    st.dictionaries(st.text(min_size=1), st.integers(1, 10**4), min_size=1),
)
def test_split_adds_up_and_is_fair(amount: int, weights: dict[str, int]) -> None:
    parts = split(amount, weights)
    assert sum(parts.values()) == amount
    whole = sum(weights.values())
    assert all(abs(parts[key] - amount * weights[key] / whole) < 1.001 for key in weights)


@given(st.integers(0, 10**9), st.integers(0, 10**4))
def test_share_rounds_half_up(amount: int, bp: int) -> None:
    assert share(amount, bp) == (amount * bp + 5000) // 10000
