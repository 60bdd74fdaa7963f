"""LAYER LOSSES -> PLANS: how many bits each layer gets, for every size of model worth having.

Each layer has a few choices, each with bytes (scales and zero points included) and a loss; the best
choice of all for a budget is a multiple-choice knapsack (Sinha and Zoltners 1979), solved exactly
by HiGHS through scipy. Losses are taken to add up, which they only nearly do: measure the plan with
`tenq eval fidelity`. A plan is plain JSON, to be read and edited by hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quantize.calibration import Calibration, kept_in
from quantize.errors import MALFORMED, SchemeError, check_format, first_line
from quantize.sensitivity import LayerLoss

FORMAT = 1
CHOICES = (4, 8, 16)
_FRONT_POINTS = 24


@dataclass(frozen=True)
class Plan:
    """`layers` maps every weight matrix of the model whose files hash to `sha256` to its bits;
    `calibration` has the texts that they were chosen by, unless a person chose."""

    model: str
    sha256: str
    layers: dict[str, int]
    calibration: Calibration | None = None


@dataclass(frozen=True)
class FrontPoint:
    """The least `loss` (nats a token, the layers' added up) that `bytes` can have."""

    bytes: int
    loss: float
    layers: dict[str, int]


def cheapest(losses: Sequence[LayerLoss]) -> int:
    """Bytes with every layer at its fewest bits."""
    return sum(min(loss.bytes[bits] for bits in CHOICES) for loss in losses)


def best_within(losses: Sequence[LayerLoss], budget_bytes: int) -> FrontPoint:
    """The choice with the least loss within the budget. SchemeError where nothing fits it."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import lil_array

    least = cheapest(losses)
    if budget_bytes < least:
        raise SchemeError(
            f"no plan fits {budget_bytes / 1e6:,.0f} MB: with every layer at {min(CHOICES)} bits "
            f"the weights take {least / 1e6:,.0f} MB"
        )
    count, options = len(losses), len(CHOICES)
    cost = np.array([loss.loss[bits] for loss in losses for bits in CHOICES])
    # In megabytes: the solver's tolerances are absolute.
    size = np.array([loss.bytes[bits] / 1e6 for loss in losses for bits in CHOICES])
    one_each = lil_array((count, count * options))
    for n in range(count):
        one_each[n, n * options : (n + 1) * options] = 1
    solved = milp(
        cost / max(float(cost.max()), 1e-12),
        integrality=np.ones_like(cost),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(one_each.tocsr(), 1, 1),
            LinearConstraint(size[None], -np.inf, budget_bytes / 1e6),
        ],
        options={"mip_rel_gap": 1e-6},
    )
    if solved.x is None:
        raise SchemeError(f"the solver found no plan for {budget_bytes:,} bytes: {solved.message}")
    picked = solved.x.reshape(count, options).argmax(axis=1)
    return point_of(losses, {loss.name: CHOICES[k] for loss, k in zip(losses, picked, strict=True)})


def front(losses: Sequence[LayerLoss], points: int = _FRONT_POINTS) -> list[FrontPoint]:
    """The Pareto front from the smallest model to the one at 16 bits, budgets evenly spaced in
    between, ascending in bytes; what is no better than a smaller one is left out."""
    low = cheapest(losses)
    high = sum(loss.bytes[max(CHOICES)] for loss in losses)
    found: list[FrontPoint] = []
    for n in range(points):
        point = best_within(losses, low + (high - low) * n // max(points - 1, 1))
        if not found or (point.bytes > found[-1].bytes and point.loss < found[-1].loss):
            found.append(point)
    return found


def uniform(losses: Sequence[LayerLoss], bits: int) -> FrontPoint:
    """Every layer at `bits`."""
    return point_of(losses, {loss.name: bits for loss in losses})


def save_plan(plan: Plan, path: Path) -> None:
    """Write as JSON; the texts come last, after what a person edits."""
    bits = {"model": plan.model, "sha256": plan.sha256, "layers": plan.layers}
    texts = plan.calibration.to_json() if plan.calibration else {}
    known = {"format": FORMAT, **bits, **texts}
    path.write_text(json.dumps(known, indent=1), encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """What `save_plan` or a person wrote. SchemeError where it is something else."""
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        plan = Plan(
            str(known["model"]), str(known["sha256"]), dict(known["layers"]), kept_in(known)
        )
    except MALFORMED as error:
        raise SchemeError(f"{path} is not a plan: {first_line(error)}") from error
    check_format(known, FORMAT, path)
    odd = {name: bits for name, bits in plan.layers.items() if bits not in CHOICES}
    if odd or not plan.layers:
        name, bits = next(iter(odd.items()), ("no layer", None))
        shown, given = (" ".join(str(part).split())[:100] for part in (name, repr(bits)))
        raise SchemeError(
            f"{path}: {shown} has {given} bits; choose of {', '.join(map(str, CHOICES))}"
        )
    return plan


def save_front(points: Sequence[FrontPoint], path: Path, about: dict[str, Any]) -> None:
    """The front as JSON in `path`, and as a picture beside it."""
    rows = [asdict(point) for point in points]
    path.write_text(json.dumps({"format": FORMAT, **about, "front": rows}, indent=1))
    plot(points, path.with_suffix(".png"), str(about.get("model", "")))


def plot(points: Sequence[FrontPoint], path: Path, title: str) -> None:
    """Loss over megabytes, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.plot([p.bytes / 1e6 for p in points], [max(p.loss, 1e-6) for p in points], marker="o")
    axes.set_yscale("log")
    axes.set_xlabel("weights, MB")
    axes.set_ylabel("predicted KL divergence, nats a token")
    axes.set_title(f"Least loss for every size: {title}")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def point_of(losses: Sequence[LayerLoss], layers: dict[str, int]) -> FrontPoint:
    """The choice with its bytes and its loss, the layers' added up."""
    chosen = [(loss, layers[loss.name]) for loss in losses]
    return FrontPoint(
        sum(loss.bytes[bits] for loss, bits in chosen),
        sum(loss.loss[bits] for loss, bits in chosen),
        layers,
    )
