"""COLUMN HEADS -> PERIODS: "Three Months Ended", "June 30,", "2023" is April to June 2023.

Where a head gives a year only, it is the filer's fiscal year and ends when that year does; where
it does not say how long a period is, the statement does: a balance sheet states instants.
"""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from index.facts import fiscal_year_at, fiscal_year_end
from index.filing import Identity
from index.periods import find_date
from index.statements import Statement

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
_MONTH_DAY = re.compile(
    r"\b(" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + r"|sept)\b\.?(?:\s+(\d{1,2})\b)?",
    re.I,
)
_NUMBERS = {"three": 3, "six": 6, "nine": 9, "twelve": 12, "thirteen": 13, "twenty": 26}
_NUMBERS |= {"twenty-six": 26, "thirty-nine": 39, "fifty-two": 52, "fifty-three": 53}
_LENGTH = re.compile(
    r"\b(\d{1,2}|three|six|nine|twelve|thirteen|twenty[- ]six|thirty[- ]nine"
    r"|fifty[- ](?:two|three))[- ]+(months?|weeks?)\b",
    re.I,
)
_YEARLY = re.compile(r"\b(?:years?|fiscal|twelve months)\b(?!\s*-?\s*end\b)", re.I)
_QUARTERLY = re.compile(r"\bquarters?(?:ly)?\b", re.I)
# "2024 vs.", "% Change", "2028 and thereafter"
_OF_NO_YEAR = re.compile(
    r".*\bvs\b.*|.*\bthereafter|(?:[$%] ?|percent(?:age)? )?(?:change|variance)(?: ?%)?", re.I
)
_DAYS_APART = 10
_INSTANT = re.compile(r"\b(?:as (?:of|at)|at)\b", re.I)


class Period(NamedTuple):
    """`start` is None for an instant."""

    start: date | None
    end: date


def period_of(
    head: Sequence[str],
    above: Sequence[str],
    statement: Statement | None,
    identity: Identity,
    ends: Mapping[int, date],
) -> Period | None:
    """The period that a column's head names, or None where it names none or several.

    `head` are the pieces over the column, top to bottom; `above` the lines over the table; `ends`
    the ends of fiscal years (`year_ends`).
    """
    dated = next((n for n, piece in enumerate(head) if _only_year(piece) is not None), 0)
    if any(map(_OF_NO_YEAR.fullmatch, head[dated:])):  # one above may be over other columns
        return None
    year = next((y for piece in reversed(head) if (y := _only_year(piece)) is not None), None)
    if year is None:
        return None
    end = _end(head, above, year, identity, ends)
    if end is None:
        return None
    months, weeks = _length(head, above, statement, identity)
    if months is None:
        return None
    if months == 0:
        return Period(None, end)
    return Period(_start(end, months, weeks, ends), end)


def year_ends(texts: Iterable[str], identity: Identity) -> dict[int, date]:
    """Fiscal year -> the day it ended on, of the years whose end the filing writes out somewhere:
    weeks-based years end on another day each year."""
    own = fiscal_year_end(identity)
    if own is None or identity.fiscal_year is None:
        return {}
    months = "|".join(
        f"{name[:3]}(?:{name[3:]})?"
        for name in {_MONTHS[(own + timedelta(days=days)).month - 1] for days in (-10, 0, 10)}
    )
    written = re.compile(rf"\b(?:{months})\.?\s+\d{{1,2}},?\s+(?:19|20)\d\d\b", re.I)
    counts: dict[int, Counter[date]] = defaultdict(Counter)
    for text in texts:
        for found in written.finditer(text):
            day = find_date(found[0])
            year = fiscal_year_at(day, identity) if day else None
            if day and year and abs((day - _shifted(own, year - identity.fiscal_year)).days) <= 10:
                counts[year][day] += 1
    fits = _fits(identity, own, counts)
    days = {year: [d for d, _ in found.most_common() if fits(d)] for year, found in counts.items()}
    return {year: found[0] for year, found in days.items() if found}


def _fits(
    identity: Identity, own: date, counts: Mapping[int, Counter[date]]
) -> Callable[[date], bool]:
    """Which days this filer's years end on: on one date, as a rule a month's last, or on one
    weekday near it, whichever is written of more other years, and more often. Other days near a
    year's end are those on which rules took effect, shares were counted, and the like."""
    end = identity.period_end or own
    exact = identity.fiscal_period in (None, "FY") and not _is_last(end)

    def same_date(day: date) -> bool:
        return (day.month, day.day) == (end.month, end.day) if exact else _is_last(day)

    def same_weekday(day: date) -> bool:
        return day.weekday() == end.weekday()

    def written(fits: Callable[[date], bool]) -> tuple[int, int]:
        others = (found for year, found in counts.items() if year != identity.fiscal_year)
        times = [n for found in others if (n := sum(found[day] for day in found if fits(day)))]
        # How often tells only where there are several: a rule of one year may be named often.
        return len(times), sum(times) if len(times) > 1 else 0

    dates, weekdays = written(same_date), written(same_weekday)
    return same_date if (dates, _is_last(end)) > (weekdays, False) else same_weekday


