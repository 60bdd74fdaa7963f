"""QUESTION + FILINGS -> the question with its periods named: "over the last three years" is counted
back from the newest fiscal year that the store has of the companies asked about, "since 2021" runs
up to it; "2Q23" is "Q2 FY23", "1H23" "H1 FY23", "fiscal '23" fiscal 2023, "the year after 2021"
fiscal 2022 (`index.shifts`), "CY22" fiscal 2022 of filers whose year is the calendar's.

Does not know: "the year before", which depends on what was said (`assistant.follow_up`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.documents import Document, identity_of, is_annual
from index.facts import fiscal_year_end
from index.names import Filer, filers, named_filers, words_of
from index.query import BARE_YEAR, fiscal_years
from index.shifts import COUNTS, leads_in, with_shifts
from index.strangers import FIGURE
from index.wording import EACH_YEAR

_COUNT = rf"(?P<count>{'|'.join(COUNTS)}|\d\d?)"
_FISCAL = r"(?:fiscal |financial |full |completed |consecutive )*"
LAST_YEARS = re.compile(
    r"\b(?:(?:over|in|for|during|across|through(?:out)?|within)\s+)?(?:(?:the|its|their)\s+)?"
    rf"(?:last|past|latest|most recent|previous|prior)\s+{_COUNT}\s+{_FISCAL}years\b",
    re.I,
)
# "Than last year", "over last year" speak of the year before.
_LAST_YEAR = re.compile(
    r"(?<!than )(?<!over )(?<!from )(?<!with )(?<!to )(?<!since )(?<!versus )(?<!vs )(?<!vs\. )"
    rf"\b(?:(?:the|its|their)\s+)?(?:last|latest|most recent(?:ly completed)?)\s+{_FISCAL}year\b",
    re.I,
)
_SINCE = re.compile(
    r"\b(?:since|from(?=[^.?!]{0,20}\d{4} (?:on|until|to (?:now|date|today))))\s+"
    r"(?:the end of\s+)?(?:FY|CY|fiscal(?:\s+year)?|year)?\s*['’]?(?P<first>(?:19|20)\d\d)\b"
    r"(?:\s+(?:onwards?|on|until (?:now|today)|to (?:now|date|today))\b)?",
    re.I,
)
_ORDINALS = "first second third fourth".split()
_CY = r"\bCY\s*['’]?"
_WRITTEN_OUT = (
    (re.compile(_CY + r"((?:19|20)\d\d)\b", re.I), r"calendar \1"),
    (re.compile(rf"(?:{_CY}|\bcalendar(?:\s+year)?\s+['’])(\d\d)\b", re.I), r"calendar 20\1"),
    (re.compile(r"\bFY\s*['’]?((?:20)?\d\d)\s*Q([1-4])\b", re.I), r"Q\2 FY\1"),
    (re.compile(r"\b([1-4])Q\s*['’]?((?:20)?\d\d)\b", re.I), r"Q\1 FY\2"),
    (re.compile(r"\bQ([1-4])\s*['’](\d\d)\b", re.I), r"Q\1 FY\2"),
    (re.compile(r"\bFY\s*['’]?((?:20)?\d\d)\s*H([12])\b", re.I), r"H\2 FY\1"),
    (re.compile(r"\b([12])H\s*(?:FY)?\s*['’]?((?:20)?\d\d)\b", re.I), r"H\1 FY\2"),
    (re.compile(r"\bH([12])\s*['’](\d\d)\b", re.I), r"H\1 FY\2"),
    *(
        (re.compile(rf"\b(?:{short}|{word})[- ](?:fiscal[- ])?quarter\b", re.I), f"{word} quarter")
        for short, word in zip("1st 2nd 3rd 4th".split(), _ORDINALS, strict=True)
    ),
    (BARE_YEAR, r"fiscal 20\1"),
)
_CALENDAR = re.compile(r"\bcalendar(?:\s+year)?\s+((?:19|20)\d\d)\b", re.I)
_MOST, _DAYS_OFF = 20, 10


def with_periods(question: str, documents: Sequence[Document]) -> str:
    """`question` with the years that it counts from today named, where it names no others and a
    filing tells which they are, and those it abbreviates in full."""
    for pattern, written in _WRITTEN_OUT:
        question = pattern.sub(written, question)
    question = _with_calendar(with_shifts(question), documents)
    last, one, since = (each.search(question) for each in (LAST_YEARS, _LAST_YEAR, _SINCE))
    if not (last or one or since):
        return question
    each = EACH_YEAR.search(question)
    if last and not each and re.search(r"\bof\s+$", question[: last.start()]):
        return question  # one of them, or some
    years = fiscal_years(question)
    newest = newest_year([filer.name for filer in _asked(question, documents)], documents)
    if newest is None:
        return question
    if last and not years:
        span = last_years(last["count"], newest)
        if each and span:
            return _put(question, last, ", ".join(f"fiscal {year}" for year in span))
        return _put(question, last, _span(span[0], newest)) if span else question
    if one and not years:
        return _put(question, one, f"fiscal {newest}")
    if since and len(years) == 1 and years[0] < newest and FIGURE.search(question):
        return _put(question, since, _span(years[0], newest))
    return question


def _asked(question: str, documents: Sequence[Document]) -> list[Filer]:
    """The filers that are named; all, where none is."""
    named = named_filers(words_of(question), known := filers(documents))
    return [filer for filer in known if filer.name in named or not named]


def _with_calendar(question: str, documents: Sequence[Document]) -> str:
    """Years of the calendar as fiscal years, where those asked about end theirs with it; else as
    what they are, which is no year that filings state."""
    if not _CALENDAR.search(question):
        return question
    every = [d for filer in _asked(question, documents) for d in filer.documents]
    filed = [d for d in every if d.fiscal_period]  # not those of a day
    same = bool(filed) and all(map(_is_calendar, filed))
    return _CALENDAR.sub(rf"{'fiscal' if same else 'calendar'} \1", question)


def _is_calendar(document: Document) -> bool:
    """Whether its fiscal year ends within days of the calendar year of that number."""
    end = fiscal_year_end(identity_of(document))
    year = document.fiscal_year
    return bool(end and year and abs((end - date(year, 12, 31)).days) <= _DAYS_OFF)


def newest_year(companies: Sequence[str], documents: Sequence[Document]) -> int | None:
    """The newest fiscal year of these companies' annual reports; without any, of their filings."""
    filed = [d for f in filers(documents) if f.name in companies for d in f.documents]
    annual = [d for d in filed if is_annual(d.form)]
    return max((d.fiscal_year for d in annual or filed if d.fiscal_year), default=None)


def last_years(count: str, newest: int) -> tuple[int, ...]:
    """So many years up to the newest: ("three", 2023) -> (2021, 2022, 2023)."""
    many = COUNTS.get(count.lower()) or int(count)
    return tuple(range(newest - many + 1, newest + 1)) if 1 < many <= _MOST else ()


def _span(first: int, last: int) -> str:
    return f"from fiscal {first} to fiscal {last}"


def _put(question: str, found: re.Match[str], years: str) -> str:
    before = question[: found.start()]
    joint = "in " if years.startswith("fiscal") and not leads_in(before) else ""
    return f"{before}{joint}{years}{question[found.end() :]}"
