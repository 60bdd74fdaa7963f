"""PLAN -> RUN: every model answers every set of questions, in every evidence mode.

Evidence is gathered once and the same for all models. Models are loaded one after the other, the
full one of a family first, and answer in batches that are fixed by the plan: what a question is
computed beside never depends on where a killed run began again, so that a resumed run gives the
identical answers. A batch is on disk before the next begins. Running a plan again asks only what
is new or changed: the question, its evidence, the model, or the code between them.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import answer_key, answer_record, evidence_tokens, warm_up, with_evidence
from eval.errors import EvaluationError
from eval.lookups import make_questions, write_questions
from eval.models import Model, Served, find_answering
from eval.questions import Question, read_questions
from eval.run_folder import FORMAT, Cell, RunFolder
from eval.run_measures import measure
from eval.run_plan import Mode, QuestionSet, RunPlan

if TYPE_CHECKING:
    from assistant.answer import Evidence
    from assistant.engine import Engine
    from index.store import Store

Load = Callable[[str, Path, str | None], "Engine"]
_BATCH_CHARACTERS = 48_000  # of evidence: with its answers within an engine's 1 GB of KV cache


@dataclass(frozen=True)
class _Task:
    """A question of a cell with the evidence it is asked over."""

    question: Question
    evidence: Evidence
    key: str

    @property
    def read(self) -> str:
        """Its evidence."""
        return "".join(passage.text for passage in self.evidence.passages)


@dataclass(frozen=True)
class _Work:
    """A cell and what it has to answer."""

    cell: Cell
    tasks: list[_Task]


def run_plan(
    plan: RunPlan,
    text: str,
    base: Path,
    out: Path,
    store: Store | None,
    models_dir: Path,
    load: Load | None = None,
) -> None:
    """Carry out `plan` (whose file held `text` and lies in `base`) into the folder `out`.

    `store` is needed for questions made from it and for retrieved evidence. Raises EvaluationError
    or what finding and loading the models raises; what is finished by then is kept.
    """
    from assistant.engine import load_engine
    from eval.speed import machine
    from quantize.checkpoint import versions

    folder = RunFolder(out)
    families = [
        [find_answering(name, models_dir) for name in each.answering] for each in plan.models
    ]
    with folder.alone():
        sets = {each.name: _questions(each, base, folder, store) for each in plan.questions}
        asked = list(_asked(plan, sets, store))
        work = [
            [_work(model, name, mode, pairs) for name, mode, pairs in asked]
            for models in families
            for model in models
        ]
        before = folder.read_json("run.json") or {}
        folder.write_json(
            "run.json",
            {
                "format": FORMAT,
                "title": plan.title or out.name,
                "plan": text,
                "started": before.get("started") or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "machine": machine(),
                "versions": versions(),
                "models": [
                    row
                    for each, models in zip(plan.models, families, strict=True)
                    for row in _described(models, each.full if each.reference else None)
                ],
                "sets": [_set_facts(each, sets[each.name]) for each in plan.questions],
                "cells": [each.cell.name for of_model in work for each in of_model],
            },
        )
        for each in (each for of_model in work for each in of_model):
            folder.write_cell(each.cell)
        flat = [model for models in families for model in models]
        repeatable = functools.partial(load_engine, repeatable=True)
        _answer(
            folder, list(zip(flat, work, strict=True)), plan.batch, models_dir, load or repeatable
        )
        measure(plan, base, folder, models_dir)


def _questions(
    each: QuestionSet, base: Path, folder: RunFolder, store: Store | None
) -> dict[str, Question]:
    """The set's questions by id, kept in the run's folder as they are asked."""
    if each.file is not None:
        questions = read_questions(base / Path(each.file).expanduser())
    else:
        if store is None:
            raise EvaluationError(f"the question set {each.name} is made from a store; name one")
        made = folder.path / "sets" / f"{each.name}.made.jsonl"
        write_questions(make_questions(store, each.make or 0, each.unanswerable, each.seed), made)
        questions = read_questions(made)
        made.unlink()
    questions = questions[: each.limit]
    folder.write_set(each.name, questions)
    return {question.id: question for question in questions}


def _asked(
    plan: RunPlan, sets: dict[str, dict[str, Question]], store: Store | None
) -> Iterator[tuple[str, Mode, list[tuple[Question, Evidence]]]]:
    """(set, mode, questions with their evidence); those of like length stand together, so that a
    batch is padded little, and those over the same evidence, so that it is read once."""
    for each in plan.questions:
        for mode in each.evidence:
            questions = list(sets[each.name].values())
            pairs = with_evidence(questions, store, mode, None, plan.figures)
            if not pairs:
                raise EvaluationError(
                    f"none of the questions {each.name} can be asked with {mode} evidence: their "
                    "documents are not in the store, and the file does not bring their pages"
                )
            yield each.name, mode, sorted(pairs, key=_evidence_read)


def _evidence_read(pair: tuple[Question, Evidence]) -> tuple[int, str, str]:
    text = "".join(passage.text for passage in pair[1].passages)
    return len(text), text, pair[0].id


def _work(
    model: Model | Served, name: str, mode: Mode, pairs: Sequence[tuple[Question, Evidence]]
) -> _Work:
    tasks = [
        _Task(question, evidence, answer_key(question, evidence, model, mode))
        for question, evidence in pairs
    ]
    keys = tuple((task.question.id, task.key) for task in tasks)
    return _Work(Cell(model.label, name, mode, keys), tasks)


def _answer(
    folder: RunFolder,
    work: Sequence[tuple[Model | Served, Sequence[_Work]]],
    batch: int,
    models_dir: Path,
    load: Load,
) -> None:
    """Answer what is not answered yet; one bar over everything."""
    from tqdm import tqdm

    finished = {each.cell.name: folder.records(each.cell) for _, cells in work for each in cells}
    missing = sum(
        finished[each.cell.name].get(task.key) is None
        for _, cells in work
        for each in cells
        for task in each.tasks
    )
    with tqdm(total=missing, desc="answers", unit="answer", disable=not missing) as bar:
        for model, cells in work:
            engine: Engine | None = None
            for each in cells:
                records = finished[each.cell.name]
                for tasks in batches(each.tasks, batch):
                    left = [task for task in tasks if records.get(task.key) is None]
                    if not left:
                        continue
                    if engine is None:
                        bar.set_description(f"loading {model.label}")
                        engine = load(model.name, models_dir, model.dtype)
                        warm_up(engine)
                    bar.set_description(f"{model.label}, {each.cell.set}")
                    wanted = {task.key for task in left}
                    made = _answered(tasks, engine, model, each.cell)
                    records.add_all([record for record in made if record["key"] in wanted])
                    bar.update(len(left))
            del engine
            gc.collect()


def batches(tasks: Sequence[Any], most: int) -> Iterator[list[Any]]:
    """In order, at most `most` in one, and no more evidence than an engine has room for; what
    several read in turn takes room once."""
    batch: list[Any] = []
    room = _BATCH_CHARACTERS
    for task in tasks:
        takes = len(task.read) if not batch or task.read != batch[-1].read else 0
        if batch and (len(batch) == most or takes > room):
            yield batch
            batch, room, takes = [], _BATCH_CHARACTERS, len(task.read)
        batch.append(task)
        room -= takes
    if batch:
        yield batch


def _answered(
    tasks: Sequence[_Task], engine: Engine, model: Model | Served, cell: Cell
) -> list[dict[str, Any]]:
    """The whole batch, also where a part of it is known already: the same answers come out."""
    from assistant.assistant import answers_from, prompted

    budget = evidence_tokens(cell.evidence)
    start = time.perf_counter()
    answers = answers_from(engine, [task.evidence for task in tasks], budget)
    seconds = (time.perf_counter() - start) / len(tasks)
    return [
        {
            **answer_record(task.question, task.evidence, answer, model, cell.evidence, task.key),
            "prompt": prompted(engine, task.evidence, budget)[0] if answer.prompt_tokens else None,
            "seconds": round(seconds, 4),
        }
        for task, answer in zip(tasks, answers, strict=True)
    ]


def _described(models: Sequence[Model | Served], stood_for: str | None) -> Iterator[dict[str, Any]]:
    """What run.json says of a family, whose first model answers for the one `stood_for`, if any."""
    from quantize.checkpoint import is_quantized, read_manifest

    for model in models:
        scheme, size = "full", None
        if isinstance(model, Served):
            scheme = "server"
        elif is_quantized(model.folder):
            manifest = read_manifest(model.folder)
            scheme, size = manifest.scheme, manifest.bytes_after
        else:
            size = sum(file.stat().st_size for file in model.folder.glob("*.safetensors"))
        yield {
            "label": model.label,
            "full": None if model is models[0] else models[0].label,
            "stands_for": stood_for if model is models[0] else None,
            "scheme": scheme,
            "bytes": size,
            "sha256": model.sha256,
            "rebuilt_from": model.rebuilt_from,
        }


def _set_facts(each: QuestionSet, questions: dict[str, Question]) -> dict[str, Any]:
    digest = hashlib.sha256("".join(q.sha256 for q in questions.values()).encode()).hexdigest()
    made = f"made from the store's facts, seed {each.seed}"
    return {
        "name": each.name,
        "n": len(questions),
        "sha256": digest,
        "source": made if each.file is None else Path(each.file).name,
    }
