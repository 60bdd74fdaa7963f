"""ITEM + PERIOD -> THE FACT that states it, in the filing that an analyst would open for it.

For a question about several years that is the latest year's filing, which restates the earlier ones
side by side; a year it does not show is looked up in that year's own filing, then in later ones.
Where a statement prints a row by the very name that was said ("total equity" beside "total
shareholders' equity"), that row is meant, and not another that goes by the name elsewhere.
Where two filings of one kind for one period state different figures, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from assistant.errors import ContradictionError, UnsureError
from assistant.figures.formula import Lines, parse_formula
from assistant.figures.outflows import with_payments
from assistant.figures.request import Request
from assistant.figures.row_signs import as_named
from index.concepts import concept_of
from index.documents import Document, is_annual
from index.fact_rows import StoredFact
from index.facts import Fact
from index.parts_of_year import MONTHS, closing, part_said
from index.statements import Statement
from index.store import Store
from index.terms import Item, items, plain_row

_DAYS_APART = 24  # a 52/53-week year ends within days of the month's end that heads name
_RESTATED = 3
_ALL_INCOME = "ProfitLoss"
_ROUNDING = Decimal("0.01")
_TWO = 2
_OF_DEBT = re.compile(r"LongTermDebt|Borrowings|Loans|Notes")
_DEBT = re.compile(
    r"\b(?:notes|loans?)(?: and \w+)? payable|\bborrowings?\b|\bcommercial paper\b"
    r"|\bshort[- ]term debt\b|\bdebt (?:due|maturing|payable)\b|\bbank (?:loans?|overdrafts?)\b",
    re.I,
)
_COST = re.compile(r"^costs? of\b(?! *(?:debt|capital|equity|funds))", re.I)
_GOODS = re.compile(r"\b(?:goods|products?|cogs)\b", re.I)
_BENEFIT = re.compile(
    r"\b(?:medical|benefits?|health ?care) costs\b|\bpolicyholder benefits\b"
    r"|\bbenefits,? (?:and )?claims\b",
    re.I,
)
_BENEFITS = ("PolicyholderBenefits", "LiabilityForFuturePolicyBenefit", "BenefitsLosses")
_LESS = re.compile(r"^less\b[\s:,]*")
# What a row says that is none of what is due or accrued.
_IN_CASH = re.compile(r"\bpaid\b|\bcash\b.*\b(?:payments?|taxes)\b", re.I)
_NO_DEBT = re.compile(r"\breceivables?\b|\bassets?\b|\bnon-?current\b|\blong[- ]term\b", re.I)


class When(NamedTuple):
    """A fiscal year, or a part of it: a quarter ("Q1" … "Q4"), its halves ("H1", "H2"), its first
    "9 months", or the twelve months to a quarter of it ("LTM Q2")."""

    year: int
    period: str = "FY"

    def __str__(self) -> str:
        fiscal = f"fiscal {self.year}"
        return fiscal if self.period == "FY" else f"{part_said(self.period)} of {fiscal}"


class Lookup:
    """Facts of one company's filings. `anchor` is the latest period the question is about; in what
    words it asks for items, `request` says."""

    def __init__(
        self,
        store: Store,
        documents: Sequence[Document],
        anchor: When,
        request: Request,
    ) -> None:
        self._said = request.said
        self._statement = request.statement
        self._at_end = request.at_end
        self._store = store
        self._anchor = anchor
        self._documents = documents
        self._kept: dict[int, list[StoredFact]] = {}
        self._kept_rows: dict[int, list[StoredFact]] = {}
        self.documents = {document.id: document for document in documents}

    def item(self, item: Item, when: When) -> StoredFact | None:
        """The fact that states `item` for `when`, or None."""
        for document in self._filings(when):
            found = self._as_said(item, document, when)
            if found:
                self._check(found, document, when, lambda d: self._as_said(item, d, when))
                return found
        return None

    def check_extent(self, item: Item, when: When, value: Decimal) -> None:
        """UnsureError where a note prints another amount by the very name that was said, for a name
        that notes use for more or less than the statements."""
        said = self._said.get(item.id)
        if said not in item.doubted:
            return
        for document in self._filings(when):
            for stored in self._notes(item, document, when):
                fact = stored.fact
                printed = _LESS.sub("", plain_row(fact.label))
                if printed == said and _differ(fact.value, value):
                    raise UnsureError(f"“{fact.label}” is {fact.shown} in a note")

    def row(self, label: str, when: When) -> StoredFact | None:
        """The fact of the row labelled so, where the statements leave no doubt which."""
        for document in self._filings(when):
            found = self._as_named(label, document, when)
            if found is None:
                return None
            if len({stored.fact.value for stored in found}) == 1:
                self._check(
                    found[0],
                    document,
                    when,
                    lambda d: next(iter(self._stated(label, d, when)), None),
                )
                return found[0]
            if found:
                return None
        return None

    def every_item(self, item: Item, when: When) -> list[StoredFact]:
        """What every filing states for it, the likeliest filing's first."""
        found = (self._as_said(item, document, when) for document in self._filings(when))
        return [stored for stored in found if stored]

    def every_row(self, label: str, when: When) -> list[StoredFact]:
        """All that the filings' rows of this label state, the likeliest filing's first."""
        found = (self._as_named(label, document, when) for document in self._filings(when))
        return [stored for rows in found for stored in rows or ()]

    def lines(self, concepts: Sequence[str], when: When) -> list[StoredFact]:
        """The lines of a balance sheet that state any of these concepts, as may be added up: notes
        take lines apart, and state parts of others. A line that is the others' total is it alone.

        UnsureError where only notes state them.
        """
        noted = False
        for document in self._filings(when):
            found = self._balances(concepts, document, when)
            lines = _printed_lines(found)
            if any(map(_OF_DEBT.search, concepts)):
                self._check_all_read(document, when)
            if lines:
                self._check(
                    max(lines, key=_amount),
                    document,
                    when,
                    lambda d: max(
                        _printed_lines(self._balances(concepts, d, when)),
                        key=_amount,
                        default=None,
                    ),
                )
                return _without_parts(lines)
            noted = noted or any(stored.fact.value for stored in found)
        if noted:
            raise UnsureError(f"only notes state parts of what is asked for {when}")
        return []

    def check_whole_cost(self, found: StoredFact, in_formula: bool) -> None:
        """UnsureError where a cost of revenue is one of several: other lines of the statement are
        the cost of other sales, or benefits that an insurer pays (Regulation S-X, Articles 5-03.2
        and 7-04.5), and it is not their total. A formula means all of it; a question may ask for
        one line by its name."""
        fact, said = found.fact, self._said.get("cost_of_revenue", "")
        of_goods = _GOODS.search(said) and _GOODS.search(fact.label)
        if not in_formula and (of_goods or plain_row(fact.label) == said):
            return
        beside = [
            stored.fact
            for stored in self._rows(self.documents[found.doc_id])
            if (stored.fact.statement, stored.fact.start, stored.fact.end)
            == (fact.statement, fact.start, fact.end)
            and 0 < stored.fact.value != fact.value
        ]
        benefits = [each for each in beside if _is_of_benefits(each)]
        costs = {each.value: each for each in beside if _COST.search(each.label)}
        # Tagged as all costs of revenue; a concept known by the label alone says no more than that.
        tagged = fact.concept == "CostOfRevenue" and fact.confidence == 1
        whole = fact.label.lower().startswith("total") or sum(costs) == fact.value
        if not benefits and (not costs or whole or (tagged and sum(costs) < fact.value)):
            return
        other = max(benefits or costs.values(), key=lambda each: each.value)
        raise UnsureError(f"“{fact.label}” and “{other.label}” may both be costs of revenue")

    def _check_all_read(self, document: Document, when: When) -> None:
        """UnsureError where the balance sheet has a line of debt that no concept is known for."""
        wanted = _end(document, when)
        for stored in self._rows(document):
            fact = stored.fact
            if (
                fact.statement == "balance"
                and fact.concept is None
                and fact.value
                and _ends_near(fact, wanted)
                and _DEBT.search(fact.label)
                and not _NO_DEBT.search(fact.label)
            ):
                raise UnsureError(f"“{fact.label}” may be part of what is asked for {when}")

    def _balances(
        self, concepts: Sequence[str], document: Document, when: When
    ) -> list[StoredFact]:
        wanted = _end(document, when)
        return [
            stored
            for stored in self._facts(document)
            if stored.fact.concept in concepts
            and stored.fact.months == 0
            and _ends_near(stored.fact, wanted)
        ]

    def _stated(self, label: str, document: Document, when: When) -> list[StoredFact]:
        """What a filing's rows of this label state for `when`."""
        wanted = _end(document, when)
        return [
            stored
            for stored in self._rows(document)
            if stored.fact.label == label
            and self._statement in (None, stored.fact.statement)
            and stored.fact.months in (0, MONTHS[when.period])
            and _ends_near(stored.fact, wanted)
        ]

    def _as_named(self, label: str, document: Document, when: When) -> list[StoredFact] | None:
        """The same with the amounts that the label stands for; None where all are open to doubt."""
        found = self._stated(label, document, when)
        named = []
        for stored in found:
            fact = stored.fact
            beside = [s.fact for s in self._rows(document) if s.fact.statement == fact.statement]
            value = as_named(fact, beside, self._store.page_text(document.id, fact.page))
            if value is not None:
                named.append(replace(stored, fact=replace(fact, value=value)))
        return named if named or not found else None

    def _check(
        self,
        found: StoredFact,
        document: Document,
        when: When,
        stated_by: Callable[[Document], StoredFact | None],
    ) -> None:
        """ContradictionError where another filing of the same kind and period says otherwise."""
        for other in self._filings(when):
            if other.id == document.id or _kind(other) != _kind(document):
                continue
            theirs = stated_by(other)
            if theirs and _differ(found.fact.value, theirs.fact.value):
                raise ContradictionError(
                    f"Two filings for the same period contradict each other on {when}: "
                    f"“{found.fact.label}” is {found.fact.shown} in {document.name} and "
                    f"{theirs.fact.shown} in {other.name}. Remove the wrong one, or correct whose "
                    "it is, in the library."
                )

    def _filings(self, when: When) -> list[Document]:
        """The filings that may state it, the likeliest first."""

        def rank(document: Document) -> tuple[int, int, int, int]:
            year = document.fiscal_year or 0
            yearly = is_annual(document.form)
            same = document.fiscal_period == closing(when.period)
            quarterly = (document.form or "").startswith(("10-Q", "6-K"))
            fits = yearly if when.period == "FY" else (quarterly and same)
            # The anchor's filing, else the period's own, else those that restate it.
            near = 0 if year == self._anchor.year else 1 + abs(year - when.year)
            return (not fits, near, year, document.id)

        return sorted(
            (
                document
                for document in self._documents
                if document.fiscal_year is not None
                and document.facts
                and when.year <= document.fiscal_year <= when.year + _RESTATED
            ),
            key=rank,
        )

    def _as_said(self, item: Item, document: Document, when: When) -> StoredFact | None:
        """The row of that very name, if it is more than a word or stands elsewhere than the item
        does, else the item's."""
        said = self._said.get(item.id)
        if not said:
            return self._likeliest(item, document, when)
        wanted = _end(document, when)
        usual = self._statement or item.statement
        balance: tuple[Statement, ...] = ("balance",) if self._at_end else ()
        for statement in dict.fromkeys((*balance, usual)):
            here = statement == item.statement
            if here and " " not in said:
                continue
            rows = [
                stored
                for stored in self._rows(document)
                if stored.fact.statement == statement
                and _is_for(stored.fact, statement, when, wanted)
            ]
            found = [
                stored
                for stored in rows
                if plain_row(stored.fact.label) == said
                and (_states(item, stored.fact) if here else _as_printed(stored.fact))
            ]
            # "Property, plant and equipment" above "…, net" is before depreciation.
            gross = here and any(_is_net_of(stored.fact.label, said) for stored in rows)
            if len({stored.fact.value for stored in found}) == 1 and not gross:
                return self._owners(found[0], item, document, when)
        return self._likeliest(item, document, when)

    def _owners(self, found: StoredFact, item: Item, document: Document, when: When) -> StoredFact:
        """The owners' part of a row of that name, where others hold some: what tags call so, and
        what margins and returns are made of."""
        best = self._best(item, document, when) if found.fact.concept == _ALL_INCOME else None
        is_part = best and best.fact.statement and best.fact.concept != _ALL_INCOME
        first = item.concepts and item.concepts[0] != _ALL_INCOME
        return best if best and is_part and first else found

    def _likeliest(self, item: Item, document: Document, when: When) -> StoredFact | None:
        """The item's row; where it may stand in a note, one there whose label says so, if all such
        rows state one amount."""
        best = self._best(item, document, when)
        if best or not item.noted:
            return best
        found = [
            replace(stored, fact=replace(stored.fact, value=abs(stored.fact.value)))
            for stored in self._notes(item, document, when)
            if (mapped := concept_of(stored.fact.label, stored.fact.section, "cash_flow"))
            and mapped.concept in item.concepts
            and _IN_CASH.search(f"{stored.fact.label} {stored.fact.section}")
        ]
        return found[0] if len({stored.fact.value for stored in found}) == 1 else None

    def _notes(self, item: Item, document: Document, when: When) -> list[StoredFact]:
        """The company's facts for `when` that stand on no statement, of a day or of a period as
        the item is."""
        wanted = _end(document, when)
        return [
            stored
            for stored in self._store.facts([document.id])
            if not stored.fact.statement
            and not stored.fact.dimensions
            and _is_for(stored.fact, item.statement, when, wanted)
        ]

    def _best(self, item: Item, document: Document, when: When) -> StoredFact | None:
        statement = self._statement or item.statement
        wanted = _end(document, when)
        found = [
            stored
            for stored in self._facts(document)
            if _may_be(item, stored.fact)
            and _is_for(stored.fact, statement, when, wanted)
            and self._statement in (None, stored.fact.statement)
        ]
        on_statements = [stored for stored in found if stored.fact.statement]
        if not on_statements and (
            document.fiscal_year != when.year or len({stored.fact.value for stored in found}) > 1
        ):
            return None  # notes state parts and adjustments under the same element
        found = on_statements or found
        if not found:
            return None

        def rank(stored: StoredFact) -> tuple[int, int, float]:
            fact = stored.fact
            place = 0 if fact.statement == statement else 1
            concept = fact.concept or ""
            order = 0 if concept in item.totals else item.concepts.index(concept)
            return (place, order, -float(abs(fact.value)) if item.largest else stored.id)

        return min(found, key=rank)

    def _rows(self, document: Document) -> list[StoredFact]:
        if document.id not in self._kept_rows:
            found = self._store.facts([document.id])
            self._kept_rows[document.id] = with_payments(
                [f for f in found if f.fact.statement and not f.fact.dimensions]
            )
        return self._kept_rows[document.id]

    def _facts(self, document: Document) -> list[StoredFact]:
        if document.id not in self._kept:
            concepts = {name for item in items().values() for name in item.concepts}
            concepts |= {name for item in items().values() for name in _lines_of(item)}
            found = self._store.facts([document.id], sorted(concepts))
            self._kept[document.id] = [f for f in found if not f.fact.dimensions]
        return self._kept[document.id]


