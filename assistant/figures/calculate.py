"""TREE + FACTS -> CALCULATION: exact decimals, every input with the cell it was read from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext
from functools import partial

from assistant.errors import FigureError, UnsureError
from assistant.figures.formula import (
    Either,
    Lines,
    Mean,
    Named,
    Node,
    Number,
    Operation,
    Optional,
    parse_formula,
)
from assistant.figures.lookup import Lookup, When
from index.fact_rows import StoredFact
from index.facts import Fact
from index.parts_of_year import made_of
from index.terms import ROW, items, metrics, plain_row, title

_DIGITS = 34
_COST = "cost_of_revenue"
_MAX_DEPTH = 60
# Rows that are no sum over their period, whatever unit they seem to be in.
_NO_FLOW = re.compile(
    r"\b(?:average|weighted|number of|per|rate|ratio|margin|percent\w*|beginning|start|end"
    r"|balance)\b",
    re.I,
)


@dataclass(frozen=True)
class Input:
    """One number that went in: what it is, for when, and the fact that states it."""

    name: str
    when: When
    stored: StoredFact

    @property
    def value(self) -> Decimal:
        """In units, as the calculation takes it."""
        item = items().get(self.name)
        value = self.stored.fact.value
        return abs(value) if item and item.positive else value


@dataclass
class Calculation:
    """A result: `value` with its `unit` ("USD", "USD/shares", "shares" or "pure"), the inputs in
    the order used, and the formula with names (`words`) and with numbers (`worked`)."""

    value: Decimal
    unit: str
    inputs: list[Input] = field(default_factory=list)
    words: str = ""
    worked: str = ""


@dataclass(frozen=True)
class _Part:
    value: Decimal
    unit: str
    words: str
    worked: str
    scale: int
    simple: bool = True


class Calculator:
    """Evaluates trees over one company's facts. `defined` are trees for names that the question
    itself defines; they go before the library's."""

    def __init__(self, lookup: Lookup, defined: dict[str, Node] | None = None) -> None:
        self._lookup = lookup
        self._defined = defined or {}
        self._scale: int | None = (
            None  # what amounts are shown in, where they are printed in several
        )

    def calculate(self, node: Node, when: When) -> Calculation:
        """The result for `when`. FigureError where an input is not stated by any filing."""
        inputs: list[Input] = []
        with localcontext() as context:
            context.prec = _DIGITS
            try:
                self._scale = None
                part = self._part(node, when, inputs, 0)
                scales = {i.stored.fact.scale for i in inputs if _is_amount(i.stored.fact.unit)}
                if len(scales) > 1:
                    self._scale = max(scales)
                    inputs.clear()
                    part = self._part(node, when, inputs, 0)
            except (DivisionByZero, InvalidOperation) as error:
                raise FigureError("a division by zero") from error
        if not inputs:
            raise FigureError("no filing states any part of it")  # which does not make it nil
        unique = list({(i.name, i.when, i.stored.id): i for i in inputs}.values())
        return Calculation(part.value, part.unit, unique, part.words, part.worked)

    def _part(self, node: Node, when: When, inputs: list[Input], depth: int) -> _Part:
        if depth > _MAX_DEPTH:
            raise FigureError("a formula that goes round in a circle")
        match node:
            case Number(value):
                return _Part(value, "pure", f"{value:f}", f"{value:f}", 0)
            case Named(name, year):
                if year is None or year == when.year:
                    return self._named(name, when, inputs, depth + 1)
                part = self._named(name, when._replace(year=year), inputs, depth + 1)
                return replace(part, words=f"{part.words} of {year}")
            case Lines(names):
                return self._lines(names, when, inputs)
            case Either(first, second):
                try:
                    return self._part(first, when, inputs, depth + 1)
                except UnsureError:
                    raise
                except FigureError:
                    return self._part(second, when, inputs, depth + 1)
            case Optional(part):
                try:
                    return self._part(part, when, inputs, depth + 1)
                except UnsureError:
                    raise  # it is there, which is not nothing
                except FigureError:
                    return _Part(Decimal(0), "", "", "", 0)
            case Mean(parts):
                return self._mean(parts, when, inputs, depth + 1)
            case Operation(sign, left, right):
                a = self._part(left, when, inputs, depth + 1)
                b = self._part(right, when, inputs, depth + 1)
                return _joined(sign, a, b)
        raise FigureError("not a formula")

    def _named(self, name: str, when: When, inputs: list[Input], depth: int) -> _Part:
        if name in self._defined:
            return self._part(self._defined[name], when, inputs, depth)
        if name.startswith(ROW):
            return self._row(name, when, inputs)
        item = items().get(name)
        if item is None:
            metric = metrics().get(name)
            if metric is None:
                raise FigureError(f"{name} is not known")
            return self._part(parse_formula(metric.formula), when, inputs, depth)
        found = self._lookup.item(item, when)
        if found:
            if name == _COST:
                self._lookup.check_whole_cost(found, in_formula=depth > 1)
            self._lookup.check_extent(item, when, found.fact.value)
            taken = Input(name, when, found)
            inputs.append(taken)
            return _of(taken, self._scale)
        try:
            between = _between(name, when, partial(self._lookup.every_item, item), inputs)
        except UnsureError:
            if item.made_from is None:
                raise
            between = None
        if between:
            return between
        if item.made_from is None:
            raise FigureError(f"no filing states {title(name)} for {when}")
        part = self._part(parse_formula(item.made_from), when, inputs, depth)
        self._lookup.check_extent(item, when, part.value)
        return part

    def _row(self, name: str, when: When, inputs: list[Input]) -> _Part:
        label = name.removeprefix(ROW)
        found = self._lookup.row(label, when)
        if found is None:
            between = _between(name, when, partial(self._lookup.every_row, label), inputs)
            if between:
                return between
            raise FigureError(f"no filing states {title(name)} for {when}")
        taken = Input(name, when, found)
        inputs.append(taken)
        return _of(taken, self._scale)

    def _lines(self, names: tuple[str, ...], when: When, inputs: list[Input]) -> _Part:
        total = _Part(Decimal(0), "", "", "", 0)  # none of them printed is nothing
        for found in self._lookup.lines(names, when):
            taken = Input(found.fact.label, when, found)
            inputs.append(taken)
            total = _joined("+", total, _of(taken, self._scale))
        return total

    def _mean(self, parts: tuple[Node, ...], when: When, inputs: list[Input], depth: int) -> _Part:
        if len(parts) == 1:
            if when.period != "FY":
                raise FigureError("an average over a quarter")
            # "average X in FY2019" is over the year: its end and its beginning.
            only = parts[0]
            year = only.year if isinstance(only, Named) and only.year else when.year
            bare = Named(only.id) if isinstance(only, Named) else only
            found = [
                self._part(bare, when._replace(year=y), inputs, depth) for y in (year - 1, year)
            ]
        else:
            found = [self._part(part, when, inputs, depth) for part in parts]
        total = sum((part.value for part in found), Decimal(0))
        words = f"average {found[-1].words}"
        worked = f"({' + '.join(part.worked for part in found)}) / {len(found)}"
        unit, scale = found[0].unit, found[0].scale
        return _Part(total / len(found), unit, words, worked, scale, simple=False)


