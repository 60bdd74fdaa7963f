"""Calibration texts for the tests of `quantize`."""

from __future__ import annotations

import pytest

from quantize.calibration import Calibration, Sample


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    """Four short texts that look like a filing's."""
    texts = [
        f"Net sales rose to {n},240 in fiscal 202{n}, and cost of sales fell to {n},100. " * 4
        for n in range(1, 5)
    ]
    texts[0] += "\u2028\x85"  # other ends of lines, which JSONL does not know
    return Calibration("texts.jsonl", 7, tuple(Sample("text", "texts", text) for text in texts))
