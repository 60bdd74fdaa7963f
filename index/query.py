"""QUESTION -> what it asks for: companies, fiscal years, form, statements. No model is used.

Companies are those of the store, matched by name, ticker and near-misspelling, so nothing here
knows any company. A proper name that is none of them is kept aside: a question about a company
that is not in the store must not be answered from another one's filing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from index.documents import Document
from index.forms import form_asked
from index.names import filers, named_filers, plain_name, same_company, words_of
from index.parts_of_year import part_asked, without_parts
from index.periods import find_date
from index.statements import Statement, statements_asked
from index.strangers import Stranger, strangers
from index.terms import items_asked, title

__all__ = ["Query", "fiscal_years", "plain_name", "same_company", "understand", "without_periods"]

_YEAR = re.compile(
    r"(?:\b(?:FY|CY|fiscal(?: year)?|year)?|(?<=[QH][1-4]))\s*'?((?:19|20)\d\d)(?=\W|$|[QH][1-4])",
    re.I,
)
_SHORT_YEAR = re.compile(
    r"(?:\bFY\s*['’]?|\b[1-4][QH]\s*['’]?|\b[QH][1-4]\s*['’])(\d\d)(?=\b|[QH][1-4])", re.I
)
# "Fiscal 23", "fiscal '23", "in '23", but not "fiscal 52-week year" or "the '90s".
BARE_YEAR = re.compile(
    r"(?:\bfiscal(?:\s+year)?\s+['’]?|(?<=\s)['’])([0-3]\d)\b(?![-'’,.]?\w)", re.I
)
_YEAR_RANGE = re.compile(
    r"(?<!\d)((?:19|20)\d\d|(?<=FY)\d\d)\s*(?:-|–|—|to|through|until)\s*"
    r"(?:the\s+)?(?:FY|CY|fiscal(?:\s+year)?|year)?\s*['’]?((?:19|20)\d\d|\d\d)\b",
    re.I,
)
# "Between 2015 and 2017" is of the years between, too; a change between them is of the two.
_BETWEEN = re.compile(
    r"\bbetween\s+(?:the\s+)?(?:years\s+)?(?:FY|CY|fiscal(?:\s+years?)?|years?)?\s*['’]?"
    r"((?:19|20)\d\d|(?<=FY)\d\d)\s+and\s+(?:the\s+)?(?:FY|CY|fiscal(?:\s+year)?|year)?\s*['’]?"
    r"((?:19|20)\d\d|\d\d)\b(?![,.]?\d)",
    re.I,
)
MOVES = re.compile(
    r"\b(?:chang|increas|decreas|differ|gr[eo]w|growth|r[io]s[ei]|fall|fell|drop|declin|improv|cagr"
    r"|compound|reduc|expand|shr[aiu]nk|compar|higher|lower|better|worse)\w*",
    re.I,
)
_QUARTER = re.compile(
    r"(?<![A-Za-z])Q([1-4])(?=\W|$|(?:19|20)\d\d)|(?<!\w)([1-4])Q(?=\W|$|\d\d)"
    r"|\b(first|second|third|fourth|1st|2nd|3rd|4th)[- ](?:fiscal[- ])?quarter",
    re.I,
)
# The year a question stands in: "as of FY 2021, what is expected to be paid in 2024?"
_STANDS_IN = re.compile(
    r"\bas (?:of|at)\s+(?:(?:the )?end of\s+)?(?:FY|CY|fiscal(?:\s+year)?|year)?\s*'?"
    r"((?:19|20)\d\d)\b",
    re.I,
)
# Measures outside GAAP: Regulation G has issuers reconcile them where they publish results.
_NON_GAAP = re.compile(
    r"\b(?:non-?\s?gaap|adjusted|ebitda\w*|guidance|organic|constant[- ]currency)\b"
    r"|\bexclud(?:e|es|ed|ing)\s+(?:the\s+)?(?:impacts?|effects?)\s+of\b",
    re.I,
)


@dataclass(frozen=True)
class Query:
    """What was understood: `companies` are the filers named, by their latest names (none: all are
    meant); `unknown` holds names that belong to no filer in the store; `items` are ids of
    `index.terms`. `fiscal_period` is a quarter or another part of a year (`index.parts_of_year`).
    `stands_in` is the fiscal year whose filing is asked, where it is not the latest
    one named ("as of 2021, what is due in 2024?"); `beyond_gaap`: non-GAAP measures are asked."""

    question: str
    companies: tuple[str, ...]
    fiscal_years: tuple[int, ...]
    fiscal_period: str | None
    form: str | None
    statements: frozenset[Statement]
    unknown: tuple[Stranger, ...] = field(default=())
    items: frozenset[str] = frozenset()
    day: date | None = None
    stands_in: int | None = None
    beyond_gaap: bool = False

    def understood(self) -> dict[str, Any]:
        """What the reader is told was understood, ready for JSON."""
        return {
            "companies": list(self.companies),
            "fiscal_years": list(self.fiscal_years),
            "fiscal_period": self.fiscal_period,
            "form": self.form,
            "statements": sorted(self.statements),
            "items": sorted(title(item) for item in self.items),
        }


def understand(question: str, documents: Sequence[Document]) -> Query:
    """Read companies, years, period, form and statements out of `question`."""
    known = filers(documents)
    words = words_of(question)
    named = named_filers(words, known)
    quarters = {_period(found) for found in _QUARTER.finditer(without_parts(question))}
    return Query(
        question=question,
        companies=tuple(sorted(named)),
        fiscal_years=fiscal_years(question),
        fiscal_period=part_asked(question, quarters),  # of several, each has its filing
        form=form_asked(question),
        statements=statements_asked(question),
        unknown=strangers(question, words, set().union(*named.values()), known),
        items=items_asked(question),
        day=find_date(question),
        stands_in=int(stands[1]) if (stands := _STANDS_IN.search(question)) else None,
        beyond_gaap=_NON_GAAP.search(question) is not None,
    )


def without_periods(question: str) -> str:
    """The question with blanks where it names quarters or other parts of a year."""
    return _QUARTER.sub(" ", without_parts(question))


def fiscal_years(question: str) -> tuple[int, ...]:
    """The years named, in order, ranges filled in."""
    years = {int(year) for year in _YEAR.findall(question)}
    short = _SHORT_YEAR.findall(question) + BARE_YEAR.findall(question)
    years |= {2000 + int(year) for year in short}
    ranges = _YEAR_RANGE.findall(question)
    if not MOVES.search(question):
        ranges += _BETWEEN.findall(question)
    for begin, end in ranges:
        first = int(begin) + (2000 if len(begin) == 2 else 0)
        last = int(end) + (first // 100 * 100 if len(end) == 2 else 0)
        if first < last <= first + 20:
            years |= set(range(first, last + 1))
    return tuple(sorted(years))


def _period(found: re.Match[str]) -> str:
    ordinal = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
    return "Q" + (found[1] or found[2] or ordinal.get(found[3].lower()) or found[3][0])
