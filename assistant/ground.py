"""Answer text against evidence: what of it is firm, which lines to cite, and whether the model
declined. Citations are found by matching, never by asking the model for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from rapidfuzz import fuzz

from assistant.answer import Citation, Passage
from assistant.arithmetic import Result, follow, plain_math, worked_out
from assistant.comparisons import is_wrong
from assistant.mentions import mentions, unknown_mentions
from assistant.numbers import Number, follows_from, numbers, same_amount
from assistant.question_kind import asks_for_calculation
from assistant.rows import labelled
from index.table_units import POWERS
from index.terms import items_asked, known_names, name_pattern
from index.wording import left_over

_SOURCE = (
    r"(?:evidence|filings?|passages?|excerpts?|documents?|context|information|text|reports?|sources?"
    r"|pages?|statements?|10-[kq])"
)
_LACKS = (
    r"(?:provided?|stated?|disclosed?|mention(?:ed)?|available|specif(?:y|ied)|given?|shown?|found"
    r"|contain(?:ed)?|included?)"
)
# What is said of the evidence, or by the model of itself; "is unable to predict the outcome of the
# lawsuit" and "is not included in interest expense" are a filing's own words.
_DECLINED = re.compile(
    rf"not in the filings?|\b{_SOURCE}\b[^.]{{0,40}}\b(?:does|do|did) not (?:\w+ )?{_LACKS}\b"
    rf"|\b(?:is|are|was|were) not (?:\w+ )?{_LACKS} (?:in|by) (?:the |this |these )?(?:\w+ ){{0,2}}"
    rf"{_SOURCE}"
    rf"|\b(?:is|are|was|were) not (?:\w+ )?(?:provided|stated|disclosed|mentioned|available"
    rf"|specified|given)\b"
    rf"|\bno (?:\w+ )?(?:information|mention)\b"
    rf"|\b(?:cannot|can't|can not) (?:be )?(?:determin|answer|provid|calculat|find|found)"
    rf"|\bunable to (?:determine|answer|provide|calculate|find)",
    re.I,
)
_UNIT = re.compile(r"\bin (thousand|million|billion)s\b", re.I)
_PERCENT = re.compile(r"%|\bpercent|\brates?\b|\bmargin", re.I)
_PERCENT_LINES = 8  # how far above a bare cell the table may say that it is in percent
_MAX_CITATIONS = 5
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WORD = re.compile(r"[A-Za-z][A-Za-z&-]{2,}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# Where one sentence or one entry of a row ends; not after the mark of a list, nor within a name.
_END = re.compile(
    r"(?<=[.!?])(?<!^\d\.)(?<!^\d\d\.)(?<!\b[A-Z]\.)(?<!Inc\.)(?<!Corp\.)(?<!Co\.)(?<!Ltd\.)"
    r"(?<!No\.(?=\s{1,3}\d))(?<!vs\.)(?<!approx\.)(?<!e\.g\.)(?<!i\.e\.)\s+|(?<=;)\s+|\n+",
    re.M,
)
_VERDICT = re.compile(r"\W*(?:yes|no)\b", re.I)
_LINE_ITEM = re.compile(
    r"\bline item\b(?: that states what is asked)?(?: in (?:the|its) [\w ]{3,40})?\s*(?:is|:)\s*"
    r"(?:\[\d\]\s*)?[\"“]?([^\"”\n.;:=]{3,90})",
    re.I,
)
_LINES_ABOVE = 2  # a label may stand above its amounts
_STEM = 4  # letters that two forms of a word share
_LIKENESS = 60
_FEW_WORDS = 5  # of a sentence that says something


def declined(text: str) -> bool:
    """Whether the model says that the evidence does not answer the question. A first sentence that
    states an amount answers, whatever else it says."""
    first = _SENTENCE.split(text.strip(), 1)[0]
    if not first:
        return True
    amounts = [number for number in numbers(first) if not number.is_year]
    return bool(_DECLINED.search(first)) and not amounts


@dataclass(frozen=True)
class Firm:
    """What of an answer can be stated: its arithmetic done anew ("17.8%" for "13.2%" is in
    `recalculated`), without the sentences (`left_out`) that state `doubtful` numbers, dates or
    names, or compare amounts the wrong way round. `text` is empty where nothing is left that
    answers."""

    text: str
    doubtful: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    recalculated: tuple[tuple[str, str], ...] = ()


def firm(text: str, question: str, passages: Sequence[Passage], narrative: bool) -> Firm:
    """What the evidence bears out of what a model said; `narrative` where a reason or a description
    is asked for rather than an amount."""
    printed = {abs(n.value) for passage in passages for n in numbers(passage.text)}
    worked = worked_out(plain_math(text), printed)
    doubtful = unsupported(worked.text, question, passages, worked.results)
    doubtful += worked.wrong
    doubtful += unknown_mentions(worked.text, _told(question, passages))
    kept, left_out = without(worked.text, doubtful)
    if left_out and not _answers(kept, left_out, question, narrative):
        kept = ""
    stated = tuple(pair for pair in worked.changed if pair[1] in kept)
    return Firm(kept, doubtful, left_out, stated)


def _told(question: str, passages: Sequence[Passage]) -> list[str]:
    """All that an answer may speak of."""
    about = (f"{p.company} {p.form} {p.doc} {p.text}" for p in passages)
    return [question, *about]


def _answers(kept: str, left_out: Sequence[str], question: str, narrative: bool) -> bool:
    """Whether what is kept still answers: in words; with an amount; with the last amount, to which
    a calculation comes down."""
    amounts = _amounts_of(kept, question)
    if any(map(_VERDICT.match, left_out)) and not _VERDICT.match(kept):
        return False
    if narrative:
        lines = [line for line in kept.splitlines() if line[-1:] != ":"]
        return bool(amounts) or any(len(_WORD.findall(line)) >= _FEW_WORDS for line in lines)
    concluded = any(not n.is_year for n in numbers(left_out[-1]))
    return bool(amounts) and not (concluded and asks_for_calculation(question))


def _amounts_of(text: str, question: str) -> list[Number]:
    """The amounts a text states that the question does not."""
    asked = numbers(question)
    return [n for n in numbers(text) if not (n.is_year or any(same_amount(n, q) for q in asked))]


def other_item(text: str, question: str) -> str | None:
    """The line item that an answer names as its own ("the line item is ...", as it was asked to),
    where that has no word in common with the question and is no other name of what it asks for."""
    found = _LINE_ITEM.search(text)
    own = [word for word in left_over(found[1]) if word[0].isalpha()] if found else []
    if not found or not own:
        return None
    pairs = product(own, set(_WORD.findall(question.lower())))
    if any(a.startswith(b[:_STEM]) or b.startswith(a[:_STEM]) for a, b in pairs):
        return None
    return None if _named_items(found[1]) & items_asked(question) else found[1].strip()


def of_other_lines(
    text: str, question: str, companies: Sequence[str], passages: Sequence[Passage]
) -> bool:
    """Whether the question plainly asks for a known item, and no amount that the answer states
    stands in a line that goes by any of its names, or just below one."""
    asked = _plainly_asked(question, companies)
    amounts = _amounts_of(text, question)
    if not asked or not amounts:
        return False
    for passage in passages:
        unit, lines = unit_of(passage), passage.text.splitlines()
        for n, line in enumerate(lines):
            if any(same_amount(a, printed, unit) for printed in numbers(line) for a in amounts):
                near = " ".join(lines[max(0, n - _LINES_ABOVE) : n + 1])
                if _named_items(near) & asked:
                    return False
    return True


def _plainly_asked(question: str, companies: Sequence[str]) -> frozenset[str]:
    """The items a question asks for, where it is about nothing else: no segment, region, reason."""
    bare = name_pattern().sub(" ", re.sub(r"['’]s\b", " ", question.lower()))
    names: set[str] = set()
    for company in companies:
        words = re.findall(r"[a-z0-9&]+", company.lower())
        initials = "".join(word[0] for word in words)
        names |= {*words, *(initials[:n] for n in range(2, len(initials) + 1))}
    others = {w for w in left_over(bare) if not any(map(str.isdigit, w))} - names
    return frozenset() if others else items_asked(question)


def _named_items(text: str) -> set[str]:
    plain = text.lower().replace("’", "'")
    return {known_names()[found[0]] for found in name_pattern().finditer(plain)}


def unsupported(
    text: str, question: str, passages: Sequence[Passage], results: Sequence[Result] = ()
) -> tuple[str, ...]:
    """The numbers in `text` that stand in no passage (rounded or rescaled counts as standing
    there, another unit does not), not in the question, are no `results` of calculations written
    out over such numbers, and follow from no two such numbers of the answer itself."""
    printed = [number for passage in passages for number in _printed(passage)]
    years = {passage.fiscal_year for passage in passages}
    years |= {int(year) for p in passages for year in _YEAR.findall(labelled(p.text))}
    asked = numbers(question)
    stated = numbers(text)
    known = [
        n
        for n in stated
        if any(_stands(n, p) for p in printed)
        or any(same_amount(n, q) for q in asked)
        or (n.is_year and int(n.value) in years)
        or _is_page(n, text, passages)
    ]
    worked = follow(results, {abs(n.value) for n in known})
    known += [n for n in stated if n not in known and abs(n.value) in worked]
    doubtful = [
        n
        for n in stated
        if n not in known and not follows_from(n, known) and not _is_list_mark(n, text)
    ]
    # "grew 9.2% from $284 million": the other amount of that row is not told.
    rows = _rows_of(known, passages)
    doubtful = [n for n in doubtful if not any(follows_from(n, row) for row in rows)]
    # A second step may build on the first: 2024 average, then a ratio to it.
    derived = [n for n in stated if n not in doubtful]
    return tuple(n.text for n in doubtful if not follows_from(n, derived))


def without(text: str, doubtful: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The text without the sentences that state something doubtful, or that compare their own
    amounts the wrong way round, and those sentences."""
    kept, left_out, at = "", [], 0
    for end in (*(m.end() for m in _END.finditer(text)), len(text)):
        if end < len(text) and _is_open(text[at:end]):
            continue
        sentence, at = text[at:end], end
        stated = {number.text for number in numbers(sentence)} | mentions(sentence)
        if stated & set(doubtful) or is_wrong(sentence):
            left_out.append(sentence.strip())
            kept = re.sub(r";(\s*)$", r".\1", kept)
        else:
            kept += sentence
    return kept.strip(), tuple(left_out)


