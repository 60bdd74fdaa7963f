"""STORE + CALIBRATION SOURCE -> texts to calibrate on, texts to measure on and questions, with no
filing in common: a model is not to be asked about what it was calibrated on.

Filings are kept apart by company, for a company's next report repeats the figures of the one
before; where there is but one company, by filing. Where that leaves one side without anything, and
for a JSONL, whose texts tell no filing, only what the calibration texts do not show is asked and
measured: no 13 words in a row of it stand in them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.calibration import Excluded, calibration_prompts, prompts_of, store_of
from assistant.errors import AssistantError
from eval.errors import EvaluationError
from eval.lookups import make_questions
from index.documents import Document
from index.names import plain_name
from index.store import Store
from quantize.calibration import Calibration, Sample, runs_of

_CANDIDATES = 10_000  # questions, of which those are taken that show nothing calibrated on
_HEADING_PAGES = 2  # what stands on more of them is no page's own


@dataclass(frozen=True)
class Texts:
    """What a scheme is calibrated on, what its divergence is measured on, records of a question
    file, and in a sentence how they were kept apart."""

    calibration: Calibration
    held_out: Calibration
    questions: list[dict[str, Any]]
    note: str


def texts_apart(
    store: Store,
    source: Path | None,
    tokenizer: Any,
    samples: int,
    seed: int,
    questions: int,
    exclude: Excluded = (),
) -> Texts:
    """Up to `samples` texts to calibrate on from `source` (a store, filings, or a JSONL; None: the
    store), as many to measure on and up to `questions` from the store. `exclude` as for
    `assistant.calibration.calibration_prompts`.

    Raises EvaluationError where nothing is left to ask or to measure on, AssistantError or
    IndexingError where the source gives no texts.
    """
    if source and source.suffix.lower() == ".jsonl":
        calibration = calibration_prompts(source, tokenizer, samples, seed, exclude)
        why = "the calibration texts do not tell their filings"
        return _unseen(store, calibration, questions, why)
    source = source or store.path
    with ExitStack() as stack:
        same = source.resolve() == store.path.resolve()
        there = store if same else stack.enter_context(store_of(source, seed))
        sides = split(there.documents(), store.documents(), seed)
        if sides:
            calibrate, asked = there.only(sides[0]), store.only(sides[1])
            try:
                return Texts(
                    prompts_of(calibrate, source, tokenizer, samples, seed, exclude),
                    prompts_of(asked, store.path, tokenizer, samples, seed + 1, exclude),
                    make_questions(asked, questions),
                    f"calibrated on filings of {_names(calibrate)}, asked and measured on those of "
                    f"{_names(asked)}",
                )
            except (AssistantError, EvaluationError):
                pass  # one side has no statements, or no text to make prompts of
        calibration = prompts_of(there, source, tokenizer, samples, seed, exclude)
    return _unseen(store, calibration, questions, "too few filings to keep some apart")


def split(
    source: Sequence[Document], store: Sequence[Document], seed: int
) -> tuple[set[int], set[int]] | None:
    """Ids of the source's documents to calibrate on and of the store's to ask about, such that no
    company is on both sides, or at least no filing; None where that leaves a side empty."""
    for of in (_company, _content):
        here, there = {of(each) for each in source}, {of(each) for each in store}
        calibrate, ask = here - there, there - here
        both = sorted(here & there)
        random.Random(seed).shuffle(both)
        for each in both:
            min(calibrate, ask, key=len).add(each)
        if calibrate and ask:
            return _ids(source, of, calibrate), _ids(store, of, ask)
    return None


def _ids(documents: Sequence[Document], of: Any, wanted: Collection[str]) -> set[int]:
    return {each.id for each in documents if of(each) in wanted}


def _company(document: Document) -> str:
    return plain_name(document.company or "") or document.sha256


def _content(document: Document) -> str:
    return document.sha256


def _names(store: Store) -> str:
    """ "Acme Inc. (2 filings)", or how many companies, where there are more."""
    documents = store.documents()
    names = sorted({each.company or each.name for each in documents})
    filings = f"{len(documents)} filing{'s' if len(documents) > 1 else ''}"
    return f"{names[0] if len(names) == 1 else f'{len(names)} companies'} ({filings})"


def unseen_questions(store: Store, texts: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Up to `count` questions of the store whose passages the texts do not show. EvaluationError
    where there are none."""
    asked = _asked(store, _unshown(_pages(store), texts), count)
    if not asked:
        raise _shows_all(store)
    return asked


def _unseen(store: Store, calibration: Calibration, questions: int, why: str) -> Texts:
    """Of the whole store, what the calibration texts do not show."""
    pages = _pages(store)
    new = _unshown(pages, calibration.texts)
    asked = _asked(store, new, questions)
    samples = tuple(
        Sample("pages", name, text)
        for name, texts in pages.items()
        if (text := "\n\n".join(filter(new, texts))).strip()
    )
    if not (asked and samples):
        raise _shows_all(store)
    return Texts(
        calibration,
        Calibration(str(store.path), calibration.seed, samples),
        asked,
        f"{why}: asked and measured was what the calibration texts do not show",
    )


def _pages(store: Store) -> dict[str, Sequence[str]]:
    return {each.name: store.page_texts(each.id) for each in store.documents()}


def _unshown(pages: Mapping[str, Sequence[str]], texts: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text of these pages does not stand in `texts`; headings and footers that stand on
    many pages show nothing."""
    known = runs_of(texts)
    times = Counter(run for each in pages.values() for p in each for run in runs_of([p]) & known)
    known -= {run for run, n in times.items() if n > _HEADING_PAGES}
    return lambda text: known.isdisjoint(runs_of([text]))


def _asked(store: Store, new: Callable[[str], bool], count: int) -> list[dict[str, Any]]:
    made = (
        record
        for record in make_questions(store, _CANDIDATES)
        if all(new(page["text"]) for page in record["gold_pages_text"])
    )
    return list(islice(made, count))


def _shows_all(store: Store) -> EvaluationError:
    return EvaluationError(
        f"{store.path}: the calibration texts show all that could be asked or measured on; add "
        "filings of other companies, or give fewer --samples"
    )
