"""PROMPTS -> WHAT THEY SHARE: beginnings that are worth reading once, before the prompts are read.

An engine that keeps what it has read only knows what is finished; prompts that begin at the same
step would each read the same evidence anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Tokens = list[int]
_ALIKE = 0.5
# openvino-genai's paged cache on a CPU is of blocks of so many tokens. Where a beginning ends in a
# block, 2026.4 lets all that continue it write into that one: each then reads what others ask.
_BLOCK_TOKENS = 32


def shared_prefixes(prompts: Sequence[Tokens], block_tokens: int = _BLOCK_TOKENS) -> list[Tokens]:
    """What those prompts begin with that are alike for half of their length or more: one beginning
    of whole blocks for each such group. What all prompts share, instructions mostly, is short, and
    not worth a round of its own: openvino-genai 2026.4 then finds nothing of what two beginnings in
    one step continue from it."""
    ordered = sorted(prompts)
    groups = [[tokens] for tokens in ordered[:1]]
    for one, other in pairwise(ordered):
        if _common(one, other) >= _ALIKE * max(len(one), len(other)):
            groups[-1].append(other)
        else:
            groups.append([other])
    common = [(group[0], _common(group[0], group[-1])) for group in groups if len(group) > 1]
    whole = [tokens[: n // block_tokens * block_tokens] for tokens, n in common]
    return [tokens for tokens in whole if tokens]


def _common(one: Tokens, other: Tokens) -> int:
    """How many tokens they begin with alike."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))
