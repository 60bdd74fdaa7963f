"""Which full model a quantized one was made from, and whether that was itself rebuilt."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.engines import quantized_folder
from assistant.errors import EngineError
from assistant.server_address import is_address
from quantize.checkpoint import read_manifest
from quantize.errors import MALFORMED, QuantizationError
from quantize.packaged import PACKAGED
from quantize.sources import SOURCE_FILE, local_path


def full_model_of(model: str, models_dir: Path) -> str | None:
    """The MODEL that the quantized `model` was made from; None where that is not known: `model` is
    a full one or a server's, is not made yet, is damaged, or its source has been moved away."""
    try:
        folder = quantized_folder(model, models_dir)
        source = read_manifest(folder).source if folder else {}
    except (EngineError, QuantizationError):
        return None
    name = source.get("model")
    if not isinstance(name, str):
        return None
    is_local = source.get("kind") in ("folder", "gguf")
    return name if not is_local or local_path(name).exists() else None


def rebuilt_from(model: str, models_dir: Path) -> str | None:
    """The quantized file that MODEL, or the full model it was made from, was rebuilt from."""
    if is_address(model):
        return None
    path = local_path(model)
    try:
        folder = quantized_folder(model, models_dir)
        if folder:
            known = read_manifest(folder).source.get("rebuilt_from")
        elif model in PACKAGED:
            known = PACKAGED[model].what
        elif path.is_file():
            known = f"GGUF file {path.name}"
        else:
            known = json.loads((path / SOURCE_FILE).read_text(encoding="utf-8"))["rebuilt_from"]
    except (EngineError, QuantizationError, *MALFORMED):
        return None
    return str(known) if known else None
