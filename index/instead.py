"""WHAT CANNOT BE ANSWERED -> what could be asked instead, in a few words for the reader.

Only companies and years of filings that are there are named; `assistant.instead` names figures.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.names import Filer
from index.slips import meant

_MOST_NAMES = 6
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


def other_years(held: Sequence[int], sides: Sequence[set[int]], ahead: bool) -> str:
    """Behind the years `held` of one company: which of them to ask for, or which all companies
    asked about (`sides`) state; where the question looks `ahead`, also what filings say of that."""
    common = sorted(set.intersection(*sides))
    if not common:
        asked = "ask about one company at a time"
    elif common == list(held):
        asked = "ask for one of these" if len(common) > 1 else "ask for that year"
    else:
        asked = f"ask for fiscal {', '.join(map(str, common))}"
    return f"{asked}, or for the outlook that the filings give" if ahead else asked


def one_company(known: Sequence[Filer]) -> str:
    """Where a question names no company."""
    return f"Name a company: the store holds filings of {some_companies(known)}"


def its_filings(filer: Filer) -> str:
    """Where no figure of a company can be looked up: what there is of it."""
    kinds = sorted({(d.form or "filing", d.fiscal_year or 0) for d in filer.documents})
    told = ", ".join(form + (f" of fiscal {year}" if year else "") for form, year in kinds)
    return f"Ask for what the filings of {filer.name} in the store tell: {told}"
