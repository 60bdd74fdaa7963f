"""QUESTION -> WHAT IT ASKS OF PRINTED ROWS: a row's amounts, their change, mean, share or sum.

For tables of which only the print is known: notes, segments, management's discussion. A question is
read in every way it can be, the plainest first; which of them is meant shows in whether rows go by
the words that it leaves for their names (`passage_rows`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.figures.passage_rows import PrintedRow, naming_words
from assistant.figures.request import FROM_A_YEAR
from assistant.figures.row_units import CENTS
from assistant.numbers import Number, numbers
from index.query import fiscal_years
from index.wording import EACH_YEAR

Shape = Literal[
    "value",
    "change",
    "growth",
    "mean",
    "share",
    "ratio",
    "difference",
    "sum",
    "most",
    "beyond",
    "rank",
]

_MOVE = (
    r"(?:change|increase|decrease|growth|decline|difference|variance|movement)"
    r"(?:\s*/?\s*(?:or\s+)?\(?(?:decrease|increase|decline)\)?)?"
)
_MOVED = (
    r"(?:increased?|decreased?|changed?|gr[eo]wn?|f[ae]ll(?:en)?|rose|rise|declined?|dropp?(?:ed)?)"
)
_PERCENT = r"(?:percent(?:age)?s?|per cent|%)"
_OF = r"(?:\s+(?:in|of|for|on|between|from|to))*"
_MOST = (
    r"(?P<least>larger|largest|higher|highest|greater|greatest|bigger|biggest|more|most"
    r"|lower|lowest|smaller|smallest|less|least)"
)
_THAN = (
    r"(?:(?:was|were|is|are|be)\s+)?(?P<least>(?:less|lower|smaller|below|under|more|higher|greater"
    r"|larger|above|over|exceed(?:s|ed)?)\b)(?:\s+than)?\s+(?:the\s+)?"
    r"(?P<limit>(?:US)?[$€£]?\s?\d[\d,]*(?:\.\d+)?\s?(?:%|(?:thousand|million|billion)s?\b)?)"
)
_PATTERNS: tuple[tuple[Shape, str], ...] = (
    (
        "share",
        rf"(?:what|which) (?:{_PERCENT}|proportion|portion|share) of (?P<b>.+?)\s+"
        r"(?:is|was|were|are|did|does|comes? from|came from|consist(?:s|ed)? of|comprise[sd]?"
        r"|relate[sd]? to)\s+(?P<a>.+)",
    ),
    (
        "share",
        rf"(?P<a>.+?),? (?:as|is|was|were) (?:a |the )?(?:{_PERCENT}|proportion|share|fraction)"
        r" of (?P<b>.+)",
    ),
    ("growth", rf"{_PERCENT} {_MOVE}(?: rate)?{_OF}\s+(?P<a>.+)"),
    ("growth", rf"{_PERCENT}(?: points?)? (?:did|has|have) (?P<a>.+?) {_MOVED}\b"),
    (
        "growth",
        rf"(?:growth rate|rate of (?:growth|change|increase|decrease)){_OF}\s+(?P<a>.+)",
    ),
    (
        "share",
        rf"(?:{_PERCENT}|proportion|share) of (?P<a>.+?)\s+"
        r"(?:over|out of|among|against|relative to|compared to|in|to|from)\s+(?P<b>.+)",
    ),
    ("ratio", r"ratio of (?P<a>.+?)\s+(?:to|over|and|against)\s+(?P<b>.+)"),
    ("ratio", r"(?P<a>.+?)\s+divided by\s+(?P<b>.+)"),
    ("difference", r"(?:difference|change) between (?P<a>.+?) and (?P<b>.+)"),
    ("change", rf"{_MOVE}{_OF}\s+(?P<a>.+)"),
    (
        "change",
        rf"how (?:much|many) (?:more |less |fewer )?(?:did|has|have) (?P<a>.+?) {_MOVED}\b",
    ),
    ("mean", r"(?<!weighted )(?<!weighted-)\baverages?(?: of)? (?P<a>.+)"),
    (
        "sum",
        r"\b(?:sum|total|combined)(?: (?:value|amount|sum))?(?: of)? (?P<a>.+?) and (?P<b>.+)",
    ),
    (
        "beyond",
        r"(?P<count>which|what|how many) (?:fiscal |financial )?(?:years?|periods?) "
        rf"(?:was|were|is|are|had|has|have|did|does) (?P<a>.+?)\s+{_THAN}\s*$",
    ),
    (
        "most",
        r"(?:which|what) (?:fiscal |financial )?(?:years?|period) "
        rf"(?:was|were|is|are|had|has|did|saw|recorded|reported|showed) (?P<a>.+?)\s+{_MOST}\b",
    ),
    (
        "most",
        r"(?:which|what) (?:fiscal |financial )?(?:years?|period) "
        r"(?:was|were|is|are|had|has|did|saw|recorded|reported|showed) (?:the )?"
        rf"{_MOST}\s+(?P<a>.+)",
    ),
)
_WAYS = tuple((shape, re.compile(pattern, re.I)) for shape, pattern in _PATTERNS)
_LEAST = re.compile(r"low|small|less|least|under", re.I)
_TOGETHER = re.compile(r"\b(?:total|sum|combined|aggregate|cumulative|altogether|together)\b", re.I)
_PART_OF_YEAR = re.compile(
    r"\b(?:q[1-4]|[1-4]q|h[12]|quarter\w*|half|(?:three|six|nine|twelve|3|6|9|12)[- ]months?"
    r"|year[- ]to[- ]date|ytd|ttm|ltm"
    r"|(?:13|26|39|thirteen|twenty[- ]six|thirty[- ]nine)[- ]weeks?)\b"
    r"|\b[12]h(?=\W|$|\d\d)",
    re.I,
)
_SPAN = re.compile(
    r"((?:19|20)\d\d)\s*(?:to|through|until|-|–|—)\s*(?:the\s+)?(?:fy|fiscal|year)?\s*"
    r"((?:19|20)\d\d)",
    re.I,
)
_LONGEST_SPAN = 20
# What asks for an amount, or for a year.
_ASKS = re.compile(
    r"(?:^|[,.?!:;]\s*)(?:and |then |please "
    r"|(?:in|for|during|at|as of|as at|between|from)\b[^,?]*?,?\s+)?"
    r"(?:what(?:'s| is| are| was| were| would| did| does| has| have| had| percent\w*| %| proportion"
    r"| portion| share| (?:fiscal |financial )?years?| amount| value| total| ratio)\b"
    r"|(?:by )?how (?:much|many|large|big|high|low)\b|by what\b"
    r"|which (?:fiscal |financial )?(?:years?|periods?)\b"
    r"|(?:calculate|compute|determine|find|give|state|show|tell me|report|provide)\b)",
    re.I,
)
_BETWEEN = re.compile(
    r"\b(?:between|from)\s+(?:the\s+)?(?:fy|fiscal|years?)?\s*(?:19|20)?\d\d\b", re.I
)
_LONGEST = 2000  # characters
_SEVERAL = re.compile(
    r"\b(\d+|two|three|four|five|six|ten)[- ](?:fiscal |financial )?years\b", re.I
)
_COUNTS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "ten": "10"}
# The words by which the shapes are told.
_OF_CHANGES = naming_words(
    """change increase decrease growth decline difference variance movement changed increased
    decreased grew grown grow fell fall fallen rose rise declined drop dropped amount total more
    less fewer both"""
)
_OF_SHAPES = _OF_CHANGES | naming_words(
    """percent percentage percents % rate average averages mean sum combined ratio share proportion
    portion fraction divided larger largest higher highest greater greatest bigger biggest most
    lower lowest smaller smallest least less more than below under above over exceed exceeds
    exceeded thousand thousands million millions billion billions comes came consists consisted
    comprises comprised relates related out among against relative calculated expressed"""
)
# Two things asked for at once, "current and non-current", "equity and owners' equity": a row is
# meant that names both.
_BOTH = re.compile(
    r"\b(?:non-?)?(?P<kind>current|taxable|cash|controlling|recurring|vested) and "
    r"(?:non-?|un)?(?P=kind)\b"
    r"|\bshort[- ]term and long[- ]term\b|\blong[- ]term and short[- ]term\b"
    r"|\b(?P<word>\w{4,}) and (?:[\w'’-]+ ){1,3}(?P=word)\b",
    re.I,
)
_AVERAGE, _SHARES = re.compile(r"\baverage\b", re.I), re.compile(r"\bshares\b", re.I)
_COUNTS_SHARES = re.compile(r"\b(?:number|average)\b.*\bshares\b|\bshares used\b", re.I)
_A_SHARE = re.compile(r"\bper\b.{0,20}\bshare\b|\beps\b", re.I)


@dataclass(frozen=True)
class Way:
    """One way to read a question: what is asked of the row called `a`, or of `a` and `b`. For
    "most" `least` says whether the year of the smallest amount is meant, for "beyond" whether
    those below the `limit` are (its number and the power of ten and percent said with it), and
    `count` whether how many; for "value" `together` whether a sum may be."""

    shape: Shape
    a: str
    b: str | None = None
    least: bool = False
    together: bool = False
    limit: Number | None = None
    count: bool = False


def years_asked(question: str) -> tuple[int, ...]:
    """The years in the order they are said; a span's filled in, also backwards."""
    years = fiscal_years(question)
    if span := _SPAN.search(question):
        first, last = int(span[1]), int(span[2])
        backwards = first > last >= first - _LONGEST_SPAN
        return tuple(range(first, last - 1, -1)) if backwards else years
    said = {year: re.search(rf"{year}|\b{year % 100:02d}\b", question) for year in years}
    return tuple(sorted(years, key=lambda year: found.start() if (found := said[year]) else 0))


