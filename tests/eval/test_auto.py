"""The scheme for a machine and a target, the plan for a target, and what calibration texts buy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.calibration import calibration_prompts
from eval.ablation import noise, paired, prose, run_ablation
from eval.apart import Texts
from eval.auto import _made, choose, run_auto, sensible_schemes, verdict
from eval.errors import EvaluationError
from eval.lookups import make_questions
from eval.loss_report import ablation_markdown, auto_markdown
from eval.target import Measured, smallest_plan
from index.store import Store
from quantize.calibration import Calibration, Sample, read_calibration
from quantize.errors import SchemeError
from quantize.plan import FrontPoint
from quantize.quantize import quantize


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


def test_the_full_model_is_one_to_choose() -> None:
    """As it is on a GPU, where fewer bits are no faster."""
    full = row("full", 1.0, 1.0) | {"recovery": {"value": 1.0, "ci_low": 1.0, "ci_high": 1.0}}
    chosen = choose([row("bnb-nf4", 1.0, 2.0), full], 0.98)
    assert chosen is full
    told = {"target": 0.98, "chosen": "full", "certain": True, "as_fast": []}
    said = verdict({**told, "keeps": ["bnb-nf4"]})
    assert "The full model is the fastest" in said and "bnb-nf4 keep it, too" in said
    assert "No scheme keeps 98.0%" in verdict({**told, "keeps": []})


def test_a_choice_says_what_is_not_certain() -> None:
    told = {"target": 0.98, "chosen": "int4", "keeps": ["int4", "int8"]}
    assert verdict({**told, "certain": True, "as_fast": []}) == (
        "int4 is the fastest that keeps 98.0%."
    )
    said = verdict({**told, "certain": False, "as_fast": ["int8"]})
    assert "Not certain" in said and "do not tell it from int8 in speed" in said
    bf16 = {"chosen": "bf16", "keeps": ["bf16"], "certain": True, "as_fast": []}
    assert "no scheme of fewer bits keeps it" in verdict({**told, **bf16})


def test_schemes_suit_the_machine() -> None:
    def small(scheme: str) -> str | None:
        return "needs 22 GB" if scheme == "w8a8" else None

    fast8 = ["avx2", "avx512_vnni"]
    assert sensible_schemes(True, [], lambda _: None) == (["bnb-nf4", "bnb-int8"], {})
    every = ["int4-awq", "int4", "int8", "w8a8", "bf16"]
    assert sensible_schemes(False, fast8, lambda _: None) == (every, {})
    tried, left_out = sensible_schemes(False, fast8, small)
    assert "w8a8" not in tried and left_out == {"w8a8": "needs 22 GB"}
    tried, left_out = sensible_schemes(False, ["avx2"], lambda _: None)
    assert "w8a8" not in tried and "8-bit products" in left_out["w8a8"]


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
        *(str(tiny_llm), ["int4", "int8", "int2"]),
        Texts(prompts, held, make_questions(sample_store, 5), "kept apart somehow"),
        *(tmp_path, tmp_path / "work", 0.98, {"w8a8": "it needs 22 GB of memory"}),
    )
    assert [each["scheme"] for each in result["rows"]] == ["int4", "int8", "int2", "w8a8"]
    four, eight, none, left_out = result["rows"]
    assert left_out["error"] == "left out: it needs 22 GB of memory"
    assert "no scheme 'int2'" in none["error"]
    assert four["bytes"] < eight["bytes"]
    assert four["kld"]["mean"] > eight["kld"]["mean"] > 0
    assert four["answer_s"] and four["peak_rss_mb"] and result["full"]["answer_s"]
    assert result["keeps"] == [] and result["chosen"] == "full"
    assert result["full"]["bytes"] > eight["bytes"]
    said = auto_markdown(result)
    assert "No scheme keeps 98.0%" in said and "no scheme 'int2'" in said and "**full**" in said
    assert "left out: it needs 22 GB" in said and "kept apart somehow" in said
    assert "looks better than it is" not in said
    assert json.loads(json.dumps(result)) == result


def test_a_scheme_calibrated_on_other_texts_stays_beside(
    tiny_llm: Path, tmp_path: Path, prompts: Calibration
) -> None:
    """As made by `--scheme int4-awq --calibration`, or before the store's texts changed."""
    other = Calibration("o.jsonl", 1, (Sample("text", "o", "Castings cost a tenth less. " * 40),))
    usual, _ = quantize(str(tiny_llm), "int4-awq", None, tmp_path, False, calibration=other)
    first = _made(str(tiny_llm), "int4-awq", tmp_path, prompts)
    assert first.error is None and first.folder == Path(f"{usual}-{prompts.sha256[:8]}")
    assert read_calibration(first.folder) == prompts.texts
    assert _made(str(tiny_llm), "int4-awq", tmp_path, prompts) == first
    assert _made(str(tiny_llm), "int4-awq", tmp_path, other).folder == usual
    assert read_calibration(usual) == other.texts


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
    # Other texts, asked for later, make other models: these are kept under their own texts' name.
    made = {folder.name for folder in (tmp_path / "work").iterdir()}
    assert {f"int4-awq-filings-{prompts.sha256[:8]}", "int4-none"} < made and len(made) == 4


def test_texts_that_cannot_be_measured_on_are_said_before_models_are_made(
    tiny_llm: Path, tmp_path: Path, prompts: Calibration
) -> None:
    short, seen = tmp_path / "short.jsonl", tmp_path / "seen.jsonl"
    short.write_text('{"text": "Costs fell."}\n')
    seen.write_text(json.dumps({"text": prompts.texts[0]}) + "\n")
    for held, said in (
        (tmp_path / "no.jsonl", r"no\.jsonl"),
        (short, "too short"),
        (seen, "int4-awq of filings was calibrated on 100%"),
    ):
        with pytest.raises(EvaluationError, match=said):
            run_ablation(
                *(str(tiny_llm), "int4-awq", "int4", prompts, held, None),
                *(tmp_path, tmp_path / "work"),
            )
    with pytest.raises(SchemeError, match="int4 takes no --calibration"):
        run_ablation(
            *(str(tiny_llm), "int4", "int8", prompts, seen, None, tmp_path, tmp_path / "work")
        )
    assert not (tmp_path / "work").exists()


def test_what_filings_answer_more_rightly_is_paired_over_the_questions() -> None:
    def graded(right: range) -> list[dict[str, str]]:
        return [{"grade": "correct" if n in right else "wrong"} for n in range(100)]

    found = paired(graded(range(92)), graded(range(5, 77)))
    assert (found["lost"], found["gained"]) == (0, 20)
    assert found["difference"]["ci_low"] > 0.1 and found["mcnemar_p"] < 0.001
    part = {"value": 0.9, "mean": 0.1, "ci_low": 0.1, "ci_high": 0.2}
    figures = {"kld": part, "same_top": part, "kld_saved": None, "recovery": part}
    rows = [
        {"texts": "filings", **figures, "paired": None},
        {"texts": "prose", **figures, "paired": found},
    ]
    told = {"scheme": "w8a8", "model": "m", "samples": 1, "tokens": 9, "n_tokens": 9, "notes": []}
    said = ablation_markdown(told | {"rows": rows})
    assert "| 20.0% (" in said and "; 0 lost, 20 gained, McNemar p = 0.000) |" in said


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
