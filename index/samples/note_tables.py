"""The tables of the notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.samples.document import Row, Table
from index.samples.note_lines import NOTE_LINES
from index.samples.sheet import Line, Sheet, camel

SALES = "us-gaap:RevenueFromContractWithCustomerExcludingAssessedTax"
SEGMENT_AXIS = "us-gaap:StatementBusinessSegmentsAxis"
PRODUCT_AXIS = "srt:ProductOrServiceAxis"
REGION_AXIS = "srt:StatementGeographicalAxis"
DEBT_AXIS = "us-gaap:DebtInstrumentAxis"
CLASS_AXIS = "us-gaap:FiniteLivedIntangibleAssetsByMajorClassAxis"
PROPERTY_AXIS = "us-gaap:PropertyPlantAndEquipmentByTypeAxis"
Builder = Callable[[Sheet], Table]


def parts(
    sheet: Sheet, name: str, labels: dict[str, str], concept: str, axis: str, instant: bool = False
) -> list[Line]:
    """One line per part of "name:part", tagged on `axis` with the part's own member."""
    return [
        Line(
            label,
            f"{name}:{part}",
            concept,
            instant=instant,
            members=sheet.member(axis, label),
        )
        for part, label in labels.items()
    ]


def from_lines(key: str) -> Builder:
    """The builder of a table that is only lines."""
    count, instant, text = NOTE_LINES[key]

    def build(sheet: Sheet) -> Table:
        units = "(in thousands of shares)" if key == "stock_units" else None
        return sheet.table(key, sheet.lines(text, instant=instant), count, units=units)

    return build


def sales_by(name: str, axis: str) -> Builder:
    """The builder of net sales by product, market or region."""

    def build(sheet: Sheet) -> Table:
        labels = sheet.company.splits[name].labels
        total = Line("Total net sales", "net_sales", SALES, style="grand")
        return sheet.table(name, [*parts(sheet, name, labels, SALES, axis), total])

    return build


def inventory(sheet: Sheet) -> Table:
    """Inventories by stage or place."""
    labels = sheet.company.splits["inventory"].labels
    lines = [
        Line(label, f"inventory:{part}", "co:Inventory" + camel(label), instant=True)
        for part, label in labels.items()
    ]
    total = sheet.lines("== Total inventories | inventories | InventoryNet", instant=True)
    return sheet.table("inventory", [*lines, *total], 2)


def property_table(sheet: Sheet) -> Table:
    """Property by type, less accumulated depreciation."""
    labels = sheet.company.splits["property"].labels
    gross = "us-gaap:PropertyPlantAndEquipmentGross"
    rest = sheet.lines(
        """
= Total, at cost | property_gross | PropertyPlantAndEquipmentGross
Less accumulated depreciation | property_worn | {worn} | out
== Property, plant and equipment, net | property_net | PropertyPlantAndEquipmentNet
""".format(worn="AccumulatedDepreciationDepletionAndAmortizationPropertyPlantAndEquipment"),
        instant=True,
    )
    lines = parts(sheet, "property", labels, gross, PROPERTY_AXIS, instant=True)
    return sheet.table("property", [*lines, *rest], 2)


def _across(
    sheet: Sheet, label: str, name: str, concept: str, year: int, *, instant: bool = False
) -> Row:
    """One row whose columns are the goodwill segments and their total."""
    segments = {part: sheet.company.segments[part] for part in sheet.company.goodwill_segments}
    lines = [
        *parts(sheet, name, segments, concept, SEGMENT_AXIS, instant=instant),
        Line("", name, concept, instant=instant),
    ]
    cells = tuple(sheet.cell(line, year, instant) for line in lines)
    return Row(label, cells, "total" if instant else "line", 0 if instant else 1)


def goodwill(sheet: Sheet) -> Table:
    """How goodwill moved in two years, by segment."""
    company, concept = sheet.company, "us-gaap:Goodwill"
    rows: list[Row] = []
    for year in (sheet.year - 2, sheet.year - 1, sheet.year):
        if rows:
            gained, moved = (
                concept + "AcquiredDuringPeriod",
                concept + "ForeignCurrencyTranslationGainLoss",
            )
            if sheet.books("goodwill_acquired", year):
                rows.append(_across(sheet, "Acquired", "goodwill_acquired", gained, year))
            rows.append(_across(sheet, "Currency translation", "goodwill_translation", moved, year))
        end = company.year_ends[year]
        label = f"Balance, {end:%B} {end.day}, {end.year}"
        rows.append(_across(sheet, label, "goodwill", concept, year, instant=True))
    heads = (*(company.segments[part] for part in company.goodwill_segments), "Total")
    return Table("goodwill", heads, tuple(rows), units=sheet.units())


def intangibles(sheet: Sheet) -> Table:
    """Cost, accumulated amortization and net by class at the filing's year-end."""
    concept = "us-gaap:FiniteLivedIntangibleAssets"
    columns = (
        ("intangible_gross", "intangibles_gross", "Gross", 1),
        ("intangible_worn", "intangibles_worn", "AccumulatedAmortization", -1),
        ("intangible_net", "intangibles", "Net", 1),
    )
    rows: list[Row] = []
    for part, label in (*sheet.company.splits["intangible_gross"].labels.items(), ("", "Total")):
        members = sheet.member(CLASS_AXIS, label) if part else ()
        cells = []
        for name, total, ending, sign in columns:
            key = f"{name}:{part}" if part else total
            line = Line(label, key, concept + ending, sign, instant=True, members=members)
            cells.append(sheet.cell(line, sheet.year, not rows or not part))
        rows.append(Row(label, tuple(cells), "line" if part else "grand"))
    end = sheet.company.year_ends[sheet.year]
    return Table(
        "intangibles",
        ("Gross", "Accumulated amortization", "Net"),
        tuple(rows),
        units=sheet.units(),
        spanner=f"{end:%B} {end.day}, {end.year}",
    )


