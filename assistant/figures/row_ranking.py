"""QUESTION + PRINTED ROWS -> WHICH PART IS THE LARGEST: "which segment had the highest net sales?"

Rows are parts of a whole only where they add up to a printed total, in every year of the table:
that tells parts from other rows, and that none is missing. The total has to be what the company's
own statements state for the measure asked, and the table has to name the kind of part ("by
segment").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from assistant.answer import Passage
from assistant.figures.passage_rows import PrintedRow, naming_words
from index.documents import Document
from index.store import Store
from index.terms import items_asked, title

_KINDS = (
    r"(?:business |operating |reportable )?(?:segments?|divisions?|business units?|businesses)",
    r"(?:geographic(?:al)? )?(?:regions?|areas?|markets?|locations?)"
    r"|geograph(?:y|ies)|countr(?:y|ies)",
    r"(?:product |service |revenue )?"
    r"(?:products?|services?|categor(?:y|ies)|lines?|streams?|groups?|brands?|channels?)",
    r"(?:expense |cost |debt |asset )?(?:components?|items?|types?|class(?:es)?|parts?|sources?"
    r"|kinds?|elements?)",
)
_ANY_KIND = len(_KINDS) - 1  # said of any table
_ASKS = re.compile(
    r"\b(?:which|what)\s+(?:of\s+)?(?:(?:the|its|their)\s+)?"
    + "(?:" + "|".join(f"(?P<k{n}>{kind})" for n, kind in enumerate(_KINDS)) + r")\b",
    re.I,
)  # fmt: skip
_MOST = re.compile(
    r"\b(?:highest|largest|greatest|biggest|most|(?P<least>lowest|smallest|least))\b", re.I
)
# A change is another ranking, and a comparison of years another question.
_NOT_OF_A_YEAR = re.compile(
    r"\b(?:grow\w*|grew|chang\w*|increas\w*|decreas\w*|declin\w*|drop\w*|fell|rose|improv\w*"
    r"|perform\w*|percent\w*|rate|margin|quarter\w*|q[1-4]|average|per)\b|%",
    re.I,
)
_SAYS_HOW = naming_words(
    """highest largest greatest biggest most lowest smallest least total amount made up make makes
    contributed contribution generated reported recorded posted brought earned accounted produced
    represented segment segments region regions area areas""",
)
_TOTAL = re.compile(r"total\b|consolidated\b", re.I)
# Before what is not allocated to them is added or taken away.
_OF_SEGMENTS = re.compile(r"total\b.*\bsegments?\b", re.I)
_OF_A_TOTAL = naming_words(
    "total net consolidated company business segment reportable amount worldwide"
)
# What is left over, and what is taken out again: no part that anybody asks for.
_NO_PART = re.compile(
    r"corporate|unallocated|eliminat|inter-?(?:segment|company)|reconcil|adjust|not allocated"
    r"|hedg|discount|allowance|less\b|valuation|accumulated",
    re.I,
)
_LEFT_OVER = re.compile(r"\bothers?\b|miscellaneous|all other|rest of", re.I)
_FEWEST = 2
_PAGES = 40


@dataclass(frozen=True)
class Ranking:
    """The parts of `total`, the one asked for first; by their amounts of `year`. `item` names what
    the total is of where that is a known item."""

    rows: tuple[PrintedRow, ...]
    total: PrintedRow
    year: int
    least: bool
    item: str = ""


def asks_for_a_part(question: str) -> bool:
    """Whether a part is asked for by the size of its amount in a year."""
    return bool(
        _ASKS.search(question) and _MOST.search(question) and not _NOT_OF_A_YEAR.search(question)
    )


def pages_of_parts(
    store: Store, question: str, documents: Sequence[Document], years: Sequence[int]
) -> list[Passage]:
    """The pages that speak of the kind of part and of the measure, of the filings for the year
    asked, else for the next that there are (without a year: for the latest). Search puts the
    statements first, where no part stands."""
    asked = _ASKS.search(question)
    known = {d.fiscal_year for d in documents if d.fiscal_year}
    year = min((each for each in known if not years or each >= max(years)), default=None)
    year = year if years else max(known, default=None)
    filed = {d.id: d for d in documents if d.fiscal_year == year}
    if asked is None or year is None:
        return []
    terms = sorted(naming_words(f"{question} {asked[0]}") - _SAYS_HOW)
    hits = store.hits(dict(store.words([*terms, asked[0].split()[-1]], set(filed), _PAGES)))
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
    question: str,
    rows: Sequence[PrintedRow],
    years: Sequence[int],
    stated: Callable[[PrintedRow, int], bool],
) -> Ranking | None:
    """The parts of the one total that the question, bare of companies' names, can mean; None where
    there is none, where tables differ, or the part cannot be told (equal, or "other"). `stated`
    says whether a total is the company's own for a year."""
    asked, most = _ASKS.search(question), _MOST.search(question)
    if not asked or not most or not asks_for_a_part(question) or len(years) > 1:
        return None
    kind = next(n for n in range(len(_KINDS)) if asked[f"k{n}"])
    found: dict[str, Ranking | None] = {}
    for total, parts in _wholes(rows):
        year = years[0] if years else max(total.cells)
        if (
            year in total.cells
            and _is_of(total, parts, question, kind)
            and (kind == _ANY_KIND or _speaks_of(kind, total))
            and (_OF_SEGMENTS.match(total.label) or stated(total, year))
        ):
            ranking = _of(total, parts, year, bool(most["least"]))
            found[ranking.rows[0].label if ranking else ""] = ranking
    ranking = next(iter(found.values())) if len(found) == 1 else None
    items = items_asked(question)
    return ranking and replace(ranking, item=title(*items) if len(items) == 1 else "")


