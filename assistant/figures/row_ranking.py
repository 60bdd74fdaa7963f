"""QUESTION + PRINTED ROWS -> WHICH PART IS THE LARGEST: "which segment had the highest net sales?",
"which region's revenue fell the most?"

Rows are parts of a whole only where they add up to a printed total, in every year of the table:
that tells parts from other rows, and that none is missing. The total has to be what the company's
own statements state for the item asked, and the table's title has to name the kind of part ("by
segment"). A question is taken only where every word of it is accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Literal

from assistant.answer import Passage
from assistant.figures.passage_rows import PrintedRow, fewest_parts, naming_words
from index.documents import Document
from index.store import Store
from index.terms import items, known_names, name_pattern, names_in

_SEGMENT, _REGION, _COUNTRY, _PRODUCT = range(4)
_KINDS = {
    _SEGMENT: r"(?:business |operating |reportable )*(?:segments?|divisions?|business units?)",
    _REGION: r"geographic(?:al)? (?:regions?|areas?|locations?)|regions?|geograph(?:y|ies)",
    _COUNTRY: r"countr(?:y|ies)",
    _PRODUCT: r"(?:(?:major )?(?:product|merchandise|revenue) )?(?:categor(?:y|ies)|lines?)"
    r"|products?",
}
# What tells a table's kind in its title.
_TOLD = {**_KINDS, _REGION: r"geographic\w*|regions?|geograph(?:y|ies)"}
_ASKS = re.compile(
    r"\b(?:which|what)\s+(?:of\s+)?(?:(?:the|its|their)\s+)?(?:"
    + "|".join(f"(?P<k{kind}>{words})" for kind, words in _KINDS.items())
    + r")\b",
    re.I,
)
_MOST = re.compile(
    r"\b(?:highest|largest|greatest|biggest|most|(?P<least>lowest|smallest|least))\b", re.I
)
# A change asked instead of an amount. Growth is told in percent; of an increase, the question may
# leave that open.
_MOVE = re.compile(
    r"\b(?:(?P<down>declin(?:e[ds]?|ing)|decreas(?:e[ds]?|ing)|drop(?:s|ped)?|fall(?:en|s)?|fell"
    r"|shr[aiu]nk|reductions?)|(?P<growth>growth|gr[eo]wn?)|increas(?:e[ds]?|ing)|rise[ns]?|rose)\b",
    re.I,
)
_QUICKEST = re.compile(
    r"\b(?:fastest|strongest|steepest|sharpest|(?P<least>slowest|weakest))\b", re.I
)
_IN_PERCENT = re.compile(r"\bpercent(?:age)?\b|%|\brates?\b|\bfastest\b|\bslowest\b", re.I)
_FILLING_OF_MOVES = frozenset(
    """% 's and annual annually basis between compared on over over-year percent percentage
    preceding previous prior rate terms versus vs whose with year year-over-year yoy""".split()
)
_FILLING = frozenset(
    """a an as at by company company's contribute contributed did do does during earn earned end
    ended firm fiscal for from fy generate generated had has have in is it its of on post posted
    produce produced record recorded report reported s terms the their to total was were where year
    """.split()
)
_YEAR = re.compile(r"(?:fy)?(?:19|20)?\d\d", re.I)
_OF_A_TOTAL = naming_words("total net consolidated company reportable amount worldwide")
_OF_SEGMENTS = naming_words("business operating segment segments")
# Rows of such words alone are no part that anybody asks for: what is left over or taken out again.
_NO_PART = naming_words(
    """corporate unallocated allocated not elimination eliminations intersegment intercompany
    reconciling item items other others miscellaneous headquarters adjustment adjustments"""
)
_A_ROW = re.compile(r"[A-Za-z].*\d[\d,.]*\)?%?\s+[$(]*\s?\d[\d,.]*\)?%?\s*$")
_YEARS = re.compile(r"\b(?:19|20)\d\d\s+(?:19|20)\d\d")
_DAY = re.compile(r"\b[A-Z][a-z]{2,8}\.?\s\d{1,2},?(?=\s+(?:(?:19|20)\d\d\b|[A-Z]|$))")  # of a date
_FEWEST = 2
_PAGES = 40


@dataclass(frozen=True)
class Asked:
    """A kind of part, the item it is ranked by as named and by its id, whether the least counts;
    `move` where its change is asked: up, down, or in percent ("growth")."""

    kind: int
    word: str
    item: str
    name: str
    least: bool
    move: Literal["up", "down"] | None = None
    in_percent: bool = False


@dataclass(frozen=True)
class Ranking:
    """The parts of `total`, the one asked for first; by their amounts of `year`, or by how those
    changed `since` another."""

    rows: tuple[PrintedRow, ...]
    total: PrintedRow
    year: int
    since: int | None = None


def part_asked(question: str) -> Asked | None:
    """What is asked, without companies' names, about a part and the size of its amount in a year;
    None where anything else is."""
    text = question.lower().replace("’", "'")
    asked, moves = _ASKS.search(text), _MOVE.search(text)
    names = list(name_pattern().finditer(text))
    most = _MOST.search(text) or (_QUICKEST.search(text) if moves else None)
    if not asked or not most or len(names) != 1 or known_names()[names[0][0]] not in items():
        return None
    rest, told = text, filter(None, (asked, most, moves, names[0]))
    for found in sorted(told, key=lambda found: -found.start()):
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    filling = _FILLING | _FILLING_OF_MOVES if moves else _FILLING
    words = re.findall(r"[a-z0-9'$%-]+", rest)
    if any(word not in filling and not _YEAR.fullmatch(word) for word in words):
        return None
    kind = next(kind for kind in _KINDS if asked[f"k{kind}"])
    name, least = names[0][0], bool(most["least"])
    part = Asked(kind, asked[f"k{kind}"].split()[-1], known_names()[name], name, least)
    if not moves:
        return part
    if moves["down"] and least:
        return None  # the smallest fall, if there is one
    in_percent = bool(moves["growth"] or _IN_PERCENT.search(text))
    return replace(part, move="down" if moves["down"] else "up", in_percent=in_percent)


def pages_of_parts(
    store: Store, asked: Asked, documents: Sequence[Document], years: Sequence[int]
) -> list[Passage]:
    """The pages that speak of the kind of part and of the item, of the filings for the year asked,
    else for the next that there are (without a year: for the latest). Search puts the statements
    first, where no part stands."""
    known = {d.fiscal_year for d in documents if d.fiscal_year}
    year = min((each for each in known if not years or each >= max(years)), default=None)
    year = year if years else max(known, default=None)
    filed = {d.id: d for d in documents if d.fiscal_year == year}
    if not filed:
        return []
    hits = store.hits(dict(store.words([asked.word, *asked.name.split()], set(filed), _PAGES)))
    places = list(dict.fromkeys((hit.doc_id, hit.page) for hit in hits))
    return [
        Passage(
            number,
            doc_id,
            filed[doc_id].name,
            page,
            store.page_text(doc_id, page),
            filed[doc_id].company,
            filed[doc_id].form,
            filed[doc_id].fiscal_year,
            0.0,
        )
        for number, (doc_id, page) in enumerate(places, 1)
    ]


def ranked(
    asked: Asked,
    rows: Sequence[PrintedRow],
    years: Sequence[int],
    stated: Callable[[PrintedRow, int, str], bool],
) -> Ranking | None:
    """The parts of the one total that can be meant; None where there is none, where tables differ
    in anything, or the part cannot be told (equal amounts, "other"). `stated` says whether a total
    is the company's own for a year and an item."""
    found: dict[tuple[object, ...], Ranking | None] = {}
    for total, parts in _wholes(rows):
        year = max(years or total.cells)
        since = (min(years) if len(years) > 1 else year - 1) if asked.move else None
        if len(years) > (2 if asked.move else 1) or _kind_of(total) != asked.kind:
            continue
        if not {year, since or year} <= total.cells.keys():
            continue
        own = _names(asked, total)
        if own is None or not (own or stated(total, year, asked.item)):
            continue
        amounts = tuple(
            (part.label, part.cells[year][0], part.cells[since or year][0]) for part in parts
        )
        found[amounts] = _of(asked, total, parts, year, since)
    return next(iter(found.values())) if len(found) == 1 else None


