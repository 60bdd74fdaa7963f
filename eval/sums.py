"""Are a filing's numbers read right? By sums that its statements must add up to: a store's facts
against each other, without anything known from elsewhere.

Where a statement states every part of an identity of accounting for one period, of the whole
company, the parts must add up to within the rounding of what is printed. Lines that the identities
do not name (what is discontinued, what lies between liabilities and equity) are no error of
reading: the identities are those that hold whatever else is on the statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from eval.errors import EvaluationError
from eval.intervals import wilson

if TYPE_CHECKING:
    from index.facts import Fact
    from index.store import Store

_SHOWN = 5  # failures told of each filing
_CASH = (
    "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
    "CashAndCashEquivalentsAtCarryingValue",
)


class Identity(NamedTuple):
    """The parts, each a sign and the us-gaap element that states it, add up to nothing; parts that
    `may_lack` are taken for nothing where no row states them."""

    name: str
    statement: str
    parts: tuple[tuple[int, str], ...]
    may_lack: tuple[tuple[int, str], ...] = ()


IDENTITIES = (
    Identity(
        "assets are liabilities and equity",
        "balance",
        ((1, "Assets"), (-1, "LiabilitiesAndStockholdersEquity")),
    ),
    Identity(
        "owners' equity and what others hold are equity",
        "balance",
        (
            (1, "StockholdersEquity"),
            (1, "MinorityInterest"),
            (-1, "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"),
        ),
    ),
    Identity(
        "revenue less its cost is gross profit",
        "income",
        ((1, "Revenues"), (-1, "CostOfRevenue"), (-1, "GrossProfit")),
    ),
    Identity(
        "net income less what others hold is the owners'",
        "income",
        (
            (1, "ProfitLoss"),
            (-1, "NetIncomeLossAttributableToNoncontrollingInterest"),
            (-1, "NetIncomeLoss"),
        ),
    ),
    Identity(
        "flows of cash are its change",
        "cash_flow",
        (
            (1, "NetCashProvidedByUsedInOperatingActivities"),
            (1, "NetCashProvidedByUsedInInvestingActivities"),
            (1, "NetCashProvidedByUsedInFinancingActivities"),
            (-1, "CashAndCashEquivalentsPeriodIncreaseDecrease"),
        ),
        ((1, "EffectOfExchangeRateOnCashAndCashEquivalents"),),
    ),
)
_MOVES = "cash at the beginning and its change are cash at the end"


def run_sums(store: Store) -> dict[str, Any]:
    """{"n", "holds", "share", "ci", "identities": [{"name", "n", "holds"}], "per_document": [{
    "doc", "n", "holds", "failed"}]}: how many of the identities that a filing of the store states
    in full, period by period, hold. EvaluationError where it states none."""
    kinds: dict[str, list[bool]] = {name: [] for name in (*(i.name for i in IDENTITIES), _MOVES)}
    rows: list[dict[str, Any]] = []
    for document in store.documents():
        facts = [
            stored.fact
            for stored in store.facts([document.id])
            if stored.fact.statement and stored.fact.concept and not stored.fact.dimensions
        ]
        failed, n = [], 0
        for name, period, missed in _checked(facts):
            kinds[name].append(missed == 0)
            n += 1
            if missed:
                failed.append(f"{name}, {period}: {missed:,f} too much")
        if n:
            rows.append(
                {
                    "doc": document.name,
                    "n": n,
                    "holds": n - len(failed),
                    "failed": failed[:_SHOWN],
                }
            )
    n, holds = (sum(row[name] for row in rows) for name in ("n", "holds"))
    if not n:
        raise EvaluationError(
            f"the store {store.path} holds no statements whose sums could be checked; add filings "
            "with `tenq index add`"
        )
    rate = wilson(holds, n)
    return {
        "n": n,
        "holds": holds,
        "share": rate.value,
        "ci": [rate.ci_low, rate.ci_high],
        "identities": [
            {"name": name, "n": len(found), "holds": sum(found)} for name, found in kinds.items()
        ],
        "per_document": rows,
    }


def sums_markdown(result: dict[str, Any]) -> str:
    """The result of `run_sums`, for people."""
    from eval.report import between, percent, table

    kinds = [[row["name"], str(row["n"]), str(row["holds"])] for row in result["identities"]]
    failed = [f"- {row['doc']}: {each}" for row in result["per_document"] for each in row["failed"]]
    return "\n\n".join(
        [
            "# Sums",
            f"{result['holds']:,} of {result['n']:,} sums that the statements of "
            f"{len(result['per_document'])} filings must add up to hold: "
            f"{percent(result['share'])} ({between(*result['ci'])}).",
            table(["identity", "stated in full", "holds"], kinds),
            *(["Not so:\n\n" + "\n".join(failed)] if failed else []),
        ]
    )


def _checked(facts: Sequence[Fact]) -> Iterable[tuple[str, str, Decimal]]:
    """(identity, period, what is too much) of everything stated in full."""
    columns: dict[tuple[str, date | None, date], dict[str, list[Fact]]] = defaultdict(dict)
    for fact in facts:
        column = columns[fact.statement or "", fact.start, fact.end]
        column.setdefault(fact.concept or "", []).append(fact)
    for (statement, start, end), column in columns.items():
        period = f"{start} to {end}" if start else str(end)
        for identity in IDENTITIES:
            if identity.statement != statement:
                continue
            if all(name in column for _, name in identity.parts):
                parts = (*identity.parts, *identity.may_lack)
                stated = [column.get(name, []) for _, name in parts]
                yield identity.name, period, _missed([sign for sign, _ in parts], stated)
    yield from _moves(facts)


def _moves(facts: Sequence[Fact]) -> Iterable[tuple[str, str, Decimal]]:
    """Cash at the beginning, its change and cash at the end, of one page and one element."""
    flows = [fact for fact in facts if fact.statement == "cash_flow"]
    changes = [f for f in flows if f.concept == "CashAndCashEquivalentsPeriodIncreaseDecrease"]
    for start, end in sorted({(f.start, f.end) for f in changes if f.start}):
        change = [f for f in changes if (f.start, f.end) == (start, end)]
        for name in _CASH:
            held = [f for f in flows if f.concept == name and f.page == change[0].page]
            last = [f for f in held if f.end == end]
            first = [f for f in held if abs((start - f.end).days) <= 1]
            if first and last:
                missed = _missed([1, 1, -1], [first, change, last])
                yield _MOVES, f"{start} to {end}", missed
                break


def _missed(signs: Sequence[int], parts: Sequence[Sequence[Fact]]) -> Decimal:
    """What is too much beyond rounding, the least of what rows stated twice allow."""
    given = [(sign, part) for sign, part in zip(signs, parts, strict=True) if part]
    sums = []
    for chosen in product(*(part[:3] for _, part in given)):
        total = sum((s * f.value for (s, _), f in zip(given, chosen, strict=True)), Decimal(0))
        units = [_unit(fact) for fact in chosen]
        sums.append(Decimal(0) if abs(total) <= sum(units, Decimal(0)) / 2 else total)
    return min(sums, key=abs)


def _unit(fact: Fact) -> Decimal:
    """One in the last place printed."""
    decimals = len(fact.shown.rpartition(".")[2].rstrip(")% ")) if "." in fact.shown else 0
    return Decimal(1).scaleb(fact.scale - decimals)
