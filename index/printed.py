"""PRINTED TABLES -> FACTS, for filings without tags.

Every table whose columns are headed by periods gives facts. Rows on the primary statements get a
us-gaap concept where their label tells it. Which pages hold the primary statements is decided for
the whole filing: the stretch of pages where all of them stand together and most rows are known
(summaries in the discussion and a parent's own statements in a schedule have fewer).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

from index.comprehensive import with_comprehensive
from index.concepts import concept_of, in_sign, in_unit, is_instant, opening_of
from index.facts import Fact, amount_of
from index.filing import Identity
from index.grid import Table, TableRow
from index.places import in_place, is_owners
from index.signs import Printed, settled, turned
from index.statements import Statement, statements_of
from index.table_periods import Period, period_of, year_ends
from index.table_units import Units, row_unit, units_of

_WINDOW_PAGES = 10  # the primary statements, with notices between them, stand this close
_TOP_LINES = 12
_AS_KNOWN = 0.7  # of the rows understood on a statement's best page
_UNSURE = 0.5  # one of several rows that a statement would give one concept


@dataclass(frozen=True)
class _PageTables:
    number: int
    text: str
    tables: Sequence[Table]
    statement: Statement | None


def printed_facts(
    pages: Mapping[int, tuple[str, Sequence[Table]]], identity: Identity
) -> list[Fact]:
    """The facts of `pages`: page number -> its text and its tables."""
    shown = statements_of({number: text for number, (text, _) in pages.items()})
    read = [_PageTables(n, text, found, shown[n]) for n, (text, found) in pages.items()]
    read = _continued(read)
    primary = _primary(read, {page.number: _known_rows(page) for page in read})
    usual = _usual_units(read, primary)
    ends = year_ends((page.text for page in read), identity)
    facts = []
    for page in read:
        statement = primary.get(page.number)
        top = page.text.splitlines()[:_TOP_LINES]
        for table in page.tables:
            own = _statement_of_table(table, statement)
            facts += _facts(page.number, table, top, own, usual, identity, ends)
    return with_comprehensive(_with_doubts(_all_profit(settled(facts))))


def tagged_in_statements(facts: Sequence[Fact], texts: Sequence[str]) -> list[Fact]:
    """Tagged facts with the primary statement that each stands on; `texts` are the pages."""
    shown = statements_of({number: texts[number - 1] for number in {fact.page for fact in facts}})
    read = [_PageTables(n, texts[n - 1], (), shown[n]) for n in sorted(shown)]
    rows = Counter(fact.page for fact in facts if not fact.dimensions)
    primary = _primary(read, rows)
    return [replace(fact, statement=primary.get(fact.page)) for fact in facts]


def _continued(pages: Sequence[_PageTables]) -> list[_PageTables]:
    """With the pages on which a statement goes on: the next one, without a heading of its own,
    whose rows are that statement's closing ones."""
    found = list(pages)
    for n, page in enumerate(pages[1:], 1):
        before = found[n - 1]
        if page.statement or not before.statement or page.number != before.number + 1:
            continue
        closing = _CLOSING[before.statement]
        here = {
            _concept(row.label, row.section, before.statement)
            for t in page.tables
            for row in t.rows
        }
        there = {
            _concept(row.label, row.section, before.statement)
            for t in before.tables
            for row in t.rows
        }
        if closing & here and not closing & there:
            found[n] = _PageTables(page.number, page.text, page.tables, before.statement)
    return found


_CLOSING: dict[Statement, frozenset[str]] = {
    "balance": frozenset({"LiabilitiesAndStockholdersEquity", "StockholdersEquity"}),
    "income": frozenset({"EarningsPerShareDiluted", "EarningsPerShareBasic"}),
    "cash_flow": frozenset(
        {
            "NetCashProvidedByUsedInFinancingActivities",
            "CashAndCashEquivalentsPeriodIncreaseDecrease",
        }
    ),
}