def _of(
    asked: Asked,
    total: PrintedRow,
    parts: Sequence[PrintedRow],
    year: int,
    since: int | None,
) -> Ranking | None:
    def amount(part: PrintedRow) -> Decimal:
        return part.cells[year][0]

    real = [part for part in parts if part.words - _NO_PART]
    subtotals = [part for part in real if part.label.lower().startswith("total")]
    if len(real) < _FEWEST or min(map(amount, real)) < 0:
        return None  # losses: "the largest" is not the largest number
    if any(_leads_over(part, asked) for part in parts):
        return None
    if subtotals and (asked.kind != _REGION or any(not s.words - _OF_A_TOTAL for s in subtotals)):
        return None  # parts of several levels
    left_over = max((amount(part) for part in parts if part not in real), default=Decimal(0))
    if left_over >= max(map(amount, real)) or len({part.label for part in real}) < len(real):
        return None
    if since is None:
        order = _ordered(real, amount, not asked.least)
    else:
        order = _by_change(asked, real, year, since)
    return Ranking(order, total, year, since) if order else None


def _by_change(
    asked: Asked, parts: Sequence[PrintedRow], year: int, since: int
) -> tuple[PrintedRow, ...] | None:
    """By the change in percent. Where a change in money may be meant as well, only if one part
    comes first by either."""
    changes = {
        part.label: part.cells[year][0] - part.cells[since][0]
        for part in parts
        if part.cells[since][0] > 0
    }
    if len(changes) < len(parts):
        return None  # from nothing, or from a loss: no percentage says it
    most = asked.move == "up" and not asked.least
    order = _ordered(parts, lambda part: changes[part.label] / part.cells[since][0], most)
    by_money = _ordered(parts, lambda part: changes[part.label], most)
    if not order or (not asked.in_percent and (not by_money or by_money[0] != order[0])):
        return None
    first = changes[order[0].label]
    if (first <= 0 and most) or (first >= 0 and asked.move == "down"):
        return None  # none rose, or none fell
    return order


