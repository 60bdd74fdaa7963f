from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.amounts import amounts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,577 million", [1577e6]),
        ("$1.577bn", [1.577e9]),
        ("USD 3.2 billion", [3.2e9]),
        ("a loss of $(546) million", [-546e6]),
        ("($546 million)", [-546e6]),
        ("-$546", [-546]),
        ("−12.5%", [-0.125]),
        ("(6.4)%", [-0.064]),
        ("it grew (by 12.4%) again", [0.124]),
        ("$8.7 billion (12.4%)", [8.7e9, 0.124]),
        ("0.0153 or -1.53%", [0.0153, -0.0153]),
        ("20 basis points", [0.002]),
        ("24.26x", [24.26]),
        ("9.5 times", [9.5]),
        ("1.9 percent", [0.019]),
        ("$5m and 3M", [5e6]),
        ("12 thousand", [12e3]),
        ("Value: 2,018 ($ million)", [2018e6]),
        ("2,018 (in millions)", [2018e6]),
        ("40 (millions were lost)", [40]),
        (".5%", [0.005]),
        ("1,577.", [1577]),
        ("In total - 1,577", [1577]),
    ],
)
def test_reads_units_scales_and_signs(text: str, expected: list[float]) -> None:
    assert [a.absolute for a in amounts(text)] == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "December 31",
        "31 December",
        "2023-12-31",
        "12/31/2023",
        "Note 8",
        "page 12",
        "see [2]",
        "Form 10-K",
        "Q2 of FY2023",
        "1. Revenue",
        "3M",
        "no figures",
        "",
    ],
)
def test_labels_and_dates_are_no_amounts(text: str) -> None:
    assert amounts(text) == []


def test_a_year_is_told_from_an_amount() -> None:
    assert [a.is_year for a in amounts("2019 was above $2,019 and 2019.5 and 2018 - 2020")] == [
        True,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "direction"), [("fell by $5", -1), ("an increase of $5", 1), ("revenue of $5", 0)]
)
def test_direction_comes_from_the_words_before(text: str, direction: int) -> None:
    assert amounts(text)[0].direction == direction


@given(
    value=st.decimals(min_value="0.01", max_value="99999", places=2),
    scale=st.sampled_from([("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)]),
    negative=st.booleans(),
)
def test_any_scaled_amount_reads_back(
    value: object, scale: tuple[str, int], negative: bool
) -> None:
    word, power = scale
    text = f"-${value:,} {word}" if negative else f"${value:,} {word}"
    found = amounts(f"It came to {text} in all.")
    assert [a.absolute for a in found] == pytest.approx(
        [float(str(value)) * 10.0**power * (-1 if negative else 1)]
    )


@given(st.text(alphabet="0123456789.,%$()-– xMmbn\n", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for amount in amounts(text):
        assert 0 <= amount.start < amount.end <= len(text)
