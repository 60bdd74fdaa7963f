"""What an answer is: text, whether it refuses, and where every sentence and number comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

# Answers of the default model below it were as often wrong as right, those above it three in four
# right, on questions over given tables and text (TAT-QA): a weak sign, but one that costs nothing.
UNSURE_BELOW = 0.80


@dataclass(frozen=True)
class Passage:
    """A stretch of one page shown to the model as evidence, numbered from 1 in the prompt. It is
    one chunk, or several `chunk_ids` that follow each other; `context` are the first lines of
    `text`: earlier ones that it needs."""

    number: int
    doc_id: int
    doc: str
    page: int
    text: str
    company: str | None
    form: str | None
    fiscal_year: int | None
    score: float
    chunk_ids: tuple[int, ...] = ()
    context: str = ""


@dataclass(frozen=True)
class Citation:
    """Where a part of the answer stands: `quote` is copied from `page` (1-based) of `doc`."""

    doc: str
    page: int
    quote: str
    company: str | None
    form: str | None
    fiscal_year: int | None
    doc_id: int


@dataclass(frozen=True)
class FigureAnswer:
    """A figure looked up or calculated from the filings' own numbers; no model was asked.

    `value` is in `unit`; both are None where several figures are the answer. `facts` are the inputs
    and `calculation` the steps, ready for JSON; a single cell needs no calculation.
    """

    text: str
    value: float | None
    unit: str | None
    citations: tuple[Citation, ...]
    facts: tuple[dict[str, Any], ...]
    calculation: dict[str, Any] | None


@dataclass(frozen=True)
class Evidence:
    """What was found for a question. `missing` says, in one sentence for the reader, why nothing
    can be answered (company or year not in the store); then `passages` may be empty. `understood`
    is `Query.understood` with the question's `kind`. `rows` are the
    passages' table rows most like the question, labelled with their years. `figure` is the answer
    where the filings' own numbers give it. `note` says which form that the question names the store
    lacks, so that others were searched. `scanned` are the (document id, page) that OCR read.
    `instead` is a sentence for a refusal: what could be asked; "" where `missing` says it."""

    question: str
    passages: tuple[Passage, ...]
    missing: str | None
    understood: dict[str, Any]
    retrieve_s: float
    rows: tuple[str, ...] = ()
    figure: FigureAnswer | None = None
    note: str | None = None
    scanned: frozenset[tuple[int, int]] = frozenset()
    instead: str = ""


@dataclass(frozen=True)
class Answer:
    """One answered (or refused) question.

    `supported` is False where the model stated a number that stands in no passage shown to it and
    follows from none by arithmetic: such numbers are in `unsupported_numbers`, and the sentences
    that stated them, which are no part of `answer`, in `left_out`, as are those that compare their
    own amounts the wrong way round. `recalculated` has the results of written-out arithmetic that
    were wrong, and what `answer` states for them.
    `note` and `understood` are the evidence's.
    `confidence` is the geometric mean of the probabilities that the model gave the tokens of what
    it said, 0 to 1; None where no model was asked, or it does not tell.
    `read_by_ocr` names the cited pages that are images, which OCR read: "DOC page 5".
    `timings_s` has "retrieve", "first_token" and "total" (both counted from the question).
    """

    question: str
    answer: str
    refused: bool
    citations: tuple[Citation, ...]
    model: dict[str, str]
    timings_s: dict[str, float]
    prompt_tokens: int
    completion_tokens: int
    supported: bool = True
    unsupported_numbers: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    recalculated: tuple[tuple[str, str], ...] = ()
    confidence: float | None = None
    read_by_ocr: tuple[str, ...] = ()
    value: float | None = None
    unit: str | None = None
    facts: tuple[dict[str, Any], ...] = ()
    calculation: dict[str, Any] | None = None
    note: str | None = None
    understood: dict[str, Any] = field(default_factory=dict)
    passages: tuple[Passage, ...] = field(default=())

    @property
    def unsure(self) -> bool:
        """Whether the model gave its own words so little that they are as likely wrong as right."""
        return not self.refused and self.confidence is not None and self.confidence < UNSURE_BELOW

    def notes(self) -> list[str]:
        """What was searched instead of what was asked, what was done to what the model said, or is
        left to check, for the reader to know."""
        told = [self.note] if self.note else []
        if self.refused:
            return told
        if self.unsure:
            told.append("The model was unsure of this answer. Check the cited pages before use.")
        if self.read_by_ocr:
            pages = ", ".join(self.read_by_ocr)
            told.append(f"Read by OCR, which can misread: {pages}. Check amounts against the page.")
        if self.recalculated:
            pairs = ", ".join(
                f"{now} where the model had {said}" for said, now in self.recalculated
            )
            told.append(f"Arithmetic done again: {pairs}.")
        numbers = ", ".join(dict.fromkeys(n.strip(" ()") for n in self.unsupported_numbers))
        if self.left_out and numbers:
            told.append(f"Left out, as the filings shown to the model do not state it: {numbers}.")
        elif self.left_out:
            told.append("Left out: a sentence that compares its own amounts the wrong way round.")
        elif numbers:  # an answer that an earlier version gave
            told.append(
                f"Check before use: not found in the filings shown to the model: {numbers}."
            )
        return told

    def to_json(self) -> dict[str, Any]:
        """The public form printed by `tenq ask --json`."""
        out = asdict(self)
        del out["passages"]
        out["unsure"] = self.unsure
        for citation in out["citations"]:
            del citation["doc_id"]
        return out
