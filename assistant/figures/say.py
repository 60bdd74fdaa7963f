"""FIGURE -> SENTENCES: the figure first, then how it was calculated, in the reader's units."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from assistant.figures.calculate import Calculation
from assistant.figures.formula import Named
from assistant.figures.passage_rows import naming_words
from assistant.figures.solve import Figure, Point
from index.parts_of_year import part_said
from index.terms import better_way, items, metrics, pattern_of, title

SCALE_NAMES = {0: "", 3: " thousand", 6: " million", 9: " billion"}
_SHORT_LABEL = 2  # words: "Basic", "Total" say little without their section
_ADD_NOTHING = frozenset("net total consolidated".split())
_CONTRARY = {
    "used": "cash provided, not used",
    "provided": "cash used, not provided",
    "loss": "a profit, not a loss",
    "profit": "a loss, not a profit",
}
_LONG = re.compile(
    r"\bnon-?current\b|\blong[- ]term\b|\bdue after\b|\b(?:less|net of) current\b", re.I
)
_CENTS, _MOST_CENTS = 2, 4  # decimals
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def sentences(figure: Figure) -> str:
    """The answer in words; how it was calculated is told apart (`working`)."""
    request = figure.request
    match request.shape:
        case "rank":
            return _ranked(figure)
        case "mean" | "growth" | "difference" | "cagr":
            if figure.value is None and not request.each:
                return _each(figure)
            steps = [figure] if figure.value is not None else figure.steps()
            return " ".join([*map(_over_time, steps), *_printed_as(figure)])
        case "sign" | "healthy" | "exists":
            return _judged(figure)
        case "steady":
            return _steady(figure)
    return _each(figure)


def shown(figure: Figure, point: Point, value: Decimal | None = None) -> str:
    """A point's value (or another one in its unit) as the question wants it written."""
    request, calculation = figure.request, point.calculation
    # The rounding asked for is that of the result, which here is another unit's.
    places = None if request.shape in ("growth", "cagr") and value is None else request.places
    amount = calculation.value if value is None else value
    if calculation.unit == "pure":
        return _ratio(amount, figure.kind(point.node), places, request.percent)
    return _money(amount, calculation.unit, _printed_scale(point), request.scale, places)


def _each(figure: Figure) -> str:
    """Every point in a sentence, and the row that states it."""
    parts = []
    for point in figure.points:
        name = figure.request.names[point.node]
        told = f"{whose(point.company)} {name} {_when(figure, point)} {_was(figure, point)}"
        parts.append(f"{told} {shown(figure, point)}.")
    return " ".join([*parts, *_contrary(figure), *_printed_as(figure)])


def _contrary(figure: Figure) -> list[str]:
    """Where the money went the other way than the question supposes."""
    supposed = figure.request.supposed
    if supposed is None:
        return []
    below = supposed in ("used", "loss")
    other = [
        point
        for point in figure.points
        if point.calculation.value and (point.calculation.value > 0) == below
    ]
    if len(figure.points) == 1 and other:
        return [f"That is {_CONTRARY[supposed]}."]
    return [f"In {point.when} it is {_CONTRARY[supposed]}." for point in other]


def _over_time(figure: Figure) -> str:
    request, points = figure.request, figure.points
    first, last = points[0], points[-1]
    name, company = request.names[0], whose(first.company)
    listed = "; ".join(f"{shown(figure, p)} {_when(figure, p)}" for p in points)
    value = figure.value or Decimal(0)
    if request.shape == "mean":
        part = f"{part_said(first.when.period)} of " if first.when.period != "FY" else ""
        span = f"{part}fiscal {first.when.year} to {last.when.year}"
        average = shown(figure, last, value)
        return f"{company} average {name} over {span} was {average}: {listed}."
    if request.shape in ("growth", "cagr"):
        rate = _percent(value, request.places)
        kind = "compound annual growth rate of" if request.shape == "cagr" else "change in"
        return f"The {kind} {company} {name} from {first.when} to {last.when} was {rate}: {listed}."
    return _difference(figure, listed, value)


def _difference(figure: Figure, listed: str, value: Decimal) -> str:
    request, first, last = figure.request, figure.points[0], figure.points[-1]
    way = "rose" if value > 0 else "fell" if value < 0 else "did not change"
    subject = f"{whose(first.company)} {request.names[0]}"
    by = _change(figure, value)
    told = (
        f"{subject} {way}"
        + (f" by {by}" if value else "")
        + f" from {first.when} to {last.when}: {listed}."
    )
    better = _better(figure)
    if not request.yes_no or (request.improving and better is None):
        return told  # whether more of it is better, none can say
    up = value < 0 if request.improving and better == "lower" else value > 0
    yes = value != 0 and up == (request.direction == "up")
    return f"{'Yes' if yes else 'No'}. {told}"


