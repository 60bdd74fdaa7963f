"""Arithmetic that a model wrote out is done again, exactly."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.arithmetic import follow, plain_math, worked_out


@pytest.mark.parametrize(
    ("said", "worked"),
    [
        ("(532.0 - 470.0) / 470.0 * 100% = 17.8%", "(532.0 - 470.0) / 470.0 * 100% = 13.2%"),
        ("Mean = ($392 + $126) / 2 = $264", "Mean = ($392 + $126) / 2 = $259"),
        ("453.5 + 1,000.25 = 1,400", "453.5 + 1,000.25 = 1,454"),
        ("53.0 / 55.5 ≈ 0.94", "53.0 / 55.5 ≈ 0.95"),
        ("$640 - $157 = $483 million", "$640 - $157 = $483 million"),
        ("120 / 1,600 = 9%", "120 / 1,600 = 8%"),
        ("120 / 1,600 = 0.075 = 9.1%", "120 / 1,600 = 0.075 = 7.5%"),
        ("$2,664 - $3,025 = $1,339", "$2,664 - $3,025 = -$361"),
        ("$1,000 - $1,200 = ($300)", "$1,000 - $1,200 = -$200"),
        (
            "fees rose by 415,000 (4,730,434 - 4,314,005)",
            "fees rose by 416,429 (4,730,434 - 4,314,005)",
        ),
        ("a rate of 13.4% (13,442 / 80,312)", "a rate of 16.7% (13,442 / 80,312)"),
        ("365 × 200 / 1,460 = 48 days", "365 × 200 / 1,460 = 50 days"),
        ("0.004 / 2 = 0.003", "0.004 / 2 = 0.002"),
    ],
)
def test_results_are_exact(said: str, worked: str) -> None:
    assert worked_out(said).text == worked


@pytest.mark.parametrize(
    "text",
    [
        "FY2019 - FY2018 = 3",
        "2020 - 2019 = 15",  # years, with whatever stands under them
        "Due 12/31/2019 = 5",
        "5 / 0 = 7",
        "50% * 200 = 90",  # a share or a number of percents
        "$1.2 billion + $300 million = $1.4 billion",  # scales that differ
        "It is -12% (154,159 - 176,931).",  # a change in percent beside a difference
        "Sales of 100 (2018: 90) rose.",
        "Net was 10 (-5).",
        "1 + 2 (3 = 5",
        f"{'9' * 60} * {'9' * 60} = 5",
        "",
        # Amounts above a formula, and ranges beside an amount, are no results
        "Sales 2024: 2,000\nSales 2023: 1,600\n(2,000 - 1,600) / 1,600 * 100 = 25%",
        "Net sales rose to 2,000 (2,000 - 1,600).",
        "Senior notes of $500 (3.25% – 4.50%) are due; guided to $5.20 ($5.10 - $5.30).",
        "Revenue 2023 (500 - 400); useful lives are 10 (5-20) years; 35 (30 - 40).",
        # Told in another scale or unit
        "$8,925 - $5,925 = $3.0 billion",
        "500 million - 200 million = 300,000,000",
        "$4.2 million - $3.9 million = $300,000",
        "200 / 2,000 = 10 percent",
        "12.5% - 10.2% = 230 basis points",
        "$1.00 / $2.00 = 50 cents",
        "100 / 3 = 33.3%",
        "10% / 5% = 200%",
        "$1,000 × 21% = $210",
        "$200 × (1 - 50%) = $100",
        # Steps that go on from a result
        "(1,000 - 400) / 1,000 = 0.6 * 100 = 60%",
        "600 / 1,000 × 100 = 0.6 × 100 = 60%",
        "2,000 + 1,600 = 3,600 / 2 = 1,800",
        "100 - 50 = 50 - 20 = 30",
        "2,000 / 1,600 = 125% - 1 = 25%",
        "(532 - 470) = 62 / 470 = 13.2%",
        # Parts of more than plain sums
        "(200/100)^(1/3) - 1 = 26%",
        "CAGR = (2,000/1,600)^(1/2) - 1 = 11.8%",
        "(2,000 / 1,600) ** (1/3) - 1 = 7.7%",
        "√(200 / 100) - 1 = 41.4%",
        "net income 200 / average equity ((700 + 600) / 2) = 30.8%",
        "500 shares × 2 + 100 = 1,100",
        "Revenue - 200 - 100 = 600",
        "$500 (2023) + $400 (2022) / 2 = $450",
        "1,000 / average of 500 / 2 = 4",
        # Negatives in brackets
        "Free cash flow = 640 + (157) = 483 million",
        "280 + (80) + (180) = 20",
        "(1,200) - (900) = 2,100",
        "1,000 / 3 = 333.444444444444444444444444444444",
    ],
)
def test_what_is_not_sure_is_left(text: str) -> None:
    assert worked_out(text).text == text


def test_what_rests_on_a_wrong_result_is_put_right_too() -> None:
    said = (
        "3. Change: $19,911 - $15,916 = $4,005\n"
        "4. Share: ($4,005 / $15,916) * 100% ≈ 25.44%\n\nTherefore it is about 25.44%."
    )
    worked = worked_out(said)
    assert worked.changed == (("$4,005", "$3,995"), ("25.44%", "25.10%"))
    assert "4,005" not in worked.text and "25.44" not in worked.text
    assert worked.text.endswith("Therefore it is about 25.10%.")


def test_a_rounded_step_does_not_spoil_the_next() -> None:
    worked = worked_out("10 / 3 = 3.3. Then 3.3 * 300 = 1,000.")
    assert worked.text == "10 / 3 = 3.3. Then 3.3 * 300 = 1,000."


def test_the_first_of_equal_expressions_counts() -> None:
    said = "(302 - 148) / 148 * 100%\n= 155 / 148 * 100%\n= 105.10%"
    assert worked_out(said).text.endswith("= 104.05%")


def test_the_result_may_stand_in_the_next_line_under_the_same_name() -> None:
    said = (
        "1. Percentage change = ((2,500 - 2,000) / 2,000) * 100%\n"
        "2. Percentage change = (500 / 2,000) * 100%\n3. Percentage change ≈ 20.9%\n\nSo 20.9%."
    )
    assert worked_out(said).text.endswith("3. Percentage change ≈ 25.0%\n\nSo 25.0%.")
    other = "Cash less debt: 500 - 200\nRevenue = 900"
    assert worked_out(other).text == other


def test_an_amount_of_the_filing_is_not_touched_before_the_calculation() -> None:
    said = "Net income was 250. The share is 250 / 1,000 * 100 = 20%; 100 + 100 = 250."
    assert worked_out(said, {Decimal(250)}).text.startswith("Net income was 250.")


def test_amounts_of_the_filing_stay_after_it_too() -> None:
    said = "Margin = 800 / 2,000 * 100 = 45%. The tax rate was 45%."
    told = worked_out(said, {Decimal(45)}).text
    assert told == "Margin = 800 / 2,000 * 100 = 40%. The tax rate was 45%."
    assert worked_out("300 / 2 = 250 of 300").text == "300 / 2 = 150 of 300"


def test_a_minus_that_was_forgotten_is_put_before_the_result_alone() -> None:
    said = "Working capital: 500 - 800 = 300. That is 300."
    assert worked_out(said).text == "Working capital: 500 - 800 = -300. That is 300."


def test_negative_amounts_are_added_up() -> None:
    said = "Net: 40.0 + (-10.0) + -5.0 = 35.0"
    assert worked_out(said).text == "Net: 40.0 + (-10.0) + -5.0 = 25.0"


def test_nothing_follows_from_constants_alone() -> None:
    assert follow(worked_out("There are 10 * 1000 = 10,000 stores.").results, set()) == set()


def test_words_that_tell_a_fall_need_no_sign() -> None:
    said = "There was a decrease of $1,339: $2,664 - $3,025 = $1,339."
    assert worked_out(said).text == "There was a decrease of $361: $2,664 - $3,025 = -$361."


def test_results_follow_from_what_is_known() -> None:
    results = worked_out("(428 + 381 + 463) / 3 = 424. 424 / 2 = 212. 424 / 999 = 0.42.").results
    known = {Decimal(428), Decimal(381), Decimal(463)}
    assert follow(results, known) >= {Decimal(424), Decimal(212), Decimal(3)}
    assert Decimal("0.42") not in follow(results, known)
    assert follow(results, set()) == set()


def test_latex_is_told_in_plain_text() -> None:
    said = r"\[\text{Share} = \frac{10}{4} \times 100\% \approx 240\%\]"
    assert worked_out(plain_math(said)).text == "Share = 10 / 4 × 100% ≈ 250%"


@given(
    st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=2, max_size=6),
    st.sampled_from("+-*"),
    st.integers(30, 300),
)
def test_a_right_result_is_kept_and_any_other_becomes_it(
    parts: list[Decimal], sign: str, percent: int
) -> None:
    parts = parts[:2] if sign == "*" else parts
    true = parts[0]
    for part in parts[1:]:
        true = true + part if sign == "+" else true - part if sign == "-" else true * part
    sums = f" {sign} ".join(f"{part:,f}" if part >= 0 else f"({part:,f})" for part in parts)
    stated = round(true, 1)
    right = f"{sums} = {stated:,f}"
    if 10 <= abs(true) < 10**15:
        assert worked_out(right).text == right
        said = round(true * percent / 100, 1)
        now = worked_out(f"{sums} = {said:,f}").text.rpartition("= ")[2]
        assert abs(abs(Decimal(now.replace(",", ""))) - abs(true)) <= Decimal("0.051")


@given(st.text("0123456789.,()+-*/×=≈%$ xmillion\n\\{}frac", max_size=300))
def test_any_text_is_read_quickly_and_never_breaks(text: str) -> None:
    worked_out(plain_math(text))


@pytest.mark.parametrize(
    "piece", ["(", "1 ", "1 + ", "1 (", "((1 + 1) ", "= ", "1,111", "\\frac{1}"]
)
def test_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    began = time.process_time()
    worked_out(plain_math(piece * (60_000 // len(piece))))
    assert time.process_time() - began < 20
