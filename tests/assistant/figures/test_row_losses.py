"""How printed losses changed."""

from __future__ import annotations

import pytest

from tests.assistant.figures.test_row_answer import answered

TABLE = """NOTE 9. YARDS
(in thousands)
Year ended December 31, 2024 2023 2022
Loss from idle yards $ (120) $ (150) $ (90)
Net loss (30) (45) 12
Foreign currency translation loss (8) (6) (5)
Operating loss of the docks 20 35 40
Mill income (loss) (9) (4) 3
Allowance for credit losses 50 40 30
Gain on loss of control (7) (5) (3)
"""


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        (
            "By how much did the loss from idle yards change from 2023 to 2024?",
            -30_000,
            "“Loss from idle yards” narrowed by $30 thousand from 2023 to 2024: -$150 thousand in "
            "2023; -$120 thousand in 2024.",
        ),
        ("What was the change in the loss from idle yards in 2023?", 60_000, "widened by $60 tho"),
        ("How much did the net loss increase in 2024?", -15_000, "“Net loss” narrowed by $15 th"),
        (
            "What was the percentage change in net loss from 2023 to 2024?",
            -33.33,
            "“Net loss” narrowed by 33.33%",
        ),
        (
            "What was the change in foreign currency translation loss from 2022 to 2024?",
            3_000,
            "widened by $3 thousand",
        ),
        (
            "What was the change in the operating loss of the docks from 2023 to 2024?",
            -15_000,
            "narrowed by $15 thousand from 2023 to 2024: $35 thousand in 2023; $20 thousand in",
        ),
        (
            "What was the change in mill income (loss) from 2023 to 2024?",
            5_000,
            "The loss in “Mill income (loss)” widened by $5 thousand",
        ),
        # No losses
        (
            "What was the change in the allowance for credit losses in 2024?",
            10_000,
            "The change in “Allowance for credit losses” from 2023 to 2024 was $10 thousand",
        ),
        (
            "What was the change in mill income (loss) from 2022 to 2024?",
            -12_000,
            "The change in “Mill income (loss)” from 2022 to 2024 was -$12 thousand",
        ),
        (
            "What was the change in gain on loss of control in 2024?",
            -2_000,
            "The change in “Gain on loss of control”",
        ),
    ],
)
def test_a_loss_widens_or_narrows(question: str, value: float, said: str) -> None:
    figure = answered(question, TABLE)
    assert figure is not None and figure.value == value
    assert said in figure.text


def test_a_loss_that_was_none_in_a_year_is_left_to_the_model() -> None:
    assert answered("What was the change in net loss from 2022 to 2023?", TABLE) is None
