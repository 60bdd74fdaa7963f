"""Table rows get their columns named, and prose is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rows import labelled, told_apart

TABLE = """Consolidated Statements of Income
(in millions)
2024 2023 2022
Net sales $ 4,100 $ 3,900 $ 3,700
Restructuring — (12) —
Gross margin 41.5% 40.0% 39.1%
Cost of sales:
Store rent 120 110
In 2024 we opened 12 stores and closed 3 of them."""


def test_amounts_stand_beside_their_years() -> None:
    lines = labelled(TABLE).splitlines()
    assert lines[3] == "Net sales: 2024 = $4,100; 2023 = $3,900; 2022 = $3,700"
    assert lines[4] == "Restructuring: 2024 = —; 2023 = (12); 2022 = —"
    assert lines[5] == "Gross margin: 2024 = 41.5%; 2023 = 40.0%; 2022 = 39.1%"


def test_what_does_not_fit_the_header_is_left_as_printed() -> None:
    assert labelled(TABLE).splitlines()[6:] == TABLE.splitlines()[6:]
    assert labelled("Net sales 4,100 3,900") == "Net sales 4,100 3,900"


def test_more_columns_than_years_are_left_as_printed() -> None:
    text = "2024 2023\nNet sales $ 6,536 $ 6,076 $ 6,406 $ 5,959"
    assert labelled(text) == text


def test_header_printed_one_column_a_line() -> None:
    text = "November 27,\n2015\nNovember 28,\n2014\nTotal assets $ 876,560 $ 1,117,400"
    assert labelled(text).endswith("Total assets: 2015 = $876,560; 2014 = $1,117,400")


def test_durations_are_named_where_the_years_are_the_same() -> None:
    text = "Three Months Ended Six Months Ended\n2024 2023 2024 2023\nPumps 12 11 25 22\nValves 7 6"
    assert told_apart(text) == [
        "Pumps: three months 2024 = 12; three months 2023 = 11; "
        "six months 2024 = 25; six months 2023 = 22"
    ]
    assert labelled(text) == text  # as printed: a whole table of them is too long for a prompt


def test_columns_of_changes_are_as_many_as_their_heads() -> None:
    text = "2024 2023 $ %\nPumps 12 11 1 9.1\nValves 12 11 1 9.1 7\n2024 2023 2022 $ % $ %"
    pumps, valves = labelled(text).splitlines()[1:3]
    assert pumps == "Pumps: 2024 = 12; 2023 = 11" and valves == "Valves 12 11 1 9.1 7"
    text = "2024 2023 2022 $ % $ %\nPumps 12 11 10 1 9.1 1 10.0\nValves 12 11 10 1 9.1 1"
    pumps, valves = labelled(text).splitlines()[1:]
    assert pumps == "Pumps: 2024 = 12; 2023 = 11; 2022 = 10" and valves == "Valves 12 11 10 1 9.1 1"


def test_columns_of_one_year_are_named_by_their_heads() -> None:
    text = (
        "2024  Pumps  Valves\nNet sales 12 11\nBalance at January 1, 2024 5 4\n2023\nNet sales 9 8"
    )
    assert told_apart(text) == [
        "Net sales: Pumps 2024 = 12; Valves 2024 = 11",
        "Net sales: Pumps 2023 = 9; Valves 2023 = 8",
    ]
    heads = "  ".join(f"Amounts of the kind {letter * 9}" for letter in "abcdef")
    assert told_apart(f"2024  {heads}\nNet sales 1 2 3 4 5 6") == []


def test_a_long_head_is_said_once() -> None:
    heads = "Net Sales  Depreciation and Other Amortization\n2024 2023 2024 2023"
    assert told_apart(f"{heads}\nPumps 12 11 5 4") == [
        "Pumps: Net Sales 2024 = 12; Net Sales 2023 = 11; "
        "Depreciation and Other Amortization 2024 = 5; 2023 = 4"
    ]


def test_note_number_in_the_label_is_no_amount() -> None:
    text = "2024 2023\nDebt (Note 7 below) 1,500 1,400"
    assert labelled(text).endswith("Debt (Note 7 below): 2024 = 1,500; 2023 = 1,400")


def test_a_table_without_years_gets_none_from_the_table_above() -> None:
    text = "2024 2023\nNet sales 3,240 3,015\nBy segment Pumps Valves\nNet sales 2,000 1,240"
    lines = labelled(text).splitlines()
    assert lines[1] == "Net sales: 2024 = 3,240; 2023 = 3,015"
    assert lines[3] == "Net sales 2,000 1,240"


def test_columns_after_the_years_are_not_taken_for_years() -> None:
    text = "2024 2023 Change\nInterest income 50 45 11%\nOther income 50 12%\nFees 70 60 10 17%"
    assert labelled(text).splitlines()[1:] == [
        "Interest income: 2024 = 50; 2023 = 45",
        "Other income 50 12%",
        "Fees: 2024 = 70; 2023 = 60",
    ]


def test_a_row_that_lacks_an_amount_gives_no_year_that_of_a_change() -> None:
    head = "2024 2023 $ Change % Change"
    text = f"{head}\nPaper 110 100 10 10%\nTissue 60 50 10 20%\nBoard 30 30 100%\nCard 44 40 10%"
    board, card = labelled(text).splitlines()[3:]
    assert board == "Board 30 30 100%"  # 2023 is empty
    assert card == "Card: 2024 = 44; 2023 = 40"  # its change says so
    assert labelled(f"{head}\nBoard 30 30 100%").endswith("Board 30 30 100%")


def test_the_only_change_named_is_the_only_one_there_is() -> None:
    text = "2024 2023 Change\nPaper 110 100 10\nTissue 60 60 —\nBoard 7 7"
    assert labelled(text).splitlines()[1:] == [
        "Paper: 2024 = 110; 2023 = 100",
        "Tissue: 2024 = 60; 2023 = 60",
        "Board 7 7",
    ]
    text = "2024 2023 2022 2024 vs. 2023\nPaper 110 100 90 10\nTissue 60 61 62 (1)\nBoard 7 6 1"
    assert labelled(text).splitlines()[3] == "Board 7 6 1"


def test_columns_without_a_head_leave_rows_with_fewer_amounts_in_doubt() -> None:
    text = "2024 2023\nPaper 110 100 10\nTissue 60 50 10\nBoard 30 30"
    assert labelled(text) == text


def test_columns_between_the_years_are_not_taken_for_years() -> None:
    text = "2024 2023 % Change 2022 % Change\nNet sales 50 45 11 40 12"
    assert labelled(text).splitlines()[1] == "Net sales: 2024 = 50; 2023 = 45; 2022 = 40"
    text = "Dec 29, 2018 Acquisitions Other Dec 28, 2019\nGoodwill $5,424 $1,758"
    assert labelled(text) == text


def test_a_dash_may_stand_behind_a_currency() -> None:
    text = "2024 2023\nPensions $— $ 12"
    assert labelled(text).endswith("Pensions: 2024 = $—; 2023 = $12")


def test_a_dash_before_an_amount_is_its_sign_only_where_it_touches_it() -> None:
    text = "2024 2023\nPensions – 10\nRent –15 -$12\nTax — (3)"
    assert labelled(text).splitlines()[1:] == [
        "Pensions: 2024 = –; 2023 = 10",
        "Rent: 2024 = –15; 2023 = -$12",
        "Tax: 2024 = —; 2023 = (3)",
    ]


def test_marks_of_footnotes_and_numbers_of_notes_are_no_amounts() -> None:
    assert labelled("2024 2023 Change\nRent (1) 402 320 26%").endswith("2024 = 402; 2023 = 320")
    assert labelled("Note 2024 2023\nRent 7 402 320").endswith("Rent: 2024 = 402; 2023 = 320")
    for doubtful in ("2024 2023 2022\nRent (1) 402 320", "Note 2024 2023\nRent 7 402"):
        assert labelled(doubtful) == doubtful


def test_what_closes_a_bracket_of_the_label_is_no_amount() -> None:
    text = "2024 2023\nCash generated (refer to note 18) 14,182 13,860\nLoss (5 ) (6)"
    assert labelled(text).splitlines()[1:] == [
        "Cash generated (refer to note 18): 2024 = 14,182; 2023 = 13,860",
        "Loss: 2024 = (5); 2023 = (6)",
    ]


def test_a_date_that_leads_over_to_the_next_table_is_no_row() -> None:
    text = "At December 31, 2024 2023\nRent 5 4\nThe pumps by age as of December 31, 2024:"
    assert labelled(text).splitlines()[2] == text.splitlines()[2]


def test_a_percentage_among_amounts_is_not_labelled() -> None:
    assert labelled("2024 2023\nTax 50 12%").splitlines()[1] == "Tax 50 12%"


@pytest.mark.parametrize(
    "text",
    [
        "2024 2023 2022\nFiscal year 2025 $ 115 $ 11",
        "2024 2023\nNotes due 2029 100",
        "2024 2023 2022\nBalance, June 30, 2022 84,799",
        "2024 2023\nBalance at December 31 12",
        "2024 2023\nLevel 3 100",
        "2024  2023\nPlants of region 7  100",
    ],
)
def test_numbers_of_the_label_are_no_amounts(text: str) -> None:
    assert labelled(text) == text


def test_a_head_over_the_labels_is_no_column() -> None:
    """Where a footnote's mark makes up for it."""
    rows = "Pumps 12 11 1\nValves 9 (1) 8 1\nTaps 3 2 1"
    assert told_apart(f"2024\nKind  Cost  Gains  Losses\n{rows}") == []
    assert "Pumps: Cost 2024 = 12; " in told_apart(f"2024\nCost  Gains  Losses\n{rows}")[0]


@given(st.text(max_size=500))
def test_any_text_keeps_its_lines(text: str) -> None:
    assert len(labelled(text).split("\n")) == len("\n".join(text.splitlines()).split("\n"))


def test_amounts_within_a_label_are_of_no_year() -> None:
    text = """Year ended June 30,  2024  2023  2022
Gains, net of tax of $1, $11, and $4  $ 159  $ 219  $ 328
Gains reclassified into revenue  341  185  555"""
    gains, reclassified = labelled(text).splitlines()[1:]
    assert gains == text.splitlines()[1]
    assert reclassified == "Gains reclassified into revenue: 2024 = 341; 2023 = 185; 2022 = 555"
