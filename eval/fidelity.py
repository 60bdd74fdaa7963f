"""How far a quantized model's next-token distributions are from the full model's.

The figures of llama.cpp's perplexity tool in its terms: perplexity (PPL) of both and their ratio,
Kullback-Leibler divergence (KLD) of the quantized from the full distribution, how often both have
the same top token, and how the probability of the token that really follows changed (delta p).
Windows of text are fed whole; the second half of each is scored, where there is context.

Of the full model's distribution the top K probabilities and the sum of the rest are kept. KLD is
taken over those K + 1 outcomes: by the log sum inequality never more than over all tokens, and with
K = 1000 nearly all of it. Tokens of one window are alike, so intervals are bootstrapped over
windows (Efron and Tibshirani 1993), not over tokens; they are wider than llama.cpp's, and truer.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import EvaluationError
from eval.logits import LogitModel, load_logits
from eval.models import Model, find_model
from eval.texts import read_texts
from quantize.calibration import overlap, read_calibration
from quantize.windows import windows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_SEED, _RESAMPLES = 20_111, 2000
_GREEDY_PROMPT = 96
_MOST_SEEN = 0.01  # of the runs of 13 words: what all filings have in common is less
Load = Callable[[Model], LogitModel]


@dataclass(frozen=True)
class Plan:
    """What is measured: windows and their size in tokens, K, greedy tokens and prompts."""

    windows: int = 32
    window_tokens: int = 512
    top_k: int = 1000
    greedy_prompts: int = 8
    greedy_tokens: int = 32


@dataclass(frozen=True)
class Scored:
    """Per scored token, of one window, of one model: arrays of length n, or (n, K)."""

    top_ids: npt.NDArray[np.int64]
    top_logp: Floats
    true_logp: Floats

    @property
    def tail_logp(self) -> Floats:
        """log of the probability outside the top K."""
        return _log_rest(self.top_logp)


@dataclass(frozen=True)
class Against:
    """Per scored token of one window: what the other model gives."""

    kld: Floats
    same_top: npt.NDArray[np.bool_]
    true_logp: Floats


def run_fidelity(
    full: str,
    model: str,
    texts: Path,
    models_dir: Path,
    plan: Plan | None = None,
    load: Load = load_logits,
    beside: Sequence[str] = (),
    allow_seen: bool = False,
) -> dict[str, Any]:
    """The JSON of `tenq eval fidelity`, with `beside` for further quantized models on the same
    windows, and how much of each one's divergence the first saves ("kld_saved"). The full model is
    the reference in the dtype asked for (bf16 unless @fp32); its floor is the same model in the
    other dtype: what rounding alone does. Texts that a model was calibrated on are refused, or
    said in "notes" with `allow_seen`.

    Raises EvaluationError, or what finding the models raises.
    """
    plan = plan or Plan()
    names = find_model(full, models_dir), find_model(model, models_dir)
    other_dtype = "bf16" if names[0].dtype == "fp32" else "fp32"
    floor_of = find_model(f"{names[0].name}@{other_dtype}", models_dir)
    read = read_texts(texts)
    others = [find_model(each, models_dir) for each in beside]
    calibrated = {each.label: read_calibration(each.folder) for each in (names[1], *others)}
    seen = _seen(read, calibrated, allow_seen)
    reference = load(names[0])
    cut = _cut(reference.tokenizer, read, plan)
    scored = [_score(reference, ids, plan.top_k) for ids in _bar(cut, "full model")]
    greedy = _greedy(reference, cut, plan)
    vocabulary = len(reference.tokenizer)
    del reference
    measured: list[dict[str, Any]] = []
    divergence: list[list[float]] = []
    for each in (floor_of, names[1], *others):
        gc.collect()
        loaded = load(each)
        if len(loaded.tokenizer) != vocabulary:
            raise EvaluationError(
                f"{each.name} and {full} have different vocabularies and cannot be compared; give "
                "the model it was quantized from"
            )
        label = "the same, other dtype" if each is floor_of else each.name
        pairs = [
            _against(loaded, ids, one) for ids, one in zip(_bar(cut, label), scored, strict=True)
        ]
        divergence.append([float(one.kld.mean()) for one in pairs])
        measured.append(_figures(scored, pairs) | {"greedy": _divergence(loaded, greedy)})
        del loaded
    floor, first, *rest = measured
    return {
        "full": names[0].label,
        "model": names[1].label,
        "texts": str(texts),
        "windows": len(cut),
        "window_tokens": plan.window_tokens,
        "top_k": plan.top_k,
        **first,
        "floor": {"model": floor_of.label, **floor},
        "notes": [*seen, *rebuilt(names[0])],
        "beside": [
            {"model": each.label, **figures, "kld_saved": _saved(divergence[1], theirs)}
            for each, figures, theirs in zip(others, rest, divergence[2:], strict=True)
        ],
    }


def check_texts(
    texts: Path, tokenizer: Any, calibrated: Mapping[str, Sequence[str]], plan: Plan
) -> None:
    """Before models are made: they can be measured on the texts, which are long enough and not what
    the models named are `calibrated` on. EvaluationError."""
    read = read_texts(texts)
    _seen(read, calibrated, allow=False)
    _cut(tokenizer, read, plan)


def rebuilt(full: Model) -> list[str]:
    """A sentence where the full model's weights come from a file of fewer bits."""
    if not full.rebuilt_from:
        return []
    return [
        f"the full model was itself rebuilt from {full.rebuilt_from}: this is the distance from "
        "the rebuilt weights"
    ]


