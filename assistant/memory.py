"""How much memory this process takes, with those it has started: a model may run in one of them."""

from __future__ import annotations

import resource
import sys

from quantize.peak import high_water_bytes

_MB = 10**6


def peak_rss_mb() -> float:
    """Peak resident memory of this process in MB (10^6 bytes) and of its children that still run.

    Peaks at different times are added up, so with children this is an upper bound. Linux counts it
    per program image (VmHWM); getrusage there would include the parent's memory at the fork.
    """
    import psutil

    own = high_water_bytes()
    if own is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        own = peak if sys.platform == "darwin" else 1024 * peak
    for child in psutil.Process().children(recursive=True):
        try:
            own += high_water_bytes(str(child.pid)) or child.memory_info().rss
        except psutil.Error:  # it has ended meanwhile
            continue
    return own / _MB


def resident_mb() -> float:
    """Resident memory of this process and its children now, in MB (10^6 bytes)."""
    import psutil

    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss / _MB
        except psutil.Error:  # it has ended meanwhile
            continue
    return total


def peak_gpu_mb() -> float | None:
    """Peak of what torch has allocated on the GPU in this process, in MB (10^6 bytes); None where
    nothing of it ran there."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return float(torch.cuda.max_memory_allocated()) / _MB