def _change(figure: Figure, value: Decimal) -> str:
    """A difference: points for shares, else the amount and how much of the first it is."""
    first = figure.points[0]
    if figure.kind(0) == "%":
        points = _rounded(
            abs(value) * 100, figure.request.places if figure.request.places is not None else 1
        )
        return f"{points} percentage points"
    amount = shown(figure, first, abs(value))
    base = first.calculation.value
    return f"{amount} ({_percent(abs(value / base), 1)})" if base else amount


def _judged(figure: Figure) -> str:
    point, request = figure.points[0], figure.request
    value = point.calculation.value
    limit = Decimal(0)
    node = request.nodes[0]
    subject = f"{whose(point.company)} {request.names[0]} {_when(figure, point)}"
    told = f"{subject} {_was(figure, point)} {shown(figure, point)}"
    if request.shape == "healthy":
        metric = metrics().get(node.id) if isinstance(node, Named) else None
        if metric is not None and metric.high is not None:
            limit = Decimal(str(metric.high))
            told += f"; from {_percent(limit, 0)} on it is called so here"
        elif metric is not None and metric.healthy is not None:
            limit = Decimal(metric.healthy)
            told += f"; {limit:f} is the usual threshold"
        else:
            return _each(figure)
    yes = (
        value >= limit if request.shape == "healthy" else (value > 0) == (request.direction == "up")
    )
    return " ".join([f"{'Yes' if yes else 'No'}. {told}.", *_printed_as(figure)])


def _steady(figure: Figure) -> str:
    """Whether a share changed from year to year by no more points than the limit."""
    request, points = figure.request, figure.points
    steps = [abs(b.calculation.value - a.calculation.value) * 100 for a, b in pairwise(points)]
    listed = "; ".join(f"{shown(figure, p)} {_when(figure, p)}" for p in points)
    return (
        f"{'Yes' if max(steps) <= request.limit else 'No'}. {whose(points[0].company)} "
        f"{request.names[0]} changed by at most {_rounded(max(steps), 1)} percentage points from "
        f"one year to the next ({request.limit:f} is the limit taken): {listed}."
    )


def _ranked(figure: Figure) -> str:
    ordered = sorted(
        figure.points, key=lambda p: p.calculation.value, reverse=not figure.request.least
    )
    best = ordered[0]
    several = len({point.company for point in figure.points}) > 1
    names = figure.request.names

    def called(point: Point) -> str:
        return f"{whose(point.company)} {names[point.node]}" if several else names[point.node]

    alike = len({_when(figure, point) for point in figure.points}) == 1
    listed = "; ".join(
        f"{called(point)} {shown(figure, point)}{'' if alike else ' ' + _when(figure, point)}"
        for point in ordered
    )
    what = "lowest" if figure.request.least else "highest"
    equal = [p for p in ordered if p.calculation.value == best.calculation.value]
    first = " and ".join(map(called, equal))
    is_it = "were equally" if len(equal) > 1 else "was"
    return f"{first[:1].upper()}{first[1:]} {is_it} the {what} {_when(figure, best)}: {listed}."


def working(point: Point) -> str | None:
    """How a point was calculated, in names and in numbers; None where one cell states it."""
    calculation = point.calculation
    if _states_it(point):
        return None
    scale = SCALE_NAMES.get(_printed_scale(point), "")
    unit = f" (in{scale}s)" if scale else ""
    return f"{_with_rows(calculation)} = {calculation.worked}{unit}"


def _with_rows(calculation: Calculation) -> str:
    """The formula in words, with each row beside its first mention that goes by another name than
    the input: what it holds besides, the reader has to judge."""
    rows: dict[str, dict[str, None]] = {}
    for each in calculation.inputs:
        item, label = items().get(each.name), each.stored.fact.label
        own = naming_words(label) - _ADD_NOTHING
        if item and not any(own <= naming_words(name) for name in item.names):
            rows.setdefault(title(each.name), {})[label] = None
    if not rows:
        return calculation.words

    def named(found: re.Match[str]) -> str:
        labels = rows.pop(found[0], ())
        return (
            f"{found[0]} ({' and '.join(f'“{label}”' for label in labels)})" if labels else found[0]
        )

    mentioned = {title(each.name): "" for each in calculation.inputs}
    return pattern_of(mentioned).sub(named, calculation.words)