def _seen(texts: Sequence[str], calibrated: Mapping[str, Sequence[str]], allow: bool) -> list[str]:
    """A sentence for each model that was calibrated on these very words; EvaluationError, unless
    that is allowed."""
    shares = {model: overlap(texts, known) for model, known in calibrated.items()}
    found = [
        f"{model} was calibrated on {share:.0%} of these texts and looks better than it is"
        for model, share in shares.items()
        if share > _MOST_SEEN
    ]
    if found and not allow:
        raise EvaluationError(f"{found[0]}: give texts of other filings")
    return found


def _cut(tokenizer: Any, texts: Sequence[str], plan: Plan) -> list[list[int]]:
    cut = windows(tokenizer, texts, plan.window_tokens, plan.windows)
    if not cut:
        raise EvaluationError(
            f"the texts are too short: none has {plan.window_tokens} tokens; give longer ones, or "
            "smaller windows with --window-tokens"
        )
    return cut


def _bar(items: Sequence[list[int]], label: str) -> Any:
    from tqdm import tqdm

    return tqdm(items, desc=label, unit="window")


def _log_probabilities(model: LogitModel, ids: Sequence[int]) -> Floats:
    """(scored, vocabulary): log p of the tokens that follow the window's second half."""
    import numpy as np
    from scipy.special import log_softmax

    half = len(ids) // 2
    logits = model.logits(ids)[half - 1 : -1]
    out: Floats = log_softmax(logits.astype(np.float64), axis=-1)
    return out


