"""REQUEST -> FIGURE: the calculations for every company and year asked, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from assistant.errors import FigureError, NoCompanyError
from assistant.figures.calculate import Calculation, Calculator
from assistant.figures.formula import Named, Node, Number, Operation
from assistant.figures.lookup import Lookup, When
from assistant.figures.request import FROM_A_YEAR, Request, request_of
from index.documents import Document, identity_of, is_annual
from index.facts import fiscal_year_at, fiscal_year_end
from index.filing import Identity
from index.names import Filer, filers, named_filers, without_names, words_of
from index.parts_of_year import MONTHS, closing, ending
from index.periods import find_date, find_dates
from index.query import Query
from index.shifts import tells_another_time
from index.store import Store
from index.terms import metrics, row_names

_QUARTER_ENDS = {0: "FY", 9: "Q1", 6: "Q2", 3: "Q3"}
_INTERIM_FORMS = ("10-Q", "6-K", "quarterly report")
_DAYS_A_YEAR = 365.25
_DAYS_OFF = 10
_MOST_YEARS = 12
_MOST_COMPANIES = 4
_NAMED = 6
_YEAR = 12  # months
_OF_OWNERS, _OF_ALL = "NetIncomeLoss", "IncludingPortionAttributableToNoncontrollingInterest"
# What asks for a company's figure, rather than what the item is or how it is accounted for.
_OF_A_COMPANY = re.compile(
    r"^\W*(?:what (?:was|were|did)|how (?:much|many|did|has|have)|by how|did|has|have|was|were"
    r"|which (?:compan(?:y|ies)|filers?|firms?)|calculate|compute)\b",
    re.I,
)


@dataclass(frozen=True)
class Point:
    """One calculation: of which company, of which of the request's nodes, for when."""

    company: str
    node: int
    when: When
    calculation: Calculation


@dataclass(frozen=True)
class Figure:
    """Everything asked for: the points in the order asked, and the one number they come to, if
    they do (`value`, in the points' unit, a share of 1 for percentages)."""

    request: Request
    points: tuple[Point, ...]
    value: Decimal | None
    documents: dict[int, Document]

    def steps(self) -> list[Figure]:
        """The change from each point to the next, where each one's is asked for."""
        request = replace(self.request, each=None)
        return [
            replace(self, request=request, points=pair, value=_value(request, values))
            for pair in pairwise(self.points)
            if (values := [point.calculation.value for point in pair])
        ]

    def kind(self, node: int) -> str:
        """The unit a point is shown in: a metric's own, "%" for shares of 1, else "" (its own)."""
        return self._kind(self.request.nodes[node])

    def _kind(self, asked: Node) -> str:
        request = self.request
        if isinstance(asked, Named) and asked.id in request.shares:
            return "%"
        if isinstance(asked, Named) and asked.id in metrics():
            unit = metrics()[asked.id].unit
            if unit == "days" and asked.id in request.defined:
                return unit if _is_in_days(request.defined[asked.id]) else ""
            told = request.percent and request.shape not in ("growth", "cagr")
            return "%" if unit == "x" and told else unit
        match asked:
            case Operation("/"):
                return "%"
            case Operation("+" | "-", left, right):
                return "%" if self._kind(left) == self._kind(right) == "%" else ""
        return ""


def _is_in_days(tree: Node) -> bool:
    """Whether a definition counts days: it multiplies by some, or is made of what does."""
    match tree:
        case Operation(_, left, right):
            return _is_in_days(left) or _is_in_days(right)
        case Named(name):
            return name in metrics() and metrics()[name].unit == "days"
    return isinstance(tree, Number)


def figure_of(store: Store, question: str, query: Query) -> Figure | None:
    """The figure `question` asks for, or None where it asks for none, is not wholly understood, or
    the filings do not state an input. Where it names no company, all are asked, if they are few.

    Raises NoCompanyError where they are many, or do not all state it.
    """
    if tells_another_time(question):
        return None
    known = filers(store.documents())
    named = named_filers(words_of(question), known)
    chosen = [filer for filer in known if filer.name in named]
    anyone = not chosen and not query.unknown
    if anyone:
        chosen = known
    if not chosen or len(named) > _MOST_COMPANIES:
        return None
    rows = {}
    if len(chosen) == 1:
        rows = row_names(store.row_labels([d.id for d in chosen[0].documents]))
    of_a_quarter = query.form is not None and query.form.startswith(_INTERIM_FORMS)
    if of_a_quarter and not query.fiscal_period and not find_date(question):
        return None  # which of the year's quarters is not said
    bare = without_names(question, named)
    request = request_of(bare, query.fiscal_years, query.fiscal_period, len(chosen), rows)
    if request is None:
        return None
    figure = None
    if len(chosen) <= _MOST_COMPANIES:
        figure = _figure_or_none(store, question, request, chosen)
    if not anyone or len(chosen) == 1:
        return figure
    if figure and request.shape == "rank" and len({p.when.year for p in figure.points}) > 1:
        figure = None  # each company's latest year, and not the same
    if figure is None and (query.fiscal_years or _OF_A_COMPANY.search(question)):
        raise NoCompanyError(_no_company(chosen))
    return figure


