"""How much each layer's precision costs, measured one layer at a time.

The loss of a layer at b bits is the Kullback-Leibler divergence of the model's next-token
distribution from the full model's when this layer alone is rounded to b bits, over calibration
texts. A cheap score comes first, from one backward pass a window for all layers together: the
expected squared change of the log-likelihood, E[(g . dW)^2] / 2, which equals the divergence to
second order (Fisher information; LeCun, Denker and Solla 1990 used its diagonal). The divergence
itself is then measured for the layers where the score is largest.

The model counts in 16 bits, and after any change at all its last digits come out otherwise: that
alone is a divergence, several times what 8 bits cost, and the larger the more layers follow. What a
layer shows at 8 bits is nearly all of that; it is taken off what the layer shows at 4, and the loss
at 8 bits follows from the squared errors of rounding, to which losses so small are proportional.

Losses of layers do not quite add up; `tenq eval fidelity` measures a whole plan.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantize.calibration import Calibration, kept_in
from quantize.errors import MALFORMED, SchemeError, check_format, first_line
from quantize.mixed import GROUP_SIZE
from quantize.probe import Probe, fake_quantized, squared_error

FORMAT = 2  # 1 had what 16-bit arithmetic adds in its losses
BITS = (4, 8)
_SEED = 20_111


@dataclass(frozen=True)
class LayerLoss:
    """`loss[b]` in nats a token and `bytes[b]` with scales and zero points, for b bits; 16 is the
    layer as it is. `measured` where the loss is the divergence itself, not the score."""

    name: str
    elements: int
    bytes: dict[int, int]
    loss: dict[int, float]
    measured: bool


@dataclass(frozen=True)
class MeasuredOn:
    """What a file of losses is about: the model, the SHA-256 of its files and of the texts, and
    the texts (None in files written before they were kept)."""

    model: str
    sha256: str
    texts_sha256: str | None
    calibration: Calibration | None


def layer_losses(
    full: Path, texts: Sequence[str], window_tokens: int = 256, at_most: int = 4, share: float = 0.5
) -> list[LayerLoss]:
    """One for every weight matrix of the checkpoint in `full`, in the network's order, over up to
    `at_most` windows of the texts; the `share` of the layers with the largest scores is measured.
    Raises SchemeError where the texts are too short."""
    import torch
    from tqdm import tqdm

    probe = Probe(full, texts, window_tokens, at_most)
    torch.manual_seed(_SEED)
    scores = _scores(probe)
    ranked = sorted(probe.matrices, key=lambda name: -scores[name][min(BITS)])
    measured = set(ranked[: max(1, round(share * len(ranked)))])
    losses = []
    for name, module in tqdm(probe.matrices.items(), desc="sensitivity", unit="layer"):
        loss = dict(scores[name])
        if name in measured:
            shown = {}
            for bits in BITS:
                probe.set({name: bits})
                shown[bits] = probe.divergence()
            probe.set({name: 16})
            loss = _without_noise(shown, squared_error(module.weight, 8, 4))
        weight = module.weight
        losses.append(
            LayerLoss(
                name,
                weight.numel(),
                {bits: stored_bytes(tuple(weight.shape), bits) for bits in (*BITS, 16)},
                {**loss, 16: 0.0},
                name in measured,
            )
        )
    return losses


def _without_noise(shown: Mapping[int, float], ratio: float) -> dict[int, float]:
    """The losses of a layer from the divergences it shows at 4 and 8 bits, where its loss at 8 bits
    is `ratio` of that at 4: shown[b] = loss[b] + what 16-bit arithmetic adds."""
    four = max(shown[4] - shown[8], 0.0) / (1 - min(ratio, 0.5))
    return {4: four, 8: ratio * four}


def stored_bytes(shape: tuple[int, int], bits: int) -> int:
    """Bytes on disk of a matrix (out, in): 4 bits in groups of 64 with a 16-bit scale and a 4-bit
    zero point each, 8 bits with one scale and one zero point a row, or 16 bits."""
    rows, columns = shape
    if bits == 4:
        groups = rows * -(-columns // GROUP_SIZE)
        return rows * columns // 2 + groups * 2 + groups // 2
    if bits == 8:
        return rows * columns + rows * 3
    return rows * columns * 2


def save(
    losses: Sequence[LayerLoss],
    path: Path,
    about: dict[str, Any],
    calibration: Calibration | None = None,
) -> None:
    """Write as JSON; `about` says of what model, `calibration` has the texts measured on."""
    rows = [
        {
            "name": loss.name,
            "elements": loss.elements,
            "measured": loss.measured,
            "bytes": {str(bits): loss.bytes[bits] for bits in sorted(loss.bytes)},
            "loss": {str(bits): loss.loss[bits] for bits in sorted(loss.loss)},
        }
        for loss in losses
    ]
    texts = calibration.to_json() if calibration else {}
    path.write_text(json.dumps({"format": FORMAT, **about, "layers": rows, **texts}, indent=1))


def read(path: Path) -> list[LayerLoss]:
    """What `save` wrote. Raises SchemeError where it is something else."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        losses = [_read_row(row) for row in known["layers"]]
        if not losses:
            raise ValueError("no layers")
    except MALFORMED as error:
        raise SchemeError(
            f"{path} is not a sensitivity file of `tenq quantize`: {first_line(error)}"
        ) from error
    check_format(known, FORMAT, path)
    return losses


