"""A plan measured as a whole, and improved without growing."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantize.plan import CHOICES, best_within, cheapest, point_of
from quantize.probe import Probe
from quantize.sensitivity import LayerLoss, layer_losses, stored_bytes
from quantize.swaps import improved

TEXTS = ["Net sales rose to 3,240 in fiscal 2024, and cost of sales fell to 2,100. " * 20]


@pytest.fixture(scope="module")
def losses(tiny_llm: Path) -> list[LayerLoss]:
    return layer_losses(tiny_llm, TEXTS, 64, 2)


def test_the_probe_puts_layers_back(tiny_llm: Path) -> None:
    probe = Probe(tiny_llm, TEXTS, 64, 2)
    names = list(probe.matrices)
    assert probe.divergence() == 0.0
    probe.set(dict.fromkeys(names, 4))
    rounded = probe.divergence()
    probe.set(dict.fromkeys(names[:3], 8))
    better = probe.divergence()
    probe.set(dict.fromkeys(names, 16))
    assert rounded > better > 0.0
    assert probe.divergence() == pytest.approx(0.0, abs=1e-6)


def test_a_bad_plan_is_mended_within_its_bytes(tiny_llm: Path, losses: list[LayerLoss]) -> None:
    """The most sensitive layers at 4 bits and the least at 8: swaps turn that round."""
    ranked = sorted(losses, key=lambda loss: loss.loss[4] / loss.elements)
    half = len(ranked) // 2
    bad = point_of(losses, {loss.name: 8 if n < half else 4 for n, loss in enumerate(ranked)})
    better, now, before = improved(tiny_llm, losses, bad, TEXTS, bad.bytes, 12)
    assert now < before
    assert better.bytes <= bad.bytes
    assert better.bytes == point_of(losses, better.layers).bytes
    assert better.layers.keys() == bad.layers.keys()
    assert set(better.layers.values()) <= set(CHOICES)


def test_no_try_leaves_the_plan_as_it_is(tiny_llm: Path, losses: list[LayerLoss]) -> None:
    point = best_within(losses, cheapest(losses) * 3 // 2)
    same, now, before = improved(tiny_llm, losses, point, TEXTS, point.bytes, 0)
    assert same == point and now == before


def test_a_plan_that_nothing_fits_beside_stays(tiny_llm: Path) -> None:
    """One layer alone has nothing to swap with."""
    loss = LayerLoss(
        "lm_head",
        320 * 128,
        {b: stored_bytes((320, 128), b) for b in CHOICES},
        {4: 0.1, 8: 0.01, 16: 0.0},
        True,
    )
    point = point_of([loss], {"lm_head": 4})
    same, _, _ = improved(tiny_llm, [loss], point, TEXTS, point.bytes, 5)
    assert same.layers == {"lm_head": 4}