def _figure_or_none(
    store: Store, question: str, request: Request, chosen: Sequence[Filer]
) -> Figure | None:
    if "LTM" in request.period and (
        FROM_A_YEAR.search(question) or len(set(request.nodes)) < len(request.nodes)
    ):
        return None  # beside a fiscal year
    day = find_date(question)
    if day and (request.each == "quarter" or not _is_one_day(find_dates(question))):
        return None
    of_then = _of_the_day(request, day, chosen) if day else _of_the_year(request, chosen)
    try:
        return _figure(store, of_then, chosen) if of_then else None
    except FigureError:
        return None


def _no_company(known: Sequence[Filer]) -> str:
    names = sorted(filer.name for filer in known)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED + 1 else ""
    told = names if not more else names[:_NAMED]
    return (
        f"The question names no company, and the store holds filings of {len(names)}: "
        f"{', '.join(told)}{more}. Name one, or up to {min(len(names), _MOST_COMPANIES)} "
        "to compare."
    )


def _of_the_day(request: Request, day: date, chosen: Sequence[Filer]) -> Request | None:
    """The request for the fiscal year or the part of it that ended on the day named, as the one
    company asked about counts; None where no period of its ended then. Of several years named, the
    day is of each."""
    ends = {
        (fiscal_year_at(day, who), _QUARTER_ENDS[months])
        for document in chosen[0].documents
        if (who := identity_of(document)) and (months := _months_left(day, who)) is not None
    }
    if len(chosen) > 1 or len(ends) != 1 or (len(request.years) > 1 and not _is_long(request)):
        return None
    year, period = ends.pop()
    if request.period != "FY" and not _is_long(request):  # "the fourth quarter of the year ended"
        if period not in ("FY", request.period):
            return None
        period = request.period
    elif _is_long(request):
        period = ending(request.period, period) or ""
    if not year or period not in MONTHS:
        return None
    years = tuple(year + other - day.year for other in request.years) or (year,)
    return replace(request, years=years, period=period, day=day)


def _is_one_day(days: Sequence[date]) -> bool:
    """Whether all are about the same day of a year."""
    apart = [abs((days[0] - day).days) % _DAYS_A_YEAR for day in days]
    return all(min(off, _DAYS_A_YEAR - off) <= _DAYS_OFF for off in apart)


def _of_the_year(request: Request, chosen: Sequence[Filer]) -> Request | None:
    """The request for the part of the fiscal year that is meant where no day is named: "year to
    date" and trailing months end with the newest filing. None where a filing cannot tell."""
    if request.period in ("YTD", "LTM"):
        filed = [d for filer in chosen for d in filer.documents if d.facts and d.fiscal_year]
        year = max(request.years or [d.fiscal_year or 0 for d in filed], default=0)
        ended = {
            d.fiscal_period or ("FY" if is_annual(d.form) else "")
            for d in filed
            if d.fiscal_year == year
        }
        last = "FY" if ended & {"FY", "Q4"} else max(ended, default="")
        period = ending(request.period, last) if last else None
        if len(chosen) > 1 or len(request.years) > 1 or period is None:
            return None
        return replace(request, years=(year,), period=period)
    period = "H1" if request.period == "6 months" else request.period
    return replace(request, period=period) if period in MONTHS else None


def _is_long(request: Request) -> bool:
    """Whether it is told how long the period is that ends on a day."""
    return request.period not in ("FY", "Q1", "Q2", "Q3", "Q4")


def _months_left(day: date, who: Identity) -> int | None:
    """How many months before the fiscal year's end a quarter ended on `day`: 0, 3, 6 or 9."""
    year_end = fiscal_year_end(who)
    if year_end is None:
        return None
    days = (year_end - day).days % _DAYS_A_YEAR
    months = round(days / _DAYS_A_YEAR * 12) % 12
    off = min(
        abs(days - months * _DAYS_A_YEAR / 12), abs(days - _DAYS_A_YEAR) if not months else 99
    )
    return months if months in _QUARTER_ENDS and off <= _DAYS_OFF else None


