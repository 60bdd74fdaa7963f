"""Answer text against evidence: which numbers stand there, which lines to cite, and whether the
model declined. Citations are found by matching, never by asking the model for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from assistant.answer import Citation, Passage
from assistant.numbers import Number, follows_from, numbers, same_amount

_DECLINED = re.compile(
    r"not in the filings?|(is|are|was|were)( \w+)? not (\w+ )?(provided|stated|disclosed|mentioned"
    r"|available|specified|included|given|shown|contained|found|in the (evidence|filing))"
    r"|(does|do|did) not (\w+ )?(contain|provide|mention|specify|state|include|disclose|give|show)"
    r"|no information|cannot (be )?(determine|answer|provide|calculate|find)|unable to",
    re.I,
)
_MAX_CITATIONS = 5
_WORD = re.compile(r"[A-Za-z][A-Za-z&-]{2,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_LIKENESS = 60


def declined(text: str) -> bool:
    """Whether the model says that the evidence does not answer the question."""
    first = _SENTENCE.split(text.strip(), 1)[0]
    return bool(_DECLINED.search(first)) or not text.strip()


def is_groundless(text: str, doubtful: Sequence[str]) -> bool:
    """Whether the answer comes down to figures of which none stands anywhere in the evidence."""
    amounts = [number for number in numbers(text) if not number.is_year]
    return bool(doubtful) and all(number.text in doubtful for number in amounts)


def unsupported(text: str, question: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """The numbers in `text` that stand in no passage (rounded or rescaled counts as standing
    there), not in the question, and follow from no two such numbers of the answer itself."""
    printed = [n for passage in passages for n in numbers(passage.text)]
    printed += [n for passage in passages for n in numbers(_title_years(passage))]
    asked = numbers(question)
    stated = numbers(text)
    known = [n for n in stated if any(same_amount(n, p) for p in (*printed, *asked))]
    doubtful = [
        n
        for n in stated
        if n not in known and not follows_from(n, known) and not _is_list_mark(n, text)
    ]
    # A second step may build on the first: 2024 average, then a ratio to it.
    derived = [n for n in stated if n not in doubtful]
    return tuple(n.text for n in doubtful if not follows_from(n, derived))


def cite(text: str, question: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The evidence lines that carry the answer: for each number the row it stands in, for each
    sentence without one the line most like it; at least one for an answer."""
    lines = [(p, line) for p in passages for line in p.text.splitlines() if line.strip()]
    chosen: list[tuple[Passage, str]] = []
    for sentence in _SENTENCE.split(text):
        amounts = [n for n in numbers(sentence) if not n.is_year]
        found = [best for n in amounts if (best := _row_of(n, sentence, question, lines))]
        if not amounts and len(_WORD.findall(sentence)) >= 4:
            likeliest = max(lines, key=lambda pl: _alike(sentence, pl[1]), default=None)
            if likeliest and _alike(sentence, likeliest[1]) >= _LIKENESS:
                found = [likeliest]
        chosen += [pair for pair in found if pair not in chosen]
    if not chosen and lines:
        chosen = [max(lines, key=lambda pl: _alike(f"{question} {text}", pl[1]))]
    citations = dict.fromkeys(citation(passage, line) for passage, line in chosen)
    return tuple(citations)[:_MAX_CITATIONS]


def citation(passage: Passage, quote: str) -> Citation:
    """A citation of one line of the passage."""
    return Citation(
        doc=passage.doc,
        page=passage.page,
        quote=quote.strip(),
        company=passage.company,
        form=passage.form,
        fiscal_year=passage.fiscal_year,
        doc_id=passage.doc_id,
    )


def closest(passages: Sequence[Passage], question: str, limit: int = 3) -> tuple[Citation, ...]:
    """What came nearest, to show beside a refusal: the likeliest line of each of the first."""
    nearest = []
    for passage in passages[:limit]:
        lines = [line for line in passage.text.splitlines() if line.strip()]
        if lines:
            nearest.append(citation(passage, max(lines, key=lambda ln: _alike(question, ln))))
    return tuple(nearest)


def _row_of(
    number: Number, sentence: str, question: str, lines: list[tuple[Passage, str]]
) -> tuple[Passage, str] | None:
    """The line where this number stands; of several, the one most like sentence and question."""
    holding = [
        (passage, line)
        for passage, line in lines
        if any(same_amount(number, printed) for printed in numbers(line))
    ]
    if abs(number.value) < 10 and number.decimals == 0:
        return None  # a lone digit stands anywhere
    return max(holding, key=lambda pl: _alike(f"{question} {sentence}", pl[1]), default=None)


def _alike(text: str, line: str) -> float:
    words = " ".join(_WORD.findall(line))
    if len(words) < 4:
        return 0.0
    return float(fuzz.token_set_ratio(" ".join(_WORD.findall(text)).lower(), words.lower()))


def _title_years(passage: Passage) -> str:
    return f"{passage.fiscal_year or ''} {passage.page}"


def _is_list_mark(number: Number, text: str) -> bool:
    """ "1." at the start of a line, or "[2]"."""
    before = text[: number.start].rsplit("\n", 1)[-1].strip()
    return abs(number.value) < 20 and (before in ("", "[", "-", "*") or before.endswith("["))
