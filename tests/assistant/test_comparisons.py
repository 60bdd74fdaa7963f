"""Amounts that a sentence compares the wrong way round are noticed; nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.comparisons import is_wrong


@pytest.mark.parametrize(
    "sentence",
    [
        "Inventories were $233 million, which is higher than the balance for 2023 of $243 million.",
        "The margin of 12.1% was lower than 11.9% in fiscal 2022.",
        "Revenue fell from $1.2 billion in 2022 to $1.3 billion in 2023.",
        "Revenue increased from $1,320 million to $1.3 billion.",
        "The ratio has risen from 1.25x in 2021 to 1.05x.",
        "Yes, net sales grew from 410 in fiscal 2022 to 390 in fiscal 2023.",
        "The current ratio of 0.9 is slightly greater than 1.1.",
    ],
)
def test_what_is_said_the_wrong_way_round(sentence: str) -> None:
    assert is_wrong(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Inventories were $233 million, which is lower than $243 million in 2023.",
        "Revenue increased from $1.2 to $1.3 billion.",
        "Revenue was $10 million higher than $223 million.",  # a difference
        "Revenue was not higher than $223 million; it was $233 million.",
        "Costs were $233 million, and demand was higher than in 2023, when 243 stores were open.",
        "Net loss decreased from $(5) million to $(3) million.",
        "The decline in sales increased from 3% to 2%, offset by lower costs.",  # two directions
        "It increased from 2022 to 2021 pages.",  # no amounts
        "Margin increased from 5% to $3 million.",  # two kinds
        "It did not increase from $5 million to $4 million.",
        "Revenue from 40 stores rose to 30 million.",
        "",
    ],
)
def test_what_is_right_or_cannot_be_told(sentence: str) -> None:
    assert not is_wrong(sentence)


@given(
    st.integers(100, 1_900), st.integers(100, 1_900), st.sampled_from(["rose", "fell", "increased"])
)
def test_direction_is_that_of_the_amounts(first: int, second: int, verb: str) -> None:
    said_up = verb != "fell"
    wrong = first != second and (second > first) != said_up
    assert is_wrong(f"Net sales {verb} from ${first:,} million to ${second:,} million.") == wrong


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert is_wrong(text) in (True, False)