def _of(total: PrintedRow, parts: Sequence[PrintedRow], year: int, least: bool) -> Ranking | None:
    real = [part for part in parts if not _NO_PART.search(part.label)]
    order = sorted(real, key=lambda part: part.cells[year][0], reverse=not least)
    if len(order) < _FEWEST or min(part.cells[year][0] for part in order) < 0:
        return None  # losses: "the largest" is not the largest number
    first, second = order[:2]
    if first.cells[year][0] == second.cells[year][0] or _LEFT_OVER.search(first.label):
        return None
    return Ranking(tuple(order), total, year, least)


def _is_of(total: PrintedRow, parts: Sequence[PrintedRow], question: str, kind: int) -> bool:
    """Whether the total is of what is asked, and of nothing else besides. Rows that lead from one
    measure to another ("segment revenues", "eliminations") are no parts, though they add up."""
    asked = _ASKS.search(question)
    measure = naming_words(question) - naming_words(asked[0] if asked else "") - _SAYS_HOW
    own, items = total.words - _OF_A_TOTAL, items_asked(question)
    if not measure or (kind != _ANY_KIND and any(items & items_asked(p.label) for p in parts)):
        return False
    if items and items == items_asked(total.label):
        return True
    if own or kind == _ANY_KIND:
        return bool(own) and own == measure - _OF_A_TOTAL
    near = " ".join([total.section, *total.about])
    return measure <= naming_words(near) | _OF_A_TOTAL


def _speaks_of(kind: int, total: PrintedRow) -> bool:
    """But for the line below the header, which is a row already."""
    near = " ".join([*total.about[:-1], total.section, total.label])
    return re.search(rf"\b(?:{_KINDS[kind]})\b", near, re.I) is not None


def _wholes(rows: Sequence[PrintedRow]) -> Iterator[tuple[PrintedRow, list[PrintedRow]]]:
    """Every printed total with the rows that add up to it. A subtotal stands for its own parts in
    the total below it."""
    for _, table in groupby(rows, key=lambda row: (row.passage, row.table)):
        open_rows: list[PrintedRow] = []
        for row in table:
            # Without its name, what adds up in one year alone may do so by chance.
            total = len(row.cells) > 1 or _TOTAL.match(row.label)
            parts = _parts(open_rows, row) if total else []
            if parts:
                yield row, parts
                del open_rows[-len(parts) :]
            open_rows.append(row)


def _parts(above: Sequence[PrintedRow], total: PrintedRow) -> list[PrintedRow]:
    """The fewest rows right above that come to the total in each of its years."""
    sums = dict.fromkeys(total.cells, Decimal(0))
    for count, row in enumerate(reversed(above), 1):
        if row.cells.keys() != total.cells.keys():
            return []
        for year, (value, _) in row.cells.items():
            sums[year] += value
        if count >= _FEWEST and all(
            sums[year] == value for year, (value, _) in total.cells.items()
        ):
            return list(above[-count:])
    return []
