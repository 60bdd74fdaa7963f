"""The Quality tab's runs and short evaluation, over a real store and real run folders, without a
browser."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.app.models import Model
from assistant.app.quality import BATCH, Progress, ShortEvaluation, plan_text
from assistant.app.quality_html import frame_html, nothing_html, progress_html, summary_html
from assistant.app.runs import Run, Runs
from assistant.app.session import Desk
from assistant.engine import Messages, Usage
from eval.errors import EvaluationError
from eval.run import run_plan
from eval.run_folder import RunFolder
from eval.run_plan import RunPlan, parsed
from index.store import Store
from tests.one_by_one import OneByOne

HOSTILE = "</script><img src=x onerror=alert(1)> ${alert(1)} {{value}} `x` \"'"


class Reader(OneByOne):
    """Reads out the evidence row that the question names, for its year, or refuses where the
    question holds a word of `skips`; `gate` holds every batch up until it is set."""

    scheme = "rule"
    parallel = 1

    def __init__(self, name: str, skips: tuple[str, ...] = ()) -> None:
        self.name, self.skips = name, skips
        self.usage: Usage | None = None
        self.batches: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.breaks = False
        self.at_once = 0

    def stream(
        self, messages: Messages, max_new_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        assert self.at_once == 0, "two at once"
        self.at_once += 1
        evidence, _, asked = messages[-1]["content"].rpartition("Question: ")
        asked = asked.partition("\n")[0]
        text = _row_of(evidence, asked)
        if any(word in asked for word in self.skips):
            text = "NOT IN THE FILINGS"
        self.usage = Usage(100, len(text.split()), 0.01, 0.02)
        self.at_once -= 1
        yield text

    def generate(self, batch: Sequence[Messages], max_new_tokens: int) -> list[tuple[str, Usage]]:
        self.batches.append(len(batch))
        assert self.gate.wait(10)
        if self.breaks:
            raise RuntimeError("out of ink")
        return super().generate(batch, max_new_tokens)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def _row_of(evidence: str, question: str) -> str:
    """ "Net income, FY2023: $145 million" of "Net income: 2023 = $145; 2022 = $130"."""
    year = (re.findall(r"20\d\d", question) or ["0"])[0]
    scale = "thousand" if "thousands" in evidence.lower() else "million"
    for line in evidence.splitlines():
        label, _, amounts = line.partition(": ")
        amount = re.search(rf"\b{year} = ([^;]+)", amounts)
        if label.lower() in question.lower() and amount:
            return f"{label}, FY{year}: {amount[1]} {scale}"
    return (evidence.strip().splitlines() or ["nothing"])[-1]


def checkpoint(folder: Path, weights: bytes) -> str:
    folder.mkdir(parents=True)
    for file in ("config.json", "tokenizer.json"):
        (folder / file).write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    return str(folder)


class Bench:
    """A desk with two models, the full one and the chat's own, that reads worse."""

    def __init__(self, store: Store, folder: Path, alone: bool = False) -> None:
        self.folder = folder / "evaluations"
        names = {name: checkpoint(folder / name, name.encode()) for name in ("main", "other")}
        self.readers = {
            names["main"]: Reader("main", ("other", "total")),
            names["other"]: Reader("other"),
        }
        self.loads = 0
        models: dict[Any, Model] = {
            name: Model(names[name], folder, self.load) for name in ("main", "other")
        }
        if alone:
            del models["other"]
        self.desk = Desk(store, models)
        self.main, self.other = self.readers[names["main"]], self.readers[names["other"]]
        self.evaluation = ShortEvaluation(self.desk, self.folder)
        self.runs = Runs(self.folder)

    def load(self, name: str, models_dir: Path) -> Reader:
        self.loads += 1
        return self.readers[name]

    def carry_out(self, questions: int = 12) -> Progress:
        assert self.evaluation.start(questions)
        assert self.evaluation.wait(30)
        return self.evaluation.progress


