"""QUESTION + STORE -> what could be asked next: another year, the years together, another company.

Only what the store's filings can state is suggested; no model is used.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.figures.row_ranking import part_asked
from assistant.follow_up import complete
from index.documents import Document
from index.names import filers, named_filers, without_names, words_of
from index.query import understand

_RESTATED = 2  # a 10-K shows two earlier years
_TREND = 3


def suggestions(question: str, documents: Sequence[Document], limit: int = 3) -> list[str]:
    """Up to `limit` questions that stand on their own, like `question`, which names one company
    and one year; none for others."""
    asked = understand(question, documents)
    if len(asked.companies) != 1 or len(asked.fiscal_years) != 1 or asked.fiscal_period:
        return []
    company, year = asked.companies[0], asked.fiscal_years[0]
    every = filers(documents)
    told = {
        filer.name: {
            d.fiscal_year - back
            for d in filer.documents
            if d.fiscal_year
            for back in range(_RESTATED + 1)
        }
        for filer in every
    }
    known = told.get(company, set())
    wanted = []
    # A ranking of parts is of one year.
    bare = without_names(question, named_filers(words_of(question), every))
    trend = asked.items and part_asked(bare) is None
    if trend and known >= set(range(year - _TREND + 1, year + 1)):
        first = ", ".join(str(y) for y in range(year - _TREND + 1, year))
        wanted.append(f"And in {first} and {year}?")
    wanted += [f"And in {other}?" for other in (year - 1, year + 1) if other in known][:1]
    wanted += [
        f"What about {name}?" for name in sorted(told) if name != company and year in told[name]
    ]
    found = (complete(each, question, documents).question for each in wanted)
    return [each for each in dict.fromkeys(found) if each != question][:limit]
