"""Moves the outliers of activations into weights, before both are put at 8 bits.

SmoothQuant (Xiao et al. 2022): a linear layer's input channel j is divided by
s_j = max|X_j|^a / max|W_j|^(1-a) and the weights' column multiplied by it, so that both are easy to
round. The division costs nothing where it can go into the layer before: the weight of the norm that
feeds query, key, value, gate and up, and the up projection that feeds down. Scales are rounded to
powers of two, so that the 16-bit weights lose nothing and the model computes what it did.

Done here on the torch model, in 16 bits, and not by NNCF's own pass, which holds the weights of all
layers at 64 bits: 1.5 billion weights did not fit 24 GB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from quantize.errors import SchemeError

ALPHA = 0.8  # on a model of 0.1 billion weights: none 0.39 nats a token lost, 0.5 0.11, 0.8 0.05
_MOST_CHANGE = 0.02  # nats a token: rounding in 16-bit arithmetic alone gives a tenth of it


def smooth(model: Any, ids: Sequence[Sequence[int]], alpha: float) -> int:
    """Smooth the torch model in place over calibration ids; returns how many groups of layers were.
    SchemeError where the model, against expectation, then computes something else."""
    import torch
    from tqdm import tqdm

    groups = _groups(model, ids[0])
    peaks: dict[int, Any] = {}
    with torch.inference_mode():
        with _watched(groups, peaks):
            for row in tqdm(ids, desc="activations", unit="text"):
                model(input_ids=torch.tensor([list(row)], device=model.device), use_cache=False)
        before = _log_probabilities(model, ids[0])
        for n, (source, rows, readers) in enumerate(groups):
            _fold(source, rows, readers, peaks[n], alpha)
        after = _log_probabilities(model, ids[0])
    change = float((before.exp() * (before - after)).sum(-1).mean())
    if not change < _MOST_CHANGE:  # NaN, too
        raise SchemeError(
            f"SmoothQuant does not fit this model's layers (it changed its answers by {change:.3f} "
            "nats a token); choose int8"
        )
    return len(groups)


_Group = tuple[Any, bool, list[Any]]  # source, whether its weight has rows to scale, its readers


def _groups(model: Any, ids: Sequence[int]) -> list[_Group]:
    """Linear layers that read the same norm's output, and down projections that read up's. Found by
    watching one forward pass: which layer was handed which norm's very tensor."""
    import torch

    made: dict[int, Any] = {}
    kept: list[Any] = []  # so that no tensor's id is used again
    readers: dict[Any, list[Any]] = {}

    def norm_hook(module: Any, _: Any, output: Any) -> None:
        made[id(output)] = module
        kept.append(output)

    def linear_hook(module: Any, inputs: Any) -> None:
        source = made.get(id(inputs[0]))
        if source is not None:
            readers.setdefault(source, []).append(module)

    handles = []
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            handles.append(module.register_forward_pre_hook(linear_hook))
        elif _is_norm(module):
            handles.append(module.register_forward_hook(norm_hook))
    try:
        with torch.inference_mode():
            row = torch.tensor([list(ids[:8])], device=model.device)
            model(input_ids=row, use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    ends = {id(model.get_output_embeddings())}  # tied to the embedding: not to be scaled
    groups: list[_Group] = [
        (norm, False, found)
        for norm, found in readers.items()
        if not any(id(reader) in ends for reader in found)
    ]
    for module in model.modules():
        up, down = getattr(module, "up_proj", None), getattr(module, "down_proj", None)
        if up is not None and down is not None and up.out_features == down.in_features:
            groups.append((up, True, [down]))
    return groups


def _is_norm(module: Any) -> bool:
    weight = getattr(module, "weight", None)
    return type(module).__name__.endswith("Norm") and weight is not None and weight.dim() == 1


@contextmanager
def _watched(groups: Sequence[_Group], peaks: dict[int, Any]) -> Iterator[None]:
    """Meanwhile, the largest magnitude of each input channel of every group goes into `peaks`."""
    import torch

    def hook(n: int) -> Any:
        def seen(_: Any, inputs: Any) -> None:
            peak = inputs[0].detach().float().abs().flatten(0, -2).amax(0)
            peaks[n] = torch.maximum(peaks[n], peak) if n in peaks else peak

        return seen

    handles = [
        readers[0].register_forward_pre_hook(hook(n)) for n, (_, _, readers) in enumerate(groups)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _fold(source: Any, rows: bool, readers: Sequence[Any], peak: Any, alpha: float) -> None:
    import torch

    columns = torch.stack([r.weight.float().abs().amax(0) for r in readers]).amax(0)
    scale = peak.clamp(min=1e-5) ** alpha / columns.clamp(min=1e-5) ** (1 - alpha)
    scale = torch.exp2(torch.round(torch.log2(scale))).clamp(2.0**-10, 2.0**10)
    for reader in readers:
        reader.weight.data.mul_(scale.to(reader.weight.dtype))
    inverse = (1 / scale).to(source.weight.dtype)
    source.weight.data.mul_(inverse[:, None] if rows else inverse)
    if getattr(source, "bias", None) is not None:
        source.bias.data.mul_(inverse)


def _log_probabilities(model: Any, ids: Sequence[int]) -> Any:
    import torch

    row = torch.tensor([list(ids[:128])], device=model.device)
    return torch.log_softmax(model(input_ids=row, use_cache=False).logits[0].float(), dim=-1)
