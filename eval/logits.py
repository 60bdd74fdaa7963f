"""A model as a function from token ids to logits, whichever library runs it.

Does not know: the paged engine of the chat, which gives text only. An OpenVINO model is run by
optimum here, with the same weights and the same kernels but another attention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eval.errors import EvaluationError
from eval.models import Model
from quantize.greedy import GREEDY
from quantize.torch_model import load

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Logits = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LogitModel:
    """`logits(ids)` -> (len(ids), vocabulary), float32: row n is the model's prediction after
    ids[: n + 1]. `continued(ids, n)` -> the ids that follow greedily, at most n of them."""

    tokenizer: Any
    logits: Callable[[Sequence[int]], Logits]
    continued: Callable[[Sequence[int], int], list[int]]


def load_logits(model: Model) -> LogitModel:
    """Load `model`. Raises EvaluationError where it cannot be."""
    from transformers import AutoTokenizer

    from quantize.checkpoint import is_quantized, read_manifest

    backend = read_manifest(model.folder).backend if is_quantized(model.folder) else None
    try:
        tokenizer = AutoTokenizer.from_pretrained(model.folder)
        loaded = (
            _openvino(model) if backend == "openvino" else load(model.folder, model.dtype or "bf16")
        )
    except Exception as error:  # each library raises its own kinds
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
        raise EvaluationError(f"{model.name} cannot be loaded: {reason}") from error
    # A KV cache of few bits costs nothing until something is read from it.
    read = _logits_in_halves if (model.dtype or "").startswith("kv-") else _logits
    return LogitModel(tokenizer, lambda ids: read(loaded, ids), lambda ids, n: _go(loaded, ids, n))


def _openvino(model: Model) -> Any:
    from optimum.intel import OVModelForCausalLM

    from assistant.engines import run_time
    from quantize.checkpoint import read_manifest

    properties = run_time(read_manifest(model.folder).scheme, model.dtype)
    return OVModelForCausalLM.from_pretrained(
        str(model.folder), export=False, ov_config=dict(properties)
    )


def _logits(loaded: Any, ids: Sequence[int]) -> Logits:
    import torch

    tokens = torch.tensor([list(ids)], device=loaded.device)
    with torch.inference_mode():
        out = loaded(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits[0]
    logits: Logits = out.float().cpu().numpy()
    return logits


def _logits_in_halves(loaded: Any, ids: Sequence[int]) -> Logits:
    """The same, the second half computed from the first's entries in the KV cache."""
    import numpy as np
    import torch

    tokens = torch.tensor([list(ids)], device=loaded.device)
    half = tokens.shape[1] // 2
    seen = torch.ones_like(tokens)
    with torch.inference_mode():
        first = loaded(input_ids=tokens[:, :half], attention_mask=seen[:, :half], use_cache=True)
        second = loaded(
            input_ids=tokens[:, half:],
            attention_mask=seen,
            past_key_values=first.past_key_values,
            use_cache=True,
        )
    parts = [part.logits[0].float().cpu().numpy() for part in (first, second)]
    logits: Logits = np.concatenate(parts)
    return logits


def _go(loaded: Any, ids: Sequence[int], n: int) -> list[int]:
    import torch

    tokens = torch.tensor([list(ids)], device=loaded.device)
    out = loaded.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        **GREEDY,
        max_new_tokens=n,
        pad_token_id=0,
    )
    return [int(token) for token in out[0, len(ids) :]]