def _is_open(text: str) -> bool:
    """Whether a bracket is left open."""
    return text.count("(") > text.count(")")


def cite(text: str, question: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """The evidence lines that carry the answer: for each number the row it stands in, for each
    sentence without one the line most like it; at least one for an answer."""
    lines = [(p, line) for p in passages for line in p.text.splitlines() if line.strip()]
    units = {p.number: unit_of(p) for p in passages}
    chosen: list[tuple[Passage, str]] = []
    for sentence in _SENTENCE.split(text):
        amounts = [n for n in numbers(sentence) if not (n.is_year or is_factor(n, sentence))]
        found = [best for n in amounts if (best := _row_of(n, sentence, question, lines, units))]
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
    number: Number,
    sentence: str,
    question: str,
    lines: list[tuple[Passage, str]],
    units: Mapping[int, int | None],
) -> tuple[Passage, str] | None:
    """The line where this number stands; of several, the one most like sentence and question.
    `units` are those of the passages, by their numbers (see `unit_of`)."""
    if abs(number.value) < 10 and number.decimals == 0:
        return None  # a lone digit stands anywhere
    holding = [
        (passage, line)
        for passage, line in lines
        if any(same_amount(number, printed, units[passage.number]) for printed in numbers(line))
    ]
    return max(holding, key=lambda pl: _alike(f"{question} {sentence}", pl[1]), default=None)