def _ordered(
    parts: Sequence[PrintedRow], size: Callable[[PrintedRow], Decimal], most: bool
) -> tuple[PrintedRow, ...] | None:
    """The largest or the smallest first; None where that is two of them."""
    order = tuple(sorted(parts, key=size, reverse=most))
    return order if size(order[0]) != size(order[1]) else None


def _leads_over(part: PrintedRow, asked: Asked) -> bool:
    """Whether the row is a step from one measure to another ("segment revenues", "revenues between
    segments"): such rows add up, and are no parts."""
    segments = re.search(rf"\b(?:{_KINDS[_SEGMENT]})\b", part.label.lower())
    return asked.item in names_in(part.label).values() or segments is not None


def _names(asked: Asked, total: PrintedRow) -> bool | None:
    """Whether the total is by its name the segments' own sum of the item; False where it is the
    item's total by label or title, so that the statements have to state it; None where it is of
    anything else, or of more besides."""
    names = {item: name for name, item in names_in(total.label).items()}
    if names:
        left = total.words - naming_words(" ".join(names.values())) - _OF_A_TOTAL
        if set(names) != {asked.item} or left - _OF_SEGMENTS:
            return None
        return bool(left) and asked.kind == _SEGMENT
    if total.words - _OF_A_TOTAL - _OF_SEGMENTS:
        return None
    # Under a heading of its own, the title is of more than these rows.
    told = names_in(total.section) or names_in(" ".join(_title(total)))
    return False if set(told.values()) == {asked.item} else None


def _title(total: PrintedRow) -> list[str]:
    """The lines above the table's first row, up to the row of another table."""
    lines: list[str] = []
    for line in reversed(total.about[:-1]):
        bare = _DAY.sub(" ", line)
        if _A_ROW.search(bare) and not _YEARS.search(bare):
            break
        lines.append(line)
    return lines


def _kind_of(total: PrintedRow) -> int | None:
    """The kind that the line nearest to the rows names, if it names one alone."""
    for line in [total.section, *_title(total)]:
        kinds = {
            kind for kind, words in _TOLD.items() if re.search(rf"\b(?:{words})\b", line, re.I)
        }
        if kinds:
            return kinds.pop() if len(kinds) == 1 else None
    return None


def _wholes(rows: Sequence[PrintedRow]) -> Iterator[tuple[PrintedRow, list[PrintedRow]]]:
    """Every printed total with the rows that add up to it. A subtotal stands for its own parts in
    the total below it."""
    for _, table in groupby(rows, key=lambda row: (row.passage, row.table)):
        open_rows: list[PrintedRow] = []
        for row in table:
            # Without its name, what adds up in one year alone may do so by chance.
            total = len(row.cells) > 1 or row.label.lower().startswith("total")
            parts = _parts(open_rows, row) if total else []
            if parts:
                yield row, parts
                del open_rows[-len(parts) :]
            open_rows.append(row)


def _parts(above: Sequence[PrintedRow], total: PrintedRow) -> list[PrintedRow]:
    """The fewest rows right above that come to the total in each of its years."""
    count = fewest_parts([row.cells for row in above], total.cells)
    return list(above[len(above) - count :])
