"""QUESTION -> REQUEST: which figure, for which periods, in what unit, and how it is to be judged.

A question is taken only where every word of it is accounted for: a name, a period, a company, a
unit, a known turn of phrase. "Adjusted", "domestic", "per store" are not, and such questions are
left to the passages and the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import get_args

from assistant.errors import FigureError
from assistant.figures.definitions import definitions
from assistant.figures.formula import Node
from assistant.figures.reading import FIRST_MARK, MARK, YOY, Reading, read
from index.parts_of_year import parts_named, without_parts
from index.query import fiscal_years
from index.statements import Statement
from index.table_units import POWERS
from index.terms import ROW, items, known_names, pattern_of, plain_row
from index.wording import UNITED_STATES, without_conditions

_PERIODS = re.compile(
    r"\b(?:fy|fiscal(?: years?)?|years?)?\s*['’]?(?:19|20)\d\d\b|\bfy\s*['’]?\d\d\b"
    r"|\b(?:q[1-4](?=\W|$|\d\d)|(?:first|second|third|fourth)[- ]quarter)"
)
_DATES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?,?"
    r"(?=\s+(?:19|20)\d\d)|\b\d{1,2}\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
    r"(?=,?\s+(?:19|20)\d\d)"
)
_QUARTERS = re.compile(r"\b(q[1-4]|(?:first|second|third|fourth)[- ]quarter)(?=\W|$|\d\d)")
_ENDS = re.compile(
    r"(?:\b(q[1-4]|(?:first|second|third|fourth)[- ]quarter)\s*(?:of\s+)?(?:the\s+)?)?"
    r"(?:fy|fiscal(?: year)?)?\s*['’]?(?<!\d)((?:19|20)\d\d)\b"
)
_ORDINALS = {"first": "Q1", "secon": "Q2", "third": "Q3", "fourt": "Q4"}
# Names of what is printed below zero by the name of its opposite: a greater loss is a lower income.
_BELOW_ZERO = re.compile(r"(?<!\()\b(?:loss(?:es)?|deficit|used)\b")
# Which way the money went, as a question supposes it; "income (loss)" supposes nothing.
_SUPPOSED = {
    "used": re.compile(
        r"(?<!\()\b(?:used?(?=\s+(?:in|by|for|on)\b)|cash used|burn\w*|consumed?)\b"
    ),
    "provided": re.compile(
        r"(?<!\()\b(?:provided?(?=\s+(?:by|from)\b)|cash provided|generated?)\b"
    ),
    "loss": re.compile(r"(?<!\()\bloss(?:es)?\b"),
    "profit": re.compile(r"(?<!\()\bprofits?\b"),
}
_FLOWS, _PROFITS = ("used", "provided"), ("loss", "profit")
_ROUND = re.compile(r"(\w+)\s+(?:decimals?\b|digits? after)", re.I)
_NEAREST = re.compile(
    r"\bnearest\b(?:\s+(?:whole\s+)?(?:(?:U\.?S\.?|USD)\s+|(?:US)?\$\s*)?(\w+|%))?", re.I
)
_WHOLE = frozenset(("whole", "number", "percent", "percentage", "%", "days"))
_PLACES = {"zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4}
_SCALE = re.compile(
    r"\b(?:USD|US\$|dollars|EUR|in|of)\s+(?:U\.?S\.? dollars\s+)?(thousand|million|billion)s?\b"
    r"|\$\s?(thousand|million|billion)s?\b",
    re.I,
)
_IN_MONEY = re.compile(r"\bin\s+(?:U\.?S\.?\s*)?(?:dollars?\b|USD\b|EUR\b|\$)", re.I)
# "Operations" are a cash flow only where cash is spoken of; "profit from its operations" is none.
_CASH = re.compile(r"\bcash\b")
_ACTIVITIES = frozenset(("operations", "operating activities", "investing", "financing"))
_PERCENT = re.compile(r"\bpercent(?:age|s)?\b|%", re.I)
# Part of an item, whatever its name: fair values and capital by level, one country.
_OF_A_PART = re.compile(
    r"\b(?:[Ll]evel|[Tt]ier)s?\s+[123]\b|(?i:\boff[- ]balance[- ]sheet\b)|" + UNITED_STATES
)
# "Its sales to Acme" are a part, too; "its sales compared to Acme's" are not.
_TO_ANOTHER = re.compile(
    rf"{MARK.pattern}\s+(?:made\s+|earned\s+)?(?:to|from)\s*(?=[?.,]|$|(?:in|for|during|as|at)\b)"
)
_COMPARED = re.compile(r"\bcompar|\bversus\b|\bvs\b|\bagainst\b|\brelative\b|\bdiffer")
_AND = re.compile(r"\s*(?:and|as well as)\s+(?:its\s+|the\s+)?")
# A year that a change is counted from: which year it goes to is not said.
FROM_A_YEAR = re.compile(
    r"\b(?:from|since|after|over|against|versus|vs\.?|than|(?:compared|relative) (?:with|to))\s+"
    r"(?:in\s+|that of\s+)?(?:the\s+)?(?:fy|fiscal|year)?\s*(?:19|20)\d\d\b",
    re.I,
)
_FROM = re.compile(r"\b(?:from|between|since)\b")
_QUARTER = re.compile(r"\bquarter(?:s|ly)?\b(?!\s+(?:report|filing))")
_AT_END = re.compile(
    r"\bbalance of\b|\b(?:at|as of) (?:the )?(?:end of|(?:fiscal )?year[- ]?end)\b"
)
# "How much did it pay in taxes?" asks for cash, not for the expense.
_PAYS = re.compile(
    r"\b(?:pay|pays|paid|paying)\b(?:\s+(?:in|for|of|out|on|total|its|the|cash))*\s+$"
)
_DOES_PAY = re.compile(r"\s*(?:did|does|do|has|have|had)\b[^?.;]*\b(?:pay|paid)\b")
_PAID = {"income_tax": "taxes_paid", "interest_expense": "interest_paid"}
_STATEMENTS = re.compile(
    r"\b(?:consolidated\s+|audited\s+)*"
    r"(?:(?P<cash_flow>cash flows? statements?|statements? of (?:consolidated )?cash flows?)"
    r"|(?P<balance>balance sheets?|statements? of (?:consolidated )?financial "
    r"(?:position|condition))"
    r"|(?P<income>income statements?|p&l(?: statements?)?|profit and loss(?: statements?)?"
    r"|statements? of (?:consolidated )?(?:income|operations|earnings)))\b"
)


@dataclass(frozen=True)
class Request(Reading):
    """What to calculate, for the fiscal years `years` (ascending; a part of them where `period`
    says so (`index.parts_of_year`); none: the latest filed), or for `points` of time, ("FY" or
    "Q2") of a year: two, between which a balance changed, or each quarter. `day` is the one that
    the question names. `defined` are the question's own definitions by id, `shares` those of them
    that are told times 100; `percent`, `scale` (a power of ten), `places` (decimals) and whether an
    amount of money is wanted (`money`) are as asked. `said` is by which name an item is asked for,
    where by one; `statement` where a single item is to be looked for; with `at_end` a balance is
    meant, where the balance sheet has a row of that name; `supposed` is the way that the money of a
    cash flow or a result is said to have gone."""

    years: tuple[int, ...] = ()
    period: str = "FY"
    points: tuple[tuple[int, str], ...] = ()
    defined: Mapping[str, Node] = field(default_factory=dict)
    shares: frozenset[str] = frozenset()
    percent: bool = False
    money: bool = False
    scale: int | None = None
    places: int | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    statement: Statement | None = None
    at_end: bool = False
    supposed: str | None = None
    day: date | None = None


def request_of(
    question: str,
    years: tuple[int, ...],
    period: str | None,
    companies: int = 1,
    rows: Mapping[str, str] | None = None,
) -> Request | None:
    """What figure is asked for, or None where that is not wholly understood.

    `question` is without the companies' names, of which there were `companies`; `years` and
    `period` are what it names. `rows` are further names (`row_names`).
    """
    rows = rows or {}
    known = {**rows, **known_names(), **_quoted(question, rows)}
    text = without_conditions(" ".join(question.replace("’", "'").split()))
    if _OF_A_PART.search(text):
        return None
    try:
        spelt, defined, shares, rest = definitions(text, known)
    except FigureError:
        return None
    names = {**known, **spelt}
    lowered = rest.lower()
    marked, ids, said = _marked(lowered, names)
    if not ids or _two_of_one(marked, ids, said):
        return None
    if companies > 1 and _TO_ANOTHER.search(marked) and not _COMPARED.search(lowered):
        return None
    if _ACTIVITIES.intersection(said) and not _CASH.search(_STATEMENTS.sub(" ", lowered)):
        return None
    percent = bool(_PERCENT.search(rest))
    rounded = _rounding(rest)
    if rounded is None:
        return None
    places, scale = rounded
    parts = parts_named(lowered)
    if len(parts) > 1 or (parts and period is None):
        return None
    quarters = len(_QUARTERS.findall(without_parts(lowered)))
    # The years of the question itself; a definition names its inputs' own.
    years = fiscal_years(rest) or years[-1:]
    points = _points(lowered) if quarters else None
    if points is None and (
        quarters and (quarters < len(years) or len(set(_QUARTERS.findall(lowered))) > 1)
    ):
        return None
    named = bool(parts or quarters or _DATES.search(lowered))
    bare = _PERIODS.sub(" ", _DATES.sub(" ", without_parts(marked)))
    found = read(bare, ids, percent, len(years), companies)
    if found is None:
        return None
    if points and found.shape != "difference":
        return None
    if found.each == "quarter" and quarters and not parts and "quarterly" in bare:
        found = replace(found, each=None)  # "quarterly revenue in Q2"
    if found.each == "quarter" and (named or not years):
        return None
    if not named and found.each is None and _QUARTER.search(bare):
        return None  # which one, is not said
    if found.each == "year" and found.shape != "value" and not _FROM.search(lowered):
        years = (years[0] - 1, *years)
    if found.shape in ("growth", "difference") and YOY.search(bare) and not found.each:
        years_apart = max(years, default=0) - min(years, default=0)
        if years_apart > 1:
            return None
    if found.each == "quarter":
        period, points = "Q4", tuple((year, f"Q{n}") for year in years for n in range(1, 5))
    if found.shape in ("exists", "sign") and len(years) > 1:
        return None
    if found.shape not in ("value", "mean") and any(map(_BELOW_ZERO.search, said)):
        return None  # "a net loss" goes by the name of the income
    money = _asks_for_money(rest)
    if found.shape in ("growth", "cagr") and money:
        return None  # a rate is none of money
    if len(years) == 1 and found.shape in ("growth", "difference") and FROM_A_YEAR.search(rest):
        return None
    statement = _statement(lowered) if len(ids) == 1 and _is_line(ids[0]) else None
    elsewhere = statement and ids[0] in items() and items()[ids[0]].statement != statement
    if elsewhere and said[0]:  # the row of that name there is no such item
        found = replace(found, names=(said[0],))
    return Request(
        **vars(found),
        years=years,
        period=period or "FY",
        points=points or (),
        defined=defined,
        shares=shares,
        percent=percent or bool(shares & set(ids)),
        money=money,
        scale=scale,
        places=places,
        said=_only_names(ids, said),
        statement=statement,
        at_end=len(ids) == 1 and _is_line(ids[0]) and _AT_END.search(lowered) is not None,
        supposed=_supposed(lowered, ids),
    )


def _supposed(text: str, ids: list[str]) -> str | None:
    """Which way one cash flow or one result is said to have gone, if it is."""
    text = _STATEMENTS.sub(" ", text)
    if len(ids) != 1 or re.search(r"\(\s*(?:loss|used|profit|provided)", text):
        return None
    ways = {"_cash_flow": _FLOWS, "_income": _PROFITS}
    possible = next((ways[end] for end in ways if ids[0].endswith(end)), ())
    said = [way for way in possible if _SUPPOSED[way].search(text)]
    return said[0] if len(said) == 1 else None


def _asks_for_money(text: str) -> bool:
    """Whether an amount is asked for: by the question, not by how its statements are made up or
    other answers are to be given: "(USD in millions)"."""
    asked = re.sub(r"\([^()]*\)", " ", text)
    asked = asked[: asked.index("?")] if "?" in asked else asked
    return _SCALE.search(asked) is not None or _IN_MONEY.search(asked) is not None


def _points(text: str) -> tuple[tuple[int, str], ...] | None:
    """The ends of a year and of a quarter, or of two quarters, in their order; None where that is
    not what is named."""
    found = {
        (int(year), _ORDINALS.get(quarter[:5].strip(" -"), quarter.upper()) or "FY")
        for quarter, year in _ENDS.findall(text)
    }
    differ = len(found) == 2 and len({period for _, period in found}) == 2
    return tuple(sorted(found, key=_in_time)) if differ else None


def _in_time(point: tuple[int, str]) -> tuple[int, int]:
    year, period = point
    return year, 4 if period == "FY" else int(period[1])


def _quoted(question: str, rows: Mapping[str, str]) -> dict[str, str]:
    """The rows whose labels stand in quotation marks: these are meant, whatever else goes by it."""
    names = (plain_row(label) for label in re.findall(r'["“]([^"“”]+)["”]', question))
    return {name: rows[name] for name in names if name in rows}


def _is_line(key: str) -> bool:
    """Whether it stands on a statement, and is no metric made of several that do."""
    return key in items() or key.startswith(ROW)


def _statement(text: str) -> Statement | None:
    """The one primary statement that is named."""
    named = {found.lastgroup for found in _STATEMENTS.finditer(text)}
    return next((each for each in get_args(Statement) if {each} == named), None)


def _marked(text: str, names: Mapping[str, str]) -> tuple[str, list[str], list[str]]:
    """The text with each known name replaced by a mark, what each mark stands for, and by which
    name that was said ("": it goes by another)."""
    ids: list[str] = []
    said: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if len(ids) >= 0xFF or found[0] not in names:
            return " "
        key, name = names[found[0]], found[0]
        before, after = found.string[: found.start()], found.string[found.end() :]
        if key in _PAID and (_PAYS.search(before) or _DOES_PAY.match(after)):
            key, name = _PAID[key], ""
        ids.append(key)
        said.append(name)
        return chr(FIRST_MARK + len(ids) - 1)

    bare = _STATEMENTS.sub(" statement ", MARK.sub(" ", text))
    bare = re.sub(r"\bhow much (?:cash|money)\b(?= (?:did|was|has|have|does)\b)", "how much", bare)
    # "cash flow" alone is not cash.
    return pattern_of({**names, "cash flow": "", "cash flows": ""}).sub(mark, bare), ids, said


def _two_of_one(marked: str, ids: Sequence[str], said: Sequence[str]) -> bool:
    """Whether one item is asked for as two, by two of its names ("total equity and shareholders'
    equity"): which row each is, is not known."""
    parts = MARK.split(marked)[1:-1]
    return any(
        one == two and name != other and _AND.fullmatch(between)
        for between, (one, two), (name, other) in zip(
            parts, pairwise(ids), pairwise(said), strict=True
        )
    )


def _only_names(ids: list[str], said: list[str]) -> dict[str, str]:
    """The name of each id that goes by one alone."""
    names: dict[str, set[str]] = {}
    for key, name in zip(ids, said, strict=True):
        names.setdefault(key, set()).add(name)
    return {key: name for key, (name, *others) in names.items() if name and not others}


def _rounding(text: str) -> tuple[int | None, int | None] | None:
    """The decimals and the power of ten asked for; None where the rounding is not understood."""
    decimals, scaled = _ROUND.search(text), _SCALE.search(text)
    scale = POWERS[(scaled[1] or scaled[2]).lower()] if scaled else None
    places = None
    if decimals:
        word = decimals[1].lower()
        places = int(word) if word.isdigit() and int(word) < 10 else _PLACES.get(word)
    nearest = _NEAREST.search(text)
    if nearest is None:
        return places, scale
    unit = (nearest[1] or "").lower()
    if unit in _WHOLE:
        return 0, scale
    step = {"dollar": 0, **POWERS}.get(unit)
    if step is None or (scale is not None and scale < step):
        return None
    return (0, step) if scale is None else (scale - step, scale)
