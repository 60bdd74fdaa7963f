"""Whether two answers state the same numbers."""

from __future__ import annotations

from assistant.answer import Answer
from assistant.numbers import Number, numbers, same_amount


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
    only = [_without(first, second), _without(second, first)]
    if not any(only):
        count = len({n.text for n in first})
        return True, f"The numbers agree ({count} compared)."
    sides = [
        f"only the {side} answer: {', '.join(dict.fromkeys(n.text for n in rest))}"
        for side, rest in zip(("left", "right"), only, strict=True)
        if rest
    ]
    return False, f"The numbers differ; {'; '.join(sides)}."


def _amounts(answer: Answer) -> list[Number]:
    return [number for number in numbers(answer.answer) if not number.is_year]


def _without(some: list[Number], others: list[Number]) -> list[Number]:
    """Those of `some` that are no number of `others`, however rounded on either side."""
    return [
        n
        for n in some
        if not any(same_amount(n, other) or same_amount(other, n) for other in others)
    ]
