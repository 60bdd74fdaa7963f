"""What this machine has, and which scheme suits it.

Decoding reads every weight once a token, but of the embedding table one row, so memory bandwidth
over the bytes read bounds the tokens a second (Williams, Waterman and Patterson 2009, the roofline
model). Bandwidth is measured, since no processor tells it.
"""

from __future__ import annotations

import os
import platform
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quantize.memory import memory

_FEATURES = {  # as /proc/cpuinfo names them: what they are good for
    "avx2": "vector units, the least that OpenVINO needs to be fast",
    "avx512f": "512-bit vector units",
    "avx512_vnni": "8-bit dot products",
    "avx_vnni": "8-bit dot products",
    "avx512_bf16": "bfloat16 dot products",
    "amx_int8": "8-bit matrix units",
    "amx_bf16": "bfloat16 matrix units",
    "asimd": "ARM vector units",
    "i8mm": "ARM 8-bit matrix units",
}
_BLOCK_BYTES = 256 << 20  # well beyond any cache
_GPU_BLOCK_BYTES = 1 << 28
# int8 and int4 as the default model was saved: its 1.54 billion weights take 1,780 and 1,174 MB,
# with scales, ends of 8 bits, and the embedding once more as output layer. Of larger models the
# ends are a smaller part: they take less. bitsandbytes leaves the ends at 16 bits.
_BYTES_PER_WEIGHT = {"bf16": 2.0, "int8": 1.16, "int4": 0.76, "bnb-int8": 1.15, "bnb-nf4": 0.7}
# What a token reads of them: all but the embedding table's 151,936 rows of 1,536 weights at 8 bits,
# 233 MB, whose copy as output layer is read whole.
_READ_PER_WEIGHT = {"int8": 1.0, "int4": 0.61}
_UNITS = {  # of x86 processors, whose absence is told
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "AMX": ("amx_int8", "amx_bf16"),
}
MULTIPLIES_8_BITS = {"avx512_vnni", "avx_vnni", "amx_int8", "i8mm"}
# Beside a model's weights: the embedder, the KV cache, activations, Python and its libraries.
OVERHEAD_BYTES = 2 << 30


@dataclass(frozen=True)
class Machine:
    """Sizes in bytes, `bandwidth` in bytes a second read by all cores together, `gpu_bandwidth`
    by the GPU from its own memory."""

    cpu: str
    cores: int
    features: tuple[str, ...]
    memory: int
    memory_free: int
    disk_free: int
    bandwidth: float
    gpu: str | None
    gpu_memory: int
    gpu_bandwidth: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """All of it, for `tenq doctor --json`."""
        return asdict(self)


@dataclass(frozen=True)
class Advice:
    """A scheme, whether it is the one to take, and why."""

    scheme: str
    best: bool
    why: str


def inspect(folder: Path) -> Machine:
    """Look at this machine; `folder` is where models go. Takes about a second."""
    there = memory()
    cores = cores_usable()
    gpu, gpu_memory = gpu_and_memory()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return Machine(
        cpu=cpu_name(),
        cores=cores,
        features=_features(),
        memory=there.total,
        memory_free=there.free,
        disk_free=shutil.disk_usage(existing).free,
        bandwidth=read_bandwidth(cores),
        gpu=gpu,
        gpu_memory=gpu_memory,
        gpu_bandwidth=read_gpu_bandwidth() if gpu else 0.0,
    )


def advise(machine: Machine, weights: int) -> list[Advice]:
    """The schemes for a model of so many weights, with what bounds each, the best one marked: on a
    processor int8 where memory allows it, since it loses least and answered in the same time as
    int4 (5.62 and 5.47 s; KL divergence 0.0018 and about 0.04; README, Speed)."""
    if machine.gpu:
        return _advise_gpu(machine, weights)
    size = {name: int(weights * each) for name, each in _BYTES_PER_WEIGHT.items()}
    reasons = {"int4": "needs the least memory", "int8": "loses least"}
    if MULTIPLIES_8_BITS & set(machine.features):
        reasons["int8"] += ", at about int4's speed where measured"
    fits = {name: machine.memory > size[name] + OVERHEAD_BYTES for name in reasons}
    best = "int8" if fits["int8"] else "int4"
    found = []
    for scheme, reason in reasons.items():
        read = weights * _READ_PER_WEIGHT[scheme]
        why = f"{size[scheme] / 1e9:.1f} GB of weights; reading {read / 1e9:.1f} GB a token bounds "
        why += f"decoding to {machine.bandwidth / read:.0f} tokens/s; {reason}"
        why += "" if fits[scheme] else ", but memory is too small"
        found.append(Advice(scheme, fits[scheme] and scheme == best, why))
    if not any(advice.best for advice in found):
        found.append(Advice("a smaller model", True, "no scheme of this one fits the memory"))
    return found


