"""What a decoded token reads: every matrix but the embedding table, unless that is the output's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from eval.weights_read import bytes_a_token
from quantize.quantize import quantize

TABLE = torch.zeros(100, 8, dtype=torch.bfloat16)
REST = {
    "model.layers.0.mlp.up_proj.weight": torch.zeros(16, 8),
    "model.norm.weight": TABLE[0].clone(),
}


@pytest.mark.parametrize(
    ("tensors", "read"),
    [
        ({"model.embed_tokens.weight": TABLE, "lm_head.weight": TABLE.clone()}, 1600),
        ({"model.embed_tokens.weight": TABLE}, 1600),
        ({"transformer.wte.weight": TABLE, "lm_head.weight": TABLE.clone()}, 1600),
    ],
)
def test_a_full_model(tmp_path: Path, tensors: dict[str, torch.Tensor], read: int) -> None:
    save_file({**tensors, **REST}, tmp_path / "model.safetensors")
    assert bytes_a_token(tmp_path) == read + 16 * 8 * 4 + 8 * 2


@pytest.mark.parametrize("scheme", ["int8", "bnb-nf4"])
def test_a_quantized_model(tiny_llm: Path, tmp_path: Path, scheme: str) -> None:
    folder, manifest = quantize(str(tiny_llm), scheme, tmp_path / "it", tmp_path, check=False)
    (table,) = (layer.bytes for layer in manifest.layers if "embed_tokens" in layer.name)
    read = bytes_a_token(folder)
    listed = sum(layer.bytes for layer in manifest.layers)
    # A table that the output layer shares is listed twice and stored once.
    assert read is not None and read >= manifest.bytes_after - table
    assert read == max(manifest.bytes_after, listed) - table


def test_a_folder_that_does_not_tell(tmp_path: Path) -> None:
    assert bytes_a_token(tmp_path) is None
    (tmp_path / "model.gguf").write_bytes(b"no GGUF")
    assert bytes_a_token(tmp_path / "model.gguf") is None
