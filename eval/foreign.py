"""ANSWER -> THE NUMBERS IN IT that stand neither in its evidence nor in a calculation.

The text as the reader gets it is checked, whatever was checked before: a sentence left out may have
held what another was calculated from. A model's answer is set against the passages that it read, as
`assistant.ground` does; one from the filings' own figures against the values of its inputs and
steps, never against what was printed of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from index.table_units import POWERS

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.numbers import Number

_LIST_MARK = re.compile(r"^\s*\d{1,2}[.)]\s|\[\d{1,2}\]", re.M)
# A verdict's own limit, said to be one.
_LIMIT = re.compile(r"\S+ (?:is the usual threshold|is the limit taken|on it is called so here)")


def numbers_checked(answer: Answer) -> dict[str, Any]:
    """{"n", "foreign"}: how many numbers the answer states, years and pages among them, and those
    that are neither in the evidence nor calculated, as written. None are counted of a refusal."""
    from assistant.arithmetic import plain_math, worked_out
    from assistant.assistant import CALCULATED
    from assistant.ground import unsupported
    from assistant.numbers import numbers

    text = _LIMIT.sub("", _LIST_MARK.sub("", plain_math(answer.answer)))
    stated = [] if answer.refused else numbers(text)
    if not stated:
        foreign: Sequence[str] = ()
    elif answer.model["scheme"] == CALCULATED:
        foreign = _not_calculated(answer, stated)
    else:
        results = worked_out(text).results
        foreign = unsupported(text, answer.question, answer.passages, results)
    return {"n": len(stated), "foreign": list(foreign)}


def _not_calculated(answer: Answer, stated: Sequence[Number]) -> list[str]:
    """The amounts that are no value of an input, of a step or of the answer, nor the change from
    one to another; numbers without a unit may stand in the labels, rows and periods told."""
    from assistant.numbers import numbers

    steps = answer.calculation["steps"] if answer.calculation else []
    inputs = [Decimal(str(each["value"])) for each in (*answer.facts, *steps)]
    changes = [x for a in inputs for b in inputs if b for x in (a - b, (a - b) / b)]
    values = [*inputs, *changes]
    if answer.value is not None:
        scale = next((n for word, n in POWERS.items() if word in (answer.unit or "")), 0)
        values.append(Decimal(str(answer.value)).scaleb(scale))
    told = [answer.question, *(c.quote for c in answer.citations)]
    told += [f"{c.company} {c.doc} fiscal {c.fiscal_year}" for c in answer.citations]
    told += [str(each[key]) for each in (*answer.facts, *steps) for key in ("name", "period")]
    named = {n.value for text in told for n in numbers(text)}
    return [
        n.text
        for n in stated
        if not any(_is(n, value) for value in values) and not (_is_bare(n) and n.value in named)
    ]


def _is(stated: Number, value: Decimal) -> bool:
    """Whether it is the value, as rounded; a share is told in percent, or kept so."""
    half = Decimal("0.51").scaleb(stated.scale - stated.decimals)
    amounts = (abs(value), abs(value) * 100) if stated.percent else (abs(value),)
    return any(abs(abs(stated.scaled) - amount) <= half for amount in amounts)


def _is_bare(number: Number) -> bool:
    return not (number.scale or number.percent or number.times or number.currency)
