"""HOW MUCH MEMORY THERE IS for this process: the machine's, or what its container may have of it.

Linux limits containers by control groups, whose files a container sees in /sys/fs/cgroup; of what
it has taken, files kept in memory that were not read lately are given back when memory runs short.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")
# The limit, what is taken, and of that what can be given back: of version 2, and of version 1.
_FILES = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)


@dataclass(frozen=True)
class Memory:
    """In bytes; `free` is what can be had without another program losing any."""

    total: int
    free: int


def memory(cgroup: Path = _CGROUP) -> Memory:
    """The machine's, and no more than the control group's limit, where there is one."""
    import psutil

    machine = psutil.virtual_memory()
    total, free = int(machine.total), int(machine.available)
    for limit, taken, stat, inactive in _FILES:
        most, now = _number(cgroup / limit), _number(cgroup / taken)
        if most is not None and now is not None:
            back = _number(cgroup / stat, inactive) or 0
            total, free = min(total, most), min(free, max(most - now + back, 0))
    return Memory(total, free)


def _number(file: Path, name: str = "") -> int | None:
    """The number in the file, after `name` if given; None where there is none ("max": no limit)."""
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
        return next(int(line[-1]) for line in lines if line[:-1] == name.split())
    except (OSError, ValueError, StopIteration):
        return None
