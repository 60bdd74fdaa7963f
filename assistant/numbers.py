"""Numbers in running text and in filings: "$1,284.5 million", "(3.2)%", "1.25x", "—"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_SCALES = {"thousand": 3, "million": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "trillion": 12}
# Every stretch of blanks is bounded and stands inside its optional part, so that the time to
# match grows with the text's length only.
_NUMBER = re.compile(
    r"(?:(?P<open>\()\s{0,3})?(?:(?P<sign>[-−–](?=[$€£\d]))\s?)?(?:(?P<currency>US\$|[$€£])\s{0,3})?"
    r"(?:(?P<inner>\(|-)\s{0,3})?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<close>\s{0,3}\))?(?:\s{0,3}(?P<percent>%|percent\b|percentage points?\b))?"
    r"(?P<times>x\b|\s{1,3}times\b)?"
    r"(?:\s{0,3}(?P<scale>(?:thousand|million|billion|trillion|mn|bn|m)s?\b))?",
    re.I,
)
_MONTH_BEFORE = re.compile(
    r"\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?"
    r"|oct(ober)?|nov(ember)?|dec(ember)?)\.?\s*$",
    re.I,
)


@dataclass(frozen=True)
class Number:
    """A number as written. `value` is signed and as printed, before `scale` (a power of ten) is
    applied; `decimals` counts its printed decimal places; `start` is the place of its digits in the
    text, `end` that behind it."""

    text: str
    value: Decimal
    scale: int
    percent: bool
    times: bool
    currency: str | None
    decimals: int
    start: int
    end: int

    @property
    def scaled(self) -> Decimal:
        """The value with "thousand", "million", "billion" applied."""
        return self.value.scaleb(self.scale)

    @property
    def is_year(self) -> bool:
        """Whether it reads as a calendar year rather than an amount."""
        plain = self.text.strip().strip("().,")
        return bool(re.fullmatch(r"(19|20)\d\d", plain)) and not (self.percent or self.currency)


def numbers(text: str) -> list[Number]:
    """Every number in `text`, in order; no parts of words ("Q4", "10-K"), no days of dates."""
    return list(_numbers(text))


@lru_cache(maxsize=2048)  # an answer's lines are read again for each of its amounts
def _numbers(text: str) -> tuple[Number, ...]:
    found = []
    for match in _NUMBER.finditer(text):
        digits = match["digits"]
        before = text[match.start("digits") - 1 : match.start("digits")]
        after = text[match.end("digits") : match.end("digits") + 2]
        if before.isalpha() or re.match(r"-[A-Za-z]", after):
            continue
        if _MONTH_BEFORE.search(text[max(0, match.start("digits") - 12) : match.start("digits")]):
            continue  # the day of a date
        try:
            value = Decimal(digits.replace(",", ""))
        except InvalidOperation:
            continue
        wrapped = (match["open"] or match["inner"] == "(") and match["close"]
        if match["sign"] or match["inner"] == "-" or wrapped:
            value = -value
        scale = (match["scale"] or "").lower()
        found.append(
            Number(
                text=match[0].strip(),
                value=value,
                scale=_SCALES.get(scale, _SCALES.get(scale.rstrip("s"), 0)),
                percent=bool(match["percent"]),
                times=bool(match["times"]),
                currency=match["currency"],
                decimals=len(digits.partition(".")[2]),
                start=match.start("digits"),
                end=match.end(),
            )
        )
    return tuple(found)


def same_amount(stated: Number, printed: Number, unit: int | None = None) -> bool:
    """Whether `stated` is `printed`, perhaps rounded, rescaled (millions printed, billions
    stated) or with its sign told by words ("a decrease of 5"). `unit` is the power of ten that
    the table of `printed` is said to be in, if it is: then a stated scale has to agree, and an
    amount written out in full."""
    target, source = abs(stated.value), abs(printed.value)
    unit = printed.scale or unit
    if stated.scale and unit:
        half = Decimal("0.5").scaleb(stated.scale - stated.decimals)
        amount = target.scaleb(stated.scale)
        return abs(source.scaleb(unit) - amount) <= min(half, amount / 10)
    if target == source:
        return True
    half = Decimal("0.5").scaleb(-stated.decimals)
    for shift in (0, 3, 6, 9, -3, -6):
        if unit and shift < 0 and unit + shift not in (0, 6):
            continue  # "in millions", 8,925 is 8,925,000,000 in full, and never 8,925,000
        if shift == 0 and (stated.decimals >= printed.decimals):
            continue
        if stated.percent != printed.percent and shift:
            continue
        if source and abs(source.scaleb(-shift) - target) <= half <= target / 10:
            return True
    return False


def follows_from(stated: Number, known: Iterable[Number]) -> bool:
    """Whether `stated` is the sum, difference, ratio, percentage change or mean of two known
    numbers, at the precision it is stated with."""
    values = list(dict.fromkeys(abs(number.value) for number in known))[:40]
    target = abs(stated.value)
    half = Decimal("0.51").scaleb(-stated.decimals)
    for a in values:
        for b in values:
            results = [a + b, a - b, (a + b) / 2]
            if b:
                results += [a / b, 100 * a / b, 100 * (a - b) / b, 365 * a / b]
            if any(abs(abs(result) - target) <= half for result in results):
                return True
    return False
