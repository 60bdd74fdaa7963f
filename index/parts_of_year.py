"""QUESTION -> THE PART OF A YEAR it asks about: "H1", "9 months", "YTD", "LTM", a quarter.

"First half of 2023" and "first nine months" begin with the fiscal year; "six months ended June 30,
2023" is as long and ends on that day, whichever part of the filer's year that is. "Year to date"
ends with the newest quarter, or with the one that is named, and so do trailing twelve months (LTM;
"LTM Q2" where the quarter is known): a fiscal year only where they end with one.

Few filings state the fourth quarter, the second half or twelve months of two fiscal years: a flow's
amounts are what lies between those that filings do state (`made_of`).
"""

from __future__ import annotations

import re

_NUMBERS = {"three": 3, "six": 6, "nine": 9, "twelve": 12}
_WEEKS = {"thirteen": 3, "twenty-six": 6, "thirty-nine": 9, "fifty-two": 12, "fifty-three": 12}
_WEEKS |= {"13": 3, "26": 6, "39": 9, "52": 12, "53": 12}
_ORDINALS = {"first": "1", "1st": "1", "second": "2", "2nd": "2"}
_LENGTH = (
    r"(?:(?P<months>three|six|nine|twelve|3|6|9|12)[- ]months?"
    r"|(?P<weeks>thirteen|thirty[- ]nine|twenty[- ]six|fifty[- ](?:two|three)|13|26|39|52|53)"
    r"[- ]weeks?)"
)
_PARTS = re.compile(
    r"(?P<trailing>\b(?:ttm|ltm)\b|\b(?:trailing|last|past|latest|previous)[- ](?:twelve|12|4|four)"
    r"[- ](?:months?|quarters?)(?:[- ]period)?(?:\s+(?:ended|ending|to))?)"
    r"|(?P<to_date>\byear[- ]to[- ]date\b|\bytd\b)"
    r"|\b(?P<half>first|second|1st|2nd)[- ](?:fiscal[- ])?half\b(?:[- ]years?\b)?"
    r"|(?<![A-Za-z])H(?P<h>[12])(?=\W|$|(?:19|20)\d\d)"
    r"|(?<!\w)(?P<h_after>[12])H(?=\W|$|(?:FY|CY)?\s?['’]?\d\d)"
    r"|(?P<half_ended>\bhalf[- ]year(?:ly period)?\s+(?:ended|ending|to)\b)"
    r"|\b(?P<first>first)\s+" + _LENGTH.replace("?P<months>", "?P<f_months>").replace(
        "?P<weeks>", "?P<f_weeks>"
    ) + r"(?:\s+(?:ended|ending|to|through))?"
    r"|\b" + _LENGTH + r"(?:[- ]periods?)?(?:\s+(?:ended|ending|to|through|until)\b"
    r"|(?<=months)\s+(?=fiscal (?:19|20)\d\d))"
    r"|(?P<quarter_ended>\bquarter(?:ly period)?\s+(?:ended|ending)\b)",
    re.I,
)  # fmt: skip
# What a part is closed by, and how many months it has, where it begins with the fiscal year.
_CLOSES = {"H1": "Q2", "6 months": "Q2", "9 months": "Q3", "H2": "FY", "12 months": "FY"}
_CLOSES |= {"LTM Q1": "Q1", "LTM Q2": "Q2", "LTM Q3": "Q3"}
MONTHS = {"FY": 12, "Q1": 3, "Q2": 3, "Q3": 3, "Q4": 3, "H1": 6, "H2": 6, "9 months": 9}
MONTHS |= {"LTM Q1": 12, "LTM Q2": 12, "LTM Q3": 12}
# What a part adds up to, of parts that filings state: each with its sign and how many fiscal years
# before it is.
_MADE_OF = {
    "Q2": ((1, "H1", 0), (-1, "Q1", 0)),
    "Q3": ((1, "9 months", 0), (-1, "H1", 0)),
    "Q4": ((1, "FY", 0), (-1, "9 months", 0)),
    "H2": ((1, "FY", 0), (-1, "H1", 0)),
    "LTM Q1": ((1, "FY", 1), (1, "Q1", 0), (-1, "Q1", 1)),
    "LTM Q2": ((1, "FY", 1), (1, "H1", 0), (-1, "H1", 1)),
    "LTM Q3": ((1, "FY", 1), (1, "9 months", 0), (-1, "9 months", 1)),
}
_OF_QUARTER = {
    (3, "Q1"): "Q1", (3, "Q2"): "Q2", (3, "Q3"): "Q3", (3, "FY"): "Q4",
    (6, "Q2"): "H1", (6, "FY"): "H2", (9, "Q3"): "9 months",
}  # fmt: skip
_SAID = {"H1": "the first half", "H2": "the second half", "9 months": "the first nine months"}
_SAID |= {"YTD": "the year to date", "LTM": "trailing twelve months", "6 months": "six months"}
_SAID |= {f"LTM {quarter}": f"the twelve months to {quarter}" for quarter in ("Q1", "Q2", "Q3")}
_QUARTERS = {"Q1": "first", "Q2": "second", "Q3": "third", "Q4": "fourth"}
_TO_DATE = {"Q1": "Q1", "Q2": "H1", "Q3": "9 months"}


def parts_named(text: str) -> set[str]:
    """The parts of a year that `text` names, but for quarters by their number."""
    return {_name(found) for found in _PARTS.finditer(text)}


def without_parts(text: str) -> str:
    """`text` with blanks where it names them."""
    return _PARTS.sub(" ", text)


