"""What a fictional company is made of: its identity, its opening balances, its yearly drivers.

Amounts are whole numbers in the unit the company reports in (`scale` 6: millions of dollars,
3: thousands); rates are basis points, so that every figure follows by integer arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["money", "count", "shares", "per_share", "percent"]


@dataclass(frozen=True)
class Acquisition:
    """A business bought for cash; the parts add up to the price."""

    name: str
    receivables: int
    inventories: int
    equipment: int
    intangibles: int
    goodwill: int
    payables: int

    @property
    def price(self) -> int:
        """Cash paid, in the reporting unit."""
        return (
            self.receivables
            + self.inventories
            + self.equipment
            + self.intangibles
            + self.goodwill
            - self.payables
        )


@dataclass(frozen=True)
class Instrument:
    """A borrowing. `issued` and `repaid` hold amounts by fiscal year; `repaid` runs on into the
    future and so is also the table of maturities."""

    key: str
    name: str
    rate_bp: int
    issued: dict[int, int]
    repaid: dict[int, int]

    def balance(self, year: int) -> int:
        """Principal outstanding at the end of fiscal `year`."""
        drawn = sum(amount for when, amount in self.issued.items() if when <= year)
        return drawn - sum(amount for when, amount in self.repaid.items() if when <= year)


@dataclass(frozen=True)
class Split:
    """How the number `of` divides: `parts` holds weights, one for all years or one per reported
    year; `labels` the parts' printed names. The parts are stored as "name:part"."""

    of: str
    parts: dict[str, tuple[int, ...]]
    labels: dict[str, str]


@dataclass(frozen=True)
class Drivers:
    """What moves one fiscal year. `*_bp` without another word is a share of net sales; `bridge`
    names parts of the change in net sales, of which the rest is volume and mix."""

    growth_bp: dict[str, int]
    gross_margin_bp: int
    sga_bp: int
    depreciation_bp: int
    capex_bp: int
    receivable_days: int
    inventory_days: int
    payable_days: int
    prepaid_bp: int
    accrued_bp: int
    contract_bp: int
    other_assets: int
    other_liabilities: int
    new_leases: int
    lease_amortization: int
    lease_principal: int
    stock_compensation: int
    deferred_tax: int
    buyback: int
    shares_bought: Decimal
    shares_issued: Decimal
    dilution: Decimal
    dividend: Decimal
    tax_bp: dict[str, int]
    research_bp: int = 0
    amortization: int = 0
    restructuring: int = 0
    restructuring_paid: int = 0
    impairment: int = 0
    other_income: int = 0
    option_proceeds: int = 0
    retired: int = 0
    orders_bp: int = 0
    bridge: dict[str, int] = field(default_factory=dict)
    warranty_charged: int = 0
    warranty_paid: int = 0
    translation_cash: int = 0
    translation_goodwill: int = 0
    acquired: Acquisition | None = None


@dataclass(frozen=True)
class Company:
    """A fictional registrant with five fiscal years: an opening year and four reported ones.

    `rolls` are balances that move: key -> (keys added, keys taken away), from `opening` on.
    """

    name: str
    short: str
    stem: str
    cik: str
    ticker: str
    prefix: str
    scale: int
    state: str
    industry_code: str
    address: tuple[str, str, str]
    phone: str
    year_word: str
    year_ends: dict[int, date]
    filed: dict[int, date]
    float_dates: dict[int, date]
    officers: tuple[tuple[str, str], ...]
    auditor: str
    auditor_since: int
    segments: dict[str, str]
    segment_margin_bp: dict[str, int]
    corporate_cost: dict[int, int]
    goodwill_segments: dict[str, int]
    splits: dict[str, Split]
    instruments: tuple[Instrument, ...]
    opening: dict[str, int]
    opening_shares: Decimal
    share_step: Decimal
    drivers: dict[int, Drivers]
    cash_yield_bp: int
    lease_rate_bp: int
    labels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    rates: dict[str, dict[int, Decimal]] = field(default_factory=dict)
    rolls: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years with full statements, oldest first."""
        return tuple(sorted(self.drivers))

    @property
    def unit_words(self) -> str:
        """ "millions" or "thousands"."""
        return {3: "thousands", 6: "millions"}[self.scale]

    def weights(self, name: str, year: int) -> dict[str, int]:
        """The weights of split `name` in one year."""
        place = self.years.index(year)
        parts = self.splits[name].parts
        return {part: by[place if len(by) > 1 else 0] for part, by in parts.items()}

    def fiscal(self, year: int) -> str:
        """How the company's own text calls the year: "2024" or "fiscal 2024"."""
        return f"{self.year_word} {year}".strip()
