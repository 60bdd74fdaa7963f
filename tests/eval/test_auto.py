"""The scheme for a machine and a target, the plan for a target, and what calibration texts buy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.calibration import calibration_prompts
from eval.ablation import noise, prose, run_ablation
from eval.auto import choose, run_auto, sensible_schemes
from eval.errors import EvaluationError
from eval.report import ablation_markdown, auto_markdown
from eval.target import Measured, smallest_plan
from index.store import Store
from quantize.calibration import Calibration, Sample
from quantize.plan import FrontPoint


def row(scheme: str, recovery: float, seconds: float | None) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "recovery": {"value": recovery, "ci_low": recovery - 0.05, "ci_high": recovery + 0.05},
        "answer_s": seconds,
    }


def test_the_fastest_that_keeps_the_target_is_chosen() -> None:
    rows = [row("a", 0.99, 5.0), row("b", 0.97, 1.0), row("c", 1.0, 4.0), row("d", 1.0, None)]
    chosen = choose(rows, 0.98)
    assert chosen is not None and chosen["scheme"] == "c"
    assert choose(rows, 1.01) is None


def test_schemes_suit_the_machine() -> None:
    assert sensible_schemes(True, []) == ["bnb-nf4", "bnb-int8"]
    assert "w8a8" in sensible_schemes(False, ["avx2", "avx512_vnni"])
    assert "w8a8" not in sensible_schemes(False, ["avx2"])


def points(count: int) -> list[FrontPoint]:
    return [FrontPoint(1000 * n, 1.0 / n, {"a": 4}) for n in range(1, count + 1)]


@pytest.mark.parametrize("enough", [1, 7, 24])
def test_the_smallest_plan_that_keeps_the_target_is_found(enough: int, tmp_path: Path) -> None:
    def measure(point: FrontPoint) -> Measured:
        value = 0.99 if point.bytes >= 1000 * enough else 0.9
        return Measured(point, {"value": value}, tmp_path)

    best, tried = smallest_plan(points(24), 0.98, measure)
    assert best.point.bytes == 1000 * enough
    assert len(tried) <= 5


def test_a_target_out_of_reach_says_what_was_kept(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"the best kept 90\.0%"):
        smallest_plan(points(5), 0.98, lambda p: Measured(p, {"value": 0.9}, tmp_path))


@pytest.fixture(scope="module")
def prompts(sample_store: Store, tiny_llm: Path) -> Calibration:
    texts = [f"Net sales rose to {n},240 in fiscal 202{n}. " * 16 for n in range(1, 5)]
    return Calibration("t.jsonl", 1, tuple(Sample("text", "t", text) for text in texts))


def test_schemes_are_made_measured_and_compared(
    sample_store: Store, tiny_llm: Path, tmp_path: Path, prompts: Calibration
) -> None:
    """On random weights nothing is answered right, so nothing can be kept; all else is measured."""
    held = Calibration("h", 2, (Sample("text", "h", "Costs of castings fell by a tenth. " * 60),))
    result = run_auto(
        *(str(tiny_llm), ["int4", "int8", "int2"], sample_store, tmp_path, tmp_path / "work"),
        *(prompts, held, 0.98, 5),
    )
    assert [each["scheme"] for each in result["rows"]] == ["int4", "int8", "int2"]
    four, eight, none = result["rows"]
    assert "no scheme 'int2'" in none["error"]
    assert four["bytes"] < eight["bytes"]
    assert four["kld"]["mean"] > eight["kld"]["mean"] > 0
    assert four["answer_s"] and four["peak_rss_mb"] and result["full"]["answer_s"]
    assert result["chosen"] is None
    said = auto_markdown(result)
    assert "None keeps 98.0%" in said and "no scheme 'int2'" in said and "| full |" in said
    assert json.loads(json.dumps(result)) == result


def test_calibration_texts_are_compared(
    sample_store: Store, tiny_llm: Path, tmp_path: Path, prompts: Calibration
) -> None:
    held = tmp_path / "held.jsonl"
    held.write_text(json.dumps({"text": "Costs of castings fell by a tenth. " * 90}) + "\n")
    result = run_ablation(
        *(str(tiny_llm), "int4-awq", "int4", prompts, held, None, tmp_path, tmp_path / "work"),
        windows=4,
    )
    assert [each["texts"] for each in result["rows"]] == ["filings", "prose", "random", "none"]
    assert all(each["kld"]["mean"] > 0 for each in result["rows"])
    assert result["rows"][0]["kld_saved"] is None
    assert all(each["kld_saved"]["value"] < 1 for each in result["rows"][1:])
    assert "filings save" in ablation_markdown(result)
    # The three sets differ in their words alone: as many texts, of about as many tokens.
    assert result["samples"] == 4


def test_prose_and_noise_have_the_lengths_asked_for(tiny_llm: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    pieces = prose(tokenizer, [50, 300])
    assert [len(tokenizer(piece)["input_ids"]) for piece in pieces] == [50, 300]
    assert "the" in pieces[1].split()
    assert noise(tokenizer, [40]) == noise(tokenizer, [40]) != noise(tokenizer, [41])


def test_prompts_from_a_store_fit_the_ablation(
    sample_store: Store, tiny_llm: Path, test_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    monkeypatch.setenv("TENQ_HOME", str(test_home))
    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    made = calibration_prompts(sample_store.path, tokenizer, 3)
    assert all(len(ids) == 512 for ids in made.ids(tokenizer))
