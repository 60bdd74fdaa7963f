"""QUESTION + PASSAGES -> the table rows it most likely asks for, to be read out last.

A small model loses the right row among sixty. Every clause of the question (a ratio's definition
names its inputs clause by clause) is compared with every row's label by the sentence embedder, so
"capital expenditure" finds "Purchases of property, plant and equipment" without a word in common.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.answer import Passage
from assistant.rows import told_apart

if TYPE_CHECKING:
    from index.embed import Embedder

_ROWS_PER_CLAUSE = 2
_MAX_ROWS = 8
_MAX_CLAUSES = 12
_LIKENESS = 0.35
_CLAUSE = re.compile(
    r"[?.!;:,()]+\s+|\s[/+*=-]\s|[()/]|\b(?:divided by|minus|less|plus|over|and)\b"
)
_ROW = re.compile(r"^(?P<label>.*?[A-Za-z].*?): (?:[^:;=]{1,60} )?(?:19|20)\d\d = ")
_NOISE = re.compile(
    r"\b(?:FY|fiscal(?: year)?)?\s*(?:19|20)\d\d\b|\b(?:what|which|how|much|many|is|are|was|were"
    r"|the|for|of|in|at|and|its|by|to|a|an|did|does|usd|millions?|thousands?|year end|answer"
    r"|round)\b",
    re.I,
)
# What analysts say, and the labels statements print for it (Regulation S-X, Articles 5-03, 5-02).
_PRINTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"cap(?:ital )?ex|capital (?:expenditure|spending)", ("purchases of property and equipment",)),
    (r"cogs|cost of (?:goods|sales)", ("cost of sales", "cost of revenue")),
    (r"revenues?|net sales|top ?line|turnover ratio", ("total revenue", "net sales")),
    (r"bottom ?line|profitab|net (?:profit|margin)|return on", ("net income",)),
    (r"gross (?:margin|profit)", ("gross profit", "net sales", "cost of sales")),
    (r"operating margin|\bebit\b", ("operating income", "net sales")),
    (r"ebitda|d&a", ("operating income", "depreciation and amortization")),
    (
        r"free cash flow|\bfcf\b",
        ("net cash provided by operating activities", "purchases of property"),
    ),
    (r"cash from operati|operating cash", ("net cash provided by operating activities",)),
    (
        r"working capital|current ratio|quick ratio",
        ("total current assets", "total current liabilities"),
    ),
    (r"quick ratio|inventory|inventories|\bdio\b", ("inventories",)),
    (r"receivable|\bar\b|\bdso\b", ("accounts receivable, net",)),
    (r"payables?\b|\bdpo\b", ("accounts payable",)),
    (r"pp&?n?e|fixed asset", ("property, plant and equipment, net",)),
    (r"return on assets|\broa\b|asset turnover", ("total assets",)),
    (r"return on equity|\broe\b|book value", ("total shareholders' equity",)),
    (r"leverage|total debt|\bdebt\b", ("long-term debt", "short-term debt")),
    (r"interest coverage|cover its interest", ("operating income", "interest expense")),
    (r"dividend|payout", ("dividends paid",)),
    (r"buy ?backs?|repurchase", ("repurchases of common stock",)),
    (r"effective tax|tax rate", ("provision for income taxes", "income before income taxes")),
    (r"\beps\b|per share", ("diluted earnings per share",)),
    (r"r&d", ("research and development",)),
    (r"sg&a", ("selling, general and administrative",)),
)


def key_rows(question: str, passages: Sequence[Passage], embedder: Embedder) -> tuple[str, ...]:
    """Up to eight labelled rows of the passages, each led by its passage's number, in order."""
    rows = [
        (passage.number, line, found["label"])
        for passage in passages
        for line in told_apart(passage.text)
        if (found := _ROW.match(line))
    ]
    clauses = _clauses(question)
    if not rows or not clauses:
        return ()
    vectors = embedder.embed([*clauses, *(label for _, _, label in rows)])
    likeness = vectors[: len(clauses)] @ vectors[len(clauses) :].T  # (clauses, rows)
    chosen: set[int] = set()
    for scores in likeness:
        best = sorted(range(len(rows)), key=lambda n: -scores[n])[:_ROWS_PER_CLAUSE]
        chosen |= {n for n in best if scores[n] >= _LIKENESS}
    strongest = sorted(chosen, key=lambda n: -likeness[:, n].max())[:_MAX_ROWS]
    return tuple(dict.fromkeys(f"[{rows[n][0]}] {rows[n][1]}" for n in sorted(strongest)))


def _clauses(question: str) -> list[str]:
    """The labels statements print for what is asked, then the question's own parts, bare."""
    parts = (_NOISE.sub(" ", part) for part in _CLAUSE.split(question))
    plain = (re.sub(r"[^\w&%' -]|\s+", " ", part).strip() for part in parts)
    printed = (
        label for said, labels in _PRINTED if re.search(said, question, re.I) for label in labels
    )
    kept = dict.fromkeys([*printed, *(part for part in plain if len(part) > 3)])
    return list(kept)[:_MAX_CLAUSES]
