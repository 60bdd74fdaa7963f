"""Where the time of a generation goes, by what the network does: read the prompt, then write.

OpenVINO times every operation itself (its PERF_COUNT property). The network is run as it lies on
disk, one request at a time; the chat's engine runs the same weights with the same kernels, but
another attention (paged). Decoding reads every weight once a token, so each part's bytes over its
time is set against what the memory can deliver (the roofline model, Williams et al. 2009).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from eval.models import find_model
from eval.speed import machine
from eval.speed_prompt import timing_prompt
from quantize.machine import cores_usable, read_bandwidth

# The first that fits. Layers go by the names that transformers gives them.
_PARTS = {
    "output layer": r"lm_head",
    "embedding": r"embed_tokens|\bwte\b",
    "MLP": r"mlp|feed_forward",
    "attention's projections": r"(attn|attention)\.\w*(proj|query|key|value|dense)\b",
    "attention": r"attn|attention|kv_cache|present|past",
}
_REST = "norms and the rest"
_WARM_UP = 2  # tokens


def run_profile(
    model: str, models_dir: Path, prompt_tokens: int = 1024, new_tokens: int = 32
) -> dict[str, Any]:
    """{"model", "scheme", "prompt_tokens", "new_tokens", "prefill_s", "token_s", "parts",
    "machine"}; a part has its "prefill_s", its "token_s" (seconds a decoded token), and "mb" (10^6
    bytes of weights that it reads), "gb_s" and "bandwidth_share" of a token, None without weights.

    EvaluationError for a model that does not run on OpenVINO.
    """
    from quantize.checkpoint import is_quantized, read_manifest

    found = find_model(model, models_dir)
    manifest = read_manifest(found.folder) if is_quantized(found.folder) else None
    if manifest is None or manifest.backend != "openvino":
        raise EvaluationError(
            f"{model} does not run on OpenVINO; name a model made by `tenq quantize` with int8, "
            "int4, w8a8, bf16 or a plan"
        )
    bandwidth = read_bandwidth(cores_usable())
    request = _request(found.folder, manifest.scheme, found.dtype)
    ids = _ids(found.folder, prompt_tokens)
    _step(request, ids, 0)  # the first time, kernels are made and memory is taken
    warm = _spent(request, 1)
    request.reset_state()
    prefill_s = _step(request, ids, 0)
    read = _spent(request, 2)
    read.subtract(warm)
    token, token_s, before = _best(request), 0.0, read
    for n in range(_WARM_UP + new_tokens):
        if n == _WARM_UP:
            token_s, before = 0.0, _spent(request, 2 + n)
        token_s += _step(request, [token], len(ids) + n) / new_tokens
        token = _best(request)
    bandwidth = max(bandwidth, read_bandwidth(cores_usable()))
    after = _spent(request, 2 + _WARM_UP + new_tokens)
    each = {part: max(after[part] - before[part], 0.0) / new_tokens for part in after}
    weights = _weights(found.folder)
    return {
        "model": model,
        "scheme": manifest.scheme,
        "prompt_tokens": len(ids),
        "new_tokens": new_tokens,
        "prefill_s": prefill_s,
        "token_s": token_s,
        "parts": [
            _part(part, read[part], each[part], weights.get(part, 0), bandwidth)
            for part in sorted(each, key=lambda part: -each[part])
        ],
        "machine": machine() | {"bandwidth_gb_s": round(bandwidth / 1e9, 1)},
    }


def part_of(name: str) -> str:
    """What an operation belongs to, by its name or its layer's."""
    return next((part for part, fits in _PARTS.items() if re.search(fits, name)), _REST)


def _part(
    part: str, prefill_s: float, token_s: float, weights: int, bandwidth: float
) -> dict[str, Any]:
    rate = weights / token_s if weights and token_s else None
    return {
        "part": part,
        "prefill_s": prefill_s,
        "token_s": token_s,
        "mb": weights / 1e6 if weights else None,
        "gb_s": rate and rate / 1e9,
        "bandwidth_share": rate and rate / bandwidth,
    }


def _request(folder: Path, scheme: str, option: str | None) -> Any:
    import openvino

    from assistant.engines import run_time

    properties = {**run_time(scheme, option), "PERF_COUNT": "YES"}
    core = openvino.Core()
    network = core.read_model(folder / "openvino_model.xml")
    return core.compile_model(network, "CPU", properties).create_infer_request()


def _ids(folder: Path, tokens: int) -> list[int]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    (message,) = timing_prompt("profile", 0, tokens, lambda text: len(ids(text)))
    return ids(message["content"])


def _step(request: Any, ids: Sequence[int], before: int) -> float:
    """Run `ids` after `before` tokens; returns the seconds."""
    import numpy as np

    width = len(ids)
    inputs = {
        "input_ids": np.array([ids], dtype=np.int64),
        "attention_mask": np.ones((1, before + width), dtype=np.int64),
        "position_ids": np.arange(before, before + width, dtype=np.int64)[None],
        "beam_idx": np.zeros(1, dtype=np.int32),
    }
    known = {name for each in request.model_inputs for name in each.get_names()}
    began = time.perf_counter()
    request.infer({name: value for name, value in inputs.items() if name in known})
    return time.perf_counter() - began


def _spent(request: Any, runs: int) -> Counter[str]:
    """Seconds in each part over all runs; OpenVINO tells their mean, in whole microseconds."""
    parts: Counter[str] = Counter()
    for node in request.get_profiling_info():
        parts[part_of(node.node_name)] += runs * node.real_time.total_seconds()
    return parts


def _best(request: Any) -> int:
    logits = request.get_output_tensor(0).data
    return int(logits[0, -1].argmax())


def _weights(folder: Path) -> dict[str, int]:
    """Bytes of weights that each part reads for a token. Of the embedding that is one row; where
    the output layer shares its matrix, that reads it all."""
    from quantize.layers import openvino_layers

    found: Counter[str] = Counter()
    for layer in openvino_layers(folder):
        found[part_of(layer.name)] += layer.bytes
    embedding = found.pop("embedding", 0)
    return {"output layer": embedding, **found}