def _figure(store: Store, request: Request, chosen: Sequence[Filer]) -> Figure | None:
    if len(chosen) > 1 and request.shape in ("sign", "healthy", "exists", "steady"):
        raise FigureError("a judgement of several companies")
    points: list[Point] = []
    documents: dict[int, Document] = {}
    for filer in chosen:
        years = request.years or _latest(filer, request.period)
        whens = [When(*point) for point in request.points]
        if len(whens) > _MOST_YEARS:
            raise FigureError("more periods than one answer holds")
        whens = whens or [When(year, request.period) for year in _years(request, years)]
        lookup = Lookup(store, filer.documents, whens[-1], request)
        calculator = Calculator(lookup, dict(request.defined))
        documents |= lookup.documents
        for number, node in enumerate(request.nodes):
            points += [
                Point(filer.name, number, when, calculator.calculate(node, when)) for when in whens
            ]
    _check(request, points)
    if request.points and not request.each and not all(map(_is_balance, points)):
        raise FigureError("a quarter's flow beside a year's")
    if MONTHS[request.period] < _YEAR and any(map(_is_of_a_year, points)):
        raise FigureError("a balance beside the flow of a part of a year")
    single = len(chosen) == 1 and len(request.nodes) == 1
    if request.each and request.shape != "value":
        if not single:
            raise FigureError("each year's change of several")
        single = len(points) == 2
    value = _value(request, [point.calculation.value for point in points]) if single else None
    return Figure(request, tuple(points), value, documents)


def _check(request: Request, points: Sequence[Point]) -> None:
    """FigureError where the question asks for another kind of number than was found."""
    units = {point.calculation.unit for point in points}
    if request.counted and not units <= {"shares", "pure"}:
        raise FigureError("an amount of money is no number of things")
    if request.money and "pure" in units:
        raise FigureError("a ratio is no amount of money")
    if request.part and any(point.calculation.value < 0 for point in points):
        raise FigureError("a loss is no share of a gain, nor a gain of a loss")
    if any(map(_is_of_owners_and_all, points)):
        raise FigureError("the owners' part beside what others have of it, too")
    if request.moved and any(p.calculation.unit != "pure" and _is_balance(p) for p in points):
        raise FigureError("a balance is not what was paid or spent")


def _is_of_owners_and_all(point: Point) -> bool:
    """Whether it sets the owners' net income against the comprehensive income of all."""
    concepts = [each.stored.fact.concept or "" for each in point.calculation.inputs]
    of_all = any(c.startswith("Comprehensive") and c.endswith(_OF_ALL) for c in concepts)
    return of_all and _OF_OWNERS in concepts


def _is_balance(point: Point) -> bool:
    return all(each.stored.fact.start is None for each in point.calculation.inputs)


def _is_of_a_year(point: Point) -> bool:
    """Whether it sets a balance in relation to a flow (a turnover, days, a return): such metrics
    are of whole years."""
    return len({each.stored.fact.start is None for each in point.calculation.inputs}) > 1


def _latest(filer: Filer, period: str) -> tuple[int, ...]:
    years = [
        document.fiscal_year
        for document in filer.documents
        if document.fiscal_year
        and document.facts
        and (
            document.fiscal_period == closing(period)
            or (period == "FY" and document.fiscal_period is None)
            or (period == "Q4" and document.fiscal_period == "FY")
        )
    ]
    if not years:
        raise FigureError("no filing with facts for such a period")
    return (max(years),)


def _years(request: Request, years: tuple[int, ...]) -> list[int]:
    """The years to calculate for: a change needs the year before too."""
    if request.shape in ("growth", "difference", "cagr") and len(years) == 1:
        return [years[0] - 1, years[0]]
    if request.shape in ("sign", "healthy", "rank", "exists"):
        return [max(years)]
    if request.shape == "steady":
        return list(range(min(min(years), max(years) - 2), max(years) + 1))
    if request.shape == "mean" and len(years) == 1 and request.count:
        return list(range(years[0] - request.count + 1, years[0] + 1))
    if request.shape in ("growth", "difference", "cagr"):
        spanned = list(range(min(years), max(years) + 1))
        return spanned if request.each else [spanned[0], spanned[-1]]
    if len(years) > _MOST_YEARS:
        raise FigureError("more years than one answer holds")
    return sorted(years)


def _value(request: Request, values: Sequence[Decimal]) -> Decimal | None:
    """What one company's values for one node come to."""
    match request.shape:
        case "mean":
            return sum(values, Decimal(0)) / len(values)
        case "difference":
            return values[-1] - values[0]
        case "growth":
            if values[0] == 0:
                raise FigureError("growth from nothing")
            return (values[-1] - values[0]) / abs(values[0])
        case "cagr":
            years = max(request.years) - min(request.years)
            if years < 1 or values[0] <= 0 or values[-1] <= 0:
                raise FigureError("no compound growth rate")
            return (values[-1] / values[0]) ** (Decimal(1) / years) - 1
    return values[0] if len(values) == 1 else None
