"""What do filings buy as calibration texts, over general prose and over random tokens?

The same calibrated scheme is made three times, from as many texts of as many tokens each: prompts
made of filings, prose that has nothing to do with filings (the documentation that comes with
Python), and tokens drawn at random. The three models, and the same scheme without calibration, are
measured on the same held-out texts and questions. Williams and Aletras (2024, arXiv:2311.09755)
found that the choice matters, and varies; here it is measured for the model at hand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.auto import answers_kept
from eval.fidelity import Plan, check_texts, run_fidelity
from eval.questions import read_questions
from eval.run_summary import counted, flips
from quantize.calibration import Calibration, Sample

_SEED = 20_111


def run_ablation(
    model: str,
    scheme: str,
    without: str,
    filings: Calibration,
    held_out: Path,
    questions: Path | None,
    models_dir: Path,
    work: Path,
    windows: int = 24,
) -> dict[str, Any]:
    """{"scheme", "rows": [{"texts", "kld", "same_top", "kld_saved", "recovery"?, "paired"?}], ...}:
    filings first, then "prose", "random" and "none" (`without`, the scheme that needs no
    calibration). "kld_saved" is what filings save of that row's divergence, paired over windows;
    "paired" how the filings' model answers the same questions (`eval.run_summary.flips`).

    Models are kept under `work` and made once for the same texts. Raises EvaluationError or
    QuantizationError.
    """
    from transformers import AutoTokenizer

    from quantize.quantize import check_calibration, quantize_apart
    from quantize.schemes import scheme_named
    from quantize.sources import bring

    check_calibration(scheme_named(scheme), True)
    check_calibration(scheme_named(without), False)
    tokenizer = AutoTokenizer.from_pretrained(bring(model, models_dir).folder)
    lengths = [len(ids) for ids in filings.ids(tokenizer)]
    sets = {
        "filings": filings,
        "prose": Calibration("prose", _SEED, _samples(prose(tokenizer, lengths))),
        "random": Calibration("random", _SEED, _samples(noise(tokenizer, lengths))),
        "none": None,
    }
    plan = Plan(windows=windows, greedy_prompts=1, greedy_tokens=2)
    known = {f"{scheme} of {name}": texts.texts for name, texts in sets.items() if texts}
    check_texts(held_out, tokenizer, known, plan)
    if questions:
        read_questions(questions)
    folders = {}
    for name, texts in sets.items():
        chosen = scheme if texts else without
        # Named after its texts, so that others, asked for later, make another one.
        out = work / "-".join([chosen, name, *([texts.mark] if texts else [])])
        folders[name] = quantize_apart(model, chosen, out, models_dir, False, texts)
    first, *others = folders.values()
    names = [str(folder) for folder in others]
    far = run_fidelity(model, str(first), held_out, models_dir, plan, beside=names)
    rows: list[dict[str, Any]] = []
    best: list[dict[str, Any]] = []  # the answers of the filings' model
    for name, figures in zip(folders, [far, *far["beside"]], strict=True):
        row = {"texts": name, **{key: figures.get(key) for key in ("kld", "same_top", "kld_saved")}}
        if questions:
            kept = answers_kept(folders[name], model, questions, models_dir)
            row |= {"correct": kept["correct"], "n": kept["n"], "recovery": kept["recovery"]}
            best = best or kept["per_question"]
            row["paired"] = paired(best, kept["per_question"]) if rows else None
        rows.append(row)
    return {
        "model": model,
        "scheme": scheme,
        "samples": len(lengths),
        "tokens": sum(lengths),
        "n_tokens": far["n_tokens"],
        "floor": far["floor"]["kld"],
        "rows": rows,
        "notes": far["notes"],
    }


def paired(filings: list[dict[str, Any]], other: list[dict[str, Any]]) -> dict[str, Any]:
    """What the filings' model lost and gained against another on the same questions."""
    return flips(counted(zip(filings, other, strict=True)))


def prose(tokenizer: Any, lengths: Sequence[int]) -> list[str]:
    """English prose from Python's own documentation, in pieces of about these lengths in tokens."""
    from pydoc_data.topics import topics

    text = " ".join(
        re.sub(r"\s+", " ", part)
        for topic in sorted(topics)
        for part in topics[topic].split("\n\n")
        if len(part) > 200 and not part.startswith("   ")
    )
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    pieces, start = [], 0
    for length in lengths:
        if start + length > len(ids):
            start = 0
        pieces.append(str(tokenizer.decode(ids[start : start + length])))
        start += length
    return pieces


def noise(tokenizer: Any, lengths: Sequence[int]) -> list[str]:
    """Tokens drawn at random from the vocabulary, as text, each piece at most its length."""
    rng = random.Random(_SEED)
    special = set(tokenizer.all_special_ids)
    usable = [n for n in range(len(tokenizer)) if n not in special]
    return [str(tokenizer.decode(rng.choices(usable, k=length))) for length in lengths]


def _samples(texts: Sequence[str]) -> tuple[Sample, ...]:
    return tuple(Sample("text", "", text) for text in texts)
