"""The library of items and metrics holds together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import cast

import pytest

from assistant.errors import FigureError
from assistant.figures.calculate import Calculation, Calculator
from assistant.figures.formula import (
    Either,
    Lines,
    Mean,
    Named,
    Node,
    Operation,
    Optional,
    parse_formula,
)
from assistant.figures.lookup import Lookup, When
from index.fact_rows import StoredFact
from index.facts import Fact
from index.terms import Item, items, known_names, metrics, name_pattern

# What a company reports at the end of the year before and of this year; no two amounts of
# a year are alike.
BALANCES = {
    "cash": (100, 120),
    "current_investments": (50, 70),
    "receivables": (300, 340),
    "inventory": (200, 250),
    "current_assets": (700, 820),
    "ppe": (480, 520),
    "accumulated_depreciation": (360, 410),
    "goodwill": (290, 310),
    "intangibles": (90, 75),
    "total_assets": (1500, 1700),
    "payables": (190, 210),
    "current_liabilities": (350, 400),
    "short_term_debt": (30, 40),
    "long_term_debt": (550, 500),
    "total_liabilities": (880, 960),
    "equity": (620, 740),
    "shares_outstanding": (95, 92),
}
# And in the year before and this year.
FLOWS = {
    "revenue": (1600, 2000),
    "cost_of_revenue": (1000, 1200),
    "gross_profit": (600, 800),
    "research_and_development": (60, 65),
    "sga": (340, 390),
    "operating_expenses": (400, 455),
    "operating_income": (200, 345),
    "interest_expense": (25, 30),
    "pretax_income": (160, 280),
    "income_tax": (40, 56),
    "net_income": (120, 224),
    "shares_basic": (98, 96),
    "shares_diluted": (102, 100),
    "depreciation_and_amortization": (55, 60),
    "stock_compensation": (14, 16),
    "operating_cash_flow": (190, 290),
    "investing_cash_flow": (-70, -85),
    "capex": (64, 80),
    "dividends_paid": (48, 63),
    "buybacks": (10, 28),
    "interest_paid": (24, 29),
    "taxes_paid": (35, 50),
}
DEBT, CAPITAL = 500 + 40, (500 + 40 + 740 - 120, 550 + 30 + 620 - 100)
EBITDA = 345 + 60
DAYS = {"stock": 365 * 225 / 1200, "sales": 365 * 320 / 2000, "owed": 365 * 200 / 1200}
BY_HAND = {
    "current_ratio": 820 / 400,
    "quick_ratio": (820 - 250) / 400,
    "cash_ratio": (120 + 70) / 400,
    "operating_cash_flow_ratio": 290 / 400,
    "working_capital": 820 - 400,
    "working_capital_to_sales": (820 - 400) / 2000,
    "defensive_interval": 365 * (120 + 70 + 340) / (1200 + 390 + 65 - 60),
    "debt_to_equity": DEBT / 740,
    "debt_to_assets": DEBT / 1700,
    "debt_to_capital": DEBT / (DEBT + 740),
    "liabilities_to_assets": 960 / 1700,
    "liabilities_to_equity": 960 / 740,
    "equity_ratio": 740 / 1700,
    "financial_leverage": 1600 / 680,
    "net_debt": DEBT - 120 - 70,
    "net_debt_to_ebitda": (DEBT - 120 - 70) / EBITDA,
    "debt_to_ebitda": DEBT / EBITDA,
    "interest_coverage": 345 / 30,
    "ebitda_coverage": EBITDA / 30,
    "cash_interest_coverage": (290 + 29 + 50) / 29,
    "cash_flow_to_debt": 290 / DEBT,
    "free_cash_flow_to_debt": 210 / DEBT,
    "gross_margin": 800 / 2000,
    "operating_margin": 345 / 2000,
    "pretax_margin": 280 / 2000,
    "net_margin": 224 / 2000,
    "cogs_margin": 1200 / 2000,
    "ebitda": EBITDA,
    "ebitda_margin": EBITDA / 2000,
    "return_on_assets": 224 / 1600,
    "operating_return_on_assets": 345 / 1600,
    "return_on_equity": 224 / 680,
    "return_on_capital_employed": 345 / (1700 - 400),
    "return_on_invested_capital": 345 * 0.8 / (sum(CAPITAL) / 2),
    "nopat": 345 * 0.8,  # 56 of 280 are taxes
    "invested_capital": CAPITAL[0],
    "effective_tax_rate": 56 / 280,
    "rd_intensity": 65 / 2000,
    "sga_ratio": 390 / 2000,
    "operating_expense_ratio": 455 / 2000,
    "stock_compensation_ratio": 16 / 2000,
    "depreciation_ratio": 60 / 2000,
    "asset_turnover": 2000 / 1600,
    "fixed_asset_turnover": 2000 / 500,
    "inventory_turnover": 1200 / 225,
    "receivables_turnover": 2000 / 320,
    "payables_turnover": 1200 / 200,
    "equity_turnover": 2000 / 680,
    "working_capital_turnover": 2000 / ((350 + 420) / 2),
    "days_inventory": DAYS["stock"],
    "days_sales": DAYS["sales"],
    "days_payable": DAYS["owed"],
    "cash_conversion_cycle": DAYS["stock"] + DAYS["sales"] - DAYS["owed"],
    "operating_cycle": DAYS["stock"] + DAYS["sales"],
    "capital_intensity": 1700 / 2000,
    "free_cash_flow": 290 - 80,
    "free_cash_flow_margin": 210 / 2000,
    "operating_cash_flow_margin": 290 / 2000,
    "free_cash_flow_conversion": 210 / 224,
    "cash_conversion": 290 / 224,
    "capex_to_revenue": 80 / 2000,
    "capex_to_depreciation": 80 / 60,
    "capex_coverage": 290 / 80,
    "capex_to_operating_cash_flow": 80 / 290,
    "cash_return_on_assets": 290 / 1600,
    "cash_return_on_equity": 290 / 680,
    "accruals_ratio": (224 - 290 + 85) / 1600,
    "dividend_payout": 63 / 224,
    "retention_ratio": 161 / 224,
    "total_payout": (63 + 28) / 224,
    "dividend_coverage": 224 / 63,
    "cash_dividend_coverage": 290 / 63,
    "free_cash_flow_dividend_coverage": 210 / 63,
    "sustainable_growth": 224 / 680 * 161 / 224,
    "book_value_per_share": 740 / 92,
    "revenue_per_share": 2000 / 100,
    "cash_flow_per_share": 290 / 100,
    "free_cash_flow_per_share": 210 / 100,
    "goodwill_to_assets": 310 / 1700,
    "tangible_book_value": 740 - 310 - 75,
    "fixed_assets_to_assets": 520 / 1700,
    "asset_age": 410 / 60,
}


class Told:
    """States BALANCES and FLOWS, as a lookup over filings does."""

    def __init__(self, *left_out: str) -> None:
        self.left_out = left_out

    def item(self, item: Item, when: When) -> StoredFact | None:
        known = {**BALANCES, **FLOWS}.get(item.id)
        if known is None or item.id in self.left_out:
            return None
        unit = "shares" if item.id.startswith("shares") else "USD"
        start = date(when.year, 1, 1) if item.id in FLOWS else None
        value = Decimal(known[when.year - 2023])
        end = date(when.year, 12, 31)
        return StoredFact(1, 1, Fact(1, item.id, value, unit, 0, str(value), start, end))

    def check_whole_cost(self, found: StoredFact, in_formula: bool) -> None:
        """There is one line of costs."""

    def check_extent(self, item: Item, when: When, value: Decimal) -> None:
        """There are no notes."""

    def every_item(self, item: Item, when: When) -> list[StoredFact]:
        return []

    def lines(self, concepts: Sequence[str], when: When) -> list[StoredFact]:
        return []


def calculated(key: str, *left_out: str) -> Calculation:
    return Calculator(cast(Lookup, Told(*left_out))).calculate(Named(key), When(2024))


def test_every_metric_comes_to_what_it_does_by_hand() -> None:
    found = {key: float(calculated(key).value) for key in metrics()}
    assert found == {key: pytest.approx(value) for key, value in BY_HAND.items()}


def test_a_metric_is_in_the_unit_that_it_says() -> None:
    for key, metric in metrics().items():
        unit = {"money": "USD", "per share": "USD/shares"}.get(metric.unit, "pure")
        assert calculated(key).unit == unit, key


def test_shares_are_the_years_average_only_where_those_of_its_end_are_not_stated() -> None:
    found = calculated("book_value_per_share", "shares_outstanding")
    assert float(found.value) == pytest.approx(740 / 96)
    assert found.words == "equity / weighted average basic shares"


def test_expenses_that_are_not_known_are_not_left_out() -> None:
    """They go by other names here, so that a day's spending cannot be told."""
    with pytest.raises(FigureError):
        calculated("defensive_interval", "sga")


