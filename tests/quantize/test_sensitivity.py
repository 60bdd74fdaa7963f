"""What rounding one layer costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from quantize.errors import SchemeError
from quantize.probe import fake_quantized, squared_error
from quantize.sensitivity import (
    _without_noise,
    layer_losses,
    loss_table,
    read,
    save,
    stored_bytes,
)

TEXTS = ["Net sales rose to 3,240 in fiscal 2024, and cost of sales fell to 2,100. " * 20]


@pytest.mark.parametrize(("bits", "levels"), [(4, 16), (8, 256)])
def test_rounding_keeps_to_its_levels_and_its_range(bits: int, levels: int) -> None:
    torch.manual_seed(1)
    weight = torch.randn(4, 128)
    rounded = fake_quantized(weight, bits)
    size = 64 if bits == 4 else 128
    for group, original in zip(rounded.reshape(-1, size), weight.reshape(-1, size), strict=True):
        assert len(group.unique()) <= levels
        step = (original.max().clamp(min=0) - original.min().clamp(max=0)) / (levels - 1)
        assert (group - original).abs().max() <= step * 0.51 + 1e-6


def test_the_bytes_are_those_of_the_format() -> None:
    assert stored_bytes((128, 256), 16) == 128 * 256 * 2
    assert stored_bytes((128, 256), 8) == 128 * 256 + 128 * 3
    assert stored_bytes((128, 256), 4) == 128 * 256 // 2 + 128 * 4 * 2 + 128 * 4 // 2


def test_every_matrix_has_a_loss_and_fewer_bits_cost_more(tiny_llm: Path) -> None:
    losses = layer_losses(tiny_llm, TEXTS, window_tokens=64, at_most=4, share=1.0)
    names = [loss.name for loss in losses]
    assert len(names) == len(set(names)) == 2 * 7 + 2
    assert "model.layers.1.mlp.down_proj" in names and "lm_head" in names
    assert all(loss.measured and loss.loss[16] == 0 for loss in losses)
    assert all(loss.bytes[4] < loss.bytes[8] < loss.bytes[16] for loss in losses)
    assert sum(loss.loss[8] for loss in losses) < sum(loss.loss[4] for loss in losses)
    assert all(loss.loss[4] > 0 for loss in losses)


def test_what_16_bit_arithmetic_adds_is_no_loss() -> None:
    noise = 0.0004
    shown = {4: 0.0010 + noise, 8: 0.0010 * 0.03 + noise}
    losses = _without_noise(shown, 0.03)
    assert losses == {4: pytest.approx(0.0010), 8: pytest.approx(0.00003)}
    assert _without_noise({4: 0.0003, 8: 0.0004}, 0.03) == {4: 0.0, 8: 0.0}  # nothing but noise


def test_eight_bits_err_little_beside_four() -> None:
    weight = torch.randn(64, 512, generator=torch.Generator().manual_seed(2))
    assert 0.001 < squared_error(weight, 8, 4) < 0.05  # 8 bits have 17 times as many steps
    assert squared_error(torch.zeros(4, 64), 8, 4) == 0.0


def test_the_score_is_of_the_size_of_the_divergence(tiny_llm: Path) -> None:
    scored = layer_losses(tiny_llm, TEXTS, window_tokens=128, at_most=8, share=0.0)
    measured = layer_losses(tiny_llm, TEXTS, window_tokens=128, at_most=8, share=1.0)
    assert sum(loss.measured for loss in scored) == 1  # at least one always is
    ratio = sum(s.loss[4] for s in scored) / sum(m.loss[4] for m in measured)
    assert 0.05 < ratio < 20


def test_they_are_kept_as_they_are(tiny_llm: Path, tmp_path: Path) -> None:
    losses = layer_losses(tiny_llm, TEXTS, window_tokens=64, at_most=2, share=0.2)
    save(losses, tmp_path / "s.json", {"model": "tiny"})
    assert read(tmp_path / "s.json") == losses
    worst = max(losses, key=lambda loss: loss.loss[4])
    assert loss_table(losses).splitlines()[1].startswith(worst.name)


ROW = {
    "name": "a",
    "elements": 64,
    "bytes": {"4": 40, "8": 70, "16": 128},
    "loss": {"4": 0.1, "8": 0.01, "16": 0.0},
    "measured": True,
}


@pytest.mark.parametrize(
    "known",
    [
        [],
        {},
        {"layers": []},
        {"layers": None},
        {"layers": [{**ROW, "loss": {"4": 0.1, "8": 0.01}}]},
        {"layers": [{**ROW, "loss": {"4": float("nan"), "8": 0.01, "16": 0.0}}]},
        {"layers": [{**ROW, "bytes": {"4": float("inf"), "8": 70, "16": 128}}]},
        {"layers": [{**ROW, "elements": []}]},
        {"layers": [ROW], "format": 1},
    ],
)
def test_damaged_losses_are_one_line(known: object, tmp_path: Path) -> None:
    file = tmp_path / "losses.json"
    file.write_text(json.dumps({"layers": [ROW]}))
    assert read(file)[0].loss[8] == 0.01
    file.write_text(json.dumps(known))
    with pytest.raises(SchemeError, match=r"not a sensitivity file|another version") as caught:
        read(file)
    assert "\n" not in str(caught.value)


def test_short_texts_are_refused(tiny_llm: Path) -> None:
    with pytest.raises(SchemeError, match="too short"):
        layer_losses(tiny_llm, ["short"], window_tokens=64)
