"""QUESTION -> WHAT COULD BE ASKED INSTEAD, where no figure answers it as it is put: what it names
for another period, else items near it, each calculated before it is named.

Where the store lacks a company or a year, what it holds is told there (index.instead).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.errors import AssistantError
from assistant.figures.calculate import Calculator
from assistant.figures.formula import Named
from assistant.figures.lookup import Lookup, When
from assistant.figures.request import Request
from assistant.figures.say import whose
from assistant.years import listed
from index.documents import is_annual
from index.instead import its_filings, one_company
from index.names import Filer, filers
from index.parts_of_year import MONTHS
from index.query import Query
from index.store import Store
from index.terms import items, made_of, metrics, names_in, title

_ALWAYS = ("revenue", "net_income", "total_assets")
_MOST = 2
_OF_ANY = frozenset(
    """
    accumulated additional assets cash cost costs current deferred equity expense expenses flow from
    income liabilities long net other paid portion revenue sales short stock term total with
    """.split()
)
_OUTLOOK = ", or for the risks and the outlook that its filings tell of"


def instead(store: Store, query: Query, advice: bool = False) -> str:
    """One sentence: figures that the filings surely state; where no company is named, or no figure
    of it is sure, which filings there are. Of investment `advice` what the filings say of things
    to come, too."""
    known = filers(store.documents())
    if not known:
        return ""
    chosen = [filer for filer in known if filer.name in query.companies]
    if not chosen and len(known) > 1:
        return f"{one_company(known)}."
    chosen = chosen or known
    asked = list(dict.fromkeys(names_in(query.question).values()))
    for names in (asked, _near(asked)):
        for filer in chosen:
            for when in _periods(query, filer):
                if found := _stated(store, filer, names, when):
                    names_said = listed([title(name) for name in found], "or")
                    figures = f"{whose(filer.name)} {names_said} in {when}"
                    return f"Ask, for example, for {figures}{_OUTLOOK if advice else ''}."
    return f"{its_filings(chosen[0])}."


def _periods(query: Query, filer: Filer) -> list[When]:
    """The period asked for, its year, the newest year that was filed, and the newest part of
    one."""
    filed = [d for d in filer.documents if d.facts and d.fiscal_year]
    year, part = query.fiscal_years[-1:], query.fiscal_period
    asked = [When(y, part) for y in year if part in MONTHS] + [When(y) for y in year]
    annual = [When(d.fiscal_year or 0) for d in filed if is_annual(d.form)]
    parts = [When(d.fiscal_year or 0, d.fiscal_period) for d in filed if d.fiscal_period]
    return list(dict.fromkeys([*asked, *sorted(annual)[-1:], *sorted(parts)[-1:]]))


def _stated(store: Store, filer: Filer, names: Sequence[str], when: When) -> list[str]:
    """The first of these that the filings state for then."""
    request = Request(shape="value", nodes=(), names=())
    calculator = Calculator(Lookup(store, filer.documents, when, request))
    found: list[str] = []
    for name in names:
        if name in metrics() and when.period != "FY":
            continue  # a balance beside the flow of a part of a year
        try:
            calculator.calculate(Named(name), when)
        except AssistantError:  # not stated, or two filings contradict each other
            continue
        found.append(name)
        if len(found) == _MOST:
            break
    return found


def _near(asked: Sequence[str]) -> list[str]:
    """What these are made of, items of a name like theirs on the same statement, and what every
    company states."""
    made = [name for name in items() if name in made_of(asked)]
    alike = {
        name: len(_telling(name) & _telling(other))
        for other in asked
        if other in items()
        for name, item in items().items()
        if item.statement == items()[other].statement
    }
    like = sorted((name for name in alike if alike[name]), key=lambda name: -alike[name])
    return [name for name in dict.fromkeys([*made, *like, *_ALWAYS]) if name not in asked]


def _telling(name: str) -> set[str]:
    """The words of its name that tell which it is, and not only of what kind."""
    return set(re.findall(r"[a-z]{4,}", title(name))) - _OF_ANY
