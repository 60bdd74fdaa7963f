"""Amounts in answers, for grading: value, unit, scale, sign and the rounding that shows.

Written apart from the assistant's own number reading on purpose: a grader that shares code with
what it grades shares its mistakes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCALES = {"thousand": 3, "k": 3, "million": 6, "mn": 6, "mm": 6, "m": 6, "billion": 9, "bn": 9}
_SCALES |= {"b": 9, "trillion": 12}
_MONTHS = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_AMOUNT = re.compile(
    r"(?<![\w.,/])(?P<minus>[-−–](?=[$€£(\d.]))?"
    r"(?P<open>\()?\s?(?P<currency>(?:US)?\\?[$€£]|USD\s)?\s?(?P<inner>\(\s?|[-−–](?=[\d.]))?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<close>\s?\))?"
    r"(?P<unit>\s?\\?%|\s?percent(?:age)?(?:\spoints?)?\b|\s?(?:bps|basis points?)\b|x\b"
    r"|\stimes\b)?"
    r"(?P<wide>[\s-]?(?:thousand|million|billion|trillion|mn|mm|bn)s?\b)?(?P<letter>\s?[kmb]\b)?"
    r"(?:\s?\((?:in\s)?(?P<money>USD\s|(?:US)?\\?[$€£]\s?)?(?:in\s)?"
    r"(?P<scale>thousand|million|billion)s?\))?"
    r"(?P<close2>\))?(?![\w,]*\d)(?!-?[A-Za-z]{1,2}\b(?<!x))(?![A-Za-z])",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"(?:{_MONTHS}|note|page|pages|item|level|exhibit|form|section|chapter|part|rule|asc|table|step"
    r"|figure|number|no\.|line|year|quarter|fiscal|fy|\[|top|phase|tier|topic)\s*$",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(
    rf"\s*(?:{_MONTHS}\b|\]|(?:month|week)s?\b|(?:[- ]year\b))", re.IGNORECASE
)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
_NEAR = r"\b[^.;\n\d]{0,30}$"
_FALLS = re.compile(
    r"\b(?:negative|minus|decreas\w*|declin\w*|dropp?\w*|fell|fall\w*|down|loss(?:es)?|lost|reduc\w*"
    r"|contract\w*|shr[aiu]nk\w*|lower)" + _NEAR,
    re.IGNORECASE,
)
_RISES = re.compile(
    r"\b(?:positive|plus|increas\w*|r[io]se\w*|rising|gr[eo]w\w*|growth|gain\w*|improv\w*|higher|up)"
    + _NEAR,
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """An amount as written. `value` is signed, before `scale` (a power of ten; percent is -2,
    basis points -4) is applied; `decimals` counts printed places without trailing zeros, which
    show a format ("$8.70") more often than a precision. `bare` has neither unit nor
    scale. `in_brackets` is accounting's negative. `direction` is -1 or 1 where words just before
    it tell of a fall or a rise ("down 5%"), else 0."""

    value: float
    scale: int
    decimals: int
    currency: bool
    unit: str
    bare: bool
    in_brackets: bool
    direction: int
    start: int
    end: int

    @property
    def is_year(self) -> bool:
        """Whether it reads as a calendar year."""
        whole = self.bare and not self.currency and self.decimals == 0
        return whole and 1900 <= abs(self.value) < 2100

    @property
    def absolute(self) -> float:
        """With scale, percent or basis points applied."""
        return self.value * 10.0**self.scale


def amounts(text: str) -> list[Amount]:
    """Every amount in `text`, in order; dates, list numbers, "Note 8", "Q2", "10-K" and page or
    citation marks are none. Years are found, with `is_year`."""
    dates = [match.span() for match in _DATE.finditer(text)]
    found = []
    for match in _AMOUNT.finditer(text):
        start, end = match.span("digits")
        if any(a <= start < b for a, b in dates) or _is_label(text, match, start, end):
            continue
        found.append(_amount(text, match))
    return found


def _is_label(text: str, match: re.Match[str], start: int, end: int) -> bool:
    """A list number, a day of a month, "Note 8": small whole numbers that name, not measure."""
    digits = match["digits"]
    if not digits.isdigit() or len(digits) > 3 or match["currency"] or match["unit"]:
        return False
    if match["letter"] and not match["letter"][0].isspace():
        return True  # "3M" is a name, "$3M" an amount
    if match["wide"] or match["letter"] or match["scale"]:
        return False
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if re.fullmatch(r"[\s>*#(-]*", line) and re.match(r"[.):]\s", text[end : end + 2] + " "):
        return bool(text[end:].strip(" .:)*"))
    if _LABEL.search(text[max(0, start - 12) : start]):
        return True
    return bool(_AFTER_LABEL.match(text[end : end + 14]))


def _amount(text: str, match: re.Match[str]) -> Amount:
    digits = match["digits"].replace(",", "")
    unit = (match["unit"] or "").strip().strip("\\").lower()
    # "in 2018 (in USD millions)" asks of a year.
    said = None if re.fullmatch(r"(?:19|20)\d\d", match["digits"]) else match["scale"]
    wide = (match["wide"] or said or "").strip(" -\n\t").lower().removesuffix("s")
    # "3M" may be a company: a lone letter is a scale only after a currency or a decimal place.
    letter = (match["letter"] or "").strip().lower()
    letter = letter if match["currency"] or "." in digits else ""
    kind = "%" if unit.startswith(("%", "percent")) else unit
    shift = {"%": -2, "bps": -4, "basis point": -4, "basis points": -4}.get(kind, 0)
    inner = (match["inner"] or "").strip()
    brackets = bool((match["open"] or inner == "(") and (match["close"] or match["close2"]))
    # "(5%)" and "($3 million)" beside a sentence's own words are asides, not negatives.
    aside = brackets and bool(re.search(r"[A-Za-z0-9%]\s$", text[: match.start()][-2:]))
    explicit = bool(match["minus"]) or inner in {"-", "−", "–"}
    tight = brackets and (inner == "(" or not aside)
    value = float(digits)
    before = text[max(0, match.start() - 50) : match.start()]
    falls, rises = bool(_FALLS.search(before)), bool(_RISES.search(before))
    return Amount(
        value=-value if explicit or tight else value,
        scale=shift + _SCALES.get(wide or letter, 0),
        decimals=len(digits.partition(".")[2].rstrip("0")),
        currency=bool(match["currency"] or (said and match["money"]))
        or text[match.end() : match.end() + 1] in {"$", "€", "£"},
        unit=kind,
        bare=not (unit or wide or letter),
        in_brackets=brackets,
        direction=rises - falls,
        start=match.start("digits"),
        end=match.end(),
    )
