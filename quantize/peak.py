"""How much memory a piece of work takes at its peak, processes that it starts included."""

from __future__ import annotations

import threading
from pathlib import Path

_EVERY_S = 0.2


def high_water_bytes(process: str = "self") -> int | None:
    """The most resident memory that a process has had (Linux: VmHWM); None where the system does
    not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return 1024 * int(line.split()[1])
    return None


class PeakMemory:
    """Within `with`, watches the resident memory of this process and its children together, mapped
    files included; `bytes` is the most that was seen, five times a second. What native code takes
    in between is known of this process alone, where it is the most that it ever had."""

    def __init__(self) -> None:
        self.bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._before = high_water_bytes()
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY_S):
            self._look()

    def _look(self) -> None:
        import psutil

        own = psutil.Process()
        total = 0
        for process in (own, *own.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.Error:  # it has ended meanwhile
                continue
        now = high_water_bytes()
        risen = now if now and self._before and now > self._before else 0
        self.bytes = max(self.bytes, total, risen)
