"""QUESTION -> ITS KIND, as the reader is told it: one of a few fixed words."""

from __future__ import annotations

import re
from typing import Literal

from assistant.question_kind import (
    asks_for_advice,
    asks_for_change,
    asks_for_words,
    asks_yes_or_no,
    formula_asked,
)
from index.query import Query
from index.terms import metrics, names_in

Kind = Literal[
    "lookup", "metric", "comparison or trend", "narrative", "yes or no", "not answerable"
]

_COMPARES = re.compile(
    r"\b(?:compar\w+|versus|vs|than|trend\w*|over time|over the years|cagr|outperform\w*"
    r"|(?:high|low|larg|great|bigg|small|fast|slow)e(?:r|st)|(?:the|perform\w*) (?:best|worst)"
    r"|most(?! recent)"
    r"|(?<!at )least)\b",
    re.I,
)
_AND_WHY = re.compile(r"[,;]?\s*(?:and|but)?\s*\b(?:if so|if not)?,?\s*why\b[^?]*", re.I)


def kind_of(query: Query, answerable: bool = True) -> Kind:
    """The kind of a question, as the reader is told; yes or no may want its reason. Not answerable
    is what the store lacks and what no filing states."""
    question = query.question
    if not answerable or asks_for_advice(question):
        return "not answerable"
    if asks_yes_or_no(_AND_WHY.sub("", question)):
        return "yes or no"
    if asks_for_words(question):
        return "narrative"
    made = formula_asked(question)
    if made in ("mean", "share", "sum"):
        return "metric"
    years = () if query.stands_in else query.fiscal_years
    several = len(query.companies) > 1 or len(years) > 1
    if several or made or asks_for_change(question) or _COMPARES.search(question):
        return "comparison or trend"
    return "metric" if metrics().keys() & names_in(question).values() else "lookup"
