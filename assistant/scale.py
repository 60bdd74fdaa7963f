"""ANSWER OF A MODEL -> WHAT ITS AMOUNTS ARE IN: a table in thousands prints 1,400, a small model
copies "$1,400", and a reader takes it for dollars.

Told only where every amount without a scale of its own stands in rows of tables that agree on one,
or is worked out from such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Passage
from assistant.figures.row_units import what_is_told
from assistant.ground import is_factor, unit_of
from assistant.numbers import Number, numbers
from assistant.question_kind import formula_asked

_NAMES = {3: "thousands", 6: "millions", 9: "billions"}
_WORD = re.compile(r"[A-Za-z]{3}")
_LEAST = 10  # a smaller whole number without a currency counts something, or marks a list
_FIRST_AMOUNT = re.compile(r"\s[$€£(\s]*\d")
_NEAR = 12  # characters
_IN_THE_SAME = ("change", "mean", "sum")  # formulas whose result is in what the amounts are in
_Place = int | Literal["per share", "unknown"]


@dataclass(frozen=True)
class Scale:
    """`power` of ten of an answer's amounts without one of their own, 0 where it is not known or
    there are none; `told` says it to the reader, "" where nothing is to be said; `printed` are the
    values that stand in rows so."""

    power: int = 0
    told: str = ""
    printed: frozenset[object] = frozenset()

    def holds_for(self, number: Number, question: str) -> bool:
        """Whether this amount of the answer is in it: as printed, or worked out from such."""
        if not self.power or not _is_bare(number):
            return False
        if abs(number.value) in self.printed or number.currency:
            return True
        return formula_asked(question) in _IN_THE_SAME


def scale_of(text: str, passages: Sequence[Passage]) -> Scale:
    """What the amounts of an answer are in, as the tables say that it copied them from."""
    stated = numbers(text)
    bare = [n for n in stated if _is_bare(n) and not is_factor(n, text)]
    if any(what_is_told(text[n.end : n.end + _NEAR]) == "unknown" for n in bare):
        return Scale()  # "1,200 stores"
    places = {abs(n.value): _places(n, passages) for n in bare}
    found = {value: where for value, where in places.items() if where}
    kinds = {kind for where in found.values() for kind in where}
    powers = kinds - {"per share"}
    if len(powers) != 1 or any(len(where) > 1 for where in found.values()):
        return Scale()
    power = powers.pop()
    if not isinstance(power, int) or power not in _NAMES:
        return Scale()
    some = "Amounts without one of their own are" if any(n.scale for n in stated) else "Amounts"
    besides = ", except per share" if "per share" in kinds else ""
    printed = frozenset(value for value, where in found.items() if where == {power})
    return Scale(power, f"({some} in {_NAMES[power]}{besides}.)", printed)


def _is_bare(number: Number) -> bool:
    if number.scale or number.percent or number.times or number.is_year:
        return False
    return bool(number.currency or number.decimals or abs(number.value) >= _LEAST)


def _places(number: Number, passages: Sequence[Passage]) -> set[_Place]:
    """What the amounts are in where this one is printed; empty where it is printed nowhere."""
    found: set[_Place] = set()
    for passage in passages:
        unit = unit_of(passage)
        for line in passage.text.splitlines():
            for printed in numbers(line):
                if abs(printed.value) == abs(number.value) and not printed.percent:
                    found.add(_place(line, printed, unit))
    return found


def _place(line: str, printed: Number, unit: int | None) -> _Place:
    if printed.scale or _WORD.search(line[printed.end :]):
        return "unknown"  # a sentence
    told = what_is_told(_FIRST_AMOUNT.split(line, 1)[0].strip(" .:|"))
    if told == "money":
        return unit or "unknown"
    return told