def _primary(pages: Sequence[_PageTables], rows: Mapping[int, int]) -> dict[int, Statement]:
    """Page number -> the primary statement on it. `rows`: how many of a page's are understood. Of
    a statement's pages the first ones of which most are, and those beside them: a table of changes
    or of amounts per share further off is none."""
    known = {page.number: (page.statement, rows[page.number]) for page in pages if page.statement}
    best: tuple[int, int] = (0, 0)
    chosen: dict[int, Statement] = {}
    best_known: dict[Statement, int] = {}
    for first in known:
        near = {n: known[n] for n in known if first <= n < first + _WINDOW_PAGES}
        kinds = {statement for statement, _ in near.values() if statement}
        most = {
            kind: max(rows for statement, rows in near.values() if statement == kind)
            for kind in kinds
        }
        points = (len(kinds), sum(most.values()))
        if points > best:
            best = points
            chosen = {n: s for n, (s, rows) in near.items() if s and rows >= max(2, 0.3 * most[s])}
            best_known = most
    return {
        n: statement
        for statement, most_known in best_known.items()
        for n in _first_run([n for n in chosen if chosen[n] == statement], known, most_known)
    }


def _first_run(
    pages: Sequence[int], known: Mapping[int, tuple[Statement | None, int]], most: int
) -> list[int]:
    """The first of the stretches of pages without a gap one of which is about as well known as the
    best is: a company's own statements stand before those of its parts."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and runs[-1][-1] == page - 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return next((r for r in runs if max(known[n][1] for n in r) >= _AS_KNOWN * most), [])


def _statement_of_table(table: Table, on_page: Statement | None) -> Statement | None:
    """Releases print two statements on a page: the one most of the table's rows belong to."""
    if on_page is None:
        return None
    known = {
        statement: sum(
            _concept(row.label, row.section, statement) is not None for row in table.rows
        )
        for statement in get_args(Statement)
    }
    best = max(known, key=lambda statement: known[statement])
    return best if known[best] > 1.5 * known[on_page] else on_page


def _known_rows(page: _PageTables) -> int:
    rows = [row for table in page.tables for row in table.rows]
    return len({c for row in rows if (c := _concept(row.label, row.section, page.statement))})


def _concept(label: str, section: str, statement: Statement | None) -> str | None:
    mapped = concept_of(label, section, statement)
    return mapped.concept if mapped else None


def _usual_units(pages: Sequence[_PageTables], primary: Mapping[int, Statement]) -> Units:
    """What most primary statements of the filing say; for tables that say nothing."""
    said = [
        units
        for page in pages
        if page.number in primary
        for table in page.tables
        if (units := units_of([*page.text.splitlines()[:_TOP_LINES], *table.above])).scale
        is not None
    ]
    return Counter(said).most_common(1)[0][0] if said else Units(None, None, None)


def _facts(
    number: int,
    table: Table,
    top: Sequence[str],
    statement: Statement | None,
    usual: Units,
    identity: Identity,
    ends: Mapping[int, date],
) -> list[Fact]:
    own = units_of(table.above)
    said = own if own.scale is not None else units_of(top)
    # A table that says nothing is in the statements' units only if it is one of them.
    units = said if said.scale is not None else usual
    stated = said.scale is not None or statement is not None
    periods = [period_of(head, table.above, statement, identity, ends) for head in table.heads]
    rows = _named_totals(table.rows)
    alone = [concept_of(row.label, row.section, statement) for row in rows]
    concepts = in_place(alone, [(row.section, row.label) for row in rows], statement)
    printed = [
        Printed(mapped.concept if mapped else None, row.label, _amounts(row))
        for row, mapped in zip(rows, concepts, strict=True)
    ]
    signs = turned(printed) if statement else [False] * len(rows)
    facts = []
    for row, mapped, other_sign in zip(rows, concepts, signs, strict=True):
        opening = opening_of(row.label, row.section) if statement == "cash_flow" else None
        mapped = opening or mapped
        for column, (shown, box) in row.cells.items():
            period, amount = periods[column], amount_of(shown)
            if period is None or amount is None or not any(map(str.isalpha, row.label)):
                continue
            kind = row_unit(row.label, row.section, shown, statement == "balance")
            if kind == "money" and not stated:
                continue
            value, unit, scale = _scaled(amount, kind, shown, units, usual)
            meant = in_unit(mapped, row.section, kind)
            concept = meant.concept if meant else None
            if concept:
                value = in_sign(concept, -value if other_sign else value)
                if is_instant(concept, statement or "income"):
                    period = _instant(period, opening is not None)
            facts.append(
                Fact(
                    page=number,
                    label=row.label,
                    section=row.section,
                    value=value,
                    unit=unit,
                    scale=scale,
                    shown=shown,
                    start=period.start,
                    end=period.end,
                    concept=concept,
                    confidence=meant.confidence if meant else 0.0,
                    statement=statement,
                    box=box,
                )
            )
    return facts


