"""WORDS ABOUT A TABLE -> UNIT AND SCALE of its amounts: "(in millions, except per share data)"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

POWERS = {"thousand": 3, "million": 6, "billion": 9}  # of ten
_POWERS = {**POWERS, "hundred": 2, "000": 3, "mm": 6}
_SCALE = re.compile(
    r"(?:\b(?:in|of|\(|\$)\s*)?(?:\b(?:U\.?S\.?|Canadian|Australian)\s+)?(?:\$\s*)?"
    r"\b(thousand|million|billion)s\b"
    r"|[($]\s*(?:US)?\$?\s*(?:in )?(thousand|million|billion)\b"
    r"|(?<![\d,.])\(?\$?\s?['’]?\b000(?:['’]?s)?\b(?:\s+omitted)?\)?",
    re.I,
)
_SHARE_SCALE = re.compile(
    r"(?:shares?|share (?:amounts|data|counts?))\b[^();]{0,60}?"
    r"\b(?:in|reflected in)\s+(thousand|million|billion)s"
    r"|\b(thousand|million|billion)s\s+of\s+shares",
    re.I,
)
_CURRENCIES = (
    ("EUR", re.compile(r"€|\beuros?\b", re.I)),
    ("GBP", re.compile(r"£|\bpounds sterling\b", re.I)),
    ("JPY", re.compile(r"\byen\b", re.I)),
    ("CNY", re.compile(r"\b(?:RMB|renminbi)\b", re.I)),
    ("CAD", re.compile(r"\bC\$|canadian dollars", re.I)),
    ("AUD", re.compile(r"\bA\$|australian dollars", re.I)),
    ("USD", re.compile(r"\$|\bdollars\b|\bUSD\b", re.I)),
)
_LONG = 180
# "Shares used to compute net income per share" are no amount per share.
_COUNTS_SHARES = re.compile(
    r"\W*(?:(?:weighted|average|number|of|total|basic|diluted|common|ordinary|and|the)\W+)*"
    r"shares\b(?:.{0,40}\b(?:used|outstanding)\b|\s+for\b.{0,30}\bper\b)",
    re.I,
)


class Units(NamedTuple):
    """Powers of ten of amounts and of share counts, and the currency; None where not stated."""

    scale: int | None
    share_scale: int | None
    currency: str | None


def units_of(lines: Iterable[str]) -> Units:
    """What the last of `lines` that speaks of units says."""
    scale = share_scale = currency = None
    for line in lines:
        if len(line) > _LONG:
            continue
        if shares := _SHARE_SCALE.search(line):
            share_scale = _POWERS[(shares[1] or shares[2]).lower()]
        rest = _SHARE_SCALE.sub(" ", line)
        found = _SCALE.search(rest)
        if found and not re.search(r"\d\s+(?:thousand|million|billion)", rest, re.I):
            scale = _POWERS[(found[1] or found[2] or "000").lower()]
            currency = next((code for code, said in _CURRENCIES if said.search(rest)), currency)
    return Units(scale, share_scale, currency)


_EXCHANGE = re.compile(
    r"^(?!.*\b(?:effects?|impacts?|gains?|loss(?:es)?)\b)"
    r"(?:.*\b(?:average|closing|spot|fx|exchange|conversion)\b.*\b)?"
    r"(?:fx|exchange|conversion) rates?$",
    re.I,
)


def row_unit(label: str, section: str, shown: str, in_balance: bool) -> str:
    """ "money", "per share", "shares" or "pure" (a ratio), by the row's own words."""
    if "%" in shown or _EXCHANGE.search(label):
        return "pure"
    if counts_shares(label) and not in_balance:
        return "shares"
    per_share = re.search(r"\bper\b.{0,30}\b(?:share|unit|ADS)\b|\bEPS\b", label, re.I)
    if per_share and not (in_balance and re.search(r"\bpar\b|\bstock\b|\bshares\b", label, re.I)):
        return "per share"
    if in_balance:
        return "money"
    if re.match(r"(?:basic|diluted|assuming dilution)\b", label, re.I):
        if re.search(r"weighted|average|number of|\bshares (?:used|outstanding)", section, re.I):
            return "shares"
        if re.search(r"\bper\b", section, re.I) or re.search(r"\.\d\d\)?$", shown):
            return "per share"
        return "shares"
    if re.search(
        r"\bweighted[- ]average\b.*\b(?:shares|outstanding|basic|diluted)"
        r"|\baverage\b.*\bshares\b|\bnumber of\b.*\bshares\b|\bshares (?:outstanding|used)\b",
        label,
        re.I,
    ):
        return "shares"
    # Net income a share, named only by the heading over it
    if re.search(r"\bper\b.{0,30}\bshares?\b", section, re.I) and re.search(r"\.\d\d\)?$", shown):
        return "per share"
    return "money"


def counts_shares(label: str) -> bool:
    """Whether a row's label says that it counts the shares by which others are divided."""
    return _COUNTS_SHARES.match(label) is not None