def _printed_as(figure: Figure) -> list[str]:
    """The row that states a figure, where it goes by another name than the one asked for, and
    whether it is a part of which the name says nothing."""
    point = figure.points[-1]
    if len({(p.company, p.node) for p in figure.points}) > 1 or not _states_it(point):
        return []
    fact = point.calculation.inputs[0].stored.fact
    asked = figure.request.names[point.node]
    rest = (fact.concept or "").endswith("Noncurrent") and not _LONG.search(f"{fact.label} {asked}")
    part = ["That is the noncurrent part."] if rest else []
    if fact.label.lower() in ("", asked.lower()):  # tags in text have no label
        return part
    short = len(fact.label.split()) < _SHORT_LABEL and fact.section
    label = f"{fact.section.rstrip(':')}: {fact.label}" if short else fact.label
    same = label.lower() == asked.lower().strip("“”")
    return part if same else [f"It is printed as “{label}”.", *part]


def _states_it(point: Point) -> bool:
    inputs = point.calculation.inputs
    return len(inputs) == 1 and inputs[0].value == point.calculation.value


def _ratio(value: Decimal, kind: str, places: int | None, percent: bool) -> str:
    if kind == "%" and (percent or places is None):
        return _percent(value, places)
    if kind == "%":
        return f"{_rounded(value, places or 0)} ({_percent(value, None)})"
    if kind in ("days", "years"):
        return f"{_rounded(value, 1 if places is None else places)} {kind}"
    times = "x" if kind == "x" and places is None else ""
    return f"{_rounded(value, 2 if places is None else places)}{times}"


def _money(value: Decimal, unit: str, printed: int, asked: int | None, places: int | None) -> str:
    symbol = _SYMBOLS.get(unit[:3], f"{unit[:3]} ") if unit != "shares" else ""
    sign = "-" if value < 0 else ""
    if unit.endswith("/shares"):
        decimals = _cents(value) if places is None else places
        return f"{sign}{symbol}{_rounded(abs(value), decimals)} per share"
    scale = asked if asked is not None else printed
    amount = abs(value).scaleb(-scale)
    if places is None:
        places = 2 if scale > printed else _decimals(amount)
    what = " shares" if unit == "shares" else ""
    return f"{sign}{symbol}{_rounded(amount, places)}{SCALE_NAMES.get(scale, '')}{what}"


def _decimals(amount: Decimal) -> int:
    """As many decimals as the amount has as printed, at most two."""
    exponent = amount.normalize().as_tuple().exponent
    return min(2, max(0, -exponent)) if isinstance(exponent, int) else 0


def _cents(value: Decimal) -> int:
    """The decimals of an amount per share: two, or the more that dividends are printed with."""
    exponent = value.normalize().as_tuple().exponent
    exact = -exponent if isinstance(exponent, int) else 0
    return exact if _CENTS < exact <= _MOST_CENTS else _CENTS


def _percent(value: Decimal, places: int | None) -> str:
    return f"{_rounded(value * 100, 1 if places is None else places)}%"


def _rounded(value: Decimal, places: int) -> str:
    quantum = Decimal(1).scaleb(-places)
    rounded = value.quantize(quantum, ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):,f}"


def _printed_scale(point: Point) -> int:
    scales = [i.stored.fact.scale for i in point.calculation.inputs if i.stored.fact.unit.isalpha()]
    return max(scales, default=0)


def _when(figure: Figure, point: Point) -> str:
    """ "at the end of fiscal 2023" for what a balance sheet states, else "in fiscal 2023"; with the
    day on which it ended, where the question names another."""
    asked, ended = figure.request.day, max(i.stored.fact.end for i in point.calculation.inputs)
    other = asked and (asked.month, asked.day) != (ended.month, ended.day)
    day = f"{ended:%B} {ended.day}, {ended.year}"
    stated = all(each.stored.fact.start is None for each in point.calculation.inputs)
    amount = point.calculation.unit != "pure"
    if stated and amount:
        return f"at the end of {point.when}" + (f" ({day})" if other else "")
    return f"in {point.when}" + (f" (to {day})" if other else "")


def _better(figure: Figure) -> str | None:
    node = figure.request.nodes[0]
    return better_way(node.id) if isinstance(node, Named) else None


def _was(figure: Figure, point: Point) -> str:
    """ "were" for items in the plural; a metric is one number."""
    node, name = figure.request.nodes[point.node], figure.request.names[point.node]
    item = isinstance(node, Named) and node.id in items()
    return "were" if item and name.removesuffix(" paid")[-1:] == "s" else "was"


def whose(company: str) -> str:
    """ "Acme's", "General Mills'"."""
    return f"{company}'" if company.endswith("s") else f"{company}'s"