def fills_the_years(question: str) -> bool:
    """Whether the years between those named are meant, too ("between 2017 and 2019")."""
    return bool(_BETWEEN.search(question) or _SPAN.search(question))


def ways(question: str, years: tuple[int, ...]) -> Iterator[Way]:
    """How `question`, bare of companies' names, can be read; not at all where it asks about a part
    of a year, or for no amount. Of a way, every word that names something is in `a` or `b`."""
    text = " ".join(question.split()).rstrip("?. ")
    if (
        len(text) > _LONGEST
        or _PART_OF_YEAR.search(text)
        or not _ASKS.search(text)
        or len(_SPAN.findall(text)) > 1
        or (len(years) == 1 and FROM_A_YEAR.search(text))
    ):
        return
    several = _SEVERAL.search(text)
    if several and _COUNTS.get(several[1].lower(), several[1]) != str(_told(text, years)):
        return
    each = EACH_YEAR.search(text)
    if each and len(years) == 1:
        return
    together = len(years) > 1 and _TOGETHER.search(text) is not None
    if years:
        yield Way("value", text, together=together)
    words = naming_words(text)
    for shape, pattern in _WAYS:
        found = pattern.search(text)
        if not found or (each and shape != "share"):
            continue
        a, b = found["a"], found.groupdict().get("b")
        limit = text[found.start("least") : found.end()] if shape == "beyond" else ""
        besides = words - naming_words(a) - naming_words(b or "") - naming_words(limit)
        if besides <= (_OF_CHANGES if shape == "change" else _OF_SHAPES):
            least = shape in ("most", "beyond") and bool(_LEAST.search(found["least"]))
            if shape != "beyond":
                yield Way(shape, a, b, least)
            elif told := numbers(limit):
                count = found["count"].lower() == "how many"
                yield Way(shape, a, None, least, limit=told[0], count=count)


def _told(text: str, years: tuple[int, ...]) -> int:
    """How many years are meant by those named."""
    return max(years) - min(years) + 1 if years and fills_the_years(text) else len(years)


def may_be_told(row: PrintedRow, way: Way, question: str, years: tuple[int, ...]) -> bool:
    """Whether the row can be what is asked: not one of two things, nor a number of shares that
    stands by "earnings per share", nor for an average over years what is one itself."""
    if way.b:
        return True
    if _A_SHARE.search(question) and not _SHARES.search(question):
        in_cents = any(CENTS.search(cell) for _, cell in row.cells.values())
        if _COUNTS_SHARES.search(f"{row.head} {row.section}") and not in_cents:
            return False
    if _BOTH.search(question) and not _BOTH.search(f"{row.head} {row.section} {row.label}"):
        return False
    averaged = way.shape == "value" and len(years) > 1 and _AVERAGE.search(question)
    return not averaged or bool(_AVERAGE.search(row.label))
