"""Bytes of weights that a decoded token reads: what decoding is bound by where memory is.

Every matrix once, but of the embedding table one row; where the output layer is that same table, it
is read whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

_EMBEDDING = re.compile(r"embed_tokens|\bwte\b|token_embd|embed_in\b")
_OUTPUT = re.compile(r"lm_head|^output\.|embed_out\b")


def bytes_a_token(model: Path) -> int | None:
    """Of a folder made by `tenq quantize`, a full model's folder or a GGUF file; None where it does
    not tell."""
    try:
        if model.is_file():
            return _read(_of_gguf(model))
        return _of_quantized(model) or _read(_of_checkpoint(model))
    except (OSError, ValueError, KeyError):
        return None


def _read(tensors: Mapping[str, int]) -> int | None:
    apart = any(_OUTPUT.search(name) for name in tensors)
    read = (n for name, n in tensors.items() if not (apart and _EMBEDDING.search(name)))
    return sum(read) or None


def _of_quantized(folder: Path) -> int | None:
    """The manifest lists the matrices, a shared one twice; norms and biases are the rest."""
    from quantize.checkpoint import is_quantized, read_manifest

    if not is_quantized(folder):
        return None
    manifest = read_manifest(folder)
    layers = {layer.name: layer.bytes for layer in manifest.layers}
    rest = max(manifest.bytes_after - sum(layers.values()), 0)
    return _read({**layers, "rest": rest})


def _of_checkpoint(folder: Path) -> dict[str, int]:
    tensors = {}
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as weights:  # the format: 8 bytes of length, then a header in JSON
            length = int.from_bytes(weights.read(8), "little")
            header = json.loads(weights.read(min(length, file.stat().st_size)))
        for name, tensor in header.items():
            if name != "__metadata__":
                begin, end = tensor["data_offsets"]
                tensors[name] = end - begin
    return tensors


def _of_gguf(file: Path) -> dict[str, int]:
    from gguf import GGUFReader

    return {tensor.name: int(tensor.n_bytes) for tensor in GGUFReader(file).tensors}
