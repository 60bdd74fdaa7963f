"""The distance between two models, on models small enough to compute it in full."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from eval.errors import EvaluationError
from eval.fidelity import Plan, run_fidelity
from eval.logits import LogitModel
from eval.loss_report import fidelity_markdown
from eval.models import Model
from eval.texts import read_texts
from quantize.windows import windows

VOCABULARY = 40


class Letters:
    """One token a letter."""

    def __len__(self) -> int:
        return VOCABULARY

    def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
        return {"input_ids": [ord(letter) % VOCABULARY for letter in text]}


def table(noise: float, seed: int = 1) -> np.ndarray[Any, Any]:
    """Logits after each token: one fixed table and noise on it."""
    fixed = 3 * np.random.default_rng(0).normal(size=(VOCABULARY, VOCABULARY))
    return fixed + noise * np.random.default_rng(seed).normal(size=fixed.shape)


def model(logits: np.ndarray[Any, Any]) -> LogitModel:
    def continued(ids: Sequence[int], n: int) -> list[int]:
        out = list(ids)
        for _ in range(n):
            out.append(int(logits[out[-1]].argmax()))
        return out[len(ids) :]

    return LogitModel(Letters(), lambda ids: logits[list(ids)].astype(np.float32), continued)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    letters = np.random.default_rng(5).integers(0, VOCABULARY, 3000)
    whole = "".join(chr(200 + int(n)) for n in letters)
    path.write_text(json.dumps({"text": whole}) + "\n")
    return path


def measured(
    text: Path, folder: Any, noise: float, top_k: int = VOCABULARY, floor: float = 0.001
) -> dict[str, Any]:
    full, other = folder("full"), folder("other", b"4 bits")

    def load(named: Model) -> LogitModel:
        if named.name == other:
            return model(table(noise))
        return model(table(floor if named.dtype else 0.0, seed=2))

    return run_fidelity(full, other, text, text.parent, Plan(20, 64, top_k, 3, 8), load)


def test_the_figures_are_those_of_the_whole_distributions(text: Path, model_folder: Any) -> None:
    result = measured(text, model_folder, 0.3)
    logp, logq = log_softmax(table(0.0), axis=1), log_softmax(table(0.3), axis=1)
    (read,) = read_texts(text)
    scored = [
        (before, after)
        for ids in windows(Letters(), [read], 64, 20)
        for before, after in pairwise(ids[31:])
    ]
    assert result["n_tokens"] == len(scored) == 20 * 32
    kld = np.mean([(np.exp(logp[a]) * (logp[a] - logq[a])).sum() for a, _ in scored])
    assert result["kld"]["mean"] == pytest.approx(kld, rel=1e-4)
    assert result["kld"]["ci_low"] < kld < result["kld"]["ci_high"]
    assert result["ppl"] == pytest.approx(
        math.exp(-np.mean([logq[a, b] for a, b in scored])), rel=1e-4
    )
    same = np.mean([logp[a].argmax() == logq[a].argmax() for a, _ in scored])
    assert result["same_top"]["value"] == pytest.approx(same)
    change = [math.exp(logq[a, b]) - math.exp(logp[a, b]) for a, b in scored]
    assert result["rms_dp"] == pytest.approx(float(np.sqrt(np.mean(np.square(change)))), rel=1e-4)
    assert result["ppl_ratio"]["value"] == pytest.approx(result["ppl"] / result["ppl_full"])
    assert result["floor"]["kld"]["mean"] < 1e-5 < result["kld"]["mean"]
    assert result["floor"]["greedy"]["same_throughout"] == 3
    assert "KLD mean" in fidelity_markdown(result)


def test_a_few_kept_tokens_never_overstate_the_divergence(text: Path, model_folder: Any) -> None:
    whole = measured(text, model_folder, 0.5)["kld"]["mean"]
    few = [measured(text, model_folder, 0.5, top_k)["kld"]["mean"] for top_k in (2, 8, 30)]
    assert 0 < few[0] < few[1] < few[2] <= whole * 1.0001


def test_the_first_difference_is_where_greedy_text_parts(text: Path, model_folder: Any) -> None:
    result = measured(text, model_folder, 4.0)
    assert result["greedy"]["same_throughout"] == 0
    first, other = model(table(0.0)), model(table(4.0))
    (read,) = read_texts(text)
    parted = []
    for ids in windows(Letters(), [read], 64, 20)[:3]:
        one, two = first.continued(ids, 8), other.continued(ids, 8)
        parted.append(
            next(n for n, pair in enumerate(zip(one, two, strict=True)) if len(set(pair)) > 1)
        )
    assert result["greedy"]["first_difference_median"] == np.median(parted)


def test_texts_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no text in"):
        read_texts(tmp_path)
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": "good"}\n{"words": "bad"}\n')
    with pytest.raises(EvaluationError, match="line 2"):
        read_texts(path)


def test_short_texts_are_refused(tmp_path: Path, model_folder: Any) -> None:
    path = tmp_path / "short.jsonl"
    path.write_text('{"text": "short"}\n')
    with pytest.raises(EvaluationError, match="too short"):
        measured(path, model_folder, 0.1)


def test_a_second_model_is_measured_on_the_same_windows(text: Path, model_folder: Any) -> None:
    full, near, far = (
        model_folder("full"),
        model_folder("near", b"8 bits"),
        model_folder("far", b"4"),
    )
    noise = {full: 0.0, near: 0.1, far: 0.4}

    def load(named: Model) -> LogitModel:
        return model(table(noise[named.name], seed=2))

    plan = Plan(20, 64, VOCABULARY, 3, 8)
    result = run_fidelity(full, near, text, text.parent, plan, load, beside=[far])
    (other,) = result["beside"]
    saved = other["kld_saved"]
    expected = 1 - result["kld"]["mean"] / other["kld"]["mean"]
    assert saved["value"] == pytest.approx(expected)
    assert 0 < saved["ci_low"] <= saved["value"] <= saved["ci_high"] < 1
    assert "paired over the windows" in fidelity_markdown(result)


def test_texts_of_the_calibration_are_refused(tmp_path: Path, model_folder: Any) -> None:
    """A model looks better on what it was calibrated on than it is."""
    from quantize.calibration import FILE, Calibration, Sample

    words = "Net sales of pumps rose by a tenth because the price of castings fell in the year. "
    path = tmp_path / "texts.jsonl"
    path.write_text(json.dumps({"text": words * 9}) + "\n")
    full, other = model_folder("full"), model_folder("other", b"4 bits")
    seen = Calibration("x", 1, (Sample("text", "x", "[1] Evidence: " + words),))
    (Path(other) / FILE).write_text(seen.lines)

    def load(named: Model) -> LogitModel:
        return model(table(0.0))

    with pytest.raises(EvaluationError, match="give texts of other filings"):
        run_fidelity(full, other, path, tmp_path, Plan(4, 64, VOCABULARY, 3, 8), load)
