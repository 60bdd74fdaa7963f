"""Plans: the best choice of bits for a size, and a model made by one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantize.calibration import Calibration, Sample, read_calibration
from quantize.checkpoint import read_manifest
from quantize.errors import QuantizationError, SchemeError
from quantize.plan import (
    CHOICES,
    Plan,
    best_within,
    cheapest,
    front,
    read_plan,
    save_front,
    save_plan,
    uniform,
)
from quantize.sensitivity import LayerLoss, stored_bytes


def layer(name: str, rows: int, loss4: float, loss8: float) -> LayerLoss:
    sizes = {bits: stored_bytes((rows, 64), bits) for bits in CHOICES}
    return LayerLoss(name, rows * 64, sizes, {4: loss4, 8: loss8, 16: 0.0}, False)


LAYERS = st.lists(
    st.tuples(st.integers(1, 400), st.floats(0, 1), st.floats(0, 0.1)), min_size=1, max_size=5
).map(lambda rows: [layer(f"l{n}", *row) for n, row in enumerate(rows)])


@settings(deadline=None, max_examples=60)
@given(LAYERS, st.floats(0, 1))
def test_no_choice_of_bits_is_better(losses: list[LayerLoss], share: float) -> None:
    low, high = cheapest(losses), uniform(losses, 16).bytes
    budget = int(low + share * (high - low))
    best = best_within(losses, budget)
    assert best.bytes <= budget
    for bits in itertools.product(CHOICES, repeat=len(losses)):
        size = sum(loss.bytes[b] for loss, b in zip(losses, bits, strict=True))
        total = sum(loss.loss[b] for loss, b in zip(losses, bits, strict=True))
        assert size > budget or total >= best.loss - 1e-6


@settings(deadline=None, max_examples=20)
@given(LAYERS)
def test_the_front_falls(losses: list[LayerLoss]) -> None:
    points = front(losses, 8)
    assert points[0].bytes <= points[-1].bytes
    assert all(a.bytes < b.bytes and a.loss > b.loss for a, b in itertools.pairwise(points))


def test_a_budget_too_small_says_the_least() -> None:
    with pytest.raises(SchemeError, match="no plan fits"):
        best_within([layer("a", 100, 0.1, 0.01)], 10)


def test_the_front_is_drawn(tmp_path: Path) -> None:
    losses = [layer("a", 100, 0.1, 0.01), layer("b", 50, 0.2, 0.02)]
    save_front(front(losses), tmp_path / "front.json", {"model": "m"})
    assert (tmp_path / "front.png").read_bytes()[:4] == b"\x89PNG"
    assert json.loads((tmp_path / "front.json").read_text())["front"][0]["layers"]["a"] in CHOICES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "not a plan"),
        ("[]", "not a plan"),
        ('{"model": "m", "sha256": "s", "layers": {}}', "no layer"),
        ('{"model": "m", "sha256": "s", "layers": {"a": 5}}', "a has 5 bits"),
        ('{"model": "m", "sha256": "s", "layers": {"a": "4"}}', "a has '4' bits"),
        ('{"model": "m", "sha256": "s"}', "nothing is called 'layers'"),
        ('{"model": "m", "sha256": "s", "layers": {"a\\nb": {"c": 4}}}', "a b has"),
        ('{"model": "m", "sha256": "s", "layers": {"a": 4}, "texts": [{}]}', "not a plan"),
        ('{"format": 2, "model": "m", "sha256": "s", "layers": {"a": 4}}', "another version"),
        ("[" * 100_000, "not a plan"),
        ("x" * 5000 + "\udce9", "not a plan"),
    ],
)
def test_bad_plans_are_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(SchemeError, match=said) as caught:
        read_plan(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_plan_comes_back(tmp_path: Path, calibration: Calibration) -> None:
    for texts in (None, calibration):
        plan = Plan("m", "s", {"a": 4, "b": 16}, texts)
        save_plan(plan, tmp_path / "plan.json")
        assert read_plan(tmp_path / "plan.json") == plan


def test_a_model_is_made_by_its_plan(tiny_llm: Path, tmp_path: Path) -> None:
    """4, 8 and 16 bits in one model, saved and loaded again in a new process (the greedy check),
    with the bytes that the plan counted on."""
    from quantize.plan import point_of
    from quantize.quantize import quantize
    from quantize.sensitivity import layer_losses
    from quantize.sources import bring

    losses = layer_losses(tiny_llm, ["net sales rose by a tenth " * 60], 32, 2)
    bits = {loss.name: CHOICES[n % 3] for n, loss in enumerate(losses)}
    source = bring(str(tiny_llm), tmp_path)
    plan = Plan(source.model, source.sha256, bits)
    folder, manifest = quantize(str(tiny_llm), "int4", tmp_path / "out", tmp_path, plan=plan)
    made = {layer.name: layer for layer in manifest.layers}
    assert {name: layer.bits for name, layer in made.items()} == bits
    assert sum(layer.bytes for layer in made.values()) == pytest.approx(
        point_of(losses, bits).bytes, rel=0.01
    )
    assert manifest.scheme == "mixed"
    assert manifest.greedy_check
    again, _ = quantize(str(tiny_llm), "int4", folder, tmp_path, plan=plan)
    assert again == folder
    other = Plan(plan.model, plan.sha256, dict.fromkeys(bits, 8))
    with pytest.raises(QuantizationError, match="holds another model"):
        quantize(str(tiny_llm), "int4", folder, tmp_path, plan=other)


@pytest.mark.parametrize("before", [8, 16])
def test_a_calibrated_plan_may_leave_other_bits_before_a_product(
    before: int, tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    """AWQ would move scales from the 4-bit `down_proj` into `up_proj`, which has more bits."""
    from quantize.quantize import quantize
    from quantize.sources import bring

    made, _ = quantize(str(tiny_llm), "int8", tmp_path / "int8", tmp_path, check=False)
    names = [layer.name for layer in read_manifest(made).layers]
    bits = {name: before if name.endswith("0.mlp.up_proj") else 4 for name in names}
    source = bring(str(tiny_llm), tmp_path)
    plan = Plan(source.model, source.sha256, bits)
    _, manifest = quantize(
        str(tiny_llm), "", tmp_path / "out", tmp_path, plan=plan, calibration=calibration
    )
    assert {layer.name: layer.bits for layer in manifest.layers} == bits
    assert manifest.greedy_check


def test_the_texts_that_chose_a_plan_lie_beside_its_model(
    tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    """So that it is not measured on them unawares, also where other texts round it."""
    from quantize.quantize import quantize
    from quantize.sources import bring

    made, _ = quantize(str(tiny_llm), "int8", tmp_path / "int8", tmp_path, check=False)
    bits = {layer.name: 4 for layer in read_manifest(made).layers}
    source = bring(str(tiny_llm), tmp_path)
    chosen_by = Calibration("losses.jsonl", 7, (Sample("text", "it", "net debt fell " * 20),))
    plan = Plan(source.model, source.sha256, bits, chosen_by)
    only, rounded = tmp_path / "only", tmp_path / "rounded"
    _, manifest = quantize(str(tiny_llm), "", only, tmp_path, False, plan)
    assert read_calibration(only) == chosen_by.texts
    assert manifest.calibration == chosen_by.about() and not manifest.parameters.get("awq")
    _, manifest = quantize(str(tiny_llm), "", rounded, tmp_path, False, plan, calibration)
    assert read_calibration(rounded) == calibration.texts + chosen_by.texts
    assert manifest.calibration and manifest.calibration["samples"] == 5
    assert quantize(str(tiny_llm), "", rounded, tmp_path, False, plan, calibration)[0] == rounded


def test_plans_of_other_models_and_layers_are_refused(
    tiny_llm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quantize.quantize import quantize
    from quantize.sources import bring

    source = bring(str(tiny_llm), tmp_path)
    with pytest.raises(SchemeError, match="made for another model"):
        quantize(str(tiny_llm), "", tmp_path / "a", tmp_path, plan=Plan("x", "y", {"a": 4}))
    odd = Plan(source.model, source.sha256, {"no.such.layer": 4})
    lacking = Plan(source.model, source.sha256, {"model.embed_tokens": 4})
    # Said before the export, which is not to be come to.
    monkeypatch.setattr("quantize.quantize._make", lambda *_: pytest.fail("exported"))
    with pytest.raises(SchemeError, match=r"does not have: no\.such\.layer"):
        quantize(str(tiny_llm), "", tmp_path / "b", tmp_path, plan=odd)
    with pytest.raises(SchemeError, match=r"nothing of the layer model\.layers\.0"):
        quantize(str(tiny_llm), "", tmp_path / "b", tmp_path, plan=lacking)
    assert not (tmp_path / "b").exists()
