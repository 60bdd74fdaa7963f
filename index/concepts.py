"""LABEL OF A STATEMENT'S ROW -> us-gaap CONCEPT, for filings that carry no tags.

The wordings are those that Regulation S-X (Articles 5-02 and 5-03), ASC 230 and common practice
use; names are the us-gaap taxonomy's. A label that could be two things gets neither. Signs follow
the taxonomy: payments, expenses and losses on their own lines are positive numbers there, however
a statement prints them.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, get_args

from index.statements import Statement
from index.table_units import counts_shares

_SURE, _LIKELY = 0.95, 0.8

_POSITIVE = re.compile(
    r"Payments|Repayments|CostOf|CostsAnd|ResearchAnd|Selling|GeneralAnd|Marketing|OperatingExpenses"
    r"|Depreciation|Amortization|TreasuryStock|AccumulatedDepreciation|InterestExpense$"
    r"|Impairment|InterestPaid|IncomeTaxesPaid"
)
# What stands in brackets because the line may turn negative; other brackets are asides.
_TURNS = "loss|income|decrease|increase|deficit|used|provided|expense|benefit|provision|gain|charge"
_LONGEST_LABEL = 200
_TURNED = re.compile(r"IncreaseDecreaseIn(?:AccountsReceivable|Inventories)")
_INSTANTS = frozenset(
    {
        "CashAndCashEquivalentsAtCarryingValue",
        "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
    }
)


_BEGINNING = re.compile(r"\b(?:beginning|start)\b", re.I)


class Mapped(NamedTuple):
    """A us-gaap name and how sure that is, 0 … 1."""

    concept: str
    confidence: float


def plain_label(label: str) -> str:
    """A label without notes, footnote marks, brackets and punctuation, in lower case."""
    text = label.lower().replace("’", "'").replace("&", " and ")
    text = re.sub(
        r"\((?:see )?notes?\b[^)]*\)|\b(?:see )?notes? \d+[a-z]?(?:,? and \d+)?\b", " ", text
    )
    text = re.sub(r"\(\s*(?:\d{1,2}|[a-z]|\*)\s*\)|\*+|\d{1,2}/|†|‡", " ", text)
    text = re.sub(rf"\((?!\s*(?:{_TURNS})\b)[^()]*\)", " ", text)
    text = re.sub(r"\$\s?\d[\d,.]*|\b\d[\d,.]*\b", " ", text)
    text = re.sub(r"\bnon-", "non", text)
    text = re.sub(r"'s?\b|[^a-z, ]", lambda m: "" if m[0].startswith("'") else " ", text)
    text = re.sub(r"\s*,\s*(?=,|$)", "", re.sub(r"\s+", " ", text)).strip(" ,")
    return text.replace(" ,", ",")


# "Income taxes" among the changes in assets and liabilities are none that were paid.
_PAID = ("InterestPaidNet", "IncomeTaxesPaidNet")
_SAYS_PAID = re.compile(r"\bpaid\b|\bpayments?\b|\bsupplement")


def concept_of(label: str, section: str, statement: Statement | None) -> Mapped | None:
    """The concept of a row on a primary statement, or None where its label does not tell."""
    if statement is None or len(label) > _LONGEST_LABEL:
        return None
    plain = plain_label(label)
    if statement == "income" and re.fullmatch(
        r"(basic|diluted|assuming dilution)( and diluted)?", plain
    ):
        return _per_share_or_shares(plain, plain_label(section))
    if (
        statement == "income"
        and re.search(r"\bshares\b|\bweighted\b", plain)
        and (counts_shares(plain) or not re.search(r"\bper\b", plain))
    ):
        return _shares(plain, plain_label(section))
    bare = plain.replace(",", "")
    for text, sure in ((plain, _SURE), (bare, _SURE), (_without_detail(plain), _LIKELY)):
        if not text:
            continue
        for concept, wording in _WORDINGS[statement]:
            if wording.fullmatch(text):
                if concept in _PAID and not _SAYS_PAID.search(f"{plain} {section.lower()}"):
                    return None
                return Mapped(concept, sure)
    return None


def in_sign(concept: str, printed: Decimal) -> Decimal:
    """A printed amount with the taxonomy's sign: a payment of "(1,577)" is 1577."""
    if _POSITIVE.match(concept):
        return abs(printed)
    return -printed if _TURNED.match(concept) else printed


def opening_of(label: str, section: str) -> Mapped | None:
    """The concept of a balance that a statement of cash flows states as of the period's beginning:
    that of its end, a period before."""
    closing = _BEGINNING.sub("end", label)
    mapped = concept_of(closing, section, "cash_flow") if closing != label else None
    return mapped if mapped and mapped.concept in _INSTANTS else None


def is_instant(concept: str, statement: Statement) -> bool:
    """Whether the concept is of a point in time."""
    return statement == "balance" or concept in _INSTANTS


def _without_detail(plain: str) -> str:
    """ "inventories, at lower of cost or market" -> "inventories"."""
    return re.split(r",| net of | less | including | excluding | exclusive ", plain)[0].strip()


def _per_share_or_shares(plain: str, section: str) -> Mapped | None:
    kind = "Diluted" if "dilut" in plain and "basic" not in plain else "Basic"
    if re.search(r"\bweighted\b|\bshares (used|outstanding)\b|\bnumber of\b|\baverage\b", section):
        return _shares(plain, section)
    if re.search(r"\bper\b|\beps\b", section):
        name = "BasicAndDiluted" if "and" in plain else kind
        return Mapped(f"EarningsPerShare{name}", _SURE)
    return None


def in_unit(mapped: Mapped | None, section: str, kind: str) -> Mapped | None:
    """The concept of a row whose amounts are `kind`: net income per share is that of a share, basic
    or diluted by the heading over it; no other money is stated so."""
    if mapped is None or kind != "per share" or "Share" in mapped.concept:
        return mapped
    heading = plain_label(section)
    kinds = [name for name, word in (("Basic", "basic"), ("Diluted", "dilut")) if word in heading]
    if len(kinds) != 1 or not mapped.concept.startswith("NetIncome"):
        return None
    return Mapped(f"EarningsPerShare{kinds[0]}", _LIKELY)


def _shares(plain: str, section: str) -> Mapped | None:
    """Of basic or diluted shares, by the label or the heading over it."""
    if not re.search(r"weighted|average|basic|dilut", plain):
        return None
    said = plain if re.search(r"basic|dilut", plain) else section
    diluted = re.search(r"dilut", said) and not re.search(r"basic", said)
    name = "WeightedAverageNumberOfDilutedSharesOutstanding"
    return Mapped(name if diluted else "WeightedAverageNumberOfSharesOutstandingBasic", _LIKELY)


def _compiled() -> dict[Statement, list[tuple[str, re.Pattern[str]]]]:
    path = Path(__file__).with_suffix(".toml")
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        statement: [
            (concept, re.compile("|".join(f"(?:{wording})" for wording in wordings)))
            for concept, wordings in rows[statement].items()
        ]
        for statement in get_args(Statement)
    }


_WORDINGS = _compiled()
_BALANCE = [concept for concept, _ in _WORDINGS["balance"]]
# What stands below total assets, in the order of a balance sheet.
LIABILITIES = frozenset(_BALANCE[_BALANCE.index("Assets") + 1 :])