@pytest.fixture
def bench(sample_store: Store, tmp_path: Path) -> Bench:
    return Bench(sample_store, tmp_path)


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.01)
    return bool(condition())


def write_run(folder: Path, name: str, started: str, title: str = "", question: str = "") -> None:
    """A run of two models over one set of questions, made by the real thing, then dated."""
    wanted = [{"id": "a", "question": "What were wages?", "answer": "$301"}]
    if question:
        wanted.append({"id": "b", "question": question, "answer": f"$44 {question}"})
    lines = [
        each
        | {"doc": "LARK", "pages": [3], "type": question or "lookup"}
        | {"gold_pages_text": [{"page": 3, "text": "In millions\nwages 301"}]}
        for each in wanted
    ]
    base = folder.parent / f"{name}-plan"
    base.mkdir(parents=True)
    (base / "q.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    models = [checkpoint(base / each, each.encode()) for each in ("full", "small")]
    text = (
        f"title = {json.dumps(title or name)}\n[[models]]\nfull = {json.dumps(models[0])}\n"
        f"others = [{json.dumps(models[1])}]\n"
        '[[questions]]\nname = "lookups"\nfile = "q.jsonl"\n'
    )
    plan = parsed(RunPlan, text, base / "plan.toml")
    run_plan(plan, text, base, folder / name, None, base, lambda n, m, d: Reader(Path(n).name))
    run = RunFolder(folder / name)
    run.write_json("run.json", run.read() | {"started": started})


def test_without_a_run(tmp_path: Path) -> None:
    assert Runs(tmp_path / "none").all() == ([], [])
    said = nothing_html([])
    assert "tenq eval run PLAN.toml" in said and "short evaluation" in said


def test_the_newest_run_is_first_and_damaged_ones_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    write_run(folder, "old", "2026-01-02T03:04:05Z")
    write_run(folder, "new", "2026-02-02T03:04:05Z", "Nightly")
    write_run(folder, "cut", "2026-01-09T03:04:05Z")
    write_run(folder, "odd", "2026-03-09T03:04:05Z")
    for file in (folder / "cut" / "cells").glob("*.jsonl"):
        file.write_text("")
    (folder / "odd" / "run.json").write_text('{"format": 1, "title": 7}')
    (folder / "broken").mkdir()
    (folder / "broken" / "run.json").write_text("{")
    (folder / "no run").mkdir()
    runs, problems = Runs(folder).all()
    assert [run.label for run in runs] == [
        "Nightly · 2026-02-02 03:04 · finished",
        "cut · 2026-01-09 03:04 · unfinished",
        "old · 2026-01-02 03:04 · finished",
    ]
    assert [line.split(":")[0] for line in problems] == ["broken", "odd"]
    assert all("damaged" in line and "\n" not in line for line in problems)
    assert "broken: " in html.unescape(nothing_html(problems))


def test_a_damaged_part_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    write_run(folder, "run", "2026-01-02T03:04:05Z")
    runs = Runs(folder)
    (run,), _ = runs.all()
    (folder / "run" / "sets" / "lookups.jsonl").write_text('{"id": "a"}\n')
    with pytest.raises(EvaluationError, match="damaged"):
        runs.report(run)


def test_a_run_that_is_being_made_is_listed_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    write_run(folder, "run", "2026-01-02T03:04:05Z")
    (cell,) = (folder / "run" / "cells").glob("*small*.jsonl")
    cell.write_bytes(cell.read_bytes() + b'{"key": "half a li')
    runs = Runs(folder)
    with RunFolder(folder / "run").alone():
        (run,), problems = runs.all()
        assert run.state == "running" and not problems
        with pytest.raises(EvaluationError, match="is being made"):
            runs.report(run)
        assert cell.read_bytes().endswith(b"half a li")
    (run,), _ = runs.all()
    assert run.state == "finished"
    assert runs.report(run).summary["finished"]


def test_a_report_is_made_once_and_again_when_the_run_changes(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    write_run(folder, "run", "2026-01-02T03:04:05Z")
    runs = Runs(folder)
    (run,), _ = runs.all()
    first = runs.report(run)
    assert runs.report(run) is first
    assert "Undecided" in summary_html(first.summary)
    assert "<h1>run</h1>" in first.page
    changed = RunFolder(folder / "run")
    changed.write_json("run.json", changed.read() | {"title": "anew"})
    (again,), _ = runs.all()
    assert again != run and "<h1>anew</h1>" in runs.report(again).page


def test_hostile_texts_stay_text(tmp_path: Path) -> None:
    folder = tmp_path / "evaluations"
    write_run(folder, "run", "2026-01-02T03:04:05Z", HOSTILE, HOSTILE)
    runs = Runs(folder)
    (run,), _ = runs.all()
    report = runs.report(run)
    said, frame = summary_html(report.summary), frame_html(report.page)
    for shown in (said, frame, nothing_html([HOSTILE]), progress_html(Progress("failed", HOSTILE))):
        assert "<img" not in shown and "<script" not in shown
        assert not re.search(r"[$`{}\\]", shown)
    assert "onerror" in html.unescape(said)
    tag = re.fullmatch(
        r'<iframe class="tq-report" sandbox title="[^"]+" srcdoc="([^"]*)">.*', frame
    )
    assert tag and html.unescape(tag[1]).replace("about:srcdoc#", "#") == report.page
    assert "<img" not in report.page and "<script" not in report.page


def test_a_short_evaluation_asks_the_chats_own_models(bench: Bench) -> None:
    done = bench.carry_out()
    assert (done.state, done.questions, done.answers, done.wanted) == ("done", 12, 24, 24)
    assert "24 answers" in done.text and not done.fewer
    assert bench.loads == 2
    assert sum(bench.main.batches) == sum(bench.other.batches) == 12
    assert max(bench.main.batches) <= BATCH
    (run,), problems = bench.runs.all()
    assert run.name == done.run and run.name.startswith("short-")
    assert run.state == "finished" and not problems
    summary = bench.runs.report(run).summary
    (compared,) = summary["comparisons"]
    assert (Path(compared["full"]).name, Path(compared["model"]).name) == ("other", "main")
    assert compared["n"] == 12 and compared["lost"] > 0 == compared["gained"]
    assert summary["gate"]["outcome"] in ("fail", "undecided")
    said = html.unescape(re.sub(r"<[^>]+>", " ", summary_html(summary)))
    assert f"{100 * compared['recovery']['value']:.1f}% (" in said
    assert "Kind of question" in said and "cash flow" in said
    # Again, with what is loaded, into another folder.
    assert bench.carry_out().run != done.run
    assert bench.loads == 2 and len(bench.runs.all()[0]) == 2


def test_one_model_alone_has_no_verdict(sample_store: Store, tmp_path: Path) -> None:
    bench = Bench(sample_store, tmp_path, alone=True)
    assert bench.carry_out().answers == 12
    (run,), _ = bench.runs.all()
    said = summary_html(bench.runs.report(run).summary)
    assert "No verdict" in said and "Accuracy" in said


def test_fewer_questions_than_asked_for_are_said(sample_store: Store, tmp_path: Path) -> None:
    done = Bench(sample_store, tmp_path, alone=True).carry_out(5000)
    assert done.state == "done" and 10 < done.questions < 5000
    assert f"yield {done.questions} questions, not 5000" in done.fewer
    assert done.fewer in html.unescape(progress_html(done))


def test_stopped_in_the_middle_it_keeps_what_it_has(bench: Bench) -> None:
    bench.other.gate.clear()
    assert bench.evaluation.start(12)
    assert wait_for(lambda: bench.other.batches)
    bench.evaluation.stop()
    assert "Stopping" in bench.evaluation.progress.text
    bench.other.gate.set()
    assert bench.evaluation.wait(10)
    stopped = bench.evaluation.progress
    assert stopped.state == "stopped" and stopped.answers == BATCH
    assert f"{BATCH} of 24 answers" in stopped.text
    assert bench.main.batches == []
    (run,), _ = bench.runs.all()
    assert (run.name, run.state) == (stopped.run, "unfinished")
    assert "Unfinished" in summary_html(bench.runs.report(run).summary)
    assert bench.carry_out().state == "done"


def test_a_second_one_has_to_wait(bench: Bench) -> None:
    bench.other.gate.clear()
    assert bench.evaluation.start(12)
    assert not bench.evaluation.start(12)
    assert wait_for(lambda: bench.other.batches)
    assert not bench.evaluation.start(12)
    assert "One at a time" in progress_html(bench.evaluation.progress)
    bench.other.gate.set()
    assert bench.evaluation.wait(30)
    assert len(bench.runs.all()[0]) == 1


def test_a_reader_comes_in_between(bench: Bench) -> None:
    bench.main.gate.clear()
    assert bench.evaluation.start(12)
    assert wait_for(lambda: bench.main.batches)
    finals: list[Any] = []
    (document, *_) = bench.desk.documents()
    question = f"What does {document.company} say about its employees in {document.fiscal_year}?"
    asking = threading.Thread(target=lambda: finals.extend(bench.desk.ask(question)))
    asking.start()
    turns = bench.desk.turns
    assert wait_for(lambda: finals and "Waiting: 1 question" in (finals[-1].phase or ""))
    bench.main.gate.set()
    asking.join(10)
    assert finals[-1].answer is not None
    assert bench.evaluation.wait(30)
    assert bench.evaluation.progress.state == "done"
    assert not turns._places


def test_an_error_is_one_line_and_gives_the_turn_back(bench: Bench) -> None:
    bench.main.breaks = True
    failed = bench.carry_out()
    assert failed.state == "failed" and failed.text.startswith("something inside Tenq failed")
    assert "RuntimeError" in failed.text and "\n" not in failed.text
    assert not bench.desk.turns._places
    (run,), _ = bench.runs.all()
    assert (run.name, run.state) == (failed.run, "unfinished")
    bench.main.breaks = False
    assert bench.carry_out().state == "done"


def test_an_empty_library_and_a_model_that_cannot_load(sample_store: Store, tmp_path: Path) -> None:
    bench = Bench(sample_store, tmp_path / "a")
    bench.readers.clear()
    failed = bench.carry_out()
    assert failed.state == "failed" and "could not be loaded" in failed.text
    with Store.open(tmp_path / "store", sample_store.embedder) as store:
        empty = Bench(store, tmp_path / "b")
        failed = empty.carry_out()
    assert failed.state == "failed" and "tenq index add" in failed.text
    assert failed.run is None and list(empty.folder.iterdir()) == []


def test_closing_the_desk_ends_it(bench: Bench) -> None:
    bench.other.gate.clear()
    assert bench.evaluation.start(12)
    assert wait_for(lambda: bench.other.batches)
    for session in list(bench.desk._stops):  # what `close` does first
        bench.desk.stop(session)
    bench.other.gate.set()
    assert bench.evaluation.wait(10)
    assert bench.evaluation.progress.state == "stopped"


def test_the_plan_is_toml_whatever_the_names() -> None:
    text = plan_text(['C:\\models\\"full"', "small\n@int4"], 10)
    plan = parsed(RunPlan, text, Path("plan.toml"))
    assert plan.models[0].all == ['C:\\models\\"full"', "small\n@int4"]
    assert plan.questions[0].make == 10 and plan.batch == BATCH


def test_what_the_reader_is_told_of_a_run() -> None:
    run = Run("nightly", "Nightly", "2026-11-25T14:28:01Z", "unfinished", 1)
    assert run.label == "Nightly · 2026-11-25 14:28 · unfinished"
    assert progress_html(Progress()) == ""
