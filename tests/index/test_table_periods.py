"""Which day a fiscal year ends on, by what the filing writes of other years."""

from __future__ import annotations

from datetime import date

import pytest

from index.filing import Identity
from index.table_periods import Period, period_of, year_ends

ADOPTED = (
    "The standard took effect on January 1, 2022; shares at January 1, 2022 and January 1, 2023."
)


@pytest.mark.parametrize(
    ("end", "text", "expected"),
    [
        (
            date(2023, 12, 31),
            "Years ended December 31, 2023, December 31, 2022 and December 31, 2021. Balances at "
            f"December 31, 2021. {ADOPTED} {ADOPTED}",
            {2023: date(2023, 12, 31), 2022: date(2022, 12, 31), 2021: date(2021, 12, 31)},
        ),
        (
            date(2022, 12, 31),
            "Fiscal years ended December 31, 2022, December 25, 2021 and December 26, 2020. At "
            "December 25, 2021. Rules of December 31, 2021 apply.",
            {2022: date(2022, 12, 31), 2021: date(2021, 12, 25), 2020: date(2020, 12, 26)},
        ),
        (
            date(2023, 5, 28),
            "Fiscal years ended May 28, 2023 and May 29, 2022. Of May 31, 2022 and May 31, 2023.",
            {2023: date(2023, 5, 28), 2022: date(2022, 5, 29)},
        ),
        (date(2023, 12, 31), "At January 1, 2022.", {}),
        (
            date(2022, 12, 31),
            "Years ended December 31, 2022 and December 31, 2021." + 4 * " On January 1, 2022.",
            {2022: date(2022, 12, 31), 2021: date(2021, 12, 31)},
        ),
    ],
)
def test_ends_of_years(end: date, text: str, expected: dict[int, date]) -> None:
    who = Identity(fiscal_year=end.year, fiscal_period="FY", period_end=end)
    assert year_ends([text], who) == expected


@pytest.mark.parametrize(
    ("end", "head", "start"),
    [
        # A year's part begins when the year before has ended, whatever day the quarter ends on.
        (date(2023, 7, 2), ["Six Months Ended", "July 2, 2023"], date(2023, 1, 1)),
        (date(2023, 7, 2), ["Six Months Ended", "July 3, 2022"], date(2022, 1, 1)),
        (date(2023, 7, 2), ["Three Months Ended", "July 2, 2023"], date(2023, 4, 3)),
        (date(2023, 7, 2), ["26 Weeks Ended", "July 1, 2023"], date(2023, 1, 1)),
    ],
)
def test_starts_of_parts_of_a_year(end: date, head: list[str], start: date) -> None:
    who = Identity(fiscal_year=end.year, fiscal_period="Q2", period_end=end)
    ends = year_ends(["At December 31, 2022, as of December 31, 2022, at December 31, 2022."], who)
    found = period_of(head, [], "income", who, ends)
    assert found is not None and found == Period(start, found.end)


@pytest.mark.parametrize(
    "head", [["2024 vs.", "Change"], ["2024", "% Change"], ["2024 and thereafter"]]
)
def test_a_change_or_what_comes_after_is_of_no_year(head: list[str]) -> None:
    who = Identity(fiscal_year=2024, fiscal_period="FY", period_end=date(2024, 12, 31))
    assert period_of(["% Change", "2024"], [], "income", who, {}) is not None
    assert period_of(head, [], "income", who, {}) is None
