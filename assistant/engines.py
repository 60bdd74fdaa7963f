"""MODEL -> the engine that runs it: openvino-genai for int8 and int4, transformers for full and
bitsandbytes models, a server where MODEL is an address."""

from __future__ import annotations

from pathlib import Path

from assistant.engine import Engine
from assistant.errors import EngineError
from assistant.server_address import is_address
from quantize.checkpoint import is_quantized, read_manifest
from quantize.errors import QuantizationError, first_line
from quantize.schemes import SCHEMES
from quantize.sources import bring, local_path


def load(model: str, models_dir: Path, dtype: str | None = None) -> Engine:
    """See `assistant.engine.load_engine`."""
    try:
        return _load(model, models_dir, dtype)
    except (EngineError, QuantizationError):
        raise
    except Exception as error:  # a damaged model fails in as many ways as there are libraries
        raise EngineError(
            f"{model} cannot be loaded ({first_line(error)}); is it damaged? make or fetch it again"
        ) from error


def _load(model: str, models_dir: Path, dtype: str | None) -> Engine:
    from assistant.openvino_engine import OpenVINOEngine
    from assistant.server_engine import ServerEngine
    from assistant.torch_engine import TorchEngine

    if is_address(model):
        if dtype:
            raise EngineError(f"{model} is a server's: a dtype can be chosen for full models only")
        return ServerEngine(model)
    folder = quantized_folder(model, models_dir)
    if folder is None:
        if dtype not in (None, "fp32", "bf16"):
            raise EngineError(f"no such dtype {dtype!r}: choose fp32 or bf16")
        dtype = dtype or "bf16"
        return TorchEngine(model, f"full-{dtype}", bring(model, models_dir).folder, dtype)
    if dtype:
        raise EngineError(f"{model} is quantized: a dtype can be chosen for full models only")
    manifest = read_manifest(folder)
    if manifest.backend == "openvino":
        return OpenVINOEngine(model, manifest.scheme, folder)
    return TorchEngine(model, manifest.scheme, folder, "bf16")


def quantized_folder(model: str, models_dir: Path) -> Path | None:
    """The folder MODEL names, if `tenq quantize` made it: a path, or NAME/SCHEME in models_dir.

    EngineError where MODEL is a NAME/SCHEME that has not been made.
    """
    if is_address(model):
        return None
    for folder in (local_path(model), models_dir / model):
        if is_quantized(folder):
            return folder
    name, _, known_scheme = model.rpartition("/")
    if known_scheme in SCHEMES:
        raise EngineError(
            f"{model} is not made yet: run `tenq quantize {name} --scheme {known_scheme}`"
        )
    return None