def _read_row(row: dict[str, Any]) -> LayerLoss:
    sizes = {bits: int(row["bytes"][str(bits)]) for bits in (*BITS, 16)}
    loss = {bits: float(row["loss"][str(bits)]) for bits in (*BITS, 16)}
    if not all(map(math.isfinite, loss.values())):
        raise ValueError("a loss that is no number")
    return LayerLoss(str(row["name"]), int(row["elements"]), sizes, loss, bool(row["measured"]))


def measured_on(path: Path) -> MeasuredOn:
    """What a file of `save` is about. Raises SchemeError where it does not say."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        texts = (known.get("calibration") or {}).get("sha256")
        return MeasuredOn(str(known["model"]), str(known["sha256"]), texts, kept_in(known))
    except MALFORMED as error:
        raise SchemeError(
            f"{path} is not a sensitivity file of `tenq quantize`: {first_line(error)}"
        ) from error


def loss_table(losses: Sequence[LayerLoss], at_most: int = 20) -> str:
    """The layers that cost most at 4 bits, as text; "~" before what is the score only."""
    worst = sorted(losses, key=lambda loss: -loss.loss[4])[:at_most]
    width = max(len(loss.name) for loss in worst)
    lines = [f"{'layer':<{width}}  {'MB at 4 bits':>12}  {'loss at 4':>10}  {'loss at 8':>10}"]
    for loss in worst:
        cells = (f"{'' if loss.measured else '~'}{loss.loss[bits]:.5f}" for bits in BITS)
        megabytes = loss.bytes[4] / 1e6
        four, eight = cells
        lines.append(f"{loss.name:<{width}}  {megabytes:>12.1f}  {four:>10}  {eight:>10}")
    total = sum(loss.loss[4] for loss in losses)
    lines.append(f"{len(losses)} layers; loss is KL divergence in nats a token, {total:.4f} in sum")
    return "\n".join(lines)


def _scores(probe: Probe) -> dict[str, dict[int, float]]:
    """E[(g . dW)^2] / 2 per layer and bits; the gradient of a layer is dropped once it is used."""
    import torch

    model, matrices, batch = probe.model, probe.matrices, probe.batch
    totals = {name: dict.fromkeys(BITS, 0.0) for name in matrices}

    def used(name: str) -> Any:
        def hook(weight: Any) -> None:
            for bits in BITS:
                change = fake_quantized(weight.detach(), bits).float() - weight.detach().float()
                totals[name][bits] += float((weight.grad.float() * change).sum()) ** 2
            weight.grad = None

        return hook

    handles = []
    model.requires_grad_(False)
    for name, module in matrices.items():
        module.weight.requires_grad_(True)
        handles.append(module.weight.register_post_accumulate_grad_hook(used(name)))
    try:
        for ids in batch:
            with torch.enable_grad():
                logits = model(input_ids=ids[None]).logits[0, :-1].float()
                # Drawn from the model itself: the Fisher information, not the empirical one.
                drawn = torch.multinomial(logits.detach().softmax(-1), 1)[:, 0]
                loss: Any = torch.nn.functional.cross_entropy(logits, drawn, reduction="sum")
                loss.backward()
    finally:
        for handle in handles:
            handle.remove()
        model.requires_grad_(False)
    tokens = batch.shape[0] * (batch.shape[1] - 1)
    return {
        name: {bits: total / (2 * tokens) for bits, total in by_bits.items()}
        for name, by_bits in totals.items()
    }
