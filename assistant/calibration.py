"""FILINGS -> CALIBRATION PROMPTS: what the model will really read, for choosing its precision.

Weights are rounded so that the errors fall where the model's activations are small (AWQ, Lin et al.
2023; SmoothQuant, Xiao et al. 2022). So the activations have to be those of the model's work: each
sample is a prompt as the assistant makes it, evidence retrieved for a question, in the model's own
chat format, with an answer as it should be given. Questions are made from the filings' facts and
headings, in turns from the statements, management's discussion, risk factors and notes, with
evidence of several lengths. Nothing is taken from evaluation questions: those given are left out.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.assistant import EVIDENCE_TOKENS
from assistant.chat_format import chat_text
from assistant.errors import AssistantError
from assistant.evidence import gather
from assistant.home import embedder_of_stores
from assistant.key_rows import key_rows
from assistant.prompt import fit, messages, rows_in
from index.database import DATABASE
from index.documents import Document
from index.errors import IndexingError
from index.sections import SECTIONS, Section, sections_of
from index.store import Store
from index.terms import items, title
from index.vocabulary import TRADE

if TYPE_CHECKING:
    from quantize.calibration import Calibration

# Questions of an evaluation with their (document, page) places.
Excluded = Sequence[tuple[str, Sequence[tuple[str, int]]]]

SEED = 20_111
_BUDGETS = (EVIDENCE_TOKENS, 400, 1000, 700)  # evidence in tokens: short and long prompts alike
_MOST_FILINGS = 24
_LOOKUPS = (
    "What was {company}'s {item} in fiscal {year}?",
    "How much {item} did {company} report for FY{year}?",
    "What is the FY{year} {item} for {company}?",
    "State {company}'s {item} for fiscal years {year} and {before}.",
)
_ASKED_OF = {
    "management's discussion": (
        "Why did {company}'s results change in fiscal {year} as regards {topic}?",
        "What does {company}'s management say about {topic} in fiscal {year}?",
    ),
    "risk factors": (
        "Describe the risk that {company} sees in {topic}.",
        "What could harm {company} according to its fiscal {year} {form}: {topic}?",
    ),
    "notes": (
        "Describe what the notes to {company}'s fiscal {year} statements say about {topic}.",
        "How does {company} account for {topic} in fiscal {year}?",
    ),
    "other": ("What does {company}'s fiscal {year} {form} say about {topic}?",),
}
_PROSE = re.compile(r"(?:[A-Za-z,’'-]+ ){5}")  # not a row of a table
_TOPIC = re.compile(r"(?<=\s)[a-z]{6,}\b")
_WORDS, _SENTENCES, _TOPIC_WORDS, _A_PAGE = 12, 2, 3, 2
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")


@dataclass(frozen=True)
class _Asked:
    """A question, the section it was made from, and its answer (None: the figures give it)."""

    question: str
    kind: Section
    page: tuple[str, int]
    answer: str | None


def calibration_prompts(
    source: Path,
    tokenizer: Any,
    count: int,
    seed: int = SEED,
    exclude: Excluded = (),
) -> Calibration:
    """`count` prompts (fewer where the filings give no more) from a store, a filing, a folder of
    filings, or a JSONL file whose lines have a field "text", taken as they are, or "messages" of a
    chat, put into the model's format.

    `exclude` holds questions of an evaluation with their (document, page) places: neither such a
    question nor one made from such a page is used; of a JSONL, whose texts tell no page, no text
    with such a question is, and none twice. Raises AssistantError or IndexingError where
    there is nothing to take.
    """
    from quantize.calibration import Calibration, Sample, jsonl_texts

    if source.suffix.lower() == ".jsonl":
        texts = jsonl_texts(source, lambda said: chat_text(tokenizer, said))
        if not texts:
            raise AssistantError(f'{source} holds no texts; put {{"text": "..."}} on each line')
        texts = _without(texts, [question for question, _ in exclude])
        if not texts:
            raise AssistantError(f"{source}: every text holds a question that --exclude names")
        picked = random.Random(seed).sample(texts, min(count, len(texts)))
        samples = tuple(Sample("text", source.name, text) for text in picked)
        return Calibration(str(source), seed, samples)
    with store_of(source, seed) as store:
        return prompts_of(store, source, tokenizer, count, seed, exclude)


def prompts_of(
    store: Store,
    source: Path,
    tokenizer: Any,
    count: int,
    seed: int = SEED,
    exclude: Excluded = (),
) -> Calibration:
    """`calibration_prompts` of the filings that `store`, made of `source`, shows."""
    from quantize.calibration import Calibration, Sample

    taken: list[Sample] = []
    with _bar(None, count, "calibration prompts") as bar:
        kinds = cycle(_questions(store, random.Random(seed), exclude).items())
        empty = 0  # kinds in a row that have no question left
        for kind, asked in kinds:
            budget = _BUDGETS[len(taken) // len(SECTIONS) % len(_BUDGETS)]
            sample = next(filter(None, (_sample(store, q, tokenizer, budget) for q in asked)), None)
            empty = 0 if sample else empty + 1
            if sample:
                taken.append(Sample(kind, *sample))
                bar.update()
            if len(taken) == count or empty == len(SECTIONS):
                break
    if not taken:
        raise AssistantError(
            f"{source}: no calibration prompts can be made of it; give filings with text and tables"
        )
    return Calibration(str(source), seed, tuple(taken))


def _without(texts: Sequence[str], questions: Sequence[str]) -> list[str]:
    """The texts that hold none of the questions, no text twice."""
    asked = [f" {words} " for words in map(_plain, questions) if words]
    by_words = {f" {_plain(text)} ": text for text in reversed(texts)}  # the first of its words
    return [
        text for words, text in reversed(by_words.items()) if not any(q in words for q in asked)
    ]


@contextmanager
def store_of(source: Path, seed: int) -> Iterator[Store]:
    """The store at `source`, or one made of the filings there and gone afterwards."""
    from index.read import find_filings
    from index.readers import EVERYBODY

    embedder = embedder_of_stores()
    if (source / DATABASE).is_file():
        with Store.open(source, embedder, create=False) as store:
            yield store.seen_by(EVERYBODY)  # a model outlives who may read what
        return
    files = find_filings([source])
    files = sorted(random.Random(seed).sample(files, min(len(files), _MOST_FILINGS)))
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder), embedder) as store:
        for file in (bar := _bar(files, len(files), "reading filings")):
            try:
                store.add(file)
            except IndexingError as error:  # one bad file is not the end of a folder
                bar.write(f"left out: {error}", file=sys.stderr)
        yield store


def _questions(
    store: Store, rng: random.Random, exclude: Excluded
) -> dict[Section, Iterator[_Asked]]:
    """Questions of every kind, in an order that `rng` decides; none twice, and none on words that
    another filing has, too."""
    seen = {_plain(question) for question, _ in exclude}
    pages = {place for _, places in exclude for place in places}
    by_kind: dict[Section, list[_Asked]] = {section: [] for section in SECTIONS}
    for document in store.documents():
        for each in (*_lookups(store, document, rng), *_narratives(store, document, rng)):
            words = {_plain(each.question), _plain(each.answer or each.question)}
            if each.page not in pages and not words & seen:
                seen |= words
                by_kind[each.kind].append(each)
    for found in by_kind.values():
        rng.shuffle(found)
    return {kind: iter(found) for kind, found in by_kind.items()}


def _lookups(store: Store, document: Document, rng: random.Random) -> Iterator[_Asked]:
    """Questions for the items that the document's statements state."""
    year = document.fiscal_year
    if not (document.company and year):
        return
    stated = {
        fact.concept: fact.page
        for fact in (stored.fact for stored in store.facts([document.id], fiscal_years=[year]))
        if fact.statement and fact.concept and not fact.dimensions
    }
    for item in items().values():
        page = next((stated[concept] for concept in item.concepts if concept in stated), None)
        if page is None:
            continue
        words = {"company": document.company, "year": year, "before": year - 1}
        question = rng.choice(_LOOKUPS).format(item=title(item.id), **words)
        yield _Asked(question, "statements", (document.name, page), None)