def _is_for(fact: Fact, statement: Statement, when: When, wanted: date | None) -> bool:
    """Whether it is for `when`, which ended on `wanted`, as a row of `statement` would be."""
    months = 0 if statement == "balance" else MONTHS[when.period]
    return (fact.months == months or _is_closing(fact)) and _ends_near(fact, wanted)


def _ends_near(fact: Fact, wanted: date | None) -> bool:
    return wanted is not None and abs((fact.end - wanted).days) <= _DAYS_APART


def _states(item: Item, fact: Fact) -> bool:
    """Whether a row may be the item's: by its concept, or none is known."""
    return fact.concept is None or _may_be(item, fact)


def _may_be(item: Item, fact: Fact) -> bool:
    """Whether the fact's concept is the item's, and its label says so where that is needed: net
    interest is an expense by its label, or as an income below zero."""
    if fact.concept not in item.concepts:
        return False
    wanted = item.labelled.get(fact.concept)
    # With what stands in brackets: "Interest expense (income)".
    if wanted is None or re.search(wanted, fact.label.lower()):
        return True
    return item.positive and fact.value < 0


def _lines_of(item: Item) -> tuple[str, ...]:
    tree = parse_formula(item.made_from) if item.made_from else None
    return tree.concepts if isinstance(tree, Lines) else ()


