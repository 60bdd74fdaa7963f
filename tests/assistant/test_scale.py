"""What the amounts of a model's answer are in, as the tables it copied them from say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Passage
from assistant.numbers import numbers
from assistant.scale import scale_of

TABLE = """Accrued liabilities (in thousands, except per share data)
December 31, 2024 2023
Order backlog $ 1,400 $ 1,200
Accrued payroll 210 180
Number of stores 310 290
Discount rate 45.5 44.5
Dividend per common share $ 0.75 $ 0.70
The backlog of 2,750 orders was taken over.
"""


def passage(text: str = TABLE) -> Passage:
    return Passage(1, 1, "LARKSPUR_10K", 48, text, None, None, None, 1.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Order backlog was $1,400 in 2024.", "(Amounts in thousands.)"),
        ("$1,400 - $1,200 = $200 in 2024.", "(Amounts in thousands.)"),
        ("It fell by 14.3%, from $1,400 to $1,200.", "(Amounts in thousands.)"),
        (
            "Payroll was $210 and the dividend $0.75.",
            "(Amounts in thousands, except per share.)",
        ),
        (
            "Payroll was $210, the backlog $1.4 million.",
            "(Amounts without one of their own are in thousands.)",
        ),
        ("Order backlog was $1.4 million in 2024.", ""),
        ("The dividend was $0.75.", ""),
        ("There were 310 stores.", ""),
        ("The number was 310.", ""),
        ("It took over 2,750.", ""),
        ("The discount rate was 45.5.", ""),
        ("The amount was $987.", ""),
    ],
)
def test_amounts_have_the_scale_of_the_table_they_stand_in(text: str, told: str) -> None:
    assert scale_of(text, [passage()]).told == told


def test_tables_that_say_two_scales_or_none_lend_none() -> None:
    text = "Order backlog was $1,400 in 2024."
    millions = TABLE.replace("thousands", "millions")
    assert scale_of(text, [passage(), passage(millions)]).told == ""
    assert scale_of(text, [passage(TABLE.replace("in thousands", "unaudited"))]).told == ""


def test_a_result_is_in_what_its_amounts_are_in() -> None:
    text = "(1,400 + 1,200) / 2 = 1,300"
    scale = scale_of(text, [passage()])
    mean, share = "What was the average backlog over 2023 and 2024?", "What share of it was paid?"
    *_, last = numbers(text)
    assert scale.power == 3
    assert scale.holds_for(last, mean) and not scale.holds_for(last, share)


@given(st.text(max_size=200), st.text(max_size=300))
def test_any_text_is_taken(text: str, evidence: str) -> None:
    scale = scale_of(text, [passage(TABLE + evidence)])
    assert bool(scale.told) == bool(scale.power)
