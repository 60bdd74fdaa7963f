"""What is known of printed rows besides the page that prints them: what a store's facts state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.figures.passage_rows import PrintedRow, naming_words
from assistant.figures.row_signs import as_named
from index.documents import Document
from index.store import Store
from index.terms import items

_WHOLE = (0, 12)  # months: a day, a year
# Tables of taxes to come name balances ("operating lease liabilities") and state the tax on them.
_TAXES_TO_COME = re.compile(r"\bdeferred (?:income )?tax", re.I)
_OF_TAXES_TO_COME = re.compile(r"\bdeferred (?:income )?tax(?:es)? (?:assets?|liabilit)", re.I)


class Known:
    """What is known of rows besides the passages that print them: nothing."""

    def sure(self, row: PrintedRow, year: int, name: str) -> bool:
        """Whether a row's amount for a year, asked for by a name, is the only one it can be."""
        return True

    def states(self, total: PrintedRow, year: int, item: str) -> bool:
        """Whether a total is the company's own amount of an item for a year."""
        return True

    def stated(self, row: PrintedRow, year: int) -> Decimal | None:
        """What a statement states under the row's name for a year, with the sign that fits it."""
        return None

    def scale(self, row: PrintedRow) -> int | None:
        """The power of ten that the row's amounts are in."""
        return None


class Stored(Known):
    """What the facts of one company's filings state, of periods of so many months (0: of a day)."""

    def __init__(
        self, store: Store, documents: Sequence[Document], months: Sequence[int] = _WHOLE
    ) -> None:
        self._store = store
        self._documents = documents
        self._months = months

    def sure(self, row: PrintedRow, year: int, name: str) -> bool:
        """Not where a filing of that form and year states another amount under the label, nor the
        tax on what is asked."""
        if _is_tax_to_come(row) and not _TAXES_TO_COME.search(name):
            return False
        said, own = naming_words(name), naming_words(row.label)
        above = said & naming_words(f"{row.section} {row.head}") - row.words
        stated = {
            abs(stored.fact.value)
            for stored in self._store.facts(self._alike(row), fiscal_years=[year])
            if stored.fact.months in self._months
            and naming_words(stored.fact.label) in (own, said)
            and above <= naming_words(stored.fact.section)
        }
        return len(stated) <= 1

    def stated(self, row: PrintedRow, year: int) -> Decimal | None:
        """Where the statements of filings of that form and year leave one amount."""
        own = naming_words(row.label)
        values = set()
        for doc_id in self._alike(row):
            facts = [s.fact for s in self._store.facts([doc_id]) if not s.fact.dimensions]
            for fact in facts:
                here = (fact.fiscal_year, naming_words(fact.label)) == (year, own)
                if not here or not fact.statement or fact.months not in self._months:
                    continue
                beside = [each for each in facts if each.statement == fact.statement]
                values.add(as_named(fact, beside, self._store.page_text(doc_id, fact.page)))
        values.discard(None)
        return values.pop() if len(values) == 1 else None

    def _alike(self, row: PrintedRow) -> list[int]:
        """The filings of the form and year of the row's own."""
        filed = (row.passage.form, row.passage.fiscal_year)
        return [d.id for d in self._documents if (d.form, d.fiscal_year) == filed]

    def states(self, total: PrintedRow, year: int, item: str) -> bool:
        """Where a statement of the filing states that amount."""
        digits = _digits(total.cells[year][0])
        return any(
            _digits(stored.fact.value) == digits
            for stored in self._store.facts(
                [total.passage.doc_id], items()[item].concepts, fiscal_years=[year]
            )
            if stored.fact.statement and stored.fact.months in _WHOLE and not stored.fact.dimensions
        )

    def scale(self, row: PrintedRow) -> int | None:
        """As the page's facts of that label and of these amounts were read, where they agree."""
        own = naming_words(row.label)
        printed = {_digits(value) for value, _ in row.cells.values() if value}
        scales = {
            stored.fact.scale
            for stored in self._store.facts([row.passage.doc_id])
            if stored.fact.page == row.passage.page
            and naming_words(stored.fact.label) == own
            and _digits(stored.fact.value) in printed
        }
        return scales.pop() if len(scales) == 1 else None


def _is_tax_to_come(row: PrintedRow) -> bool:
    headed = naming_words("deferred tax") <= row.heading
    return headed or any(_OF_TAXES_TO_COME.search(line) for line in row.about)


def _digits(value: Decimal) -> tuple[int, ...]:
    """Whatever power of ten it is told in."""
    return abs(value).normalize().as_tuple().digits
