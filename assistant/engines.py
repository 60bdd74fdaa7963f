"""MODEL -> ENGINE: openvino-genai for int8, int4 and W8A8, transformers for full models and
bitsandbytes', any OpenAI-compatible server by its address.

MODEL@OPTION chooses how a model runs: @fp32 or @bf16 for a full one, @kv-f16, @kv-u8 (precision of
the KV cache), @dynamic-off (activations not quantized on the fly) or @f32 (all at 32 bits: of a
folder of bf16 the same engine with nothing quantized) for one on openvino-genai.
"""

from __future__ import annotations

from pathlib import Path

from assistant.engine import Engine
from assistant.errors import EngineError
from assistant.server_address import is_address
from quantize.checkpoint import is_quantized, read_manifest
from quantize.errors import QuantizationError, first_line
from quantize.schemes import made_by
from quantize.sources import bring, local_path

DTYPES = ("fp32", "bf16")
LOOKUP = "lookup"  # of several tokens at once in the prompt, which a step confirms
# Without a choice, OpenVINO decides: activations are quantized on the fly, and the KV cache has 16
# bits in openvino-genai's pipeline (read off the answers of 2026.4), 8 in optimum's.
RUN_TIME: dict[str, dict[str, str]] = {
    "kv-f16": {"KV_CACHE_PRECISION": "f16"},
    "kv-u8": {"KV_CACHE_PRECISION": "u8"},
    "dynamic-off": {"DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"},
    **{f"dynamic-{n}": {"DYNAMIC_QUANTIZATION_GROUP_SIZE": str(n)} for n in (32, 64, 128)},
    LOOKUP: {},
    "f32": {
        "INFERENCE_PRECISION_HINT": "f32",
        "KV_CACHE_PRECISION": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
    },
}
OPTIONS = (*DTYPES, *RUN_TIME)


def load(
    model: str, models_dir: Path, dtype: str | None = None, repeatable: bool = False
) -> Engine:
    """See `assistant.engine.load_engine`."""
    name, option = split_option(model)
    try:
        return _load(name, models_dir, dtype or option, repeatable)
    except (EngineError, QuantizationError):
        raise
    except Exception as error:  # a damaged model fails in as many ways as there are libraries
        raise EngineError(
            f"{model} cannot be loaded ({first_line(error)}); is it damaged? make or fetch it again"
        ) from error


def run_time(scheme: str, option: str | None) -> dict[str, str]:
    """OpenVINO's properties for a model of `scheme`, run as `option` says."""
    # Where nothing is quantized, the KV cache is not to be either.
    return RUN_TIME.get(option or ("kv-f16" if scheme == "bf16" else ""), {})


def split_option(model: str) -> tuple[str, str | None]:
    """ "folder@fp32" -> ("folder", "fp32"); an @ before anything else belongs to the name."""
    name, at, option = model.rpartition("@")
    return (name, option) if at and name and option in OPTIONS else (model, None)


def _load(model: str, models_dir: Path, option: str | None, repeatable: bool) -> Engine:
    if is_address(model):
        from assistant.server_engine import ServerEngine

        if option:
            raise EngineError(f"{model} is a server's: {option_fits(option)}")
        return ServerEngine(model)
    folder = quantized_folder(model, models_dir)
    if folder is None:
        if option in RUN_TIME:
            raise EngineError(
                f"{model} is a full model: {option_fits(option)}; choose fp32 or bf16"
            )
        if option not in (None, *DTYPES):
            raise EngineError(f"no such dtype {option!r}: choose fp32 or bf16")
        dtype = option or "bf16"
        full = bring(model, models_dir).folder
        return _on_torch(model, f"full-{dtype}", full, dtype, repeatable)
    manifest = read_manifest(folder)
    if manifest.backend == "openvino":
        from assistant.openvino_engine import OpenVINOEngine

        if option and option not in RUN_TIME:
            raise EngineError(f"{model} is quantized: {option_fits(option)}")
        properties = run_time(manifest.scheme, option)
        lookup = option == LOOKUP
        return OpenVINOEngine(model, manifest.scheme, folder, properties, repeatable, lookup)
    if option:
        raise EngineError(f"{model} is quantized, with bitsandbytes: {option_fits(option)}")
    return _on_torch(model, manifest.scheme, folder, "bf16", repeatable)


def option_fits(option: str) -> str:
    """The models that an option of another model's kind is for."""
    if option in RUN_TIME:
        return f"@{option} is for models that run on OpenVINO (int8, int4, w8a8, bf16, mixed)"
    return "a dtype can be chosen for full models only"


def _on_torch(model: str, scheme: str, folder: Path, dtype: str, repeatable: bool) -> Engine:
    import torch

    from assistant.cuda_engine import CudaEngine, can_run
    from assistant.torch_engine import TorchEngine

    # Which prompts are computed together in CudaEngine is a matter of when they come; LLM.int8()
    # looks on the host at what it has to multiply, of which no CUDA graph can be made.
    plain = repeatable or scheme == "bnb-int8" or not torch.cuda.is_available()
    engine = TorchEngine if plain or not can_run(folder, dtype) else CudaEngine
    return engine(model, scheme, folder, dtype)


def quantized_folder(model: str, models_dir: Path) -> Path | None:
    """The folder MODEL names, if `tenq quantize` made it: a path, or NAME/SCHEME in models_dir.

    EngineError where MODEL is a NAME/SCHEME that has not been made.
    """
    model, _ = split_option(model)
    if is_address(model):
        return None
    for folder in (local_path(model), models_dir / model):
        if is_quantized(folder):
            return folder
    name, _, scheme = model.rpartition("/")
    if name and (options := made_by(scheme)):
        raise EngineError(f"{model} is not made yet: run `tenq quantize {name} {options}`")
    return None
