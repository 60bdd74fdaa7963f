"""FACTS -> QUESTIONS whose answers are known exactly, as many as a small difference needs.

One question asks for one row of a primary statement for one fiscal year, in one of many wordings;
the fact is the answer, some rows of the table with it among them the gold evidence: short, and the
same for a few questions that stand together, so that thousands can be asked in a night. Rows are
left out whose label stands for two amounts in one filing and year (a balance and its change) or for
an opening balance, and amounts below zero or printed so, whose sign wordings blur.
Unanswerable ones, in turn, ask for a row in a year that no filing of the company in the store
states, with the row in other years as gold evidence, which must not be taken for the answer, and
for a row of a company that does not exist, which only a search can be asked. Rows that a company
does not have are not asked for: it may state the same under another name.

What they do not test: finding the page among others, calculating, and reading prose.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from index.columns import AMOUNT, headers
from index.documents import Document
from index.facts import Fact
from index.names import filers, named_filers, plain_name, words_of
from index.store import Store

SEED = 20_111
_FOR_A_YEAR = (
    "What was {company}'s {label} in fiscal {year}?",
    "How much {label} did {company} report for fiscal {year}?",
    "State {company}'s {label} for FY{year}.",
    "What is the FY{year} amount of {label} for {company}?",
    "According to its {form}, what did {company}'s {label} come to in fiscal year {year}?",
    'What does {company} report as "{label}" for fiscal {year}?',
)
_AT_AN_END = (
    "What was {company}'s {label} at the end of fiscal {year}?",
    "How much {label} did {company} have at the end of FY{year}?",
    "State {company}'s {label} as of the end of fiscal {year}.",
    "What is the FY{year} year-end balance of {label} for {company}?",
    "According to its {form}, what was {company}'s {label} at fiscal year-end {year}?",
    'What does {company} report as "{label}" at the end of fiscal {year}?',
)
_BY_DATE_FOR_A_YEAR = (
    "What was {company}'s {label} in the fiscal year ended {date}?",
    "How much {label} did {company} report for the year ended {date}?",
    "State {company}'s {label} for the fiscal year that ended on {date}.",
)
_BY_DATE = (
    "What was {company}'s {label} as of {date}?",
    "How much {label} did {company} have at {date}?",
    "State {company}'s {label} as of {date}.",
)
# Of names that nobody has: "Velmorax Holdings Inc."
_SYLLABLES = "vel mor ax tri quo zen dra pol kiv ost lum fer gan bri thu sol".split()
_TRADES = "Holdings Industries Systems Logistics Foods Energy Materials Devices".split()
_ROWS = 8
_QUESTIONS_A_PASSAGE = 6
_TITLE_LINES = 6
_WHOLE_YEAR = ("FY", "Q4")  # what a report on it shows at its end is a year's end
_SCALES = {0: "", 3: "thousand", 6: "million", 9: "billion"}
_LABEL = re.compile(r"(?=.{4,70}$)[A-Za-z][A-Za-z ,&'’-]*[a-z]")
_VAGUE = re.compile(r"^(?:other|total|net|all other|basic|diluted)\b[\s,]*(?:net)?$", re.I)
# "Cash at beginning of year" is the balance at the end of the year before.
_OPENING = re.compile(r"\b(?:beginning|start) of\b", re.I)


@dataclass(frozen=True)
class _Row:
    """A row of a statement in one period, and the passage that shows it."""

    document: Document
    fact: Fact
    passage: str


def make_questions(
    store: Store, count: int, unanswerable: int = 0, seed: int = SEED
) -> list[dict[str, Any]]:
    """`count` lookup questions (fewer where the store's statements have no more) and, last, the
    `unanswerable`, as records of a question file, in an order that `seed` decides, those about one
    passage next to each other.

    Raises EvaluationError where the store has no statements to ask about.
    """
    rng = random.Random(seed)
    documents = [d for d in store.documents() if d.company and d.fiscal_year]
    stated: set[tuple[object, ...]] = set()
    rows = [row for document in documents for row in _of_document(store, document, stated)]
    if not rows:
        raise EvaluationError(
            f"{store.path}: no statements with facts to ask about; add 10-Ks with `tenq index add`"
        )
    by_passage: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row in rows:
        by_passage[row.document.name, row.passage].append(row)
    passages = [rng.sample(each, len(each)) for each in by_passage.values()]
    rng.shuffle(passages)
    longest = max(map(len, passages))
    taken = [  # a few about each passage before more about one
        row
        for first in range(0, longest, _QUESTIONS_A_PASSAGE)
        for each in passages
        for row in each[first : first + _QUESTIONS_A_PASSAGE]
    ]
    records = [_record(row, rng) for row in taken[:count]]
    kinds = zip(_other_years(documents, taken, rng), _strangers(documents, taken, rng), strict=True)
    records += itertools.islice(itertools.chain.from_iterable(kinds), unanswerable)
    return [{"id": f"made-{n:05d}", **record} for n, record in enumerate(records, 1)]


def write_questions(records: list[dict[str, Any]], path: Path) -> None:
    """One JSON object a line. EvaluationError where it cannot be written."""
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    try:
        path.write_text(lines, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"cannot write {path}: {error.strerror or error}") from error


def _of_document(
    store: Store, document: Document, stated: set[tuple[object, ...]]
) -> Iterator[_Row]:
    """The document's rows; `stated` are those, by label and year, that a filing before showed."""
    facts = [stored.fact for stored in store.facts([document.id])]
    facts = [fact for fact in facts if fact.statement and not fact.dimensions]
    values: dict[tuple[str, int | None], set[Decimal]] = defaultdict(set)
    for fact in facts:
        values[fact.label.lower(), fact.fiscal_year].add(fact.value)
    for fact in facts:
        label = fact.label.lower()
        key = document.company, label, fact.fiscal_year
        if len(values[label, fact.fiscal_year]) > 1 or key in stated or not _askable(fact):
            continue
        stated.add(key)
        passage = _passage(store, document, fact)
        if passage:
            yield _Row(document, fact, passage)


def _askable(fact: Fact) -> bool:
    """A whole year's or a moment's positive amount of money, under a label that says something."""
    money = len(fact.unit) == 3 and fact.unit.isupper()
    return (
        (money or fact.unit == "USD/shares")
        and fact.value > 0
        and not re.search(r"[(-]", fact.shown)
        and fact.months in (0, 12)
        and fact.fiscal_year is not None
        and fact.scale in _SCALES
        and bool(_LABEL.fullmatch(fact.label))
        and not _VAGUE.match(fact.label)
        and not _OPENING.search(fact.label)
    )


def _passage(store: Store, document: Document, fact: Fact) -> str | None:
    """The chunk that prints the row, as far as it is needed to read it; None where none does, or
    prints the amount in parentheses (iXBRL leaves these outside of what it tags)."""
    rows = store.database.rows(
        "SELECT context, text FROM chunks WHERE doc_id = ? AND page = ? ORDER BY id",
        document.id,
        fact.page,
    )
    amount = re.sub(r"[^\d,.]", "", fact.shown).strip(",.")
    bare = rf"(?<![\d.,]){re.escape(amount)}(?![.,]?\d)"
    printed = re.compile(rf"{re.escape(fact.label)}[^\n]*?{bare}[^\n]*", re.I)
    below_zero = re.compile(rf"\([\s$€£¥]*{bare}")
    for row in rows:
        # A part of a table that is continued has its headers in the context.
        text = f"{row['context']}\n{row['text']}".strip()
        if found := printed.search(text):
            if below_zero.search(found[0]):
                return None
            return excerpt(text, text.count("\n", 0, found.start()))
    return None


def excerpt(text: str, line: int) -> str:
    """Of a table's `text` what it takes to read one row, which stands in `line` (from 0): title and
    column headers, and a few rows with it among them, the same for each of these. The whole text
    where it has no headers."""
    lines = text.splitlines()
    holding = headers(lines)
    header = holding[line]
    if header is None:
        return text
    top = header.line
    while top and header.line - top < _TITLE_LINES and holding[top - 1] is None:
        top -= 1
    below = range(header.line + 1, len(lines))
    with_amounts = [n for n in below if n == line or AMOUNT.search(lines[n])]
    first = with_amounts.index(line) // _ROWS * _ROWS
    rows = with_amounts[first : first + _ROWS]
    head_end = with_amounts[0]  # units and the like stand between headers and the first row
    return "\n".join([*lines[top:head_end], *lines[rows[0] : rows[-1] + 1]])


def _record(row: _Row, rng: random.Random) -> dict[str, Any]:
    document, fact, passage = row.document, row.fact, row.passage
    wordings: tuple[str, ...] = _FOR_A_YEAR if fact.months else _AT_AN_END
    year = str(fact.fiscal_year)
    named = re.search(rf"\bfiscal(?: year)? {year}\b", passage, re.I)
    interim = not fact.months and document.fiscal_period not in _WHOLE_YEAR
    if interim or (not named and (fact.end.year != fact.fiscal_year or year not in passage)):
        # "January 27, 2024" heads fiscal 2023: only the date is sure to be understood.
        wordings = _BY_DATE_FOR_A_YEAR if fact.months else _BY_DATE
    amount = fact.value.scaleb(-fact.scale)
    per_share = fact.unit == "USD/shares"
    currency = "USD" if per_share else fact.unit
    scale = "per share" if per_share else _SCALES[fact.scale]
    return {
        "question": _worded(row, year, wordings, rng),
        "answer": f"{currency} {_digits(amount)} {scale}".strip(),
        "doc": document.name,
        "pages": [fact.page],
        "type": fact.statement,
        "company": document.company,
        "fiscal_year": fact.fiscal_year,
        "value": float(amount),
        "unit": f"{currency} {scale}".strip(),
        "gold_pages_text": [{"page": fact.page, "text": passage}],
    }


def _worded(row: _Row, year: str, wordings: Sequence[str], rng: random.Random) -> str:
    fact = row.fact
    in_capitals = re.search(r"(?:^.|\s)[A-Z]", fact.label)  # "EBITDA", "Net Sales"
    question = rng.choice(wordings).format(
        company=row.document.company,
        form=row.document.form or "report",
        label=fact.label if in_capitals else fact.label[0].lower() + fact.label[1:],
        year=year,
        date=f"{fact.end:%B} {fact.end.day}, {fact.end.year}",
    )
    if fact.statement == "cash_flow":  # "inventories" are their change there
        question = f"{question[:-1]} in its statement of cash flows{question[-1]}"
    return question


def _digits(amount: Decimal) -> str:
    plain = amount.normalize()
    places = max(-int(plain.as_tuple().exponent), 0)
    return f"{plain:,.{max(places, 2) if places else 0}f}"


def _other_years(
    documents: Sequence[Document], rows: Sequence[_Row], rng: random.Random
) -> Iterator[dict[str, Any]]:
    """Years before and after all that a company's filings can state; those count too whose company
    only begins alike, for it may be the same under a later name."""
    years: dict[str, list[int]] = defaultdict(list)
    for document in documents:
        years[_first_word(document)].append(document.fiscal_year or 0)
    for row in itertools.cycle(rows):
        known = years[_first_word(row.document)]
        beyond = [min(known) - 9, *(max(known) + n for n in (2, 3, 4))]
        year = rng.choice(beyond)
        if str(year) not in row.passage:
            shown = [{"page": row.fact.page, "text": row.passage}]
            record = _not_stated(row, year, "year", rng)
            yield record | {"docs": [row.document.name], "gold_pages_text": shown}


def _strangers(
    documents: Sequence[Document], rows: Sequence[_Row], rng: random.Random
) -> Iterator[dict[str, Any]]:
    """Companies that do not exist, under names that no filer in the store has a part of."""
    known = filers(documents)
    for row in itertools.cycle(rows):
        name = "".join(rng.choice(_SYLLABLES) for _ in range(3)).capitalize()
        company = f"{name} {rng.choice(_TRADES)} {rng.choice(('Inc.', 'Corporation', 'Company'))}"
        if not named_filers(words_of(f"What about {company}?"), known):
            stranger = replace(row, document=replace(row.document, company=company))
            yield _not_stated(stranger, row.fact.end.year, "company", rng)


def _not_stated(row: _Row, year: int, kind: str, rng: random.Random) -> dict[str, Any]:
    wordings = _FOR_A_YEAR if row.fact.months else _AT_AN_END
    return {
        "question": _worded(row, str(year), wordings, rng),
        "answer": "not in the filings",
        "doc": None,
        "pages": [],
        "type": f"unanswerable: {kind}",
        "company": row.document.company,
        "fiscal_year": year,
    }


def _first_word(document: Document) -> str:
    return next(iter(plain_name(document.company or "").split()), "")
