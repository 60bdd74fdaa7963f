"""Whether two answers state the same numbers, and how far they are apart."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from assistant.answer import Answer
from assistant.numbers import Number, numbers

_LEAST_DIGITS = 3  # shared digits that make "1,284" and "$1.284 billion" the same amount


def agreement(one: Answer, other: Answer) -> tuple[bool | None, str]:
    """(True: same numbers, False: not, None: neither states any; a sentence for the reader).

    Years do not count. A number that one answer rounds or rescales is the same number.
    """
    if one.refused and other.refused:
        return True, "Both models say that this is not in the filings."
    if one.refused or other.refused:
        return False, "One model answers, the other finds nothing in the filings."
    first, second = _amounts(one), _amounts(other)
    if not first and not second:
        return None, "Neither answer states a number; compare the words."
    only = (_without(first, second), _without(second, first))
    if not any(only):
        count = len({n.value for n in first})
        return True, f"The numbers agree ({count} compared)."
    sides = [
        f"only the {side} answer: {', '.join(dict.fromkeys(n.text for n in rest))}"
        for side, rest in zip(("left", "right"), only, strict=True)
        if rest
    ]
    return False, f"The numbers differ; {'; '.join(sides)}."


def difference(one: Answer, other: Answer) -> float:
    """0 where two answers say the same, 1 where they share nothing.

    The share of their numbers that the other does not state; of answers without numbers, the share
    of the shorter one's words that the longer does not say (one minus the overlap coefficient). A
    refusal and an answer are 1 apart.
    """
    if one.refused or other.refused:
        return float(one.refused != other.refused)
    first, second = _amounts(one), _amounts(other)
    if first or second:
        apart = len(_without(first, second)) + len(_without(second, first))
        return apart / (len(first) + len(second))
    shorter, longer = sorted((_words(one), _words(other)), key=len)
    return 1 - len(shorter & longer) / len(shorter) if shorter else float(bool(longer))


def _words(answer: Answer) -> set[str]:
    return set(re.findall(r"\w+", answer.answer.lower()))


def _amounts(answer: Answer) -> list[Number]:
    return [number for number in numbers(answer.answer) if not number.is_year]


def _without(some: list[Number], others: list[Number]) -> list[Number]:
    return [number for number in some if not any(_same(number, other) for other in others)]


def _same(a: Number, b: Number) -> bool:
    """The same amount, the sign aside ("a decrease of 5"), perhaps rounded by one of them, and
    perhaps in another unit, where both name theirs or share enough digits."""
    if a.percent != b.percent:
        return False
    if a.scale and b.scale:
        return _rounds_to(a, b, b.scale - a.scale)
    if _rounds_to(a, b, 0):
        return True
    shared = min(_digits(a), _digits(b))
    return shared >= _LEAST_DIGITS and any(_rounds_to(a, b, s) for s in (-9, -6, -3, 3, 6, 9))


def _rounds_to(a: Number, b: Number, shift: int) -> bool:
    """Whether a and b * 10**shift are equal at the precision of the coarser one."""
    value, other = abs(a.value), abs(b.value).scaleb(shift)
    place = Decimal(1).scaleb(-min(a.decimals, b.decimals - shift))
    return value.quantize(place, ROUND_HALF_UP) == other.quantize(place, ROUND_HALF_UP)


def _digits(number: Number) -> int:
    """Significant digits as written."""
    return len(number.value.normalize().as_tuple().digits)
