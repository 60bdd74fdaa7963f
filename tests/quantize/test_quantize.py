"""Every scheme on a random tiny model and on a real small one: saved, reloaded, listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from quantize.calibration import Calibration, overlap, read_calibration
from quantize.checkpoint import MANIFEST_FILE, read_manifest
from quantize.errors import CheckpointError, QuantizationError, SchemeError, SourceError
from quantize.greedy import greedy_tokens_in_new_process
from quantize.quantize import quantize
from quantize.schemes import SCHEMES, scheme_named


@pytest.mark.parametrize("scheme", SCHEMES)
def test_saved_model_answers_as_the_one_made(
    scheme: str, tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    texts = calibration if SCHEMES[scheme].calibrated else None
    out = tmp_path / "out"
    folder, manifest = quantize(str(tiny_llm), scheme, out, tmp_path, calibration=texts)
    assert manifest.greedy_check is not None
    again = greedy_tokens_in_new_process(folder, manifest.backend)
    assert again == manifest.greedy_check["token_ids"]
    assert read_manifest(folder) == manifest


@pytest.mark.parametrize("scheme", SCHEMES)
def test_layers_have_the_bits_asked_for(
    scheme: str, tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    texts = calibration if SCHEMES[scheme].calibrated else None
    out = tmp_path / "out"
    _, manifest = quantize(str(tiny_llm), scheme, out, tmp_path, False, calibration=texts)
    inner = [layer for layer in manifest.layers if ".layers." in layer.name]
    assert len(inner) == 2 * 7  # q k v o gate up down of two blocks, none skipped
    assert {layer.bits for layer in inner} == {SCHEMES[scheme].bits}
    assert {layer.shape for layer in inner if "q_proj" in layer.name} == {(128, 128)}
    assert any("embed" in layer.name for layer in manifest.layers)
    if SCHEMES[scheme].bits < 16:
        assert manifest.bytes_after < manifest.bytes_before
    assert manifest.ratio == pytest.approx(manifest.bytes_before / manifest.bytes_after)
    # The table accounts for the weights on disk: nothing large is missing from it.
    assert sum(layer.bytes for layer in manifest.layers) > 0.6 * manifest.bytes_after


def test_smollm2_in_four_bits(models_dir: Path) -> None:
    folder, manifest = quantize("smollm2-135m", "int4", None, models_dir)
    assert manifest.source["rebuilt_from"]
    assert manifest.source["sha256"].startswith("b179c952")
    assert 2.8 < manifest.ratio < 4
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    text = tokenizer.decode(manifest.greedy_check["token_ids"])  # type: ignore[index]
    assert sum(c.isalpha() or c.isspace() for c in text) > 0.4 * len(text), text


def test_second_call_returns_what_is_there(tiny_llm: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = quantize(str(tiny_llm), "int8", out, tmp_path, check=False)
    made = (out / MANIFEST_FILE).stat().st_mtime_ns
    assert quantize(str(tiny_llm), "int8", out, tmp_path) == first
    assert (out / MANIFEST_FILE).stat().st_mtime_ns == made


def test_another_model_is_not_overwritten(tiny_llm: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    quantize(str(tiny_llm), "int8", out, tmp_path, check=False)
    with pytest.raises(QuantizationError, match="holds another model"):
        quantize(str(tiny_llm), "int4", out, tmp_path)


@pytest.mark.parametrize("damage", ["missing", "cut", "manifest", "outside", "format"])
def test_damaged_checkpoint_is_refused(damage: str, tiny_llm: Path, tmp_path: Path) -> None:
    out, _ = quantize(str(tiny_llm), "int8", tmp_path / "out", tmp_path, check=False)
    weights, manifest = out / "openvino_model.bin", out / MANIFEST_FILE
    known = json.loads(manifest.read_text())
    if damage == "missing":
        weights.unlink()
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:-10])
    elif damage == "manifest":
        manifest.write_text("{")
    elif damage == "outside":
        manifest.write_text(json.dumps({**known, "files": {"../../etc/passwd": 1}}))
    else:
        manifest.write_text(json.dumps({**known, "format": 99}))
    with pytest.raises(CheckpointError, match="tenq quantize"):
        read_manifest(out)


def test_failure_leaves_nothing_behind(tiny_llm: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_llm, broken)
    weights = next(broken.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(QuantizationError):
        quantize(str(broken), "int8", tmp_path / "out" / "model", tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_unknown_architecture_and_scheme(tiny_llm: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    shutil.copytree(tiny_llm, odd)
    config = json.loads((odd / "config.json").read_text())
    (odd / "config.json").write_text(json.dumps({**config, "model_type": "abacus"}))
    with pytest.raises(SchemeError, match="'abacus'"):
        quantize(str(odd), "int8", tmp_path / "out", tmp_path)
    with pytest.raises(SchemeError, match="int8, int4"):
        quantize(str(tiny_llm), "int2", tmp_path / "out", tmp_path)


def test_no_such_model(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"qwen2\.5-coder-1\.5b"):
        quantize("no such model", "int8", tmp_path / "out", tmp_path)


def test_folder_of_something_else_is_left_alone(tiny_llm: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(QuantizationError, match="choose another --out") as raised:
        quantize(str(tiny_llm), "int8", mine, tmp_path)
    assert "delet" not in str(raised.value)
    assert (mine / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("damage", ["tokenizer", "weights"])
def test_unreadable_model_is_not_a_writing_error(
    damage: str, tiny_llm: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_llm, broken)
    if damage == "tokenizer":
        (broken / "tokenizer.json").write_text("[]")
    else:  # an index of files that are not there: transformers raises OSError
        (broken / "model.safetensors").rename(broken / "other.safetensors")
    with pytest.raises(SchemeError, match="does not work on") as raised:
        quantize(str(broken), "int8", tmp_path / "out" / "model", tmp_path)
    assert "\n" not in str(raised.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_where_nothing_can_be_written_is_said(tiny_llm: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(QuantizationError, match="cannot write"):
        quantize(str(tiny_llm), "int8", tmp_path / "file" / "out", tmp_path)


def test_calibration_lies_beside_the_model(
    tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    """Its texts can be read again, the manifest has their hash, others make another model."""
    out = tmp_path / "out"
    _, manifest = quantize(
        str(tiny_llm), "int4-awq", out, tmp_path, check=False, calibration=calibration
    )
    assert read_calibration(out) == calibration.texts
    assert manifest.calibration == calibration.about()
    assert manifest.calibration["samples"] == 4
    assert read_manifest(out) == manifest
    fewer = Calibration("texts.jsonl", 7, calibration.samples[:3])
    with pytest.raises(QuantizationError, match="calibrated otherwise"):
        quantize(str(tiny_llm), "int4-awq", out, tmp_path, calibration=fewer)


def test_a_long_prompt_keeps_both_ends(tiny_llm: Path, calibration: Calibration) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_llm)
    whole = calibration.ids(tokenizer, 10_000)[0]
    short = calibration.ids(tokenizer, 100)[0]
    assert len(short) == 100 < len(whole)
    assert short[:50] == whole[:50] and short[50:] == whole[-50:]


def test_what_was_calibrated_on_is_recognized() -> None:
    seen = ["Our net sales rose by a tenth in fiscal 2024 because the price of steel fell a lot."]
    other = ["Inventories are stated at the lower of cost and net realizable value, first in first"]
    assert overlap(seen, seen) == 1.0
    assert overlap(other, seen) == 0.0
    assert overlap([seen[0] + " " + other[0]], seen) == pytest.approx(0.2, abs=0.2)
    assert overlap(other, []) == 0.0


@pytest.mark.parametrize("scheme", ["int4-awq", "w8a8"])
def test_calibrated_schemes_need_texts(scheme: str, tiny_llm: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="--calibration PATH"):
        quantize(str(tiny_llm), scheme, tmp_path / "out", tmp_path)


def test_other_schemes_take_no_texts(
    tiny_llm: Path, tmp_path: Path, calibration: Calibration
) -> None:
    with pytest.raises(SchemeError, match="int4-awq, w8a8"):
        quantize(str(tiny_llm), "int8", tmp_path / "out", tmp_path, calibration=calibration)


def test_group_size_ends_and_symmetry_can_be_chosen(tiny_llm: Path, tmp_path: Path) -> None:
    usual, _ = quantize(str(tiny_llm), "int4", tmp_path / "usual", tmp_path, check=False)
    scheme = scheme_named("int4", group_size=32, ends_bits=4)
    assert scheme.name == "int4-g32-e4"
    _, manifest = quantize(str(tiny_llm), scheme, tmp_path / "chosen", tmp_path, check=False)
    assert {layer.bits for layer in manifest.layers} == {4}
    before = {layer.name: layer.bytes for layer in read_manifest(usual).layers}
    inner = [layer for layer in manifest.layers if ".layers." in layer.name]
    assert all(layer.bytes > before[layer.name] for layer in inner)  # twice the scales
    assert all(layer.bytes < before[layer.name] for layer in manifest.layers if layer not in inner)
    symmetric = scheme_named("int4", symmetric=True)
    _, manifest = quantize(str(tiny_llm), symmetric, tmp_path / "sym", tmp_path, check=False)
    after = {layer.name: layer.bytes for layer in manifest.layers}
    assert all(after[layer.name] < before[layer.name] for layer in inner)  # no zero points


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("int4", 48, None), "32, 64, 128, 256"),
        (("int4", None, 5), "4, 8, 16"),
        (("int8", 32, None), "the int4 schemes do"),
    ],
)
def test_impossible_parameters_are_refused(
    arguments: tuple[str, int | None, int | None], said: str
) -> None:
    with pytest.raises(SchemeError, match=said):
        scheme_named(*arguments)


def test_group_size_has_to_divide_the_layers(tiny_llm: Path, tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"groups of 256 do not divide .* 128 .* 32 or 64 or 128"):
        quantize(str(tiny_llm), scheme_named("int4", 256), tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


def test_group_size_has_to_divide_what_the_heads_give_together(
    tiny_llm: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_llm, tmp_path / "narrow")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"head_dim": 24}))  # of 4 heads
    with pytest.raises(SchemeError, match=r"groups of 128 do not divide narrow's 96 .*-size 32$"):
        quantize(str(folder), scheme_named("int4", 128), tmp_path / "out", tmp_path)


def test_too_little_memory_is_said_before_the_work_begins(
    tiny_llm: Path, tmp_path: Path, calibration: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psutil

    little = psutil.virtual_memory()._replace(available=1_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    with pytest.raises(SchemeError, match=r"GB of memory, 0 GB are free; .* choose int8"):
        quantize(str(tiny_llm), "w8a8", tmp_path / "out", tmp_path, calibration=calibration)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("scheme", "instead"), [("bnb-int8", "bnb-nf4"), ("bnb-nf4", "smaller")])
def test_too_little_memory_of_a_gpu_is_said_before_the_work_begins(
    scheme: str, instead: str, tiny_llm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quantize import machine

    monkeypatch.setattr(machine, "gpu_memory_free", lambda: 200_000_000)
    with pytest.raises(SchemeError, match=f"of the GPU's memory, 0.2 GB are free; .*{instead}"):
        quantize(str(tiny_llm), scheme, tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


def test_smoothing_changes_no_answer(tiny_llm: Path, calibration: Calibration) -> None:
    """Outliers move from activations into weights; what the model computes stays."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from quantize.smooth import smooth

    model = AutoModelForCausalLM.from_pretrained(tiny_llm, dtype=torch.float32).eval()
    ids = calibration.ids(AutoTokenizer.from_pretrained(tiny_llm))
    norm = model.model.layers[0].input_layernorm
    norm.weight.data[5] *= 300  # an outlier channel, as real models have them
    row = torch.tensor([ids[0]])
    with torch.inference_mode():
        before = model(row).logits
        assert smooth(model, ids, 0.5) == 2 * 3  # two norms and the MLP of two blocks
        after = model(row).logits
    assert torch.allclose(before, after, atol=1e-4)
    assert norm.weight[5] < 100  # the outlier has gone into the weights
