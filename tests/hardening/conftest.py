"""What tries to break Tenq: `make hardening`, or a share of it with `make hardening SHARE=0.02`.

A test takes how often it tries from `tries`, and tells `tally` what it tried and what came of it;
the counts are printed at the end.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

_counted: dict[str, dict[str, int]] = {}


class Tally:
    """Counts under a test's heading: inputs tried, faults injected, losses, leaks."""

    def __init__(self, heading: str) -> None:
        self._counts = _counted.setdefault(heading, {})

    def add(self, what: str, n: int = 1) -> None:
        self._counts[what] = self._counts.get(what, 0) + n


@pytest.fixture
def tally() -> Callable[[str], Tally]:
    """`tally("inputs: PDF")` counts under that heading."""
    return Tally


@pytest.fixture(scope="session")
def tries() -> Callable[[int], int]:
    """`tries(10_000)`: how often to try where the whole would be 10,000 times; at least once."""
    share = float(os.environ.get("HARDENING_SHARE", "1"))
    return lambda whole: max(1, round(whole * share))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _counted:
        terminalreporter.section("what was tried")
    for heading, counts in sorted(_counted.items()):
        said = ", ".join(f"{n:,} {what}" for what, n in counts.items())
        terminalreporter.write_line(f"{heading}: {said}")
    for what, kind in (("inputs tried", "tried"), ("processes killed", "killed")):
        total = sum(counts.get(kind, 0) for counts in _counted.values())
        if total:
            terminalreporter.write_line(f"in all: {total:,} {what}")
