"""Words of an answer against words of the gold: yes or no, listed points, shared content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from eval.amounts import amounts
from eval.figures import any_agrees, asked_unit, key_amounts
from eval.questions import Question

Polarity = Literal["yes", "no"]
_ENOUGH_WORDS = 0.5
_ROUGHLY = 0.05
_PREFIX = 5
_STOP = frozenset(
    """
    a an the of in on at to for from by with and or but as is are was were be been being has have
    had do does did will would can could may might this that these those it its their they he she
    his her which who what when where why how there here than then also only not no yes more most
    less least other others such any all both each some into over under between during through up
    down out about across per via company companies year fiscal fy based provided information
    context evidence data following due primarily
    """.split()
)
_WORD = re.compile(r"[A-Za-z][A-Za-z&'’-]*[A-Za-z]|[A-Za-z]")
_SUFFIX = re.compile(r"(?:ies|ing|edly|ed|ly|es|s|ment|ation|tion|ion|al|ally|ity)$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_UP = re.compile(r"\b(?:increas|improv|gr[eo]w|ris|rose|higher|expand|gain|strengthen)\w*", re.I)
_DOWN = re.compile(
    r"\b(?:decreas|declin|dropp?|fell|fall|lower|reduc|worsen|shrink|shrank|deteriorat|contract)\w*",
    re.I,
)
_CONCLUDES = re.compile(r"\b(?:therefore|thus|hence|so,|in summary|in conclusion|overall)\b", re.I)
_NOT = re.compile(
    r"\b(?:not|no|never|neither|nor|without|lacks?|n[’']t)\b|n['’]t\b|\bunlikely\b", re.I
)


def polarity(text: str, question: str) -> Polarity | None:
    """Whether the text says yes or no to the question; None where it says neither plainly."""
    first = re.match(r"\W*(yes|no)\b", text, re.I)
    if first:
        return "yes" if first[1].lower() == "yes" else "no"
    plain = re.search(r"\bthe answer (?:\w+ ){0,5}?is:? [\"“*]*(yes|no)\b", text, re.I)
    if plain:
        return "yes" if plain[1].lower() == "yes" else "no"
    sentences = [s for s in _SENTENCE.split(text.strip()) if s.strip()]
    ends = [s for s in sentences if _CONCLUDES.search(s)]
    for sentence in (*reversed(ends), *sentences[:2]):
        said = _sentence_polarity(sentence, question)
        if said:
            return said
    return None


def _sentence_polarity(sentence: str, question: str) -> Polarity | None:
    """A statement that repeats the question's words affirms it, with a "not" denies it; one that
    says the opposite direction ("declined" to "has it improved?") denies it too."""
    shared = content_words(sentence) & content_words(question)
    asks_up, asks_down = bool(_UP.search(question)), bool(_DOWN.search(question))
    up, down = bool(_UP.search(sentence)), bool(_DOWN.search(sentence))
    negated = bool(_NOT.search(sentence))
    if asks_up != asks_down and up != down:
        same = asks_up == up
        return "yes" if same != negated else "no"
    if len(shared) < 2:
        return None
    return "no" if negated else "yes"


def content_words(text: str) -> set[str]:
    """Stems of the words that carry meaning."""
    words = (word.lower().replace("’", "'").removesuffix("'s") for word in _WORD.findall(text))
    return {_stem(word) for word in words if word not in _STOP and len(word) > 1}


def _stem(word: str) -> str:
    stem = _SUFFIX.sub("", word) if len(word) > 4 else word
    return stem if len(stem) >= 3 else word


def overlap(question: Question, text: str) -> tuple[float, float | None]:
    """The share of the gold's own content words (those the question does not hold) found in the
    text, and the share of its own figures (None: it has none)."""
    asked = content_words(question.question)
    gold = content_words(question.answer) - asked or content_words(question.answer)
    words = len(gold & content_words(text)) / len(gold) if gold else 0.0
    figures = key_amounts(question.answer, question.question)
    if not figures:
        return words, None
    unit = asked_unit(question.question, question.unit)
    stated = amounts(text)
    return words, sum(any_agrees([f], stated, unit) for f in figures) / len(figures)


def resembles(question: Question, text: str) -> bool:
    """Whether the text gives the gold's content: for a choice among the question's own options
    the same option; for "which" and "who" half of the gold's own words, or its figure, where the
    answer is stated; for the rest the same anywhere in the text."""
    options = _options(question.question)
    gold = _chosen(question.answer, options)
    if gold:
        return _chosen(text, options) == gold and supports(question, text)
    is_list = "\n" in question.answer.strip()
    asks_one = not is_list and re.search(r"\b(?:which|who)\b", question.question, re.IGNORECASE)
    words, figures = overlap(question, headline(text) if asks_one else text)
    return words >= _ENOUGH_WORDS or ((figures or 0) >= 0.5 and words >= 0.2)


def supports(question: Question, text: str) -> bool:
    """Whether the reason given for a yes, a no or a choice is not at odds with the gold's: where
    both give figures, one of the gold's is stated or is the difference, ratio or percentage change
    of two stated ones (within 5%), or half of the gold's words are there."""
    gold = [abs(a.absolute) for a in key_amounts(question.answer, question.question)]
    said = [abs(a.absolute) for a in key_amounts(text, question.question)]
    if not gold or not said or overlap(question, text)[0] >= _ENOUGH_WORDS:
        return True
    pairs = [(a, b) for a in said for b in said if b]
    known = [*said, *(x for a, b in pairs for x in (abs(a - b), a / b, abs(a - b) / b))]
    return any(abs(a - b) <= _ROUGHLY * a for a in gold for b in known)