def part_asked(text: str, quarters: set[str]) -> str | None:
    """The one part of a year that is asked for, with the quarters that `text` names by number: a
    quarter, "H1", "H2", "3 months" to "12 months" (that end on a day), "YTD", "LTM", "LTM Q2"; None
    where none is, or several are."""
    named = parts_named(text)
    if named == {"YTD"} and len(quarters) == 1:  # "Q3 year to date"
        return to_date(next(iter(quarters)))
    if named == {"LTM"} and len(quarters) == 1:
        return trailing(next(iter(quarters)))
    # "the first nine months, ended September 30", "the third quarter, three months ended"
    if len(quarters) == 1 and named == {"3 months"}:
        named = set()
    every = named | quarters
    return every.pop() if len(every) == 1 else None


def to_date(quarter: str) -> str | None:
    """The year up to the end of a quarter; None where that is the whole year."""
    return _TO_DATE.get(quarter)


def trailing(quarter: str) -> str:
    """Twelve months that end with a quarter: the fiscal year, where that is its last."""
    return f"LTM {quarter}" if quarter in _TO_DATE else "FY"


def made_of(part: str) -> tuple[tuple[int, str, int], ...]:
    """What a flow of this part is the sum of: (sign, part, fiscal years before); none where no
    filings' periods lie so."""
    return _MADE_OF.get(part, ())


def ending(part: str, quarter: str) -> str | None:
    """The part of the fiscal year that is as long as `part` and ends with `quarter` ("FY": with the
    year): six months ended with the second quarter are "H1"; None where it has no name."""
    if part == "YTD":
        return to_date(quarter)
    if part in ("LTM", "12 months"):
        return trailing(quarter)
    months = part.removesuffix(" months")
    if months.isdigit():
        return _OF_QUARTER.get((int(months), quarter))
    return part if closing(part) == quarter else None


def closing(part: str | None) -> str | None:
    """The quarter, or the year, that a part ends with, going by its name: None where only a day, or
    the newest filing, tells."""
    return _CLOSES.get(part or "", part if part in MONTHS else None)


def is_as_long(part: str, duration: str) -> bool:
    """Whether what a column is headed by ("six months", "13 weeks", "second quarter") may be of
    such a part."""
    words = " ".join(duration.lower().split())
    if found := re.fullmatch(_LENGTH, words):
        number, weeks = found["months"], found["weeks"]
        months = _WEEKS[weeks.replace(" ", "-")] if weeks else _NUMBERS.get(number) or int(number)
        return MONTHS.get(part) == months
    named = re.fullmatch(r"(?:(first|second|third|fourth) )?(?:fiscal )?quarter", words)
    return named is not None and part in _QUARTERS and named[1] in (None, _QUARTERS[part])


def part_said(part: str) -> str:
    """ "the first half", as said of a fiscal year."""
    return _SAID.get(part, part)


def speaks_of(part: str, text: str) -> bool:
    """Whether `text` says anything of such a part of a year."""
    said = _SPOKEN.get(part)
    return said is None or said.search(text) is not None


_HALF = (
    r"\b(?:six|6)[- ]months?\b|\b(?:26|twenty[- ]six)[- ]weeks?\b|\bytd\b|\byear[- ]to[- ]date\b"
)
_NINE = (
    r"\b(?:nine|9)[- ]months?\b|\b(?:39|thirty[- ]nine)[- ]weeks?\b|\bytd\b|\byear[- ]to[- ]date\b"
)
_SPOKEN = {
    "H1": re.compile(rf"{_HALF}|\bfirst[- ]half\b|\bhalf[- ]year|\bH1\b|\b1H", re.I),
    "H2": re.compile(r"\b(?:second|latter)[- ]half\b|\bH2\b|\b2H", re.I),
    "6 months": re.compile(rf"{_HALF}|\bhalf\b|\b(?:H[12]\b|[12]H)", re.I),
    "9 months": re.compile(_NINE, re.I),
    "YTD": re.compile(rf"{_HALF}|{_NINE}|\bfirst[- ]half\b|\b(?:three|3)[- ]months?\b", re.I),
    "LTM": re.compile(
        r"\b(?:ttm|ltm)\b|\b(?:trailing|last|past|latest|previous)[- ](?:twelve|12|four|4)[- ]"
        r"(?:months?|quarters?)\b|\btwelve months ended\b",
        re.I,
    ),
    "12 months": re.compile(r"\b(?:twelve|12)[- ]months?\b|\byears? ended\b|\bfiscal\b", re.I),
}

_SPOKEN |= {f"LTM {quarter}": _SPOKEN["LTM"] for quarter in _TO_DATE}


def _name(found: re.Match[str]) -> str:
    if found["trailing"]:
        return "LTM"
    if found["to_date"]:
        return "YTD"
    if half := found["half"] or found["h"] or found["h_after"]:
        return "H" + _ORDINALS.get(half.lower(), half)
    if found["half_ended"]:
        return "6 months"
    if found["quarter_ended"]:
        return "3 months"
    first = found["first"] is not None
    months, weeks = found["f_months" if first else "months"], found["f_weeks" if first else "weeks"]
    if months:
        number = _NUMBERS.get(months.lower()) or int(months)
    else:
        number = _WEEKS[re.sub(r"\s", "-", weeks.lower())]
    if first:
        return {3: "Q1", 6: "H1", 9: "9 months"}.get(number, "12 months")
    return f"{number} months"
