"""PASSAGES -> FIGURE from rows as printed, for what stands on no primary statement: what a row of a
note or of management's discussion states, and changes, means, shares and sums of such amounts.

The rows are quoted and cited; what is calculated is exact. Where the store knows another amount
under the same label and for the same year, none is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from assistant.answer import Citation, FigureAnswer, Passage
from assistant.figures.passage_rows import (
    PrintedRow,
    named,
    naming_words,
    printed_rows,
)
from assistant.figures.row_known import Known
from assistant.figures.row_losses import are_losses
from assistant.figures.row_named import row_as_named
from assistant.figures.row_parts import Part
from assistant.figures.row_ranking import (
    Asked,
    Ranking,
    part_asked,
    ranked,
)
from assistant.figures.row_request import (
    Way,
    fills_the_years,
    may_be_told,
    ways,
    years_asked,
)
from assistant.figures.row_units import Unit, in_unit, unit_name, unit_of_row
from assistant.figures.say import SCALE_NAMES, whose
from assistant.ground import citation
from assistant.years import listed
from index.shifts import tells_another_time
from index.terms import title

_TOTAL = re.compile(r"total\b", re.I)  # asked for by its name, and no sum over years
_OUTFLOW = re.compile(
    r"\bloss|\bexpens|\bcosts?\b|\bdeficit|\bdecrease|\bused\b|\bpa(?:id|yment)", re.I
)
# What is told of a part of a year as of a whole one.
_OF_A_PART = frozenset({"value", "change", "growth", "share", "ratio", "difference", "sum"})
_SIGNS = {"share": "÷", "ratio": "÷", "difference": "−", "sum": "+"}


@dataclass(frozen=True)
class _Cell:
    row: PrintedRow
    year: int

    @property
    def value(self) -> Decimal:
        return self.row.cells[self.year][0]


@dataclass(frozen=True)
class _Result:
    """What the cells come to: the sentence, and where it is a number, that in its unit, and how it
    was worked out; or the results that it was told from."""

    cells: Sequence[_Cell]
    text: str
    value: Decimal | None = None
    unit: Unit | None = None
    name: str = ""
    worked: str | None = None
    told_from: Sequence[_Result] = ()


def row_answer(
    question: str,
    passages: Sequence[Passage],
    known: Known | None = None,
    of: Part | None = None,
) -> FigureAnswer | None:
    """What the passages' rows answer to `question`, which is without companies' names; None where
    no row is surely meant. With `of`, what they state of that part of a year, which the question
    is without, too."""
    if tells_another_time(question):
        return None
    years, known = years_asked(question), known or Known()
    possible = [way for way in ways(question, years) if of is None or way.shape in _OF_A_PART]
    part = part_asked(question) if of is None else None
    rows = printed_rows(passages, question, of) if possible or part else []
    if part and (ranking := ranked(part, rows, years, known.states)):
        told = _ranked if ranking.since is None else _ranked_by_change
        return _answer(Way("rank", ranking.total.label), told(part, ranking, known))
    for way in possible if rows else ():
        may_be = [row for row in rows if may_be_told(row, way, question, years)]
        result = _result(way, may_be, years, question, known)
        if result:
            return _answer(way, result)
    return None


def _result(
    way: Way, rows: Sequence[PrintedRow], years: tuple[int, ...], question: str, known: Known
) -> _Result | None:
    filled = fills_the_years(question)
    match way.shape:
        case "value":
            cells = _cells(rows, way.a, _filled(years, filled), known)
            return _listed(cells, way.together) if cells else None
        case "most":
            return _most(way, rows, _filled(years, filled), known)
        case "beyond":
            return _beyond(way, rows, _filled(years, filled), known)
        case "change" | "growth" | "mean":
            wanted = _period(way, years, filled)
            cells = _cells(rows, way.a, wanted, known) if wanted else []
            if not cells:
                return None
            return _mean(cells) if way.shape == "mean" else _moved(cells, way.shape == "growth")
    if len(years) != 1 or way.b is None:
        return None
    one = _cells(rows, way.a, years, known)
    two = _cells(rows, way.b, years, known, one[0].row) if one else []
    return _of_two(way, one[0], two[0]) if two and one[0].row != two[0].row else None


def _cells(
    rows: Sequence[PrintedRow],
    name: str,
    years: Sequence[int],
    known: Known,
    beside: PrintedRow | None = None,
) -> list[_Cell]:
    row = named(rows, name, years, beside)
    if row is None or not all(known.sure(row, year, name) for year in years):
        return []
    row = row_as_named(row, years, partial(known.stated, row))
    if row is None:
        return []
    shown = _told(row, name, known)
    return [_Cell(shown, year) for year in years]


def _told(row: PrintedRow, name: str, known: Known) -> PrintedRow:
    """The row with what else is known of it, its label led by the title and the headings that a
    part of its name was taken from."""
    missing = naming_words(name) - row.words
    titled = (missing - row.heading) & row.title
    title_line = next((line for line in row.about if titled & naming_words(line)), "")
    above = (row.section, row.head)
    over = [part for part in above if missing & row.heading & naming_words(part)]
    led = [part.strip(" :") for part in [title_line, *over] if part]
    return replace(row, label=": ".join([*led, row.label]), scale=known.scale(row))


def _filled(years: tuple[int, ...], filled: bool) -> tuple[int, ...]:
    """With the years between those named, where they are meant."""
    if not filled or len(years) < 2 or len(years) == max(years) - min(years) + 1:
        return years
    return tuple(range(min(years), max(years) + 1))


def _period(way: Way, years: tuple[int, ...], filled: bool) -> list[int]:
    """The years to take: with one alone, the year before it, too."""
    if not years:
        return []
    if len(years) == 1:
        return [years[0] - 1, years[0]]
    return sorted(_filled(years, filled)) if way.shape == "mean" else [min(years), max(years)]


def _listed(cells: Sequence[_Cell], together: bool) -> _Result:
    unit = unit_of_row(cells[0].row)
    stated = listed(_stated(cells, unit), "and")
    text = f"{_called(cells[0].row)} was {stated}."
    if len(cells) == 1:
        return _Result(cells, text, cells[0].value, unit)
    if not together or unit.percent or _TOTAL.match(cells[0].row.label):
        return _Result(cells, text)
    total = sum((cell.value for cell in cells), Decimal(0))
    worked = " + ".join(_in_brackets(cell.value) for cell in cells)
    text += f" Together that is {unit.shown(total)}."
    return _Result(cells, text, total, unit, f"sum of {_quoted(cells[0].row)}", worked)


def _most(
    way: Way, rows: Sequence[PrintedRow], years: tuple[int, ...], known: Known
) -> _Result | None:
    row = named(rows, way.a, years)
    if row is None:
        return None
    of = sorted(years if len(years) > 1 else row.cells, reverse=True)
    row = row_as_named(row, of, partial(known.stated, row))
    if row is None:
        return None
    cells = [_Cell(_told(row, way.a, known), year) for year in of]
    values = [cell.value for cell in cells]
    best = min(cells, key=lambda c: c.value) if way.least else max(cells, key=lambda c: c.value)
    if min(values) < 0 and _OUTFLOW.search(row.label):
        return None  # the largest loss is the lowest amount
    if values.count(best.value) > 1 or not all(known.sure(row, year, way.a) for year in of):
        return None
    unit = unit_of_row(row)
    stated = "; ".join(_stated(cells, unit))
    what = "lowest" if way.least else "highest"
    return _Result(cells, f"{_called(best.row)} was {what} in {_period_of(best)}: {stated}.")


def _ranked(asked: Asked, ranking: Ranking, known: Known) -> _Result:
    cells = [_Cell(replace(row, scale=known.scale(row)), ranking.year) for row in ranking.rows]
    of, unit = _whole(asked, ranking.total, known)
    first, *others = (_quoted(cell.row) for cell in cells)
    amounts = [unit.shown(cell.value) for cell in cells]
    then = [f"{name} with {amount}" for name, amount in zip(others, amounts[1:], strict=True)]
    text = (
        f"{first} was the {'smallest' if asked.least else 'largest'} part of "
        f"{of} in {_period_of(cells[0])}, with "
        f"{amounts[0]}, then {listed(then, 'and')}."
    )
    return _Result(cells, text)


def _ranked_by_change(asked: Asked, ranking: Ranking, known: Known) -> _Result:
    assert ranking.since is not None
    rows = [replace(row, scale=known.scale(row)) for row in ranking.rows]
    moved = [_rate([_Cell(row, ranking.since), _Cell(row, ranking.year)]) for row in rows]
    of, unit = _whole(asked, ranking.total, known)

    def told(result: _Result) -> str:
        before, after = (unit.shown(cell.value) for cell in result.cells)
        return f"{result.text} ({after} after {before})"

    what = "smallest growth" if asked.least else "largest growth"
    what = "largest decline" if asked.move == "down" else what
    first, *others = moved
    before, after = map(_period_of, first.cells)
    then = [f"{_quoted(other.cells[0].row)} with {told(other)}" for other in others]
    text = (
        f"{_quoted(first.cells[0].row)} had the {what} of {of} from {before} to {after}: "
        f"{told(first)}, then {listed(then, 'and')}."
    )
    return _Result([cell for result in moved for cell in result.cells], text, told_from=moved)


def _whole(asked: Asked, total: PrintedRow, known: Known) -> tuple[str, Unit]:
    """What the parts add up to, in words, and its unit: a part's name stands by amounts of many
    kinds, these are of the total asked for."""
    company = total.passage.company
    of = f"{whose(company) + ' ' if company else ''}{title(asked.item)} ({_quoted(total)})"
    return of, unit_of_row(replace(total, scale=known.scale(total)))


def _beyond(
    way: Way, rows: Sequence[PrintedRow], years: tuple[int, ...], known: Known
) -> _Result | None:
    """The years whose amount is beyond a limit, of those asked about or all the row has; None where
    the limit's unit is not surely the row's."""
    row = named(rows, way.a, years)
    if row is None or way.limit is None:
        return None
    of = sorted(years or row.cells, reverse=True)
    if not all(known.sure(row, year, way.a) for year in of):
        return None
    row = row_as_named(row, of, partial(known.stated, row))
    if row is None:
        return None
    told = _told(row, way.a, known)
    limit = in_unit(way.limit, unit := unit_of_row(told))
    cells = [_Cell(told, year) for year in of]
    if limit is None or (min(cell.value for cell in cells) < 0 and _OUTFLOW.search(row.label)):
        return None
    beyond = [c for c in cells if (c.value < limit if way.least else c.value > limit)]
    stated = "; ".join(_stated(cells, unit))
    which = listed([_period_of(cell) for cell in beyond], "and") if beyond else "no year"
    than = f"{'below' if way.least else 'above'} {unit.shown(limit)}"
    text = f"{_called(told)} was {than} in {which}: {stated}."
    if way.count:
        text = f"It is {len(beyond)} of the {len(cells)} years told: {text}"
    return _Result(cells, text)


def _moved(cells: Sequence[_Cell], in_percent: bool) -> _Result | None:
    first, last = cells
    unit = unit_of_row(first.row)
    losses = not unit.percent and are_losses(first.row, (first.year, last.year))
    if losses is None:
        return None
    if losses:
        return _moved_loss(cells, in_percent)
    stated = "; ".join(_stated(cells, unit))
    span = _span(first, last)
    change = last.value - first.value
    name = f"change in {_quoted(first.row)}"
    worked = f"{_in_brackets(last.value)} − {_in_brackets(first.value)}"
    if unit.percent or not in_percent:
        by = f"{change:,f} percentage points" if unit.percent else unit.shown(change)
        if unit.percent and in_percent and first.value > 0:
            by += f", which is {_rate(cells).text} of what it was"
        text = f"The change in {_called(first.row)} {span} was {by}: {stated}."
        return _Result(cells, text, change, unit, name, worked)
    if first.value * last.value <= 0:
        return None  # from nothing, or from a gain to a loss: no percentage says it
    rate = _rate(cells)
    text = f"The change in {_called(first.row)} {span} was {rate.text}: {stated}."
    return replace(rate, text=text)


def _span(first: _Cell, last: _Cell) -> str:
    if first.row.part:
        return f"from {_period_of(first)} to {_period_of(last)}"
    return f"from {first.year} to {last.year}"


def _moved_loss(cells: Sequence[_Cell], in_percent: bool) -> _Result | None:
    """Of a loss: it widened where it got larger, whichever sign it is printed with."""
    first, last = cells
    unit, change = unit_of_row(first.row), abs(last.value) - abs(first.value)
    if not change:
        return None
    result = _rate(cells)
    by = result.text.strip("-")
    if not in_percent:
        by, worked = unit.shown(abs(change)), f"{abs(last.value):,f} − {abs(first.value):,f}"
        result = _Result(cells, "", change, unit, result.name, worked)
    stated = "; ".join(_stated(cells, unit))
    way = "widened" if change > 0 else "narrowed"
    of = "The loss in " if "(" in first.row.label else ""
    text = f"{of}{_called(first.row)} {way} by {by} {_span(first, last)}: {stated}."
    return replace(result, text=text)


def _rate(cells: Sequence[_Cell]) -> _Result:
    """The change from one to the other in percent, which is the text."""
    first, last = cells
    rate = _rounded((last.value - first.value) / first.value * 100, 2)
    worked = f"({_in_brackets(last.value)} − {_in_brackets(first.value)})"
    worked += f" ÷ {_in_brackets(first.value)}"
    name = f"change in {_quoted(first.row)}"
    return _Result(cells, f"{rate:,f}%", rate, Unit(0, "", True), name, worked)


def _mean(cells: Sequence[_Cell]) -> _Result:
    unit = unit_of_row(cells[0].row)
    total = sum((cell.value for cell in cells), Decimal(0))
    mean = _rounded(total / len(cells), _decimals(cells) + 2)
    stated = "; ".join(_stated(cells, unit))
    span = f"over {listed([cell.year for cell in cells], 'and')}"
    text = f"The average of {_called(cells[0].row)} {span} was {unit.shown(mean)}: {stated}."
    worked = f"({' + '.join(_in_brackets(cell.value) for cell in cells)}) ÷ {len(cells)}"
    return _Result(cells, text, mean, unit, f"average of {_quoted(cells[0].row)}", worked)


def _of_two(way: Way, one: _Cell, two: _Cell) -> _Result | None:
    units = (unit_of_row(one.row), unit_of_row(two.row))
    if units[0].percent != units[1].percent or units[0].scale != units[1].scale:
        return None
    unit, when = units[0], f"in {_period_of(one)}"
    a, b = one.value, two.value
    stated = f"{unit.shown(a)} and {units[1].shown(b)}"
    names = (_quoted(one.row), _quoted(two.row))
    worked = f"{_in_brackets(a)} {_SIGNS[way.shape]} {_in_brackets(b)}"
    if way.shape in ("share", "ratio"):
        if not b or (way.shape == "share" and b < 0 < a):
            return None  # a gain is no share of a loss
        if way.shape == "share":
            share = _rounded(a / b * 100, 2)
            text = (
                f"The share of {_called(one.row)} in {names[1]} {when} was {share:,f}%: {stated}."
            )
            unit = Unit(0, "", True)
        else:
            share = _rounded(a / b, 2)
            text = f"The ratio of {names[0]} to {names[1]} {when} was {share:,f}: {stated}."
            unit = Unit(0, "", False)
        return _Result((one, two), text, share, unit, f"{names[0]} to {names[1]}", worked)
    value, joint, verb = (a + b, "and", "came to") if way.shape == "sum" else (a - b, "less", "was")
    text = (
        f"{names[0]} {joint} {names[1]} in {_period_of(one)} {verb} {unit.shown(value)}: {stated}."
    )
    return _Result((one, two), text, value, unit, f"{names[0]} {joint} {names[1]}", worked)


def _answer(way: Way, result: _Result) -> FigureAnswer:
    citations = list(dict.fromkeys(map(_cited, result.cells)))
    facts = [_fact(cell, citations.index(_cited(cell))) for cell in result.cells]
    value, unit, first = result.value, result.unit, result.cells[0].row
    whole = unit.whole(value) if value is not None and unit else None
    return FigureAnswer(
        text=result.text,
        value=float(whole) if whole is not None else None,
        unit=unit_name(unit, first.passage) if unit and whole is not None else None,
        citations=tuple(citations),
        facts=tuple(facts),
        calculation=_calculation(way, result, facts),
    )


def _cited(cell: _Cell) -> Citation:
    return citation(cell.row.passage, cell.row.line.strip())


def _fact(cell: _Cell, citation: int) -> dict[str, Any]:
    """`citation` is the place of its row among the answer's citations, from 0."""
    passage, unit = cell.row.passage, unit_of_row(cell.row)
    return {
        "name": cell.row.label,
        "label": cell.row.label,
        "concept": None,
        "confidence": 0.0,
        "period": _period_of(cell),
        "start": None,
        "end": None,
        "shown": cell.row.cells[cell.year][1],
        "value": str(unit.whole(cell.value) or cell.value),
        "unit": unit_name(unit, passage) or "",
        "doc": passage.doc,
        "page": passage.page,
        "box": None,
        "citation": citation,
    }