def _narratives(store: Store, document: Document, rng: random.Random) -> Iterator[_Asked]:
    """Questions for what the document's pages say in words, one a page, answered with the page's
    own sentences."""
    rows = store.database.rows(
        "SELECT number, text FROM pages WHERE doc_id = ? ORDER BY number", document.id
    )
    words = {
        "company": document.company or "the company",
        "year": document.fiscal_year or "the latest",
        "form": document.form or "report",
    }
    for row, section in zip(rows, sections_of([str(r["text"]) for r in rows]), strict=True):
        for topic, answer in _said(str(row["text"]), rng) if section in _ASKED_OF else ():
            question = rng.choice(_ASKED_OF[section]).format(topic=topic, **words)
            yield _Asked(question, section, (document.name, int(row["number"])), answer)


def _said(page: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """A topic and the sentences on it, from up to _A_PAGE places of the page."""
    prose = " ".join(line.strip() for line in page.splitlines() if _PROSE.search(line))
    sentences = [s for s in _SENTENCE.split(prose) if len(s.split()) >= _WORDS and s[-1] in ".!”"]
    for n in rng.sample(range(len(sentences)), min(_A_PAGE, len(sentences))):
        telling = {w for w in _TOPIC.findall(sentences[n]) if w not in TRADE}
        longest = sorted(sorted(telling), key=len)[-_TOPIC_WORDS:]
        if len(longest) == _TOPIC_WORDS:
            first, second, third = sorted(longest, key=sentences[n].index)
            yield f"{first}, {second} and {third}", " ".join(sentences[n : n + _SENTENCES])


def _sample(
    store: Store, asked: _Asked, tokenizer: Any, budget_tokens: int
) -> tuple[str, str] | None:
    """The document, and the prompt as the assistant makes it with its answer; None where the
    evidence found does not hold it."""
    evidence = gather(store, asked.question, figures=asked.answer is None)
    answer = asked.answer or (evidence.figure.text if evidence.figure else None)
    if answer is None or not evidence.passages:
        return None
    shown = fit(evidence.passages, budget_tokens, lambda text: _count(tokenizer, text))
    if asked.answer and asked.page not in {(p.doc, p.page) for p in shown}:
        return None  # its answer would not stand in its evidence
    rows = evidence.rows or key_rows(asked.question, shown, store.embedder)
    kept = rows_in(rows, evidence.passages, shown)
    return asked.page[0], chat_text(tokenizer, messages(asked.question, shown, kept)) + answer


def _count(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))


def _bar(items_: Any, total: int, what: str) -> Any:
    from tqdm import tqdm

    return tqdm(items_, desc=what, total=total, unit="")
