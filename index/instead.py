"""WHAT CANNOT BE ANSWERED -> what could be asked instead, in a few words for the reader.

Only companies and years of filings that are there are named; `assistant.instead` names figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.names import Filer
from index.slips import meant

_MOST_NAMES = 6
_TWO = 2
_OUTLOOK = ", or for the outlook that the filings give"
NO_FILINGS = "add some with tenq index add, or in the chat's Library"


def other_company(names: Sequence[str], known: Sequence[Filer]) -> str:
    """Behind "no filing of `names`": who may be meant, else who there is."""
    likely = list(dict.fromkeys(filer for name in names for filer in meant(name, known)))
    if likely:
        return f"did you mean {' or '.join(likely[:3])}?"
    return f"it holds filings of {some_companies(known)}."


def some_companies(known: Sequence[Filer]) -> str:
    """The companies there are, the first of them where they are many."""
    there = sorted({filer.name for filer in known})
    more = " and others" if len(there) > _MOST_NAMES else ""
    return f"{', '.join(there[:_MOST_NAMES])}{more}"


def other_years(held: Sequence[int], stated: set[int], ahead: bool) -> str:
    """Behind the years `held` of one company: which of them to ask for; where the question looks
    `ahead`, also what filings say of that."""
    if sorted(stated) == list(held):
        asked = "ask for one of these" if len(held) > 1 else "ask for that year"
    else:
        asked = f"ask for fiscal {', '.join(map(str, sorted(stated)))}"
    return asked + _OUTLOOK * ahead


def years_of_all(sides: Sequence[set[int]], ahead: bool) -> str:
    """Behind the years of several companies: those that the filings of all state, if any."""
    common = sorted(set.intersection(*sides))
    if not common:
        return "ask about one company at a time" + _OUTLOOK * ahead
    told = f"fiscal {', '.join(map(str, common))}, which {'both' if len(sides) == _TWO else 'all'}"
    return f"to compare them, ask for {told} state" + _OUTLOOK * ahead


def one_company(known: Sequence[Filer]) -> str:
    """Where a question names no company."""
    return f"Name a company: the store holds filings of {some_companies(known)}"


def its_filings(filer: Filer) -> str:
    """Where no figure of a company can be looked up: what there is of it."""
    kinds = sorted({(d.form or "filing", d.fiscal_year or 0) for d in filer.documents})
    told = ", ".join(form + (f" of fiscal {year}" if year else "") for form, year in kinds)
    return f"Ask for what the filings of {filer.name} in the store tell: {told}"