def _rows_of(stated: Sequence[Number], passages: Sequence[Passage]) -> list[list[Number]]:
    """The amounts of every line in which one of the stated amounts stands."""
    amounts = [n for n in stated if not n.is_year and not (abs(n.value) < 10 and not n.decimals)]
    found = []
    for passage in passages:
        unit = unit_of(passage)
        for line in passage.text.splitlines():
            row = [n for n in numbers(line) if not n.is_year]
            if any(same_amount(n, printed, unit) for n in amounts for printed in row):
                found.append(row)
    return found


def _alike(text: str, line: str) -> float:
    words = " ".join(_WORD.findall(line))
    if len(words) < 4:
        return 0.0
    return float(fuzz.token_set_ratio(" ".join(_WORD.findall(text)).lower(), words.lower()))


@dataclass(frozen=True)
class _Printed:
    """A number of a passage, the power of ten its table is in, and whether it may be a percent."""

    number: Number
    unit: int | None
    percent: bool


def _printed(passage: Passage) -> list[_Printed]:
    lines = passage.text.splitlines()
    unit = unit_of(passage)
    found = []
    in_percent = -_PERCENT_LINES - 1
    for n, line in enumerate(lines):
        if _PERCENT.search(line):
            in_percent = n
        near = n - in_percent <= _PERCENT_LINES
        found += [_Printed(number, unit, number.percent or near) for number in numbers(line)]
    return found


def unit_of(passage: Passage) -> int | None:
    """The power of ten that the passage says its amounts are in; None where it says two or none."""
    said = {word.lower() for word in _UNIT.findall(passage.text)}
    return POWERS[said.pop()] if len(said) == 1 else None


def _stands(stated: Number, printed: _Printed) -> bool:
    if stated.percent and not printed.percent:
        return False
    if printed.number.is_year and (stated.times or stated.percent or stated.currency):
        return False  # "2024 times"
    return same_amount(stated, printed.number, printed.unit)


def _is_page(number: Number, text: str, passages: Sequence[Passage]) -> bool:
    """ "page 31" of a passage shown."""
    before = text[: number.start].rstrip().lower()
    return before.endswith(("page", "p.")) and number.value in {p.page for p in passages}


def is_factor(number: Number, text: str) -> bool:
    """The 100 or 365 of a formula: "* 100%", "365 *"."""
    before, after = (
        text[: number.start].rstrip(),
        text[number.start :].lstrip("0123456789").lstrip(),
    )
    return number.value in (100, 360, 365) and (
        before[-1:] in tuple("*×") or after[:1] in tuple("*×")
    )


def _is_list_mark(number: Number, text: str) -> bool:
    """ "1." at the start of a line, or "[2]"."""
    before = text[: number.start].rsplit("\n", 1)[-1].strip()
    return abs(number.value) < 20 and (before in ("", "[", "-", "*") or before.endswith("["))
