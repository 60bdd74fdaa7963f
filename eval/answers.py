"""Ask a model the questions, grade what it says, and compare two models on the same evidence.

The evidence is gathered first and given to both models; then one model is loaded after the other,
so that only one is in memory. Every answer is on disk before the next question (eval.records).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from eval.answering_code import answering_code
from eval.errors import EvaluationError
from eval.exact_match import exact_match
from eval.foreign import numbers_checked
from eval.grade import grade
from eval.models import Model, Served, find_answering
from eval.questions import Question
from eval.records import Records, record_key
from eval.scores import compared, summary
from eval.stages import failed_stage

if TYPE_CHECKING:
    from assistant.answer import Answer, Evidence
    from assistant.engine import Engine
    from index.store import Store

Mode = Literal["retrieved", "gold"]
Part = Literal["figures", "calculator", "filters", "grounding"]
Load = Callable[[str, Path, str | None], "Engine"]
_WARM_UP_TOKENS = 2
_GOLD_TOKENS = 8000


def run_answers(
    questions: Sequence[Question],
    store: Store | None,
    model: str,
    models_dir: Path,
    out_jsonl: Path,
    evidence: Mode = "retrieved",
    compare_with: str | None = None,
    limit: int | None = None,
    load: Load | None = None,
    figures: bool | None = None,
    without: Sequence[Part] = (),
) -> dict[str, Any]:
    """Answer and grade; returns the JSON of `tenq eval answers` (`eval.scores`), with a comparison
    where `compare_with` is given.

    With `figures`, what can be looked up or calculated is, as for a reader, and no model is asked;
    by default so, but not where two models are compared: that is to show what the models differ in.
    `without` leaves parts out, to measure what each does.

    Questions whose document the store does not hold are left out (counted in "skipped"); with
    `evidence="gold"` the store is needed only for pages that the question file does not bring.
    Raises EvaluationError, or what loading the models raises.
    """
    from assistant.engine import load_engine

    found = [find_answering(name, models_dir) for name in (model, compare_with) if name]
    records = Records(out_jsonl)
    figures = (compare_with is None if figures is None else figures) and "figures" not in without
    asked = with_evidence(questions, store, evidence, limit, figures, without)
    if not asked:
        raise EvaluationError(
            "none of the questions can be asked: the store holds none of their documents; add "
            "them with `tenq index add`"
        )
    results = [
        _answer_all(asked, each, evidence, records, models_dir, load or load_engine, without)
        for each in found
    ]
    report = {
        **summary(found[0], evidence, results[0]),
        "figures": figures,
        "without": list(without),
        "calculated": sum(row["calculated"] for row in results[0]),
        "skipped": len(questions if limit is None else questions[:limit]) - len(asked),
    }
    if compare_with:
        report |= compared(found[0], results[0], found[1], results[1], evidence)
    return report


def with_evidence(
    questions: Sequence[Question],
    store: Store | None,
    mode: Mode,
    limit: int | None,
    figures: bool,
    without: Sequence[Part] = (),
) -> list[tuple[Question, Evidence]]:
    """Each question that can be asked with the evidence both models will read."""
    from tqdm import tqdm

    from assistant.evidence import gather

    held = {document.name for document in store.documents()} if store else set()
    asked: list[tuple[Question, Evidence]] = []
    for question in tqdm(questions[:limit], desc="evidence", unit="question"):
        if mode == "gold":
            found = gold_evidence(question, store, figures)
            if found:
                asked.append((question, found))
        elif store is None:
            raise EvaluationError("retrieved evidence needs a store; name it with --store")
        elif question.right_docs & held or not question.answerable:
            parts = {part: part not in without for part in ("calculator", "filters")}
            asked.append((question, gather(store, question.question, figures, **parts)))
    return asked


def gold_evidence(
    question: Question, store: Store | None, figures: bool = False
) -> Evidence | None:
    """The gold pages as evidence, from the question file or the store; None where neither has
    them (an unanswerable question has them only where its file brings what to show). The likeliest
    rows are not read out after them: the pages are right, so this measures the reading. With
    `figures`, what their rows give is looked up or calculated."""
    from assistant.answer import Evidence, Passage
    from assistant.figures.row_answer import row_answer
    from index.names import filers, named_filers, without_names, words_of
    from index.query import understand

    doc = question.doc or next(iter(question.docs), None)
    if doc is None:
        return None
    documents = store.documents() if store else []
    held = next((each for each in documents if each.name == doc), None)
    pages = list(question.gold_pages)
    if not pages and store and held:
        pages = [(page, store.page_text(doc, page)) for page in question.pages]
    if not pages:
        return None
    company, form, year = (
        (held.company or question.company, held.form, held.fiscal_year)
        if held
        else (question.company, None, question.fiscal_year)
    )
    passages = tuple(
        Passage(n, 0, doc, page, text, company, form, year, 1.0)
        for n, (page, text) in enumerate(pages, 1)
    )
    query = understand(question.question, documents)
    figure = None
    if figures:
        named = named_filers(words_of(question.question), filers(documents))
        figure = row_answer(without_names(question.question, named), passages)
    return Evidence(question.question, passages, None, query.understood(), 0.0, figure=figure)


def _answer_all(
    asked: Sequence[tuple[Question, Evidence]],
    model: Model | Served,
    mode: Mode,
    records: Records,
    models_dir: Path,
    load: Load,
    without: Sequence[Part] = (),
) -> list[dict[str, Any]]:
    """One record a question, from the file or answered now. The model is loaded only if one is
    missing that it has to answer, and forgotten on return."""
    from tqdm import tqdm

    from assistant.assistant import answered_unread

    ground = "grounding" not in without
    keys = [
        answer_key(question, evidence, model, mode if ground else f"{mode}, unchecked")
        for question, evidence in asked
    ]
    missing = sum(records.get(key) is None for key in keys)
    to_read = any(
        records.get(key) is None and answered_unread(evidence, {}) is None
        for (_, evidence), key in zip(asked, keys, strict=True)
    )
    engine = load(model.name, models_dir, model.dtype) if to_read else None
    if engine is not None:
        warm_up(engine)
    rows = []
    bar = tqdm(
        total=missing, desc=f"answers of {model.label}", unit="question", disable=not missing
    )
    with bar:
        for (question, evidence), key in zip(asked, keys, strict=True):
            record = records.get(key)
            if record is None:
                record = records.add(
                    _answered(question, evidence, engine, model, mode, key, ground)
                )
                bar.update()
            rows.append(graded(question, record))
    return rows


def answer_key(question: Question, evidence: Evidence, model: Model | Served, mode: str) -> str:
    """Of everything that decides the answer: question and gold, model, what was understood, the
    prompt with the evidence in it, and the code that prompts, grounds and refuses, so that a better
    prompt or search is never measured by old answers."""
    from assistant.prompt import messages

    prompt = json.dumps(messages(question.question, evidence.passages, evidence.rows))
    shown = json.dumps([(p.doc, p.page) for p in evidence.passages])
    return record_key(
        question.sha256,
        model.sha256,
        model.dtype or "",
        mode,
        evidence.missing or "",
        evidence.instead,
        evidence.figure.text if evidence.figure else "",
        json.dumps(evidence.understood),
        shown,
        prompt,
        answering_code(),
    )


def warm_up(engine: Engine) -> None:
    """The first answer of a fresh model is slow; it is not counted."""
    for _ in engine.stream([{"role": "user", "content": "Say yes."}], _WARM_UP_TOKENS):
        pass


def _answered(
    question: Question,
    evidence: Evidence,
    engine: Engine | None,
    model: Model | Served,
    mode: Mode,
    key: str,
    ground: bool,
) -> dict[str, Any]:
    from assistant.answer import Answer
    from assistant.assistant import answer_from, answered_unread, prompted

    answer: Any = answered_unread(evidence, {"name": model.name, "scheme": ""})
    prompt = None
    if answer is None:
        assert engine is not None
        budget = evidence_tokens(mode)
        prompt, _ = prompted(engine, evidence, budget)
        *_, answer = answer_from(engine, evidence, budget_tokens=budget, ground=ground)
    assert isinstance(answer, Answer)
    return answer_record(question, evidence, answer, model, mode, key) | {"prompt": prompt}


def evidence_tokens(mode: Mode) -> int:
    """How much evidence is read. Gold pages are few, and are read whole."""
    from assistant.assistant import EVIDENCE_TOKENS

    return _GOLD_TOKENS if mode == "gold" else EVIDENCE_TOKENS


def answer_record(
    question: Question,
    evidence: Evidence,
    answer: Answer,
    model: Model | Served,
    mode: Mode,
    key: str,
) -> dict[str, Any]:
    """The line kept of an answer (eval.records)."""
    return {
        "key": key,
        "id": question.id,
        "model": model.label,
        "evidence": mode,
        "question_sha256": question.sha256,
        "answer": answer.to_json(),
        "passages": _shown(answer, evidence),
        "numbers": numbers_checked(answer),
        "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _shown(answer: Answer, evidence: Evidence) -> list[dict[str, Any]]:
    """The passages the model read, or the pages calculated from; where it was not asked at all,
    those found."""
    if evidence.figure:
        return [{"doc": c.doc, "page": c.page} for c in answer.citations]
    return [{"doc": p.doc, "page": p.page} for p in answer.passages or evidence.passages]


def graded(question: Question, record: dict[str, Any]) -> dict[str, Any]:
    """The row of a report: the record's answer with its grade and, unless correct, the stage that
    failed. Graded anew each time, so a better grader needs no new answers."""
    from assistant.assistant import CALCULATED

    answer = record["answer"]
    verdict = grade(question, str(answer["answer"]), bool(answer["refused"]))
    return {
        "id": question.id,
        "type": question.type,
        "question": question.question,
        "gold": question.answer,
        "answer": answer["answer"],
        "grade": verdict,
        "exact_match": exact_match(question, answer),
        "stage": failed_stage(question, record, verdict),
        "calculated": answer["model"]["scheme"] == CALCULATED,
        "supported": answer["supported"],
        "numbers": record.get("numbers"),  # kept by an earlier version: not told
        "confidence": answer.get("confidence"),
        "unsure": answer.get("unsure", False),  # kept by an earlier version: not told
        "seconds": answer["timings_s"]["total"],
        "timings_s": answer["timings_s"],
        "prompt_tokens": answer["prompt_tokens"],
        "completion_tokens": answer["completion_tokens"],
        "passages": record["passages"],
        "citations": answer["citations"],
        "cites_gold": any(
            (c["doc"], c["page"]) in question.right_pages for c in answer["citations"]
        )
        if question.right_pages
        else None,
    }
