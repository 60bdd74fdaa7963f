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


def test_further_columns_are_noticed() -> None:
    assert [h.further for h in headers(["2024 2023 Change"]) if h] == [True]
    assert [h.further for h in headers(["Year ended December 31, 2024 2023"]) if h] == [False]


@given(st.lists(st.text(max_size=60), max_size=20))
def test_one_for_every_line_and_the_end(lines: list[str]) -> None:
    assert len(headers(lines)) == len(lines) + 1
