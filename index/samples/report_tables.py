"""The tables outside the statements and notes: cover, management's discussion, acquisition."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from index.samples.document import Cell, Fact, Row, Table
from index.samples.note_tables import SALES, SEGMENT_AXIS, Builder, parts
from index.samples.sheet import Line, Sheet

RESULTS = f"""
Net sales | net_sales | {SALES}
Gross profit | gross_profit | GrossProfit
Operating income | operating_income | OperatingIncomeLoss
Net income | net_income | NetIncomeLoss
Diluted earnings per share | eps_diluted | EarningsPerShareDiluted
As a percentage of net sales:
  Gross profit | gross_margin
  Selling, general and administrative expenses | sga_rate
  Operating income | operating_margin
Effective tax rate | tax_rate
"""

CASH = """
Net cash provided by operating activities | operating_cash | {net}OperatingActivities
Net cash used in investing activities | investing_cash | {net}InvestingActivities
Net cash provided by (used in) financing activities | financing_cash | {net}FinancingActivities
Purchases of property, plant and equipment | capex | {paid} | out
== Free cash flow (operating activities less purchases of property) | free_cash
""".format(net="NetCashProvidedByUsedIn", paid="PaymentsToAcquirePropertyPlantAndEquipment")

BRIDGE = """
Price | bridge:price
Volume and mix | bridge:volume
Acquisition | bridge:acquired
Currency translation | bridge:currency
== Change in net sales | sales_change
"""

ORDERS = f"""
Backlog at beginning of year | backlog | | opening
Orders received | orders
Net sales | net_sales | {SALES} | out
== Backlog at end of year | backlog
"""

STORES = """
Stores at beginning of year | stores_count | | opening
Opened | stores_opened
Closed | stores_closed | | out
= Stores at end of year | stores_count | NumberOfStores | instant
Selling space at end of year, thousands of square feet | square_feet
Change in comparable sales | comparable
Change in store traffic | traffic
Change in average basket | basket
Share of net sales from own brands | own_brand
"""

BOUGHT = """
Receivables | bought:receivables
Inventories | bought:inventories
Property, plant and equipment | bought:equipment
Intangible assets | bought:intangibles
Goodwill | bought:goodwill
Accounts payable and accrued expenses | bought:payables | | out
== Purchase price, net of cash acquired | acquisition_price | {price}
""".format(price="PaymentsToAcquireBusinessesNetOfCashAcquired")


def results(sheet: Sheet) -> Table:
    """The year in ten lines."""
    return sheet.table("results", sheet.lines(RESULTS), extra="except per share data")


def cash_summary(sheet: Sheet) -> Table:
    """Cash flows and free cash flow."""
    return sheet.table("cash_summary", sheet.lines(CASH))


def sales_bridge(sheet: Sheet) -> Table:
    """What changed net sales, two years."""
    return sheet.table("sales_bridge", sheet.lines(BRIDGE), 2)


def orders(sheet: Sheet) -> Table:
    """Orders and backlog."""
    return sheet.table("orders", sheet.lines(ORDERS))


def stores(sheet: Sheet) -> Table:
    """How many stores, how large, how they sold; two years."""
    return sheet.table("stores", sheet.lines(STORES), 2, units="(number of stores, and percent)")


def segment_summary(sheet: Sheet) -> Table:
    """Sales, profit and margin of each segment."""
    lines: list[Line] = []
    for part, label in sheet.company.segments.items():
        one = {part: label}
        profit = parts(sheet, "profit", one, "co:SegmentOperatingProfit", SEGMENT_AXIS)[0]
        lines += [
            Line(label + ":"),
            Line(
                "Net sales",
                f"sales:{part}",
                SALES,
                indent=1,
                members=sheet.member(SEGMENT_AXIS, label),
            ),
            Line(
                "Segment operating profit",
                profit.key,
                profit.concept,
                indent=1,
                members=profit.members,
            ),
            Line("Segment operating margin", f"margin:{part}", indent=1),
        ]
    return sheet.table("segment_summary", lines)


def purchase(sheet: Sheet) -> Table:
    """What was bought with the acquired business, in the year in which it was bought."""
    year = next(year for year in sheet.years(3) if sheet.company.drivers[year].acquired is not None)
    then = Sheet(sheet.books, year)
    return then.table("purchase", then.lines(BOUGHT), 1)


def cover(sheet: Sheet) -> Table:
    """Market value of the public float and shares outstanding, as facts of the cover."""
    company, year = sheet.company, sheet.year
    middle = company.float_dates[year]
    float_value = sheet.books("float_millions", year)
    shares = sheet.books("shares_outstanding", year)
    exact = -int(company.share_step.as_tuple().exponent)
    public = Fact("dei:EntityPublicFloat", float_value, 6, -6, "usd", None, middle)
    held = Fact(
        "dei:EntityCommonStockSharesOutstanding",
        shares,
        company.scale,
        exact - company.scale,
        "shares",
        None,
        company.filed[year] - timedelta(days=12),
    )
    when = held.end
    rows = (
        Row(
            f"Aggregate market value of common stock held by non-affiliates at"
            f" {middle:%B} {middle.day}, {middle.year} (in millions)",
            (Cell(f"{float_value:,}", dollar=True, fact=public, source=("float_millions", year)),),
        ),
        Row(
            f"Shares of common stock outstanding at {when:%B} {when.day}, {when.year}"
            f" (in {company.unit_words})",
            (Cell(f"{Decimal(shares):,}", fact=held, source=("shares_outstanding", year)),),
        ),
    )
    return Table("cover", ("",), rows)


REPORTS: dict[str, Builder] = {
    "cover": cover,
    "results": results,
    "cash_summary": cash_summary,
    "sales_bridge": sales_bridge,
    "orders": orders,
    "stores": stores,
    "segment_summary": segment_summary,
    "purchase": purchase,
}
