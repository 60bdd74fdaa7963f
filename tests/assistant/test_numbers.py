"""Numbers as analysts and filings write them."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.numbers import follows_from, numbers, same_amount


@pytest.mark.parametrize(
    ("text", "value", "scale", "percent"),
    [
        ("$1,284.5 million", "1284.5", 6, False),
        ("(1,577)", "-1577", 0, False),
        ("$ (3.2) billion", "-3.2", 9, False),
        ("-4.5%", "-4.5", 0, True),
        ("12 percent", "12", 0, True),
        ("0.83", "0.83", 0, False),
        ("US$ 5", "5", 0, False),
        ("€7bn", "7", 9, False),
    ],
)
def test_one_number(text: str, value: str, scale: int, percent: bool) -> None:
    (found,) = numbers(text)
    assert (found.value, found.scale, found.percent) == (Decimal(value), scale, percent)


@pytest.mark.parametrize("blank", [" ", "\u2003", "\t", "$ ", "( "])
def test_time_grows_with_length_only(blank: str) -> None:
    text = "revenue" + blank * 50_000 + "5 million"
    began = time.process_time()
    assert numbers(text)[-1].value == 5
    assert time.process_time() - began < 5  # a tenth of a second; for ever before


def test_what_is_no_amount_is_left_out() -> None:
    assert numbers("In Q4 the 10-K spoke of ASC842 and COVID19.") == []
    assert [n.is_year for n in numbers("in 2023 and $2,023 and 2023%")] == [True, False, False]


@pytest.mark.parametrize(
    ("stated", "printed", "same"),
    [
        ("$1.6 billion", "1,577", True),
        ("1577", "(1,577)", True),
        ("$1,577 million", "1,577", True),
        ("876.6 million", "876,560", True),
        ("1,578", "1,577", False),
        ("2,220", "1,577", False),
        ("34.0%", "34", True),
        ("1.5", "1,577", False),
    ],
)
def test_same_amount(stated: str, printed: str, same: bool) -> None:
    assert same_amount(numbers(stated)[0], numbers(printed)[0]) is same


@pytest.mark.parametrize(
    ("stated", "unit", "same"),
    [
        ("8,925", 6, True),
        ("$8,925,000,000", 6, True),
        ("$8.9 billion", 6, True),
        ("8.9", 6, True),  # in billions, as its heading may say
        ("$8,925,000", 6, False),
        ("$8,925,000", 3, True),
        ("$8,925,000,000", 3, False),
        ("$8,925,000", None, True),
        ("8,925,000", 9, True),  # in millions
    ],
)
def test_an_amount_written_out_in_full_agrees_with_its_tables_unit(
    stated: str, unit: int | None, same: bool
) -> None:
    assert same_amount(numbers(stated)[0], numbers("8,925")[0], unit) is same


def test_simple_arithmetic_is_followed() -> None:
    known = numbers("revenue 400 in 2024 and 320 in 2023")
    for stated in ("25%", "80", "1.25", "360", "25.0%"):
        assert follows_from(numbers(stated)[0], known), stated
    assert not follows_from(numbers("26.1%")[0], known)


@given(st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False))
def test_printed_amounts_are_read_back(amount: Decimal) -> None:
    (found,) = numbers(f"net sales of ${amount:,.2f}.")
    assert found.value == amount


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    for number in numbers(text):
        assert 0 <= number.start < len(text)
