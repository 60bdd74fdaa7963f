"""The profile of a generation, on a random tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import EvaluationError
from eval.profile import part_of, run_profile
from eval.report import profile_markdown
from quantize.checkpoint import read_manifest
from quantize.quantize import quantize


def test_the_time_of_a_generation_is_told_by_parts(tiny_llm: Path, tmp_path: Path) -> None:
    folder, manifest = quantize(str(tiny_llm), "int8", tmp_path / "int8", tmp_path, check=False)
    result = run_profile(str(folder), tmp_path, 200, 4)
    parts = {part["part"]: part for part in result["parts"]}
    assert {"MLP", "attention's projections", "attention", "output layer"} <= set(parts)
    assert all(part["token_s"] >= 0 and part["prefill_s"] >= 0 for part in parts.values())
    told = sum(part["token_s"] for part in parts.values())
    assert 0 <= told <= 1.5 * result["token_s"] + 1e-3  # told in whole microseconds
    weights = sum(part["mb"] or 0 for part in parts.values()) * 1e6
    all_of_it = sum(layer.bytes for layer in read_manifest(folder).layers)
    assert all_of_it / 2 < weights <= all_of_it  # of the embedding, a token reads one row
    assert parts["attention"]["mb"] is None and parts["MLP"]["mb"] > 0
    # A tiny model's layers may take less than the microsecond that is counted.
    assert parts["MLP"]["gb_s"] is None or parts["MLP"]["gb_s"] > 0
    assert 195 <= result["prompt_tokens"] <= 200
    said = profile_markdown(result)
    assert "| MLP |" in said and "4 written" in said
    assert manifest.scheme == "int8"


def test_a_model_without_openvino_has_no_profile(tiny_llm: Path, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="does not run on OpenVINO"):
        run_profile(str(tiny_llm), tmp_path)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("__module.model.layers.3.mlp.gate_proj/ov_ext::linear/MatMul", "MLP"),
        (
            "__module.model.layers.3.self_attn.q_proj/ov_ext::linear/MatMul",
            "attention's projections",
        ),
        ("__module.model.layers.3.self_attn/aten::scaled_dot_product_attention", "attention"),
        ("model.layers.3.self_attn.o_proj", "attention's projections"),
        ("__module.lm_head/ov_ext::linear/MatMul", "output layer"),
        ("__module.model.layers.3.input_layernorm/aten::mul", "norms and the rest"),
        ("model.embed_tokens", "embedding"),
    ],
)
def test_operations_belong_to_parts(name: str, part: str) -> None:
    assert part_of(name) == part
