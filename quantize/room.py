"""IS THERE ROOM? Too little memory or disk is said before the work begins, with the mend: a process
that the system ends for its memory cannot say why.

What OpenVINO's schemes need was measured on models of 0.1 and 1.5 billion weights, in multiples of
the bytes that these take at 16 bits; measuring layers took 11.5 GB for the larger one.
"""

from __future__ import annotations

from pathlib import Path

from quantize.errors import SchemeError
from quantize.memory import memory
from quantize.packaged import need_space
from quantize.schemes import Scheme
from quantize.sources import Source, config_of, folder_bytes

_SPARE_BYTES = 1 << 30  # Python and its libraries
_DISK_SPARE_BYTES = 64 << 20
_MEASURING_FLOATS = 6  # copies of the largest matrix at 32 bits while it is rounded
_MEASURING_LOGITS = 10  # of the windows' logits at 32 bits: those kept and those compared with them
_MEASURED_TOKENS = 512


def check_making(source: Source, scheme: Scheme, target: Path) -> None:
    """There is room to make the model of `scheme` in `target`: SchemeError or SourceError."""
    before = weight_bytes(source)
    if scheme.backend == "bitsandbytes":
        _check_gpu(source, scheme, before)
    else:
        static = "activation_bits" in scheme.parameters
        _check_memory(
            f"{scheme.name} of {source.name}",
            int((5.9 if static else 2.7) * before),
            "int8" if static else "a smaller model",
        )
    # The unquantized export lies beside the result until the result is saved.
    need_space(target.parent, int(before * 1.7) + _DISK_SPARE_BYTES, f"quantize {source.name}")


def check_comparing(source: Source) -> None:
    """There is room to run the full model, which others are compared with: SchemeError."""
    from quantize.machine import OVERHEAD_BYTES, gpu_memory_free

    need = weight_bytes(source) + OVERHEAD_BYTES
    what = f"comparing with the full model of {source.name}"
    gpu = gpu_memory_free()
    if gpu is None:
        _check_memory(what, need - _SPARE_BYTES, "a scheme by `tenq doctor`")
    elif gpu < need:
        raise SchemeError(
            _too_little(what, need, gpu, "a scheme by `tenq doctor`", "the GPU's memory")
        )


def check_measuring(source: Source) -> None:
    """There is room to measure layers or a whole plan (`quantize.probe`): SchemeError."""
    from quantize.machine import gpu_memory_free

    config = config_of(source)
    vocabulary, width = (int(config.get(key) or 0) for key in ("vocab_size", "hidden_size"))
    need = weight_bytes(source) + 4 * vocabulary * (
        _MEASURING_FLOATS * width + _MEASURING_LOGITS * _MEASURED_TOKENS
    )
    what, instead = (
        f"measuring the layers of {source.name}",
        "int8 or int4, which measure none",
    )
    gpu = gpu_memory_free()
    if gpu is None:
        _check_memory(what, need, instead)
    elif gpu < need:
        raise SchemeError(_too_little(what, need, gpu, instead, "the GPU's memory"))


def weight_bytes(source: Source) -> int:
    """Bytes of the full model's weights on disk, at 16 bits."""
    return folder_bytes(source.folder, "*.safetensors")


def _check_memory(what: str, need: int, instead: str) -> None:
    need, free = need + _SPARE_BYTES, memory().free
    if free < need:
        raise SchemeError(_too_little(what, need, free, instead))


def _check_gpu(source: Source, scheme: Scheme, before: int) -> None:
    from quantize.machine import gpu_memory_free

    free = gpu_memory_free()
    if free is None:
        # Each layer is quantized as it is read; the 16-bit file is mapped, not held.
        return _check_memory(f"{scheme.name} of {source.name}", before, "a smaller model")
    config = config_of(source)
    # Embedding and output layer stay at 16 bits; the rest is quantized as it loads.
    end = 2 * int(config.get("vocab_size") or 0) * int(config.get("hidden_size") or 0)
    kept = end if config.get("tie_word_embeddings") else 2 * end
    rest = max(before - kept, 0)
    need = 2 * end + int((0.52 if scheme.bits == 8 else 0.27) * rest) + (1 << 28)
    if free < need:
        instead = "bnb-nf4" if scheme.bits == 8 else "a smaller model"
        what = f"{scheme.name} of {source.name}"
        raise SchemeError(_too_little(what, need, free, instead, "the GPU's memory"))
    return None


def _too_little(what: str, need: int, free: int, instead: str, of: str = "memory") -> str:
    # The memory of a machine is told in whole GB: what a model takes is not known better.
    places = 0 if of == "memory" else 1
    return (
        f"{what} needs about {need / 1e9:.{places}f} GB of {of}, {free / 1e9:.{places}f} GB are "
        f"free; {'close other programs' if of == 'memory' else 'end what else runs on it'}, or "
        f"choose {instead}"
    )