def _between(
    name: str, when: When, every: Callable[[When], list[StoredFact]], inputs: list[Input]
) -> _Part | None:
    """A flow of a period that no filing states, from those that lie about it: the fourth quarter is
    the year less nine months. `every` gives what all filings state for a period. None where none
    of the periods is stated.

    Raises UnsureError where one of them is not, or they are no amounts of one line that add up.
    """
    taken: list[tuple[str, Input]] = []
    made = made_of(when.period)
    stated = [every(When(when.year - before, period)) for _, period, before in made]
    if not any(stated):
        return None
    if not all(stated) or any(_is_recast(found) for found in stated):
        raise UnsureError(f"no filing states {title(name)} for {when}, nor surely what it is of")
    for (times, period, before), found in zip(made, stated, strict=True):
        at = When(when.year - before, period)
        taken.append(("+" if times > 0 else "-", Input(name, at, found[0])))
    if not _add_up(name, [each.stored.fact for _, each in taken]):
        raise UnsureError(f"what is stated of {title(name)} does not add up to {when}")
    scale = max(each.stored.fact.scale for _, each in taken)
    parts = [(sign, _of(each, scale, f" in {each.when}")) for sign, each in taken]
    inputs += [each for _, each in taken]
    total = parts[0][1]
    for sign, part in parts[1:]:
        total = _joined(sign, total, part)
    return total


