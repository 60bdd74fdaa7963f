from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, cast

import psutil
import pytest

from assistant.engine import Engine
from eval.errors import EvaluationError
from eval.models import Model, split_dtype
from eval.report import speed_markdown
from eval.speed import Entry, Plan, make_room, parse_models, run_speed, worker_command
from eval.speed_peer import LlamaCpp
from eval.speed_prompt import timing_prompt
from eval.speed_worker import serve
from eval.worker import Worker
from quantize.packaged import pull

Readers = Callable[..., Any]
WORKER = Path(__file__).with_name("timed_worker.py")


def count(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


@pytest.mark.parametrize("tokens", [128, 129, 300, 924, 2000])
def test_prompts_are_as_long_as_asked(tokens: int) -> None:
    (message,) = timing_prompt("round 1", 0, tokens, count)
    assert count(message["content"]) == tokens


def test_runs_share_no_prefix_but_the_follow_up_shares_the_evidence() -> None:
    (first,) = timing_prompt("round 1", 0, 500, count)
    (other,) = timing_prompt("round 2", 0, 500, count)
    (follow,) = timing_prompt("round 1", 1, 500, count)
    assert first["content"][:8] != other["content"][:8]
    evidence, _, question = first["content"].partition("\n\nQuestion: ")
    assert follow["content"].startswith(evidence)
    assert not follow["content"].endswith(question)
    assert timing_prompt("round 1", 0, 500, count) == [first]


class Running:
    """A worker that only knows whether it was ended."""

    ended = False

    def close(self) -> None:
        self.ended = True


def test_room_is_made_by_ending_what_has_been_idle_longest() -> None:
    """Also where the system calls memory available that holds weights mapped from files."""
    total = psutil.virtual_memory().total
    workers = [Running(), Running(), Running()]
    entries = [
        Entry(str(n), weight_bytes=total // 3, worker=cast("Worker", worker), last_run=when)
        for n, (worker, when) in enumerate(zip(workers, (2.0, 1.0, 3.0), strict=True))
    ]
    small = Entry("small", weight_bytes=1)
    make_room(small, entries[:1])
    assert not workers[0].ended
    make_room(Entry("new", weight_bytes=total // 3), entries)
    assert workers[1].ended, "the one idle longest"
    assert workers[0].ended or total > 4 * (total // 3 + (2 << 30)), "and as many as it takes"


def test_the_worker_times_each_request(readers: Readers) -> None:
    loaded, load = readers()
    request = {"seed": "s", "question": 0, "prompt_tokens": 200, "new_tokens": 9}
    requests = io.StringIO(2 * (json.dumps(request) + "\n"))
    replies = io.StringIO()

    def loading() -> Engine:
        engine: Engine = load("m", Path(), None)
        return engine

    assert serve(loading, requests, replies) == 0
    ready, first, second = map(json.loads, replies.getvalue().splitlines())
    assert ready["scheme"] == "rule" and ready["load_s"] >= 0
    assert first["prompt_tokens"] == second["prompt_tokens"] == 200
    assert second["completion_tokens"] == 9
    assert 0 < second["first_token_s"] <= second["total_s"]
    assert second["peak_rss_mb"] > 10
    assert len(loaded["m"].asked) == 2


def test_the_worker_counts_the_chat_format_in(readers: Readers) -> None:
    """A chat format adds tokens; from the second run on the whole prompt is as long as asked."""
    _, load = readers()
    engine = load("m", Path(), None)
    plain = engine.stream

    def wrapped(messages: Any, max_new_tokens: int, stop: Any = None) -> Any:
        return plain(
            [{"role": "system", "content": "You are a helper ."}, *messages], max_new_tokens
        )

    engine.stream = wrapped
    request = {"seed": "s", "question": 0, "prompt_tokens": 200, "new_tokens": 9}
    replies = io.StringIO()
    serve(lambda: engine, io.StringIO(2 * (json.dumps(request) + "\n")), replies)
    _, first, second = map(json.loads, replies.getvalue().splitlines())
    assert first["prompt_tokens"] == 205 and second["prompt_tokens"] == 200


def test_a_failing_engine_is_an_error_reply() -> None:
    def broken() -> Engine:
        raise RuntimeError("no room\nfor weights")

    replies = io.StringIO()
    assert serve(broken, io.StringIO(), replies) == 2
    assert json.loads(replies.getvalue()) == {"error": "no room for weights"}


def command(model: Model, models_dir: Path) -> list[str]:
    return [sys.executable, str(WORKER), model.folder.name]


def test_models_are_compared_round_by_round(
    model_folder: Callable[..., str], tmp_path: Path
) -> None:
    models = [("quick", model_folder("fast")), ("slow", model_folder("slow"))]
    result = run_speed(models, tmp_path, Plan(200, 11, 4), command)
    assert (result["prompt_tokens"], result["new_tokens"], result["runs"]) == (200, 11, 4)
    quick, slow = result["rows"]
    for row, first_s, token_s in ((quick, 0.05, 0.001), (slow, 0.2, 0.004)):
        assert len(row["runs"]) == 4
        assert row["first_token_s"] == pytest.approx(first_s)
        assert row["prefill_tok_s"] == pytest.approx(row["prompt_tokens"] / first_s)
        assert row["decode_tok_s"] == pytest.approx(1 / token_s)
        assert row["answer_s"] == pytest.approx(first_s + 10 * token_s)
        assert row["answer_s"] == median(run["total_s"] for run in row["runs"])
        assert len(row["followups"]) == 4 and row["followup_tokens"] == 11
        assert row["followup_s"] == pytest.approx(row["answer_s"] - first_s + 0.01)
        assert row["load_s"] >= 0 and row["peak_rss_mb"] > 5 and row["disk_mb"] > 0
    (ratio,) = result["ratios"]
    assert (ratio["name"], ratio["against"]) == ("slow", "quick")
    assert ratio["answer"]["median"] == pytest.approx(4)
    assert ratio["answer"]["ci_low"] <= 4 <= ratio["answer"]["ci_high"]
    assert ratio["followup"]["median"] == pytest.approx((0.01 + 0.04) / (0.01 + 0.01))
    assert "| slow | quick | 0.25 |" in speed_markdown(result)
    assert "| 0.40 | 0.40 to 0.40 |" in speed_markdown(result)
    json.dumps(result)


def test_memory_of_a_gpu_is_told_beside_the_machines(
    model_folder: Callable[..., str], tmp_path: Path
) -> None:
    result = run_speed([("quick", model_folder("fast"))], tmp_path, Plan(200, 11, 1), command)
    (row,) = result["rows"]
    assert row["peak_gpu_mb"] is None and " GPU |" not in speed_markdown(result)
    told = speed_markdown(
        {
            **result,
            "rows": [{**row, "peak_rss_mb": 4467.4, "peak_gpu_mb": 1668.2}],
            "machine": {**result["machine"], "gpu": "some gpu"},
        }
    )
    assert "| 4,467 + 1,668 GPU |" in told and "GB, some gpu." in told


def test_one_failure_is_a_row_and_no_more(model_folder: Callable[..., str], tmp_path: Path) -> None:
    models = [
        ("gone", str(tmp_path / "nowhere")),
        ("dies", model_folder("dies")),
        ("killed", model_folder("killed")),
        ("quick", model_folder("fast")),
        ("slow", model_folder("slow")),
    ]
    result = run_speed(models, tmp_path, Plan(200, 11, 2), command)
    gone, dies, killed, quick, slow = result["rows"]
    assert "no model" in gone["error"]
    assert "ended with code 3" in dies["error"] and "out of luck" in dies["error"]
    assert "SIGKILL" in killed["error"] and "memory" in killed["error"]
    assert "error" not in quick and "error" not in slow
    assert [(r["name"], r["against"]) for r in result["ratios"]] == [("slow", "quick")]
    assert "failed: " in speed_markdown(result)


def test_llama_cpp_is_measured_beside_them(
    model_folder: Callable[..., str], models_dir: Path
) -> None:
    pull("smollm2-135m", models_dir)
    models = [("quick", model_folder("fast")), ("slow", model_folder("slow"))]
    result = run_speed(models, models_dir, Plan(200, 11, 2), command, peer="smollm2-135m")
    *_, peer = result["rows"]
    assert (peer["name"], peer["scheme"]) == ("llama.cpp", "llama.cpp")
    assert [(run["prompt_tokens"], run["completion_tokens"]) for run in peer["runs"]] == [
        (200, 11),
        (200, 11),
    ]
    assert peer["peak_rss_mb"] > 100 and 60 < peer["disk_mb"] < 130
    assert 0 < peer["bandwidth_share"] < 2 and result["machine"]["bandwidth_gb_s"] > 0
    against = [(ratio["name"], ratio["against"]) for ratio in result["ratios"]]
    assert against == [("slow", "quick"), ("slow", "llama.cpp"), ("llama.cpp", "quick")]
    assert f"| {peer['bandwidth_share']:.0%} |" in speed_markdown(result)


def test_a_peer_that_cannot_run_is_a_row(
    model_folder: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF, they say")
    for peer, said in (
        ("nowhere", "no GGUF file nowhere"),
        (str(tmp_path / "bad.gguf"), "llama.cpp cannot load"),
    ):
        result = run_speed(
            [("quick", model_folder("fast"))], tmp_path, Plan(200, 11, 1), command, peer=peer
        )
        quick, other = result["rows"]
        assert "error" not in quick and said in other["error"] and not result["ratios"]
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EvaluationError, match="pip install xllamacpp"):
        LlamaCpp(tmp_path / "bad.gguf", 100)


def test_where_all_fail_it_says_why(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"a: no model .* b: no model"):
        run_speed([("a", "nowhere"), ("b", "no where")], tmp_path, Plan(200, 11, 2))


def test_where_memory_is_short_one_model_is_loaded_at_a_time(
    model_folder: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.speed.OVERHEAD_BYTES", 2**60)
    models = [("quick", model_folder("fast")), ("slow", model_folder("slow"))]
    result = run_speed(models, tmp_path, Plan(200, 11, 2), command)
    assert [len(row["runs"]) for row in result["rows"]] == [2, 2]


def test_names_are_read_and_checked() -> None:
    assert parse_models(["a=x/int4", "b=y@fp32"], "z") == [
        ("a", "x/int4"),
        ("b", "y@fp32"),
        ("full", "z"),
    ]
    for bad in (["a"], ["=x"], ["a="], ["a=x", "a=y"], []):
        with pytest.raises(EvaluationError):
            parse_models(bad)
    assert split_dtype("x@fp32") == ("x", "fp32") and split_dtype("x") == ("x", None)
    with pytest.raises(EvaluationError, match="fp32 or bf16"):
        split_dtype("x@int4")


def test_the_worker_gets_the_dtype(tmp_path: Path) -> None:
    model = Model("x", "fp32", tmp_path, "0", None)
    assert worker_command(model, tmp_path)[1:] == [
        "-m",
        "eval.speed_worker",
        "x",
        str(tmp_path),
        "fp32",
    ]