def _printed_lines(found: list[StoredFact]) -> list[StoredFact]:
    """Those on the balance sheet, each amount of a concept once."""
    lines = {
        (stored.fact.concept, stored.fact.value): stored
        for stored in reversed(found)
        if stored.fact.statement == "balance"
    }
    return sorted(lines.values(), key=lambda line: line.id)


def _amount(stored: StoredFact) -> Decimal:
    return stored.fact.value


def _without_parts(lines: list[StoredFact]) -> list[StoredFact]:
    """The lines, or the one that the others add up to."""
    largest = max(lines, key=_amount)
    if not _amount(largest) or _amount(largest) * 2 != sum(map(_amount, lines)):
        return lines
    if len(lines) <= _TWO:
        raise UnsureError(f"“{largest.fact.label}” is the same amount as another line")
    return [largest]


def _is_of_benefits(fact: Fact) -> bool:
    """Whether an insurer pays it to those it insures."""
    return bool(_BENEFIT.search(fact.label)) or (fact.concept or "").startswith(_BENEFITS)


def _is_net_of(label: str, said: str) -> bool:
    return re.fullmatch(re.escape(said) + r"[\s,—–-]+net", plain_row(label)) is not None


def _is_closing(fact: Fact) -> bool:
    """Cash at the end, which the statement of cash flows shows below its flows."""
    return fact.months == 0 and fact.statement == "cash_flow"


