"""The figure an answer comes down to, among all those it mentions on the way.

In order: what is boxed or bold; the sentence that concludes ("therefore", "so", a last "="); the
first sentence that states a figure. Numbers of the question, years and definitions do not count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from eval.amounts import Amount, amounts
from eval.figures import echoes

_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z$*(\\-])|\n+")
_CONCLUDES = re.compile(
    r"\b(?:therefore|thus|hence|so,|so the|in summary|in conclusion|overall|final(?:ly)?|the answer"
    r"|(?:this|which|that) (?:is|represents|means|gives|equals|results in|translates to|equates to)"
    r" (?:an?|the|about|approximately|[$\d])|rounded|rounding|rounds"
    r"|comes (?:out )?to|in total|we get|is calculated|can be calculated|is approximately)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"[=≈]|\b(?:which|this|that) (?:is|represents|means|equals)\b|\b(?:increase|decrease|rise|fall"
    r"|drop|decline|change|difference|growth|improvement|reduction) (?:of|is|was)\b",
    re.IGNORECASE,
)
_BOLD = re.compile(r"\*\*(.+?)\*\*|\\boxed\{(.+?)\}", re.DOTALL)
_COPULA = re.compile(
    r"\b(?:is|was|were|are|be|of|to|at|by|approximately|about|around|totall?ed|amounted|equals?"
    r"|reported|had|has|paid|generated|spent)\b[^.;\n]{0,12}$|[:=≈~]\s*\$?\s*$",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b(?:from|between)\b[^.;:]*\b(?:to|and)\s+(?:fiscal\s+)?$", re.I)
_ALTERNATIVE = re.compile(r"^[^A-Za-z0-9]*(?:or|i\.e\.|or about|or approximately|which is)?\W*$")


def stated_amounts(
    text: str, question: str, keep: Callable[[Amount], bool] = lambda amount: False
) -> list[Amount]:
    """The figures that count as the answer: one, or several ways of saying it ("0.798 or 79.8%").
    A number that `keep` accepts counts even where the question holds it."""
    asked = amounts(question)

    years = {str(int(a.value)) for a in asked if a.is_year}
    years |= set(re.findall(r"\bFY\s?'?((?:19|20)\d\d)\b", question, re.IGNORECASE))

    def figures(part: str) -> list[Amount]:
        return [a for a in amounts(part) if keep(a) or (not a.is_year and not echoes(a, asked))]

    bold = [b or c for b, c in _BOLD.findall(text)]
    for part in reversed(bold):
        if not part.rstrip().endswith(":") and (found := figures(part)):
            return _result(part, found)
    sentences = [part for part in _SENTENCE.split(text) if figures(part)]
    if not sentences:
        return []
    concluding = [s for s in sentences if _CONCLUDES.search(s) or re.search(r"[=≈]", s)]
    chosen = concluding[-1] if concluding else sentences[0]
    found = figures(chosen)
    # "2024 = 1,428; 2023 = 1,395" states one figure for each year: the asked one counts.
    of_year = [a for a in found if _year_before(chosen, a) in years]
    return of_year or _result(chosen, found)


def _year_before(sentence: str, amount: Amount) -> str | None:
    label = re.search(r"\b((?:19|20)\d\d)\s*[=:]\W*$", sentence[: amount.start])
    # "rose by 5 from 2023 to 2024: 20 in 2023" labels nothing with 2024.
    spans = label and _SPAN.search(sentence[: label.start()])
    return label[1] if label and not spans else None


def _result(sentence: str, found: list[Amount]) -> list[Amount]:
    """Of one sentence: after the last "=", else the first after "is", "was", ":", with the
    alternatives that follow it."""
    equals = max((m.end() for m in _RESULT.finditer(sentence)), default=-1)
    after = [a for a in found if a.start > equals] if equals >= 0 else []
    if after:
        return _with_alternatives(sentence, after)
    for n, amount in enumerate(found):
        if _COPULA.search(sentence[: amount.start]):
            return _with_alternatives(sentence, found[n:])
    return found


def _with_alternatives(sentence: str, found: list[Amount]) -> list[Amount]:
    taken = found[:1]
    for before, amount in itertools.pairwise(found):
        if not _ALTERNATIVE.match(sentence[before.end : amount.start]):
            break
        taken.append(amount)
    return taken