def named(node: Node) -> set[str]:
    match node:
        case Named(name):
            return {name}
        case Operation(_, left, right):
            return named(left) | named(right)
        case Mean(parts):
            return set().union(*map(named, parts))
        case Optional(part):
            return named(part)
        case Either(first, second):
            return named(first) | named(second)
    return set()


def test_there_are_sixty_metrics_and_more() -> None:
    assert len(metrics()) >= 60
    sources = ("CFA", "BMA", "WSF", "DAM", "RWJ", "LLH", "own")
    assert all(metric.source in sources for metric in metrics().values())


@pytest.mark.parametrize("key", sorted(metrics()))
def test_every_formula_comes_down_to_items(key: str) -> None:
    def items_of(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"{name} is made of itself"
        if name in metrics():
            for part in named(parse_formula(metrics()[name].formula)):
                items_of(part, (*above, name))
        else:
            assert name in items(), name

    items_of(key, ())


def test_items_made_of_others_can_be_made() -> None:
    for item in items().values():
        assert item.concepts or item.made_from
        if item.made_from:
            assert named(parse_formula(item.made_from)) <= set(items()) | set(metrics())


def test_names_are_written_as_they_are_looked_for() -> None:
    for name in known_names():
        assert name == name.lower()
        found = name_pattern().search(f"what was the {name} in 2020")
        assert found and found[0] == name


def test_no_metric_goes_by_anothers_name() -> None:
    names = [name for metric in metrics().values() for name in metric.names]
    assert len(names) == len(set(names))
    shared = [name for item in items().values() for name in item.names]
    assert len(shared) == len(set(shared))


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "revenue **2", "revenue if 1 else 2"])
def test_a_formula_is_no_program(text: str) -> None:
    with pytest.raises(FigureError):
        parse_formula(text)
    assert parse_formula("lines(Goodwill, Cash)") == Lines(("Goodwill", "Cash"))
