"""What was understood of a question, in a few words for the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MOST_ITEMS = 4


def in_words(told: dict[str, Any]) -> list[str]:
    """Companies, period, form and items of `Query.understood`, each as a reader says it."""
    years = told.get("fiscal_years") or []
    period = told.get("fiscal_period")
    items = list(told.get("items") or [])
    more = [f"and {len(items) - _MOST_ITEMS} more"] if len(items) > _MOST_ITEMS else []
    return [
        *(told.get("companies") or []),
        *([" ".join(filter(None, [period, "fiscal", years_said(years)]))] if years else []),
        *([period] if period and not years else []),
        *([told["form"]] if told.get("form") else []),
        *items[:_MOST_ITEMS],
        *more,
    ]


def years_said(years: Sequence[int]) -> str:
    """ "2023", "2021 to 2023", "2019, 2023"."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(str(year) for year in years)