def _instant(period: Period, opening: bool) -> Period:
    """The period's last day; the day before its first for what was there at its `opening`."""
    if opening and period.start:
        return Period(None, period.start - timedelta(days=1))
    return Period(None, period.end)


def _named_totals(rows: Sequence[TableRow]) -> list[TableRow]:
    """A row without a label that adds up the rows of its section is that section's total."""
    named: list[TableRow] = []
    for row in rows:
        parts: list[TableRow] = []
        for before in reversed(named):
            if before.section != row.section or before.label.startswith("Total"):
                break
            parts.append(before)
        is_bare = not any(map(str.isalpha, row.label)) and row.section and len(parts) > 1
        if is_bare and all(_adds_up(row, parts, column) for column in row.cells):
            row = replace(row, label=f"Total {row.section.strip(' :').lower()}")
        named.append(row)
    return named


def _adds_up(total: TableRow, parts: Sequence[TableRow], column: int) -> bool:
    wanted = amount_of(total.cells[column][0])
    amounts = [amount_of(part.cells[column][0]) for part in parts if column in part.cells]
    return wanted is not None and wanted == sum(a for a in amounts if a is not None)


def _amounts(row: TableRow) -> list[Decimal]:
    found = (amount_of(shown) for shown, _ in row.cells.values())
    return [amount for amount in found if amount is not None]


def _all_profit(facts: Sequence[Fact]) -> list[Fact]:
    """Net income that is told once more, at the head of the statement of cash flows or below, is
    all of it where it is what the income statement states before others' share is subtracted."""
    whole: dict[tuple[date | None, date], Decimal] = {}
    for fact in facts:
        if fact.statement == "income" and fact.concept == "ProfitLoss":
            whole.setdefault((fact.start, fact.end), fact.value)
    own = {
        (fact.start, fact.end, fact.value)
        for fact in facts
        if fact.concept == "NetIncomeLoss" and is_owners(fact.label)
    }

    def is_all(fact: Fact) -> bool:
        column = (fact.start, fact.end)
        same = fact.value == whole.get(column) and (*column, fact.value) not in own
        return fact.concept == "NetIncomeLoss" and same and not is_owners(fact.label)

    return [
        replace(fact, concept="ProfitLoss") if fact.statement and is_all(fact) else fact
        for fact in facts
    ]


def _with_doubts(facts: Sequence[Fact]) -> list[Fact]:
    """Where a page gives a concept of one period several amounts, no label tells which it is."""
    stated: dict[tuple[object, ...], set[Decimal]] = {}
    for fact in facts:
        stated.setdefault(_place(fact), set()).add(fact.value)
    return [
        replace(fact, confidence=_UNSURE)
        if fact.concept and fact.statement and len(stated[_place(fact)]) > 1
        else fact
        for fact in facts
    ]


def _place(fact: Fact) -> tuple[object, ...]:
    return (fact.page, fact.statement, fact.concept, fact.start, fact.end, fact.unit)


def _scaled(
    amount: Decimal, kind: str, shown: str, units: Units, usual: Units
) -> tuple[Decimal, str, int]:
    currency = units.currency or usual.currency or "USD"
    for sign, code in (("€", "EUR"), ("£", "GBP"), ("¥", "JPY")):
        currency = code if sign in shown else currency
    if kind == "pure":
        return amount, "pure", 0
    if kind == "per share":
        return amount, f"{currency}/shares", 0
    scale = units.scale or 0
    if kind == "shares":
        scale = units.share_scale if units.share_scale is not None else scale
        return amount.scaleb(scale), "shares", scale
    return amount.scaleb(scale), currency, scale
