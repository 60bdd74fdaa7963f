"""Which day a fiscal year ends on, by what the filing writes of other years."""

from __future__ import annotations

from datetime import date

import pytest

from index.filing import Identity
from index.table_periods import year_ends

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
    ],
)
def test_ends_of_years(end: date, text: str, expected: dict[int, date]) -> None:
    who = Identity(fiscal_year=end.year, fiscal_period="FY", period_end=end)
    assert year_ends([text], who) == expected