def _advise_gpu(machine: Machine, weights: int) -> list[Advice]:
    """Written one answer at a time, a model of 1.5 billion weights was no faster for fewer bits on
    the GPU that was measured (README, Speed): quantize there what does not fit otherwise."""
    room = machine.gpu_memory - OVERHEAD_BYTES
    reasons = {
        "bf16": "the full model, not quantized: the fastest where it fits",
        "bnb-int8": "LLM.int8(): less memory, but slower than NF4",
        "bnb-nf4": "NF4: least memory",
    }
    found: list[Advice] = []
    for scheme, why in reasons.items():
        size = weights * _BYTES_PER_WEIGHT[scheme]
        best = size <= room and scheme != "bnb-int8" and not any(each.best for each in found)
        fits = "" if size <= room else ", but the GPU's memory is too small"
        name = "full" if scheme == "bf16" else scheme
        found.append(Advice(name, best, f"{size / 1e9:.1f} GB on {machine.gpu}: {why}{fits}"))
    if not any(each.best for each in found):
        found.append(Advice("a smaller model", True, "no scheme of this one fits the GPU"))
    return found


def read_bandwidth(cores: int, seconds: float = 0.6) -> float:
    """Bytes a second that `cores` threads read together: the best of the rounds that fit."""
    import numpy as np

    blocks = [np.ones(_BLOCK_BYTES // 8, dtype=np.float64) for _ in range(cores)]
    best, end = 0.0, time.perf_counter() + seconds
    with ThreadPoolExecutor(cores) as pool:
        while True:
            began = time.perf_counter()
            list(pool.map(_read, blocks))
            now = time.perf_counter()
            best = max(best, cores * _BLOCK_BYTES / (now - began))
            if now >= end:
                return best


def gpu_memory_free() -> int | None:
    """Free bytes of the GPU's memory; None where there is none."""
    import torch

    return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else None


def read_gpu_bandwidth(rounds: int = 10) -> float:
    """Bytes a second that the GPU reads from its memory: the best of the rounds; 0 where it cannot
    be measured."""
    import torch

    best = 0.0
    try:
        block = torch.ones(_GPU_BLOCK_BYTES // 4, dtype=torch.float32, device="cuda")
        for _ in range(rounds + 1):  # the first one loads the kernel
            torch.cuda.synchronize()
            began = time.perf_counter()
            block.sum()
            torch.cuda.synchronize()
            best = max(best, _GPU_BLOCK_BYTES / (time.perf_counter() - began))
        del block
        torch.cuda.empty_cache()  # models measured next need it
    except RuntimeError:  # no room on it, or a GPU that this torch has no kernels for
        return 0.0
    return best


def _read(block: Any) -> float:
    return float(block.max())  # NumPy's max keeps up with memory and lets other threads run


def cores_usable() -> int:
    """The processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's name, as the system gives it."""
    for line in _cpuinfo():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _features() -> tuple[str, ...]:
    for line in _cpuinfo():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            flags = set(value.split())
            return tuple(feature for feature in _FEATURES if feature in flags)
    return ()


def _cpuinfo() -> Sequence[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text(errors="replace").splitlines() if info.is_file() else []


def gpu_and_memory() -> tuple[str | None, int]:
    """The GPU that torch uses and the bytes of its memory; None and 0 where there is none."""
    import torch

    if not torch.cuda.is_available():
        return None, 0
    properties = torch.cuda.get_device_properties(0)
    return str(properties.name), int(properties.total_memory)


def report(machine: Machine, advice: Sequence[Advice], model: str) -> str:
    """Both, for people."""
    gb = 1e9
    lines = [
        f"processor  {machine.cpu}, {machine.cores} cores",
        *(f"           {feature}: {_FEATURES[feature]}" for feature in machine.features),
        *(f"           {unit}: no" for unit in _lacking(machine)),
        f"memory     {machine.memory / gb:.1f} GB, {machine.memory_free / gb:.1f} GB free; "
        f"reads at {machine.bandwidth / gb:.0f} GB/s",
        f"disk       {machine.disk_free / gb:.0f} GB free for models",
        f"GPU        {_gpu_line(machine)}",
        f"for {model}:",
    ]
    lines += [f"  {'->' if a.best else '  '} {a.scheme:<9} {a.why}" for a in advice]
    lines.append("to measure the schemes on this machine: tenq quantize MODEL --auto")
    return "\n".join(lines)


def _lacking(machine: Machine) -> list[str]:
    """The units for products of few bits that an x86 processor does not have."""
    if "avx2" not in machine.features:
        return []
    return [unit for unit, names in _UNITS.items() if not set(names) & set(machine.features)]


def _gpu_line(machine: Machine) -> str:
    if not machine.gpu:
        return "none that CUDA can use"
    memory, speed = machine.gpu_memory / 1e9, machine.gpu_bandwidth / 1e9
    return f"{machine.gpu}, {memory:.1f} GB, reads at {speed:,.0f} GB/s"
