"""An automatic grader: is this answer correct, wrong, or a refusal?

Numeric gold answers are compared with the figure the answer comes down to (eval.stated), yes/no
answers by polarity, lists and narratives by the words and figures they share with the gold
(eval.wording).

How far to trust it, on 1,408 answers of 16 systems to 88 questions, labelled by people (`tenq eval
grader-agreement`): Cohen's kappa 0.81 over correct, wrong and refused; 0.91 for figures, 0.75 for
narratives, 0.68 for yes/no. It fails 12% of the right answers and passes 14% of the wrong ones; a
system's accuracy comes out 4 points off on average, 9 at worst, a difference of two systems 5.
Most of these questions served to write the rules (kappa 0.84 on them). On the 19 whose answers were
never read meanwhile it is 0.69 (figures 0.87, yes/no 0.65, narratives 0.51) and strict: it fails
31% of the right answers and passes 8% of the wrong ones. For other questions expect something
between, trust figures most, and read the flipped answers before believing a small difference.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from eval.amounts import Amount, amounts
from eval.figures import Unit, agree, asked_unit, asks_change, key_amounts, text_scale
from eval.questions import COUNT, Question
from eval.refusals import declines
from eval.stated import stated_amounts
from eval.wording import holds_points, polarity, resembles, supports

Grade = Literal["correct", "wrong", "refused"]
Kind = Literal["numeric", "yes-no", "narrative", "unanswerable"]
_QUANTITY = re.compile(
    r"\bhow (?:much|many|often|long|large|high|low|big)\b|\b(?:amount|total|ratio|margin|percent"
    r"|percentage|usd|average|turnover|quantity|number|value|rate|days|ebitda|revenue|income"
    r"|expense|balance|return|profit|eps|change|increase|capex|cost|sales|assets|debt|cash)\b|%",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"\bhow (?:much|many)\b|\bby what\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:which|who|whom|why|where|explain|describe|list|name)\b", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b", re.IGNORECASE
)
_YES_NO = re.compile(r"^\W*(?:yes|no)\b", re.IGNORECASE)
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve".split()
_COUNTED_WORD = re.compile(rf"\b(?:{'|'.join(_COUNTED)}|none|no)\b", re.IGNORECASE)
_FALL = re.compile(  # but not of "increase / (decrease)"
    r"(?<![/(])(?<!/ )(?<!or )\b(?:loss|decreas|declin|reduc|drop)", re.IGNORECASE
)
_LONGEST_FIGURE = 20  # words of a gold answer that is one figure in a sentence


def kind(question: Question) -> Kind:
    """How the question's answer is compared."""
    if not question.answerable:
        return "unanswerable"
    if question.value is not None:
        return "numeric"
    gold = question.answer.strip()
    if _YES_NO.match(gold):
        return "yes-no"
    figures = key_amounts(gold, question.question) or amounts(gold)
    words = re.findall(r"[A-Za-z]{2,}", gold)
    if len(figures) == 1 and not question.key_points:
        if len(words) <= 2:
            return "numeric"
        asked = question.question
        other = _OPEN.search(asked) or _AUXILIARY.match(asked)
        quantity = _HOW_MUCH.search(asked) or (_QUANTITY.search(asked) and not other)
        if quantity and len(words) <= _LONGEST_FIGURE:
            return "numeric"
    return "narrative"


def grade(question: Question, answer_text: str, refused: bool = False) -> Grade:
    """Grade one answer. An unanswerable question that is refused is "correct"."""
    if not question.answerable:
        return "correct" if refused or declines(answer_text) else "wrong"
    if refused or not answer_text.strip():
        return "refused"
    judge = _JUDGES[kind(question)]
    # "It names two acquisitions in 2022; it does not mention any in 2021" is an answer.
    if declines(answer_text) and not (judge is _narrative and judge(question, answer_text)):
        return "refused"
    return "correct" if judge(question, answer_text) else "wrong"


def gold_figures(question: Question) -> list[Amount]:
    """The amounts that the question asks for; none where it asks for words, or yes or no."""
    if kind(question) == "numeric":
        return [_gold_figure(question, asked_unit(question.question, question.unit))]
    points = question.key_points if question.unit else ()
    return [amount for point in points for amount in amounts(point)]


def _numeric(question: Question, text: str) -> bool:
    unit = asked_unit(question.question, question.unit)
    gold = _gold_figure(question, unit)
    if question.unit == COUNT and not amounts(text):
        text = _COUNTED_WORD.sub(_digits, text)
    stated = stated_amounts(text, question.question, keep=lambda a: agree(gold, a, unit))
    return any(agree(gold, amount, unit, text_scale(text)) for amount in stated)


def _gold_figure(question: Question, unit: Unit) -> Amount:
    if question.value is not None:
        suffix = "%" if unit.percent else ""
        gold = amounts(f"{question.value:.15g}{suffix}")[0]
        written = [a for a in amounts(question.answer) if abs(a.value) == abs(question.value)]
        if written and written[0].direction:
            return replace(gold, direction=written[0].direction)  # "fell by"
        # A change of 5 is no fall by 5; of a loss, words of falling tell nothing.
        asked = question.question
        rises = gold.value > 0 and asks_change(asked) and not _FALL.search(asked)
        return replace(gold, direction=int(rises))
    return (key_amounts(question.answer, question.question) or amounts(question.answer))[0]


def _digits(word: re.Match[str]) -> str:
    said = word[0].lower()
    return str(_COUNTED.index(said) if said in _COUNTED else 0)


def _yes_no(question: Question, text: str) -> bool:
    said = polarity(text, question.question)
    if said is None:
        return resembles(question, text)
    return said == polarity(question.answer, question.question) and supports(question, text)


def _narrative(question: Question, text: str) -> bool:
    if question.key_points and question.unit:
        return _holds_figures(question, text)
    if question.key_points:
        return holds_points(question.key_points, text)
    return resembles(question, text)


def _holds_figures(question: Question, text: str) -> bool:
    """Whether every figure of the key points, which are in the question's unit, is in the text,
    and every point without one."""
    unit = asked_unit(question.question, question.unit)
    unit = replace(unit, ratio=unit.percent)  # several figures are read off, not computed
    stated, scale = amounts(text), text_scale(text)
    for point in question.key_points:
        figures = amounts(point)
        if not figures and not holds_points([point], text):
            return False
        if not all(any(agree(gold, a, unit, scale) for a in stated) for gold in figures):
            return False
    return True


_JUDGES = {"numeric": _numeric, "yes-no": _yes_no, "narrative": _narrative}
