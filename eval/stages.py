"""GRADED ANSWER -> THE STAGE THAT FAILED: search, reading, calculating, wording, or a refusal.

What an answer states is set against what its model read. That is in its record (the prompt), else
in the question's own gold pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from eval.amounts import Amount, amounts
from eval.figures import Unit, agree, asked_unit
from eval.grade import Grade, gold_figures
from eval.questions import Question
from eval.stated import stated_amounts

Stage = Literal[
    "document", "page", "extraction", "calculation", "wording", "refusal", "hallucinated"
]
# In the order in which an answer passes them.
STAGES: dict[Stage, str] = {
    "document": "the right document was not shown to the model",
    "page": "the right page was not shown",
    "refusal": "refused although the page was shown",
    "extraction": "told another amount of what was shown: of a wrong row, column or unit",
    "calculation": "calculated wrongly, or told a row's amount where one had to be calculated",
    "wording": "no amount asked or told: wrong in words, or yes for no",
    "hallucinated": "answered what the filings do not state",
}
_SCALES = (None, 3, 6, 9)  # tables print thousands, millions, billions


def failed_stage(question: Question, record: dict[str, Any], verdict: Grade) -> Stage | None:
    """Where a wrong or refused answer went wrong (`STAGES`); None of a right one.

    "document", "page": it was not among what was shown. It was, and the model refused: "refusal".
    Otherwise the answer is wrong: what the filings' own figures gave is "calculation", unless they
    were only looked up. Where an amount is asked for and told, it is "calculation" if the amount
    told stands nowhere in what was read, or if the right one stands there neither and the question
    asks for a calculation, else "extraction". The rest is "wording". "hallucinated" is an answer
    to a question the filings do not answer."""
    if verdict == "correct":
        return None
    if not question.answerable:
        return "hallucinated"
    passages = record["passages"]
    if not any(p["doc"] in question.right_docs for p in passages):
        return "document"
    if not any((p["doc"], p["page"]) in question.right_pages for p in passages):
        return "page"
    return "refusal" if verdict == "refused" else _misread(question, record)


def _misread(question: Question, record: dict[str, Any]) -> Stage:
    from assistant.question_kind import asks_for_calculation

    answer = record["answer"]
    if answer.get("calculation"):
        return "calculation"
    gold, told = gold_figures(question), stated_amounts(answer["answer"], question.question)
    if not gold or not told:
        return "wording"
    read = amounts(_read(question, record))
    # To the digit: of all amounts on a page, one is near to any ratio.
    unit = asked_unit(question.question, question.unit)
    unit = replace(unit, ratio=False, decimals=unit.decimals or 0)
    worked_out = bool(read) and not any(_stands(amount, read, unit) for amount in told)
    stated = all(_stands(amount, read, unit) for amount in gold)
    has_to_be = not stated and asks_for_calculation(question.question)
    return "calculation" if worked_out or has_to_be else "extraction"


def _read(question: Question, record: dict[str, Any]) -> str:
    """The evidence in the prompt; of records without one, the gold pages that were shown."""
    if prompt := record.get("prompt"):
        evidence, _, _ = str(prompt[-1]["content"]).rpartition("\n\nQuestion: ")
        return evidence
    shown = {(p["doc"], p["page"]) for p in record["passages"]}
    pages = (text for page, text in question.gold_pages if (question.doc, page) in shown)
    return "\n".join(pages)


def _stands(amount: Amount, read: Sequence[Amount], unit: Unit) -> bool:
    """Whether the amount is printed, whatever its scale and sign."""
    return any(
        agree(_plain(amount), _plain(printed), unit, scale) for printed in read for scale in _SCALES
    )


def _plain(amount: Amount) -> Amount:
    return replace(amount, value=abs(amount.value), direction=0)