def headline(text: str) -> str:
    """The first two sentences and the concluding ones."""
    sentences = [s for s in _SENTENCE.split(text.strip()) if s.strip()]
    return " ".join([*sentences[:2], *(s for s in sentences[2:] if _CONCLUDES.search(s))])


def _options(question: str) -> list[str]:
    """The stems of "operations, investing, or financing" in a question that lets one choose."""
    found = re.search(r"\bamong (?P<list>[^?]+?),? (?:which|who)\b", question, re.IGNORECASE)
    either = re.search(r"\b(\w+) or (\w+)\b", question)
    if found:
        items = re.split(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+", found["list"])
        firsts = [re.match(r"\W*(\w+)", item) for item in items]
        return [_stem(m[1].lower()) for m in firsts if m] if len(items) > 1 else []
    if either and _UP.search(either[0]) and _DOWN.search(either[0]):
        return [_stem(either[1].lower()), _stem(either[2].lower())]
    return []


def _chosen(text: str, options: list[str]) -> str | None:
    """The option named first in the conclusion, or else in the sentence or clause that names just
    one; of "improved or declined", the one whose way it says."""
    if not options:
        return None
    sentences = [s for s in _SENTENCE.split(text.strip()) if s.strip()]
    ends = [s for s in reversed(sentences) if _CONCLUDES.search(s)]
    clauses = [clause for s in sentences for clause in re.split(r"(?<=[:;])\s+", s)]
    for sentence in (*ends, *sentences, *clauses):
        stems = [_stem(word.lower()) for word in _WORD.findall(sentence)]
        # "operating activities" chooses "operations"
        named = [o for stem in stems for o in options if o[:_PREFIX] == stem[:_PREFIX]]
        if len(set(named)) == 1:
            return named[0]
        ways = [o for o in options if _way(o) and _way(o) == _way(sentence)]
        if len(ways) == 1 and not named:
            return ways[0]
    return None


def _way(text: str) -> Polarity | None:
    """Up is "yes", down "no"; None where it says neither, or both."""
    up, down = bool(_UP.search(text)), bool(_DOWN.search(text))
    return None if up == down else "yes" if up else "no"


def holds_points(points: Iterable[str], text: str) -> bool:
    """Whether every key point's words (three quarters of them) and figures are in the text."""
    said = content_words(text)
    stated = amounts(text)
    for point in points:
        words = content_words(point)
        if words and len(words & said) / len(words) < 0.75:
            return False
        figures = list(amounts(point))
        if any(not any_agrees([f], stated, asked_unit(point)) for f in figures):
            return False
    return True
