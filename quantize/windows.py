"""Texts -> windows of token ids, for calibration and for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def windows(
    tokenizer: Any, texts: Sequence[str], size_tokens: int, at_most: int
) -> list[list[int]]:
    """Up to `at_most` windows of `size_tokens` ids that do not overlap, spread evenly over the
    texts; none where every text is too short. Each begins with the tokenizer's first token where
    it has one, as a prompt does."""
    first = list(tokenizer("")["input_ids"][:1])
    take = size_tokens - len(first)
    found = []
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        found += [first + ids[n : n + take] for n in range(0, len(ids) - take + 1, take)]
    step = max(len(found) / at_most, 1.0)
    return [found[int(n * step)] for n in range(min(at_most, len(found)))]