def _is_last(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _only_year(piece: str) -> int | None:
    years = set(_YEAR.findall(piece))
    return int(years.pop()) if len(years) == 1 else None


def _end(
    head: Sequence[str],
    above: Sequence[str],
    year: int,
    identity: Identity,
    ends: Mapping[int, date],
) -> date | None:
    for piece in reversed(head):
        if _only_year(piece) == year and (day := find_date(piece)):
            return day
    joined = " ".join(p for p in head if _only_year(p) == year or not _YEAR.search(p))
    if day := find_date(joined):
        return day
    own = _fiscal_year_end(year, identity, ends)
    for piece in (*reversed(head), *reversed(above)):
        found = _MONTH_DAY.search(piece)
        if found and (found[2] or piece in head) and not re.search(r"\bmay\s+[a-z]", piece):
            month = next(n for n, m in enumerate(_MONTHS, 1) if m.startswith(found[1].lower()[:3]))
            last = calendar.monthrange(year, month)[1]
            number = min(int(found[2]), last) if found[2] else last
            if number < 1:
                continue
            # "Fiscal 2019" under "years ended January 31" may end in January 2020.
            fiscal = any("iscal" in p for p in (*head, *above))
            stated = date(year, month, number)
            near = own and abs((own - stated).days) <= _DAYS_APART
            return own if own and (near or (fiscal and own.month == month)) else stated
    return own


def _fiscal_year_end(year: int, identity: Identity, ends: Mapping[int, date]) -> date | None:
    """Where the filer's fiscal `year` ends, as far as the filing's own period tells."""
    if year in ends:
        return ends[year]
    end, own = identity.period_end, identity.fiscal_year
    if end is None or own is None or identity.fiscal_period not in (None, "FY"):
        return None
    return _shifted(end, year - own)


def _shifted(day: date, years: int) -> date:
    """The same day so many years later."""
    year = min(max(day.year + years, 1900), 2200)
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _length(
    head: Sequence[str], above: Sequence[str], statement: Statement | None, identity: Identity
) -> tuple[int | None, int | None]:
    """Months of a period, 0 for an instant, None where nothing tells; its weeks, where told."""
    if statement == "balance":
        return 0, None
    for group in (list(reversed(head)), list(reversed(above))):
        for piece in group:
            if found := _LENGTH.search(piece):
                word = found[1].lower().replace(" ", "-")
                number = int(word) if word.isdigit() else _NUMBERS.get(word, 0)
                weeks = number if found[2].lower().startswith("week") else None
                months = round(number / 13 * 3) if weeks else number
                return (months, weeks) if 1 <= months <= 12 else (None, None)
            if _QUARTERLY.search(piece) and statement is not None:
                return 3, None
            if _YEARLY.search(piece):
                return 12, None
            if _INSTANT.search(piece) and statement is None:
                return 0, None
    usual = 12 if identity.fiscal_period in (None, "FY") else None
    if statement is not None:
        return usual, None
    # A note's table under bare dates states balances; under bare years, as a rule, a year's flow.
    if any(find_date(piece) for piece in (*head, " ".join(head), *above[-2:])):
        return 0, None
    return usual, None


def _start(end: date, months: int, weeks: int | None, ends: Mapping[int, date]) -> date:
    """The first day of the period: the one after a fiscal year's end, where one is near. Years that
    end on a weekday are made of weeks, their quarters of thirteen."""
    if weeks:
        return end - timedelta(days=7 * weeks - 1)
    expected, closed = _back(end, months), set(ends.values())
    dates = {(day.month, 0 if _is_last(day) else day.day) for day in closed}
    months_end = all(number == 0 for _, number in dates)
    if len(dates) == 1 and months_end:
        month = next(iter(closed)).month
        for year in (expected.year - 1, expected.year):
            closed.add(date(year, month, calendar.monthrange(year, month)[1]))
    begins = {day + timedelta(days=1) for day in closed}
    near = min(begins, key=lambda day: abs((day - expected).days), default=expected)
    if abs((near - expected).days) <= _DAYS_APART:
        return near
    weekly = len(dates) > 1 or not months_end
    return end - timedelta(days=7 * round(months / 3 * 13) - 1) if weekly else expected


def _back(end: date, months: int) -> date:
    """The first day of a period of so many months: the day after the same day, months before."""
    if months == 12:
        year = end.year - 1
        day = min(end.day, calendar.monthrange(year, end.month)[1])
        last = calendar.monthrange(year, end.month)[1]
        return end.replace(year=year, day=last if _is_last(end) else day) + timedelta(days=1)
    month = end.month - months
    year, month = (end.year, month) if month > 0 else (end.year - 1, month + 12)
    last = calendar.monthrange(year, month)[1]
    whole = _is_last(end)
    return date(year, month, last if whole else min(end.day, last)) + timedelta(days=1)
