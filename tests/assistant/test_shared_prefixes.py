"""What prompts share is found, whatever their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.shared_prefixes import shared_prefixes

INSTRUCTIONS = [1, 2, 3]
TOKENS = st.lists(st.integers(0, 3), max_size=12)


def test_one_beginning_for_each_evidence() -> None:
    ours, theirs = INSTRUCTIONS + [10] * 20, INSTRUCTIONS + [20] * 30
    prompts = [[*ours, 5, 6], [*theirs, 5], [*ours, 5, 7], [9] * 8, [*theirs, 6, 6, 6]]
    assert shared_prefixes(prompts, 1) == [[*ours, 5], theirs]


def test_a_beginning_ends_where_a_block_does() -> None:
    ours, theirs = INSTRUCTIONS + [10] * 69, INSTRUCTIONS + [20] * 40
    prompts = [[*ours, 5, 6], [*theirs, 5], [*ours, 5, 7], [*theirs, 6]]
    assert shared_prefixes(prompts) == [ours[:64], theirs[:32]]
    assert shared_prefixes([[7] * 20 + [n] for n in range(3)]) == []


def test_nothing_is_shared_by_few_or_different_ones() -> None:
    assert shared_prefixes([], 1) == shared_prefixes([[1, 2]], 1) == []
    assert shared_prefixes([INSTRUCTIONS + [n] * 9 for n in (4, 5, 6)], 1) == []


@given(st.lists(TOKENS, max_size=8))
def test_each_begins_two_prompts_by_half(prompts: list[list[int]]) -> None:
    for shared in shared_prefixes(prompts, 1):
        begun = [tokens for tokens in prompts if tokens[: len(shared)] == shared]
        assert len(begun) >= 2
    assert shared_prefixes(prompts, 1) == shared_prefixes(prompts[::-1], 1)