def _as_printed(fact: Fact) -> bool:
    """Whether the value has the sign it is printed with: "Inventories (50)" in cash flows are their
    change, whose sign words leave open."""
    return (fact.value < 0) == bool(re.match(r"[^\d]*[(−–-]", fact.shown))


def _kind(document: Document) -> tuple[object, ...]:
    """What two filings share that state the same figures; an amendment is of its report's kind."""
    form = (document.form or "").removesuffix("/A")
    return form, document.fiscal_year, document.fiscal_period


def _differ(one: Decimal, other: Decimal) -> bool:
    """By more than rounding and sign, which depend on how a filing was read."""
    return abs(abs(one) - abs(other)) > _ROUNDING * max(abs(one), abs(other))


def _end(document: Document, when: When) -> date | None:
    """The day `when` ended on, going by what the filing says of its own period."""
    if document.period_end is None or document.fiscal_year is None:
        return None
    own = date.fromisoformat(document.period_end)
    quarter = {"Q1": 9, "Q2": 6, "Q3": 3}  # months to the year's end
    shift = quarter.get(document.fiscal_period or "FY", 0) - quarter.get(
        closing(when.period) or "FY", 0
    )
    month = own.month + shift + 12 * (when.year - document.fiscal_year) - 1
    year, month = own.year + month // 12, month % 12 + 1
    return date(year, month, min(own.day, 28))
