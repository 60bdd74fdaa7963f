"""Exact match as TAT-QA counts it (F. Zhu et al., ACL 2021): answer and scale are those published,
numbers rounded to two decimals, several spans as a set, words without case, articles and marks.

Beside the grader, which reads what a sentence states, it is strict: a span told in a sentence is no
match. Of an answer that comes down to a number, that number and its unit are taken.
"""

from __future__ import annotations

import re
import string
from typing import Any

from eval.published import only_figure
from eval.questions import Question
from index.table_units import POWERS

_POWER = {**POWERS, "percent": -2, "%": -2}
_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_BETWEEN = re.compile(r"[;\n]")
_PLACES = 2
Item = str | float


def exact_match(question: Question, answer: dict[str, Any]) -> bool | None:
    """Of an answer's JSON; None where the question is none of TAT-QA's."""
    if not question.spans:
        return None
    if answer["refused"]:
        return False
    gold = {_item(span, question.scale or "") for span in question.spans}
    told = {_item(span) for span in _BETWEEN.split(str(answer["answer"])) if span.strip()}
    if answer["value"] is None or told == gold:
        return told == gold
    scale = next((word for word in _POWER if word in (answer["unit"] or "")), "")
    return {_number(answer["value"], scale)} == gold


def _item(text: str, scale: str = "") -> Item:
    """A number in full where the text is one, of its own scale or else `scale`; else its words."""
    text = text.strip().rstrip(".")
    figure = only_figure(text)
    if figure is None:
        bare = "".join(" " if c in string.punctuation else c for c in text.lower())
        return " ".join(_ARTICLE.sub(" ", bare).split())
    if figure.bare:
        return _number(figure.value, scale)
    return round(round(figure.value, _PLACES) * 10.0**figure.scale, 4)


def _number(value: float, scale: str) -> float:
    return round(round(value, _PLACES) * 10.0 ** _POWER.get(scale, 0), 4)
