"""QUESTION -> CITED ANSWER: retrieve, prompt, generate, ground, cite, or refuse."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answer import Answer, Citation, Evidence, FigureAnswer, Passage
from assistant.engine import Engine, Messages, Usage
from assistant.evidence import gather
from assistant.ground import (
    Firm,
    cite,
    closest,
    declined,
    firm,
    of_other_lines,
    other_item,
)
from assistant.numbers import Number, numbers
from assistant.prompt import MAX_NEW_TOKENS, fit, messages, rows_in
from assistant.question_kind import asks_for_words, asks_yes_or_no
from assistant.scale import scale_of
from assistant.years import certain, listed, of_other_years, speak_of_none
from index.parts_of_year import part_said, speaks_of
from index.store import Store

EVIDENCE_TOKENS = 1500
CALCULATED = "calculated"  # the scheme of an answer that no model gave
_SCALE_NAMES = {3: "thousand", 6: "million", 9: "billion", 12: "trillion"}


class Assistant:
    """Answers questions over one store with one engine (several may share the store)."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self.store = store
        self.engine = engine

    def retrieve(self, question: str) -> Evidence:
        """Find the passages for `question`; no model is used."""
        return gather(self.store, question)

    def ask(self, question: str, evidence: Evidence | None = None) -> Answer:
        """The finished answer."""
        *_, answer = self.stream(question, evidence)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, evidence: Evidence | None = None, stop: threading.Event | None = None
    ) -> Iterator[str | Answer]:
        """Yield text pieces as they come, then the finished Answer as the last item (its text may
        differ from the streamed pieces: trimmed, or replaced by a refusal). With `evidence`
        given, nothing is retrieved: two engines can be compared on the same passages."""
        return answer_from(self.engine, evidence or self.retrieve(question), stop)


def answered_unread(evidence: Evidence, model: dict[str, str]) -> Answer | None:
    """The answer where the filings' own numbers give it, the refusal where the store alone rules
    one out; None where `model` has to read."""
    if evidence.figure:
        return _calculated(evidence, evidence.figure)
    reason = evidence.missing or _unspoken(evidence, evidence.passages)
    if evidence.passages and not reason:
        return None
    reason = reason or "Nothing in the store speaks of this."
    return _refusal(model, evidence, reason, Usage(0, 0, 0.0, 0.0))


def answer_from(
    engine: Engine,
    evidence: Evidence,
    stop: threading.Event | None = None,
    budget_tokens: int = EVIDENCE_TOKENS,
    ground: bool = True,
) -> Iterator[str | Answer]:
    """Answer the evidence's question with `engine`; see `Assistant.stream`. Passages beyond
    `budget_tokens` are not read. Without `ground`, what the model says is the answer as it is: to
    measure what the checks do."""
    model = {"name": engine.name, "scheme": engine.scheme}
    unread = answered_unread(evidence, model)
    if unread:
        yield unread
        return
    prompt, passages = prompted(engine, evidence, budget_tokens)
    pieces = []
    started = time.perf_counter()
    for piece in engine.stream(prompt, MAX_NEW_TOKENS, stop):
        pieces.append(piece)
        yield piece
    spent = time.perf_counter() - started
    usage = engine.usage or Usage(0, 0, spent, spent)
    said = "".join(pieces)
    if ground:
        yield grounded(model, evidence, passages, said, usage)
    else:
        yield _answer(model, evidence, Firm(said.strip()), usage, passages)


def answers_from(
    engine: Engine, batch: Sequence[Evidence], budget_tokens: int = EVIDENCE_TOKENS
) -> list[Answer]:
    """Answer several questions together; see `answer_from`. Seconds are the whole batch's."""
    model = {"name": engine.name, "scheme": engine.scheme}
    unread = [answered_unread(evidence, model) for evidence in batch]
    to_read = [evidence for evidence, answer in zip(batch, unread, strict=True) if answer is None]
    asked = [prompted(engine, evidence, budget_tokens) for evidence in to_read]
    said = engine.generate([prompt for prompt, _ in asked], MAX_NEW_TOKENS) if asked else []
    read = (
        grounded(model, evidence, passages, text, usage)
        for evidence, (_, passages), (text, usage) in zip(to_read, asked, said, strict=True)
    )
    return [answer or next(read) for answer in unread]


def prompted(
    engine: Engine, evidence: Evidence, budget_tokens: int
) -> tuple[Messages, tuple[Passage, ...]]:
    """What the model reads, and the passages in it."""
    passages = fit(evidence.passages, budget_tokens, engine.count_tokens)
    rows = rows_in(evidence.rows, evidence.passages, passages)
    return messages(evidence.question, passages, rows), passages


