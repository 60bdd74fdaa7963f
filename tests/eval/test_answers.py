from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.answers import gold_evidence, run_answers
from eval.errors import EvaluationError
from eval.models import find_model
from eval.questions import Question
from quantize.errors import SourceError
from tests.openai_server import OpenAIServer

Readers = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
DOC = "LARKMOOR_2023"


def test_answers_are_graded_and_counted(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    loaded, load = readers(full=("wages",))
    report = run_answers(
        questions, None, model_folder("full"), tmp_path, tmp_path / "a.jsonl", "gold", load=load
    )
    assert (report["n"], report["correct"], report["refused"], report["wrong"]) == (4, 3, 1, 0)
    assert report["accuracy"]["value"] == 0.75
    assert 0.3 < report["accuracy"]["ci_low"] < 0.75 < report["accuracy"]["ci_high"] < 1
    assert report["by_type"]["lookup"]["n"] == 4
    assert report["stages"] == {"refusal": 1}
    assert report["seconds"]["p50"] <= report["seconds"]["p95"]
    rows = {row["id"]: row for row in report["per_question"]}
    assert rows["wages"]["grade"] == "refused" and rows["wages"]["stage"] == "refusal"
    assert rows["revenue"]["grade"] == "correct" and rows["revenue"]["stage"] is None
    assert rows["revenue"]["passages"] == [{"doc": DOC, "page": 3}]
    assert len(loaded["full"].asked) == 5  # one to warm up
    assert report["cited"] == {"k": 3, "n": 3} and report["calculated_wrong"] == 0


def test_two_models_read_the_same_evidence(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    _, load = readers(small=("wages", "profit"), full=("depreciation",))
    report = run_answers(
        questions,
        None,
        model_folder("small", b"4 bits"),
        tmp_path,
        tmp_path / "a.jsonl",
        "gold",
        compare_with=model_folder("full"),
        load=load,
    )
    assert report["correct"] == 2 and report["compared_with"]["correct"] == 3
    assert report["recovery"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    flips = report["flips"]
    assert (flips["lost"], flips["gained"]) == (2, 1)
    assert flips["lost_ids"] == ["wages", "profit"] and flips["gained_ids"] == ["depreciation"]
    assert report["mcnemar_p"] == 1.0
    json.dumps(report)


def test_a_second_run_loads_no_model(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    model, results = model_folder("full"), tmp_path / "a.jsonl"
    _, load = readers()
    first = run_answers(questions, None, model, tmp_path, results, "gold", load=load)
    loaded, load = readers()
    second = run_answers(questions, None, model, tmp_path, results, "gold", load=load)
    assert loaded == {} and second == first


def test_the_prompt_as_the_model_read_it_is_kept(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    model, results = model_folder("full"), tmp_path / "a.jsonl"
    note = """NOTE 7. ACCRUED LIABILITIES (in thousands)
December 31, 2024 2023 2022
Accrued payroll and benefits $ 1,210 $ 1,100 $ 900
Product warranties 402 320 400"""
    looked_up = "What were the product warranties in 2024?"
    asked = [questions[0], replace(questions[1], question=looked_up, gold_pages=((3, note),))]
    first = run_answers(asked, None, model, tmp_path, results, "gold", load=readers()[1])
    read, unread = map(json.loads, results.read_text().splitlines())
    assert [message["role"] for message in read["prompt"]] == ["system", "user"]
    assert "Revenue from customers 812" in read["prompt"][1]["content"]
    assert "Question: What was Larkmoor's revenue" in read["prompt"][1]["content"]
    assert unread["prompt"] is None, "looked up without a model"
    # A file of an earlier version has no prompts: nothing is asked again for them.
    old = [{k: v for k, v in each.items() if k != "prompt"} for each in (read, unread)]
    results.write_text("".join(json.dumps(each) + "\n" for each in old))
    loaded, load = readers()
    again = run_answers(asked, None, model, tmp_path, results, "gold", load=load)
    assert loaded == {} and again == first


def test_only_what_changed_is_asked_again(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    model, results = model_folder("full"), tmp_path / "a.jsonl"
    _, load = readers()
    run_answers(questions, None, model, tmp_path, results, "gold", load=load)
    changed = [replace(questions[0], question="What revenue had Larkmoor?"), *questions[1:]]
    loaded, load = readers()
    run_answers(changed, None, model, tmp_path, results, "gold", load=load)
    assert loaded["full"].asked[1:] == ["What revenue had Larkmoor?"]
    page = ((3, "Revenue from customers 900"),)
    loaded, load = readers()
    run_answers(
        [replace(questions[1], gold_pages=page)], None, model, tmp_path, results, "gold", load=load
    )
    assert len(loaded["full"].asked) == 2
    loaded, load = readers()
    other = model_folder("full", b"other weights")
    run_answers(questions, None, other, tmp_path, results, "gold", load=load)
    assert len(loaded["full"].asked) == 5


def test_long_gold_pages_are_all_read(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    pages = tuple((page, f"{'filler ' * 1600}\nPage {page}") for page in (3, 4))
    _, load = readers()
    report = run_answers(
        [replace(questions[0], gold_pages=pages)],
        None,
        model_folder("m"),
        tmp_path,
        tmp_path / "a.jsonl",
        "gold",
        load=load,
    )
    assert [p["page"] for p in report["per_question"][0]["passages"]] == [3, 4]


def test_a_killed_run_goes_on_where_it_was(
    questions: list[Question], model_folder: Callable[..., str], tmp_path: Path
) -> None:
    file, results = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    asked = [replace(questions[0], id=f"q{n}") for n in range(12)]
    lines = [
        {
            "id": q.id,
            "question": q.question,
            "answer": q.answer,
            "doc": q.doc,
            "pages": list(q.pages),
            "gold_pages_text": [{"page": page, "text": text} for page, text in q.gold_pages],
        }
        for q in asked
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    script = str(Path(__file__).with_name("slow_run.py"))
    command = [sys.executable, script, str(file), model_folder("m"), str(results)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, "0.3"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    while not (results.exists() and results.read_bytes().count(b"\n") >= 3):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    finished = results.read_text().splitlines()
    assert 3 <= len(finished) < 12
    results.write_text("\n".join(finished) + '\n{"key": "cut sho')
    done = subprocess.run(
        [*command, "0"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["started", "12 12"]
    after = results.read_text().splitlines()
    assert after[: len(finished)] == finished and len(after) == 12
    assert len({json.loads(line)["key"] for line in after}) == 12


def test_limit_and_questions_without_pages(
    questions: list[Question], readers: Readers, model_folder: Callable[..., str], tmp_path: Path
) -> None:
    _, load = readers()
    bare = replace(questions[0], id="bare", gold_pages=())
    report = run_answers(
        [bare, *questions],
        None,
        model_folder("full"),
        tmp_path,
        tmp_path / "a.jsonl",
        "gold",
        limit=3,
        load=load,
    )
    assert report["n"] == 2 and report["skipped"] == 1


def test_what_cannot_be_asked_is_said_in_one_line(
    questions: list[Question], model_folder: Callable[..., str], tmp_path: Path
) -> None:
    model, results = model_folder("full"), tmp_path / "a.jsonl"
    with pytest.raises(EvaluationError, match="needs a store"):
        run_answers(questions, None, model, tmp_path, results)
    bare = [replace(question, gold_pages=()) for question in questions]
    with pytest.raises(EvaluationError, match="none of the questions can be asked"):
        run_answers(bare, None, model, tmp_path, results, "gold")
    with pytest.raises(SourceError, match="no model"):
        run_answers(questions, None, "nothing-here", tmp_path, results, "gold")
    with pytest.raises(EvaluationError, match="not made yet"):
        run_answers(questions, None, "some-model/int4", tmp_path, results, "gold")


def test_gold_evidence_is_the_gold_pages(questions: list[Question]) -> None:
    evidence = gold_evidence(questions[0], None)
    assert evidence is not None
    assert [(p.doc, p.page) for p in evidence.passages] == [(DOC, 3)]
    assert gold_evidence(replace(questions[0], doc=None), None) is None


def test_a_model_behind_an_address_is_asked(
    questions: list[Question], openai_server: OpenAIServer, tmp_path: Path
) -> None:
    openai_server.words = ["Revenue from customers was ", "$812 million."]
    results = tmp_path / "a.jsonl"
    first = run_answers(questions, None, openai_server.url, tmp_path, results, "gold")
    assert first["model"]["name"] == f"{openai_server.url}#tiny-chat"
    assert first["model"]["rebuilt_from"] is None
    assert (first["n"], first["correct"]) == (4, 1)
    asked = len(openai_server.bodies)
    again = run_answers(questions, None, openai_server.url, tmp_path, results, "gold")
    assert len(openai_server.bodies) == asked and again == first
    other = f"{openai_server.url}#other-chat"
    report = run_answers(
        questions, None, openai_server.url, tmp_path, results, "gold", compare_with=other
    )
    assert report["compared_with"]["model"]["sha256"] != first["model"]["sha256"]
    assert report["recovery"]["value"] == 1.0
    assert openai_server.bodies[-1]["model"] == "other-chat"


def test_what_an_address_cannot_be_measured_for(openai_server: OpenAIServer) -> None:
    with pytest.raises(EvaluationError, match="tenq eval answers"):
        find_model(openai_server.url, Path())