def due(name: str, concepts: Sequence[str], rest: str) -> Builder:
    """The builder of a table of what falls due in the next five years and later."""

    def build(sheet: Sheet) -> Table:
        lines = []
        for place, concept in enumerate(concepts, 1):
            label = sheet.company.fiscal(sheet.year + place).capitalize()
            label = label if place < 6 else "Thereafter"
            key = f"{name}:{place}"
            lines.append(Line(label, key, "us-gaap:" + concept, instant=True, keep=True))
        return sheet.table(name, [*lines, *sheet.lines(rest, instant=True)], 1)

    return build


def _ahead(stem: str, first: str = "NextTwelveMonths", year: str = "Year") -> list[str]:
    """The taxonomy's names for the next five years and what follows."""
    return [stem + first, *(f"{stem}{year}{word}" for word in YEAR_WORDS), stem + "AfterYearFive"]


YEAR_WORDS = ("Two", "Three", "Four", "Five")


def debt(sheet: Sheet) -> Table:
    """Borrowings by instrument, current and later."""
    labels = {item.key: item.name for item in sheet.company.instruments}
    lines = parts(sheet, "debt", labels, "us-gaap:LongTermDebt", DEBT_AXIS, instant=True)
    rest = sheet.lines(
        """
= Total debt | debt | LongTermDebt
Less current portion | debt_current | LongTermDebtCurrent | out
== Long-term debt, less current portion | debt_later | LongTermDebtNoncurrent
""",
        instant=True,
    )
    return sheet.table("debt", [*lines, *rest], 2)


def segments(sheet: Sheet) -> Table:
    """Sales and profit by segment, reconciled to income before income taxes."""
    labels = sheet.company.segments
    rest = sheet.lines(
        """
= Total segment operating profit | segment_profit | co:SegmentOperatingProfit
Unallocated corporate costs | corporate_cost | co:UnallocatedCorporateCosts | out
Amortization of intangible assets | amortization | AmortizationOfIntangibleAssets | out
Restructuring charges | restructuring | RestructuringCharges | out
Impairment charges | impairment | ImpairmentOfLongLivedAssetsHeldForUse | out
== Operating income | operating_income | OperatingIncomeLoss
"""
    )
    lines = [
        Line("Net sales:"),
        *parts(sheet, "sales", labels, SALES, SEGMENT_AXIS),
        Line("Total net sales", "net_sales", SALES, style="total"),
        Line("Segment operating profit:"),
        *parts(sheet, "profit", labels, "co:SegmentOperatingProfit", SEGMENT_AXIS),
        *rest,
    ]
    return sheet.table("segments", lines)


def segment_assets(sheet: Sheet) -> Table:
    """Depreciation and amortization, capital expenditures and assets by segment."""
    labels = {**sheet.company.segments, "corporate": "Corporate"}
    lines: list[Line] = []
    for head, name, total, concept, instant in (
        (
            "Depreciation and amortization",
            "segment_depreciation",
            "depreciation_amortization",
            "us-gaap:DepreciationDepletionAndAmortization",
            False,
        ),
        (
            "Capital expenditures",
            "segment_capex",
            "capex",
            "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment",
            False,
        ),
        ("Total assets at year-end", "segment_assets", "total_assets", "us-gaap:Assets", True),
    ):
        lines.append(Line(head + ":"))
        lines += parts(sheet, name, labels, concept, SEGMENT_AXIS, instant=instant)
        lines.append(Line("Total", total, concept, instant=instant, style="total"))
    return sheet.table("segment_assets", lines, 2)


NOTES: dict[str, Builder] = {key: from_lines(key) for key in NOTE_LINES} | {
    "market": sales_by("market", PRODUCT_AXIS),
    "region": sales_by("region", REGION_AXIS),
    "category": sales_by("category", PRODUCT_AXIS),
    "inventory": inventory,
    "property": property_table,
    "goodwill": goodwill,
    "intangibles": intangibles,
    "amortization_due": due(
        "amortization_due",
        _ahead("FiniteLivedIntangibleAssetsAmortizationExpense"),
        "== Total | intangibles | FiniteLivedIntangibleAssetsNet",
    ),
    "lease_due": due(
        "lease_due",
        _ahead("LesseeOperatingLeaseLiabilityPaymentsDue"),
        """
= Total lease payments | lease_undiscounted | LesseeOperatingLeaseLiabilityPaymentsDue
Less imputed interest | lease_imputed | {excess} | out
== Operating lease liabilities | lease_liability | OperatingLeaseLiability
""".format(excess="LesseeOperatingLeaseLiabilityUndiscountedExcessAmount"),
    ),
    "debt_due": due(
        "debt_due",
        _ahead("LongTermDebtMaturitiesRepaymentsOfPrincipal", "InNextTwelveMonths", "InYear"),
        "== Total debt | debt | LongTermDebt",
    ),
    "debt": debt,
    "segments": segments,
    "segment_assets": segment_assets,
}
