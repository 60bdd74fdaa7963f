"""TEXT -> DATES, FISCAL YEAR AND QUARTER, as the filer itself names them.

A fiscal year is mostly named after the calendar year it ends in, and weeks-based years end a few
days around a month's end (SEC EDGAR Filer Manual, DocumentFiscalYearFocus: a year ending in
January belongs to the year before). But filers differ ("fiscal 2020" for January 31, 2020), so the
document's own words are counted first.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = r"(?P<month>" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + r"|sept)\.?"
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        _MONTH + r"\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s*,?\s*(?P<year>(?:19|20)\d\d)",
        r"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s+(?:of\s+)?"
        + _MONTH
        + r",?\s+(?P<year>(?:19|20)\d\d)",
        r"\b(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)",
        r"\b(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)\b",
        r"\b(?P<month>[01]?\d)/(?P<day>[0-3]?\d)/(?P<year>(?:19|20)\d\d)",
    )
)
_SLACK = timedelta(days=10)  # 52/53-week years end up to a week from the month's end
_QUARTERS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3}
_QUARTERS |= {"fourth": 4, "4th": 4}
_QUARTER_WORD = r"(first|second|third|fourth|1st|2nd|3rd|4th)"
_FISCAL_YEAR = re.compile(r"\bfiscal\s+(?:years?\s+)?[’']?((?:19|20)\d\d)\b", re.I)
_NAMED_QUARTER = re.compile(
    rf"\b{_QUARTER_WORD}[\s-]+(?:fiscal\s+)?quarters?\s+(?:of\s+|in\s+)?(?:the\s+)?"
    r"(?:fiscal\s+(?:year\s+)?)?((?:19|20)\d\d)\b"
    rf"|\bfiscal\s+(?:year\s+)?((?:19|20)\d\d)\s+{_QUARTER_WORD}[\s-]+quarter\b",
    re.I,
)
_YEAR_END = re.compile(
    r"(?:fiscal\s+)?years?\s+(?:ended|ending|ends(?:\s+on)?)\s+(?:on\s+)?(?:the\s+\w+\s+)?"
    rf"{_MONTH}(?:\s+(?P<day>[0-3]?\d)\b)?",
    re.I,
)
_NEAREST = re.compile(
    r"(?:fiscal\s+)?year\s+(?:ends|ending)\s+(?:on\s+)?(?:the\s+)?[^.]{0,60}?(?:nearest|closest)[^.]{0,30}?"
    rf"{_MONTH}(?:\s+(?P<day>[0-3]?\d)\b)?|last\s+\w+day\s+(?:in|of)\s+(?P<last>{'|'.join(_MONTHS)})",
    re.I,
)
_RELEASE_QUARTER = re.compile(
    rf"\b{_QUARTER_WORD}[\s-]+(?:fiscal\s+)?quarter\b|\b(?:Q([1-4])|([1-4])Q)", re.I
)
_RELEASE_YEAR = re.compile(r"\b((?:19|20)\d\d)\b|\b(?:FY|Q[1-4]|[1-4]Q)\s?[’']?(\d\d)\b", re.I)


def find_date(text: str) -> date | None:
    """The first date in `text`; see `find_dates`."""
    return next(iter(find_dates(text)), None)


def find_dates(text: str) -> list[date]:
    """The dates in `text` in order, written in any usual way; impossible ones are passed over."""
    hits = sorted(
        ((found.start(), found) for pattern in _DATES for found in pattern.finditer(text)),
        key=lambda hit: hit[0],
    )
    return [day for _, found in hits if (day := _to_date(found))]


def ended_dates(text: str) -> list[date]:
    """Dates that `text` says a period ended on ("three months ended March 25, 2023")."""
    found = re.findall(
        r"(?:quarter|months|weeks|year|period)s?\s+ended\s+((?:\S+\s+){1,3}\S{4,6})", text, re.I
    )
    return [day for part in found if (day := find_date(part))]


def fiscal_year_of(period_end: date, text: str) -> int:
    """The fiscal year that a year ended on `period_end` bears in `text`."""
    middle = period_end - _SLACK
    stated = _stated_beside(period_end, text)
    likely = {middle.year - 1, middle.year, middle.year + 1}
    named = {year: n for year, n in stated.items() if year in likely}
    if named and (middle.month == 1 or (middle.year not in named and sum(named.values()) > 2)):
        return max(named, key=lambda year: (named[year], year))
    if middle.month != 1:
        return middle.year
    counts = Counter(int(year) for year in _FISCAL_YEAR.findall(text))
    return middle.year if counts[middle.year] > 0.4 * counts[middle.year - 1] else middle.year - 1


def fiscal_quarter_of(period_end: date, text: str, year_end: date | None) -> tuple[int, int]:
    """(fiscal year, quarter 1-4) of a quarter ended on `period_end`.

    `year_end` is any date whose month and day the fiscal year ends on (the year is ignored); None
    when only the text's own wording ("second quarter of fiscal 2024") can tell.
    """
    middle = period_end - _SLACK
    last_month = _last_month(year_end or _year_end(text))
    named = _named_quarters(text)
    if last_month is None:
        recent = {key: n for key, n in named.items() if abs(key[0] - middle.year) <= 1}
        if recent:
            return max(recent, key=lambda key: (recent[key], key))
        last_month = 12
    quarter = (middle.month - last_month - 1) % 12 // 3 + 1
    year = middle.year + (middle.month > last_month)
    counts = {y: named[y, quarter] for y in (year - 1, year, year + 1)}
    most = max(counts.values())
    if most >= 2:
        return max(y for y, n in counts.items() if n >= 0.4 * most), quarter
    return year - (last_month == 1), quarter


def release_period(headline: str) -> tuple[int | None, str | None]:
    """(fiscal year, "Q1" … "Q4" or "FY") that a headline names, None where it does not."""
    year = _RELEASE_YEAR.search(headline)
    found = _RELEASE_QUARTER.search(headline)
    number = int(year[1] or f"20{year[2]}") if year else None
    if found:
        quarter = _QUARTERS[found[1].lower()] if found[1] else int(found[2] or found[3])
        return number, f"Q{quarter}"
    whole = re.search(
        r"(?:full|fiscal)[\s-]+year|fiscal\s+\d|annual|year-end|FY\s?\d", headline, re.I
    )
    return number, "FY" if whole else None


def _to_date(found: re.Match[str]) -> date | None:
    month = found["month"]
    number = int(month) if month.isdigit() else _month_number(month)
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _stated_beside(day: date, text: str) -> Counter[int]:
    """Fiscal years named right beside `day`: "fiscal 2020 ended January 31, 2020", "… (fiscal
    2020)"."""
    month = _MONTHS[day.month - 1]
    written = rf"{month[:3]}(?:{month[3:]})?\.?\s+{day.day},?\s+{day.year}"
    before = (
        rf"fiscal\s+(?:year\s+)?(\d{{4}})\b[^.;\d]{{0,40}}\bend(?:ed|s|ing)\s+(?:on\s+)?{written}"
    )
    after = (
        rf"{written}(?:\s*[(“\"]|,?\s+(?:or|which|referred)\b)[^.;\d)]{{0,40}}"
        r"fiscal\s+(?:year\s+)?(\d{4})\b"
    )
    quoted = rf"{written}\s*\([^)\d]{{0,30}}[“\"](\d{{4}})[”\"]"
    years = [y for p in (before, after, quoted) for y in re.findall(p, text, re.I)]
    return Counter(int(year) for year in years)


def _named_quarters(text: str) -> Counter[tuple[int, int]]:
    """How often each (year, quarter) is spoken of."""
    return Counter(
        (int(y1 or y2), _QUARTERS[(q1 or q2).lower()])
        for q1, y1, y2, q2 in _NAMED_QUARTER.findall(text)
    )


def _year_end(text: str) -> date | None:
    """Month and day the fiscal year ends on, as a date of a leap year; the most frequent wins."""
    ends: Counter[tuple[int, int]] = Counter()
    for pattern in (_NEAREST, _YEAR_END):
        for found in pattern.finditer(text):
            name = found["month"] or found.groupdict().get("last")
            if name:
                ends[_month_number(name), min(28, int(found["day"] or 28))] += 1
    if not ends:
        return None
    month, day = ends.most_common(1)[0][0]
    return date(2000, month, max(1, day))


def _last_month(year_end: date | None) -> int | None:
    if year_end is None:
        return None
    return (year_end - _SLACK).month