def _calculation(
    way: Way, result: _Result, facts: Sequence[dict[str, Any]]
) -> dict[str, Any] | None:
    """The step worked out, or the steps; or, of one row over several years, a step for each."""
    first = result.cells[0]
    company = first.row.passage.company or first.row.passage.doc
    if worked := [_step(each, company) for each in result.told_from or [result] if each.worked]:
        return {"shape": way.shape, "steps": worked}
    if len(result.cells) == 1:
        return None
    steps = [
        {
            "company": company,
            **{key: fact[key] for key in ("name", "period", "value", "unit")},
            "shown": unit_of_row(cell.row).shown(cell.value),
            **dict.fromkeys(("formula", "worked", "line", "definition")),
        }
        for cell, fact in zip(result.cells, facts, strict=True)
    ]
    return {"shape": way.shape, "steps": steps}


def _step(result: _Result, company: str) -> dict[str, Any]:
    assert result.value is not None and result.unit is not None
    scale = SCALE_NAMES[unit_of_row(result.cells[0].row).scale or 0]
    return {
        "company": company,
        "name": result.name,
        "period": listed(sorted({_period_of(cell) for cell in result.cells}), "and"),
        "formula": result.name,
        "worked": result.worked,
        "line": f"{result.name} = {result.worked}" + (f" (in{scale}s)" if scale else ""),
        "shown": result.unit.shown(result.value),
        "value": str(result.unit.whole(result.value) or result.value),
        "unit": unit_name(result.unit, result.cells[0].row.passage) or "",
        "definition": None,
    }


def _called(row: PrintedRow) -> str:
    company = row.passage.company
    return f"{whose(company)} {_quoted(row)}" if company else _quoted(row)


def _stated(cells: Sequence[_Cell], unit: Unit) -> list[str]:
    """ "$5 million in fiscal 2024", for every cell."""
    return [f"{unit.shown(cell.value)} in {_period_of(cell)}" for cell in cells]


def _quoted(row: PrintedRow) -> str:
    return f"“{row.label}”"


def _period_of(cell: _Cell) -> str:
    if cell.row.part:
        return f"{cell.row.part.said} of fiscal {cell.year}"
    return f"fiscal {cell.year}" if cell.row.passage.fiscal_year else str(cell.year)


def _in_brackets(value: Decimal) -> str:
    return f"({value:,f})" if value < 0 else f"{value:,f}"


def _decimals(cells: Sequence[_Cell]) -> int:
    exponents = [cell.value.as_tuple().exponent for cell in cells]
    return max(-exponent if isinstance(exponent, int) else 0 for exponent in exponents)


def _rounded(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    shorter = rounded.normalize()
    exponent = shorter.as_tuple().exponent
    return shorter if isinstance(exponent, int) and exponent <= 0 else rounded.quantize(Decimal(1))
