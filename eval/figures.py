"""Whether an answer's stated figure is the gold figure: units, scale, sign and rounding.

Each number is read as the set of quantities it may mean. A number with its unit ("$1,577 million",
"65.4%") means one; a bare one also means what the question's own unit makes of it ("in USD
millions", "in units of percents").

Two figures agree where they differ by no more than half a unit in the last place that the gold
prints or the question asks for; or, where it asks for no places, half a unit in the last place of
the answer (then by at most 5%: "$2 billion" is not $1,577 million); or, for ratios and
percentages, which pass through rounded inputs, by 1%.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.amounts import Amount, amounts
from index.table_units import POWERS

RELATIVE = 0.01  # for computed ratios
_COARSEST = 0.05
_SCALE_ASKED = re.compile(
    r"\b(?:in|as|of)\s+(?:us\s?d|us dollars|u\.s\. dollars|dollars|\$|eur|euros?|gbp)?\s*"
    r"\(?(thousand|million|billion|trillion)s?\b|\b(?:usd|\$)\s?(thousand|million|billion)s?\b",
    re.IGNORECASE,
)
_PERCENT_ASKED = re.compile(r"%|\bpercent|\bpercentage", re.IGNORECASE)
_POWER = {**POWERS, "trillion": 12}
_DECIMALS_ASKED = re.compile(r"\b(one|two|three|four|\d)\s+decimal", re.IGNORECASE)
_DIGITS = {"one": 1, "two": 2, "three": 3, "four": 4}
_RATIO = re.compile(
    r"\bratio|margin|turnover|average|growth|rate|percent|%|days|outstanding|return|define"
    r"|calculat|comput|times|yield|conversion|coverage|year-over-year|change",
    re.IGNORECASE,
)
_OUTFLOW = re.compile(
    r"expendit|capex|paid|pay|payment|purchas|repurchas|cost|expens|outflow|spen[dt]|decrea|declin"
    r"|drop|loss|fell|dividend|repay|charge|impairment|used in|provision|depreciation|reduc",
    re.IGNORECASE,
)
_CHANGE = re.compile(r"\bchange\b|\bgrowth\b|\bincrease\s*(?:/|or)\s*\(?decrease", re.IGNORECASE)
_WHICH_YEAR = re.compile(r"\b(?:which|what) (?:fiscal |financial )?years?\b(?!-)", re.IGNORECASE)


@dataclass(frozen=True)
class Unit:
    """What the question (or the question file) says about the figure asked for."""

    scale: int | None
    percent: bool
    decimals: int | None
    ratio: bool
    outflow: bool


@dataclass(frozen=True)
class Reading:
    """One quantity a number may mean, and half a unit in its last printed place."""

    value: float
    half_ulp: float


def asked_unit(question: str, unit: str | None = None) -> Unit:
    """The unit a question asks for; `unit` of the question file ("USD million", "%") wins."""
    found = [a or b for a, b in _SCALE_ASKED.findall(question)]
    named = re.search("|".join(_POWER), unit or "", re.IGNORECASE)
    scale = named[0] if named else (found[-1] if found else None)
    decimals = _DECIMALS_ASKED.search(question)
    places = decimals[1].lower() if decimals else None
    # 2018 is not 2019, whatever ratio it is the year of.
    year = bool(_WHICH_YEAR.search(question))
    percent = bool(_PERCENT_ASKED.search(unit if unit is not None else question)) and not year
    return Unit(
        scale=_POWER[scale.lower()] if scale and not percent else None,
        percent=percent,
        decimals=None if places is None else int(_DIGITS.get(places, places)),
        ratio=percent or bool(_RATIO.search(f"{unit or ''} {question}") and not year),
        outflow=bool(_OUTFLOW.search(question)) and not asks_change(question),
    )


def asks_change(question: str) -> bool:
    """Whether the figure asked for is a change, whose sign says which way, of costs as well."""
    return bool(_CHANGE.search(question))


def agree(gold: Amount, stated: Amount, unit: Unit, table_scale: int | None = None) -> bool:
    """Whether `stated` is the gold figure. `table_scale` is a scale that the answer's text gives
    for all its figures ("in millions")."""
    if gold.direction * stated.direction < 0:
        return False
    for a in _readings(gold, unit, None, unit.decimals):
        for b in _readings(stated, unit, table_scale, None):
            signs = (1, -1) if _sign_is_free(gold, stated, unit) else (1,)
            if any(_close(a, Reading(sign * b.value, b.half_ulp), unit) for sign in signs):
                return True
    return False


def text_scale(text: str) -> int | None:
    """The scale of "(in millions)" or "amounts are in thousands" in an answer."""
    found = re.search(r"\bin (thousand|million|billion)s\b", text, re.IGNORECASE)
    return _POWER[found[1].lower()] if found else None


def echoes(amount: Amount, asked: Iterable[Amount]) -> bool:
    """Whether a number only repeats one of the question."""
    return any(amount.value == other.value and amount.scale == other.scale for other in asked)


def key_amounts(text: str, question: str) -> list[Amount]:
    """The figures of a text that are neither years nor repeated from the question."""
    asked = amounts(question)
    return [a for a in amounts(text) if not a.is_year and not echoes(a, asked)]


def any_agrees(gold: Sequence[Amount], stated: Sequence[Amount], unit: Unit) -> bool:
    """Whether one of the gold figures is among the stated ones."""
    return any(agree(g, s, unit) for g in gold for s in stated)


def _readings(
    amount: Amount, unit: Unit, table_scale: int | None, decimals: int | None
) -> list[Reading]:
    scales = {amount.scale}
    if amount.bare:
        scales |= {unit.scale or 0, table_scale or 0}
        if unit.percent and not amount.currency:
            scales.add(-2)
    elif amount.unit == "%" and not unit.percent:
        scales.add(0)  # "65.4%" where the gold says 65.4
    places = max(amount.decimals, decimals or 0)
    return [
        Reading(amount.value * 10.0**scale, 0.5 * 10.0 ** (scale - places))
        for scale in sorted(scales)
    ]


def _close(gold: Reading, stated: Reading, unit: Unit) -> bool:
    gap = abs(gold.value - stated.value)
    slack = 1 + 1e-9
    if gap <= gold.half_ulp * slack:
        return True
    size = abs(gold.value)
    coarse = unit.decimals is None and gap <= stated.half_ulp * slack
    if coarse and gap <= _COARSEST * size:
        return True
    return (
        unit.ratio
        and gap <= RELATIVE * size
        and math.copysign(1, gold.value) == math.copysign(1, stated.value)
    )


def _sign_is_free(gold: Amount, stated: Amount, unit: Unit) -> bool:
    """Statements print outflows in brackets, sentences say "a decrease of 5": there the sign is in
    the words, so magnitudes are compared (opposite words were ruled out before). Brackets within a
    sentence may be an aside; where the gold is negative they are a sign."""
    bracketed = stated.in_brackets and gold.value < 0
    return unit.outflow or bracketed or gold.direction < 0 or stated.direction < 0