def grounded(
    model: dict[str, str],
    evidence: Evidence,
    passages: tuple[Passage, ...],
    said: str,
    usage: Usage,
) -> Answer:
    """What the model said as an answer with citations, or as a refusal where it declined or named
    figures that stand nowhere."""
    text = said.strip()
    if declined(text):
        reason = "The passages found do not state this."
        return _refusal(model, evidence, reason, usage, passages)
    in_words = _in_words(evidence.question)
    told = firm(text, evidence.question, passages, in_words)
    if not told.text:
        doubtful = ", ".join(dict.fromkeys(said.strip(" ()") for said in told.doubtful))
        reason = f"The model said {doubtful}, which stands in none of the passages found."
        if not doubtful:
            reason = "The model compared amounts the wrong way round."
        return _refusal(model, evidence, reason, usage, passages)
    if taken := other_item(told.text, evidence.question):
        reason = f"What the model found is “{taken}”."
        return _refusal(model, evidence, reason, usage, passages)
    companies = evidence.understood["companies"]
    if not in_words and of_other_lines(told.text, evidence.question, companies, passages):
        reason = "What the model said stands in no line that names what is asked."
        return _refusal(model, evidence, reason, usage, passages)
    years = _years(evidence)
    if unspoken := _unspoken(evidence, passages):
        return _refusal(model, evidence, unspoken, usage, passages)
    if others := of_other_years(told.text, years, passages):
        reason = f"What the model said stands under {listed(others, 'or')}, not under {years[0]}."
        return _refusal(model, evidence, reason, usage, passages)
    return _answer(model, evidence, told, usage, passages)


def _in_words(question: str) -> bool:
    """Whether a sentence without an amount may answer."""
    return asks_yes_or_no(question) or asks_for_words(question)


def _years(evidence: Evidence) -> tuple[int, ...]:
    """The years that an answer must be for, where that is certain."""
    return certain(evidence.question, evidence.understood["fiscal_years"])


def _unspoken(evidence: Evidence, passages: Sequence[Passage]) -> str | None:
    """Why the passages cannot answer for the years or the part of a year asked, if none speaks of
    them."""
    years = _years(evidence)
    if speak_of_none(years, passages):
        return f"None of the passages found speaks of {listed(years, 'or')}."
    part = evidence.understood.get("fiscal_period")
    if not part or not passages or asks_for_words(evidence.question):
        return None
    if any(speaks_of(part, passage.text) for passage in passages):
        return None
    return f"None of the passages found speaks of {part_said(part)}."


def _calculated(evidence: Evidence, figure: FigureAnswer) -> Answer:
    usage = Usage(0, 0, 0.0, 0.0)
    return Answer(
        question=evidence.question,
        answer=figure.text,
        refused=False,
        citations=figure.citations,
        model={"name": "the filings' own figures", "scheme": CALCULATED},
        timings_s=_timings(evidence, usage),
        prompt_tokens=0,
        completion_tokens=0,
        value=figure.value,
        unit=figure.unit,
        facts=figure.facts,
        calculation=figure.calculation,
        note=evidence.note,
        understood=evidence.understood,
        passages=evidence.passages,
        read_by_ocr=_read_by_ocr(evidence, figure.citations),
    )


def _answer(
    model: dict[str, str],
    evidence: Evidence,
    told: Firm,
    usage: Usage,
    passages: tuple[Passage, ...],
) -> Answer:
    final = _final_number(told.text, evidence.understood["fiscal_years"])
    scale = scale_of(told.text, passages)
    if final and scale.holds_for(final, evidence.question):
        final = replace(final, scale=scale.power)
    citations = cite(told.text, evidence.question, passages)
    return Answer(
        question=evidence.question,
        answer=f"{told.text} {scale.told}".strip(),
        refused=False,
        citations=citations,
        model=model,
        timings_s=_timings(evidence, usage),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        supported=not told.doubtful,
        unsupported_numbers=told.doubtful,
        left_out=told.left_out,
        recalculated=told.recalculated,
        confidence=round(math.exp(usage.log_prob), 4) if usage.log_prob is not None else None,
        value=float(final.value) if final else None,
        unit=_unit(final) if final else None,
        note=evidence.note,
        understood=evidence.understood,
        passages=passages,
        read_by_ocr=_read_by_ocr(evidence, citations),
    )


def _refusal(
    model: dict[str, str],
    evidence: Evidence,
    reason: str,
    usage: Usage,
    passages: tuple[Passage, ...] = (),
) -> Answer:
    near: tuple[Citation, ...] = closest(passages or evidence.passages, evidence.question)
    return Answer(
        question=evidence.question,
        answer=" ".join(filter(None, ["Not in the filings.", reason, evidence.instead])),
        refused=True,
        citations=near,
        model=model,
        timings_s=_timings(evidence, usage),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        note=evidence.note,
        understood=evidence.understood,
        passages=passages,
    )


def _read_by_ocr(evidence: Evidence, citations: Sequence[Citation]) -> tuple[str, ...]:
    """The cited pages that are images, each once."""
    scanned = [c for c in citations if (c.doc_id, c.page) in evidence.scanned]
    return tuple(dict.fromkeys(f"{c.doc} page {c.page}" for c in scanned))


def _timings(evidence: Evidence, usage: Usage) -> dict[str, float]:
    """Seconds from the question, retrieval included."""
    return {
        "retrieve": round(evidence.retrieve_s, 3),
        "first_token": round(evidence.retrieve_s + usage.first_token_s, 3),
        "total": round(evidence.retrieve_s + usage.total_s, 3),
    }


def _final_number(text: str, years: Sequence[int]) -> Number | None:
    """The number an answer comes down to: the one labelled with the year asked, else the last."""
    amounts = [number for number in numbers(text) if not number.is_year]
    if len(years) == 1:
        labelled = [n for n in amounts if text[: n.start].rstrip(" $(").endswith(f"{years[0]} =")]
        amounts = labelled or amounts
    return amounts[-1] if amounts else None


def _unit(number: Number) -> str:
    if number.percent:
        return "%"
    if number.times:
        return "x"
    currency = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}.get(number.currency or "", "")
    return f"{currency} {_SCALE_NAMES.get(number.scale, '')}".strip()
