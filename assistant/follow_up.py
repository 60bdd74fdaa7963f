"""FOLLOW-UP + THE QUESTION BEFORE -> a question that stands on its own. No model is used.

"And net income?" means the company and the years of the question before; "And in 2022?" is that
question with another year, "What about Acme?" with another company, and "Acme" with the company
where it named none. What was taken over is told, so that a reader sees it and can ask otherwise.

Does not know: a topic that is neither an item of the statements nor in the words of the question
before ("and why is that?").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.years import listed
from index.documents import Document
from index.names import LEGAL, Word, filers, named_filers, words_of
from index.query import Query, understand
from index.relative_periods import LAST_YEARS, last_years, newest_year
from index.shifts import with_shifts
from index.terms import names_in

_OPENING = re.compile(
    r"^\W*(?:and|but|also|ok(?:ay)?|then)?\W*(?:(?:what|how) about|same(?: question)?)?\b\s*", re.I
)
_EVERYONE = re.compile(
    r"\b(?:which|what) (?:compan(?:y|ies)|filers?|firms?|ones?)\b|\bwho\b"
    r"|\b(?:all|each|every|any|across|both|other)\b[\w ]{0,20}"
    r"\b(?:compan(?:y|ies)|filers?|firms?)\b",
    re.I,
)
_OWN_YEARS = re.compile(
    r"\b(?:latest|most recent|current(?:ly)?|today|now|last|past|previous|prior|recent"
    r"|over time|so far|ever)\b",
    re.I,
)
_BEFORE = re.compile(r"\b(?:year before|previous year|prior year|year earlier|last year)\b", re.I)
_AFTER = re.compile(r"\b(?:year after|following year|next year|year later)\b", re.I)
_IT = re.compile(r"\b(?:it|its|this|that|these|those)\b", re.I)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
# Words that add nothing to a question but its company and its year.
_LITTLE = frozenset(
    """
    a an and as at about but by fiscal for fy from how in is it of ok okay on or same so that the
    then this to vs was were what year years question ended end q1 q2 q3 q4 quarter before after
    previous prior earlier later following next last past over two three four five ten also company
    """.split()
)


@dataclass(frozen=True)
class Completed:
    """The `question` in full, and what was `taken` from the one before, in the reader's words."""

    question: str
    taken: tuple[str, ...] = ()


def complete(question: str, before: str | None, documents: Sequence[Document]) -> Completed:
    """`question` made to stand on its own after `before`, which did so itself."""
    alone = Completed(question)
    if not before or _EVERYONE.search(question):
        return alone
    question = with_shifts(question)
    now, then = understand(question, documents), understand(before, documents)
    # A question for no company, or for all, can be asked of one; one for a company that is not here
    # cannot.
    about = then.companies or (then.items and not then.unknown and not _EVERYONE.search(before))
    if now.unknown or not about:
        return alone
    if _only_names(question, documents):
        return _asked_again(question, before, now, then, documents)
    if now.companies or not (then.companies or now.items):
        return alone
    years = () if now.fiscal_years or _OWN_YEARS.search(question) else then.fiscal_years
    taken = [*then.companies]
    if not now.items and _IT.search(question):
        taken = [*names_in(before), *taken]
    if years:
        taken.append(
            " ".join([*filter(None, [then.fiscal_period]), "fiscal", listed(years, "and")])
        )
    return Completed(f"{question.strip()} ({', '.join(taken)})", tuple(taken)) if taken else alone


def _only_names(question: str, documents: Sequence[Document]) -> bool:
    """Whether all that it says is a company or a year."""
    words = words_of(_OPENING.sub("", question))
    places = _companies(words, documents)
    own = [
        word
        for n, word in enumerate(words)
        if n not in places and word.key not in _LITTLE | LEGAL and not re.search(r"\d", word.key)
    ]
    return not own and bool(words)


def _asked_again(
    question: str, before: str, now: Query, then: Query, documents: Sequence[Document]
) -> Completed:
    """The question before, about the company and the year named now."""
    years = now.fiscal_years
    if not years and then.fiscal_years:
        step = -1 if _BEFORE.search(question) else 1 if _AFTER.search(question) else 0
        years = (then.fiscal_years[0 if step < 0 else -1] + step,) if step else ()
    if not years and (span := LAST_YEARS.search(question)):
        newest = newest_year(now.companies or then.companies, documents)
        years = last_years(span["count"], newest) if newest else ()
    if not years and not now.companies:
        return Completed(question)
    again = before
    if now.companies:
        again = _with_company(again, " and ".join(now.companies), documents)
    if years:
        again = _with_years(again, listed(years, "and"))
    new = [*(["company"] if now.companies else []), *(["years"] if years else [])]
    return Completed(again, (f"all but the {' and the '.join(new)}",))


def _companies(words: Sequence[Word], documents: Sequence[Document]) -> set[int]:
    """The places of the words that name companies."""
    return set().union(*named_filers(words, filers(documents)).values())


def _with_company(before: str, company: str, documents: Sequence[Document]) -> str:
    """`before` with `company` where it named its own, at its end where it named none."""
    words = words_of(before)
    places = sorted(_companies(words, documents))
    if not places:
        return f"{before.rstrip()} ({company})"
    first, last = words[places[0]], words[places[-1]]
    owns = "'s" if last.owns else ""
    return f"{before[: first.start]}{company}{owns}{before[last.end :]}"


def _with_years(before: str, years: str) -> str:
    """`before` with other years, at its end where it named none."""
    named = list(_YEAR.finditer(before))
    if not named:
        return f"{before.rstrip().rstrip('?.')} in fiscal {years}?"
    return before[: named[0].start()] + years + before[named[-1].end() :]