def _score(model: LogitModel, ids: Sequence[int], top_k: int) -> Scored:
    import numpy as np

    logp = _log_probabilities(model, ids)
    follows = np.asarray(ids[len(ids) // 2 :])
    k = min(top_k, logp.shape[1] - 1)
    top = np.argpartition(-logp, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(logp, top, axis=1), axis=1)
    top = np.take_along_axis(top, order, axis=1)
    rows = np.arange(len(follows))
    return Scored(top, np.take_along_axis(logp, top, axis=1), logp[rows, follows])


def _against(model: LogitModel, ids: Sequence[int], full: Scored) -> Against:
    import numpy as np

    logq = _log_probabilities(model, ids)
    rows = np.arange(len(full.true_logp))
    at_top = np.take_along_axis(logq, full.top_ids, axis=1)
    p, p_rest = np.exp(full.top_logp), np.exp(full.tail_logp)
    kld = (p * (full.top_logp - at_top)).sum(axis=1)
    kld += p_rest * (full.tail_logp - _log_rest(at_top))
    return Against(
        np.maximum(kld, 0.0),
        logq.argmax(axis=1) == full.top_ids[:, 0],
        logq[rows, np.asarray(ids[len(ids) // 2 :])],
    )


def _log_rest(top_logp: Floats) -> Floats:
    """log(1 - sum exp) a row, kept above the smallest number a float32 logit can mean."""
    import numpy as np

    rest = 1.0 - np.exp(top_logp).sum(axis=1)
    out: Floats = np.log(np.maximum(rest, 1e-12))
    return out


def _figures(full: Sequence[Scored], other: Sequence[Against]) -> dict[str, Any]:
    import numpy as np

    logp, logq = (np.concatenate([one.true_logp for one in part]) for part in (full, other))
    kld = np.concatenate([one.kld for one in other])
    change = np.exp(logq) - np.exp(logp)
    ratio = _interval(
        [float(q.true_logp.mean()) for q in other],
        [float(p.true_logp.mean()) for p in full],
    )
    return {
        "n_tokens": len(kld),
        "ppl_full": math.exp(-float(logp.mean())),
        "ppl": math.exp(-float(logq.mean())),
        "ln_ppl_ratio": ratio,
        "ppl_ratio": {key: math.exp(value) for key, value in ratio.items()},
        "correlation_ln_ppl": float(np.corrcoef(logp, logq)[0, 1]),
        "kld": _interval([float(one.kld.mean()) for one in other], name="mean")
        | {
            name: float(np.quantile(kld, share))
            for name, share in (
                ("p50", 0.5),
                ("p90", 0.9),
                ("p95", 0.95),
                ("p99", 0.99),
                ("p99.9", 0.999),
                ("max", 1.0),
            )
        },
        "same_top": _interval([float(one.same_top.mean()) for one in other]),
        "rms_dp": float(np.sqrt((change**2).mean())),
        "dp": {
            f"p{100 * share:g}": float(np.quantile(change, share))
            for share in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
        },
    }


def _interval(
    values: Sequence[float], less: Sequence[float] | None = None, name: str = "value"
) -> dict[str, float]:
    """The mean over windows (of `less` minus `values`, where given) with a 95% percentile bootstrap
    interval over windows, which all have the same number of scored tokens."""
    import numpy as np

    each = np.asarray(values) if less is None else np.asarray(less) - np.asarray(values)
    draws = np.random.default_rng(_SEED).choice(each, size=(_RESAMPLES, len(each)))
    low, high = np.quantile(draws.mean(axis=1), [0.025, 0.975])
    return {name: float(each.mean()), "ci_low": float(low), "ci_high": float(high)}


def _saved(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """1 - (mean of `ours` / mean of `theirs`), with a 95% bootstrap interval over the windows that
    both were measured on."""
    import numpy as np

    a, b = np.asarray(ours), np.asarray(theirs)
    picks = np.random.default_rng(_SEED).integers(0, len(a), size=(_RESAMPLES, len(a)))
    draws = 1 - a[picks].mean(axis=1) / np.maximum(b[picks].mean(axis=1), 1e-12)
    low, high = np.quantile(draws, [0.025, 0.975])
    value = 1 - a.mean() / max(float(b.mean()), 1e-12)
    return {"value": float(value), "ci_low": float(low), "ci_high": float(high)}


def _greedy(
    model: LogitModel, cut: Sequence[list[int]], plan: Plan
) -> list[tuple[list[int], list[int]]]:
    """Prompts and the full model's greedy continuation of each."""
    prompts = [ids[:_GREEDY_PROMPT] for ids in cut[: plan.greedy_prompts]]
    return [(prompt, model.continued(prompt, plan.greedy_tokens)) for prompt in prompts]


def _divergence(model: LogitModel, greedy: Sequence[tuple[list[int], list[int]]]) -> dict[str, Any]:
    """After how many tokens the model's greedy continuation leaves the full model's. One pass over
    the full continuation tells: up to there both have read the same."""
    import numpy as np

    firsts, whole = [], 0
    for prompt, wanted in greedy:
        best = model.logits([*prompt, *wanted])[len(prompt) - 1 : -1].argmax(axis=1)
        differs = np.flatnonzero(best != np.asarray(wanted))
        firsts.append(int(differs[0]) if len(differs) else len(wanted))
        whole += not len(differs)
    return {
        "prompts": len(firsts),
        "tokens": max((len(wanted) for _, wanted in greedy), default=0),
        "same_throughout": whole,
        "first_difference_median": float(np.median(firsts)) if firsts else None,
    }
