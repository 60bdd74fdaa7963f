"""PRINTED ROW -> the row with the amounts that its name stands for, where a passage prints them
with the other sign."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from decimal import Decimal

from assistant.figures.outflows import are_paid
from assistant.figures.passage_rows import PrintedRow
from assistant.figures.row_signs import ALWAYS_COST, kind_named
from assistant.figures.row_units import unit_of_row


def row_as_named(
    row: PrintedRow, years: Collection[int], stated: Callable[[int], Decimal | None]
) -> PrintedRow | None:
    """A passage's row with the amounts that its name stands for in these years, None where that is
    open to doubt; `stated` is what a statement states under that name for a year."""
    if are_paid(row.label, (value for value, _ in row.cells.values())):
        return _turned(row, row.cells)
    kind = None if unit_of_row(row).percent else kind_named(row.label)
    values = {year: row.cells[year][0] for year in years}
    if kind is None or min(values.values()) >= 0:
        return row
    if kind == "cost":
        always = ALWAYS_COST.search(row.label) and all(v <= 0 for v, _ in row.cells.values())
        return _turned(row, row.cells) if always else row
    turned = []
    for year, value in values.items():
        known = stated(year)
        if known is None:
            return None
        if (known < 0) != (value < 0):
            turned.append(year)
    return _turned(row, turned)


def _turned(row: PrintedRow, years: Collection[int]) -> PrintedRow:
    cells = {y: (-v if y in years else v, shown) for y, (v, shown) in row.cells.items()}
    return replace(row, cells=cells)