def _is_recast(stated: Sequence[StoredFact]) -> bool:
    """Whether filings state it differently, by more than how they round: amounts as first stated
    and as recast since add up to neither."""
    values = [each.fact.value for each in stated]
    return max(values) - min(values) > Decimal(1).scaleb(max(e.fact.scale for e in stated))


def _add_up(name: str, facts: Sequence[Fact]) -> bool:
    """Whether they are flows of money on one line, of which one can be less another: not net income
    with the share of others and without, no balance, no average."""
    alike = {plain_row(fact.label) for fact in facts}
    one_line = len(alike) == 1 or len({fact.concept or fact.label for fact in facts}) == 1
    item = items().get(name)
    # Where the sign is only as printed, or cut off, a change of it cannot be told from another way
    # of printing.
    as_printed = name.startswith(ROW) or (item and item.positive)
    signed = all(fact.concept for fact in facts) and not as_printed
    return (
        one_line
        and all(fact.months and _is_money(fact.unit) for fact in facts)
        and not any(_NO_FLOW.search(fact.label) for fact in facts)
        and (signed or len({fact.value > 0 for fact in facts if fact.value}) < 2)
    )


def _is_money(unit: str) -> bool:
    return len(unit) == 3 and unit.isalpha()


def _is_amount(unit: str) -> bool:
    return _is_money(unit) or unit == "shares"


def _of(taken: Input, scale: int | None = None, when: str = "") -> _Part:
    """`scale`: the power of ten that its amount is written in, if not as printed."""
    fact = taken.stored.fact
    scale = fact.scale if scale is None or not _is_amount(fact.unit) else scale
    known = taken.name in items() or taken.name.startswith(ROW)
    words = title(taken.name) if known else taken.name.lower()
    amount = taken.value.scaleb(-scale)
    shown = f"{amount if scale == fact.scale else amount.normalize():,f}"
    return _Part(taken.value, fact.unit, words + when, shown, scale)


def _joined(sign: str, a: _Part, b: _Part) -> _Part:
    if not b.unit:  # an optional part that is not printed
        return a
    if not a.unit:
        a = _Part(a.value, b.unit, "", "", b.scale)
    if sign in "+-":
        if a.unit != b.unit:
            raise FigureError(f"{a.unit} and {b.unit} cannot be added")
        value = a.value + b.value if sign == "+" else a.value - b.value
        unit = a.unit
    elif sign == "*":
        value = a.value * b.value
        unit = b.unit if a.unit == "pure" else a.unit
    else:
        value = a.value / b.value
        unit = _quotient(a.unit, b.unit)
    if not a.words:
        words, worked = (b.words, b.worked) if sign == "+" else (f"-{b.words}", f"-{b.worked}")
    else:
        words = f"{_held(a, sign, a.words)} {sign} {_held(b, sign, b.words, right=True)}"
        worked = f"{_held(a, sign, a.worked)} {sign} {_held(b, sign, b.worked, right=True)}"
    return _Part(value, unit, words, worked, a.scale, simple=False)


def _held(part: _Part, sign: str, text: str, right: bool = False) -> str:
    """In brackets where a sum stands in a product, or anything composed right of "-" or "/"."""
    composed = not part.simple
    loose = composed and any(f" {s} " in text for s in "+-")
    composed = composed and any(f" {s} " in text for s in "+-*/")  # "average equity" is one name
    needed = (sign in "*/" and loose) or (right and sign in "-/" and composed)
    needed = needed or (right and text.startswith("-"))
    return f"({text})" if needed else text


def _quotient(a: str, b: str) -> str:
    if a == b:
        return "pure"
    if b == "pure":
        return a
    if b == "shares" and _is_money(a):
        return f"{a}/shares"
    if a == "pure":
        return "pure"
    raise FigureError(f"{a} cannot be divided by {b}")
