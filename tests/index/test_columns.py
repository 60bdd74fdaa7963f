"""How far down a page a column header holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.columns import headers

TOP = ["(in millions)", "2024 2023", "Net sales 3,240 3,015"]


@pytest.mark.parametrize(
    "line",
    [
        "Current assets",
        "Cost of sales:",
        "Cash flows from operating activities",
        "Acme Corp shareholders' equity",
        "Commitments and contingencies (Note 14)",
        "Common stock, $0.01 par value, 900,000 shares authorized, 500 issued",
        "EFFECT OF EXCHANGE RATES ON CASH AND",
        "Redeemable preferred stock — —",
        "",
    ],
)
def test_it_holds_within_its_table(line: str) -> None:
    header = headers([*TOP, line, "Goodwill 12 10"])[-1]
    assert header is not None
    assert header.years == ("2024", "2023")
    assert header.line == 1


@pytest.mark.parametrize(
    "line",
    [
        "By segment Pumps Valves",
        "Level 1 Level 2 Level 3",
        "Pumps  Valves",
        "NOTE 7. LEASES",
        "We opened 12 stores in 2024 and closed 3 of them.",
        "The table below shows what falls due in each year after 2024",
    ],
)
def test_it_ends_where_something_else_may_begin(line: str) -> None:
    assert headers([*TOP, line, "Net sales 2,000 1,240"])[-2:] == [None, None]


def test_a_new_header_takes_over() -> None:
    found = headers([*TOP, "2022 2021", "Net sales 9 8"])
    assert found[3] is None
    assert found[4] is not None and found[4].years == ("2022", "2021")


def test_columns_between_the_years_that_tell_a_change_are_counted() -> None:
    (found,) = [h for h in headers(["Fiscal 2023 Fiscal 2022 % Change Fiscal 2021 % Change"]) if h]
    assert found.columns == ("2023", "2022", None, "2021")
    assert found.years == ("2023", "2022", "2021")
    assert found.further


@pytest.mark.parametrize(
    "line",
    [
        "(in millions) Dec 29, 2018 Acquisitions Transfers Dec 28, 2019",
        "Fiscal 2023 compared to fiscal 2022",
        "2023 vs. 2022",
        "From January 2014 until February 2019",
    ],
)
def test_years_with_other_columns_or_words_between_them_head_no_columns(line: str) -> None:
    assert headers([line, "Net sales 3,240 3,015"])[-1] is None


@pytest.mark.parametrize(
    "line",
    [
        "December 31, 2023 and 2022",
        "FY 2023 (unaudited) FY 2022 (restated)",
        "2023 $ million 2022 $ million",
        "52 weeks ended 30 Mar 2023 £m 52 weeks ended 31 Mar 2022 £m",
        "Q4 2023 Q4 2022",
        "2023(a) 2022(b)",
    ],
)
def test_dates_units_and_marks_between_the_years_are_no_columns(line: str) -> None:
    (found,) = [h for h in headers([line]) if h]
    assert found.columns == ("2023", "2022")


SHORT_AND_LONG = ("three months 2024", "three months 2023", "six months 2024", "six months 2023")


@pytest.mark.parametrize(
    "lines",
    [
        ["Three Months Ended June 30, Six Months Ended June 30,", "2024  2023  2024  2023"],
        ["Three Months Ended  Six Months Ended", "(Millions)  2024  2023  2024  2023"],
        [
            "Three months ended Six months ended",
            "June 29, July 1, June 29, July 1,",
            "2024 2023 2024 2023",
        ],
        [
            "(unaudited) Three Months Ended Six Months Ended",
            "June 29, 2024 July 1, 2023 June 29, 2024 July 1, 2023",
        ],
    ],
)
def test_the_same_years_several_times_are_told_apart_by_their_durations(lines: list[str]) -> None:
    header = headers([*lines, "Pumps 120 110 250 221"])[-1]
    assert header is not None and header.columns == SHORT_AND_LONG
    assert header.line == len(lines) - 1 and "hree" in lines[header.lines[0]]


@pytest.mark.parametrize(
    "lines",
    [
        ["Pumps  Valves/(Taps)", "2024 2023 2024 2023"],
        ["(in millions)  Pumps  Valves/(Taps)", "December 31, 2024(a) 2023 2024 2023"],
        [
            "Pumps  Valves/(Taps)",
            "Three Months Ended June 30,  Three Months Ended June 30,",
            "2024 2023 2024 2023",
        ],
    ],
)
def test_or_by_other_heads_that_a_line_keeps_apart(lines: list[str]) -> None:
    header = headers([*lines, "Income 120 110 250 221"])[-1]
    assert header is not None
    assert header.years == ("Pumps 2024", "Pumps 2023", "Valves/(Taps) 2024", "Valves/(Taps) 2023")


PUMPS_VALVES = ("Pumps 2024", "Valves 2024", "Total 2024")


@pytest.mark.parametrize(
    "lines",
    [
        ["2024  Pumps  Valves  Total"],
        ["Year ended June 30, 2024  Pumps  Valves  Total"],
        ["2024", "(in millions)  Pumps  Valves  Total"],
        ["(in millions)  Pumps  Valves  Total", "2024"],
        ["Pumps  Valves  Total", "December 31,", "2024"],
        ["Pumps  Valves  Total", "2025", "Net sales 9 8 17", "For the year ended June 30, 2024:"],
        ["2024  Pumps  Valves  Total", "Net sales 9 8 17", "Sold abroad", "France 5 4 9"],
    ],
)
def test_columns_of_one_year_are_headed_by_words(lines: list[str]) -> None:
    header = headers([*lines, "Income 120 110 230"])[-1]
    assert header is not None and header.columns == PUMPS_VALVES


@pytest.mark.parametrize(
    "lines",
    [
        ["Pumps  Valves  Total"],
        ["2024", "Sales by product are as follows.", "See below.", "Pumps  Valves  Total"],
        ["Three months ended June 30, 2024  Pumps  Valves  Total"],
        ["Pumps  Valves  Total", "Three months ended June 30, 2024"],
        ["2024  Pumps  Valves  Total", "Net sales 9 8 17", "Six months ended June 30, 2024"],
        ["2024  Pumps  Valves  Total", "Net sales 9 8 17", "Leases  Loans  All"],
        ["Pumps  Valves  Total", "2024  9  8  17"],
        ["Pumps  Valves  Total", "Net sales 9 8 17", "2024"],
        ["2024 Pumps Valves Total"],
    ],
)
def test_columns_of_no_sure_year_have_no_header(lines: list[str]) -> None:
    assert headers([*lines, "Income 120 110 230"])[-1] is None


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (
            "(Millions)  Three months ended June 30, 2024  Six months ended June 30, 2024",
            ("three months 2024", "six months 2024"),
        ),
        (
            "Second quarter 2024 2023 13 weeks 2024 2023",
            ("second quarter 2024", "second quarter 2023", "13 weeks 2024", "13 weeks 2023"),
        ),
    ],
)
def test_durations_may_stand_before_their_years(line: str, columns: tuple[str, ...]) -> None:
    header = headers([line, "Pumps 120 110"])[-1]
    assert header is not None and header.columns == columns


@pytest.mark.parametrize(
    "lines",
    [
        ["2024 2023 2024 2023"],
        ["Pumps Valves", "2024 2023 2024 2023"],
        ["Three Months Ended June 30,", "2024 2023 2024 2023"],
        ["Three Months Ended", "Pumps Valves", "2024 2023 2024 2023"],
        ["Three Months Ended Three Months Ended", "2024 2023 2024 2023"],
        ["Pumps  Valves  Taps", "2024 2023 2024 2023"],
        ["Pumps  pumps", "2024 2023 2024 2023"],
        ["Pumps  of 2 kinds", "2024 2023 2024 2023"],
        ["The table shows  what we sold.", "2024 2023 2024 2023"],
        ["Pumps  Valves", "By kind", "2024 2023 2024 2023"],
        ["Three Months Ended Six Months Ended", "2024 2023 2023 2024"],
        ["Three Months Ended Six Months Ended", "2024 2023 2024"],
        ["Pumps for three months, valves for six months", "2024 2023 2024 2023"],
        ["Three Months Ended Six Months Ended", "", "Pumps", "Valves", "2024 2023 2024 2023"],
    ],
)
def test_the_same_years_several_times_head_no_columns_otherwise(lines: list[str]) -> None:
    assert headers([*lines, "Pumps 120 110 250 221"])[-1] is None


def test_further_columns_are_noticed() -> None:
    assert [h.further for h in headers(["2024 2023 Change"]) if h] == [2]
    assert [h.further for h in headers(["Year ended December 31, 2024 2023"]) if h] == [0]
    assert [h.further for h in headers(["(in millions) 2024 2023 2022 $ % $ %"]) if h] == [4]


def test_years_against_each_other_are_changes() -> None:
    (found,) = [h for h in headers(["2024  2023  2022  2024 vs. 2023  2023 vs. 2022"]) if h]
    assert found.columns == ("2024", "2023", "2022") and found.further == 4
    (found,) = [h for h in headers(["Years Ended December 31, 2024 2023 2024 vs. 2023"]) if h]
    assert found.columns == ("2024", "2023") and found.further == 2


@pytest.mark.parametrize(
    "lines",
    [
        ["(in millions)  Total  2025  2026-2027  2028-2029"],
        ["2024-2023"],
        ["2024 2023", "(in millions)  2025  2026-2027  2028-2029  Thereafter"],
        ["Mature in 2025, 2029  10"],
        ["Statements of income for the years 2024 and 2023  46"],
        ["2024  2023", "Shares  Amount"],
        ["What changed by segment in 2024 and 2023:", "(in millions)  Pumps  Valves"],
        ["2024", "Garden  Fire", "Pumps  Valves"],
        ["Garden  Fire", "2024  Pumps  Valves"],
    ],
)
def test_ranges_rows_and_heads_on_several_lines_head_no_columns(lines: list[str]) -> None:
    assert headers([*lines, "Income 120 110"])[-1] is None


def test_units_are_no_heads() -> None:
    (found,) = [h for h in headers(["2024", "In millions  Pumps  Valves"]) if h]
    assert found.heads == ("Pumps", "Valves")


@given(st.lists(st.text(max_size=60), max_size=20))
def test_one_for_every_line_and_the_end(lines: list[str]) -> None:
    assert len(headers(lines)) == len(lines) + 1
