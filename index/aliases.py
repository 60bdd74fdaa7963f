"""PAGES + COMPANY -> OTHER NAMES that a filing itself gives it: former names on the cover, trade
names, and short names defined beside the name ("International Widget Makers Corporation (IWM)").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.company import tidy_name
from index.names import plain_name

_COVER_CHARACTERS, _TEXT_CHARACTERS, _LONGEST_BRACKET = 9_000, 60_000, 210
_MOST = 8
_LONGEST = 60
_WORD = r"[A-Z0-9][\w&.’'-]*"
_NAME = rf"[“\"]?((?:The )?{_WORD}(?:,? (?:(?:of|and|&|the) )?{_WORD}){{0,6}})"
_KNOWN_AS = (
    r"\(?\s*(?:(?i:formerly|previously)(?i:(?:,| known as| named| called| operating as)?)"
    rf"|(?i:f/k/a|fka|doing business as|d/b/a|dba|trading as))\s+{_NAME}"
)
# On a line of its own; a filing also tells what its plants and subsidiaries were called.
_OWN_LINE = re.compile(rf"^\W*{_KNOWN_AS}\W*$", re.M)
_BESIDE = re.compile(rf"[\s,.]*{_KNOWN_AS}")
_CONFORMED = re.compile(r"^\W*FORMER CONFORMED NAME:\s*(\S.*)$", re.M)
_FORMER_NAME = re.compile(r"^(.{3,60})\n\W*\(?(?:former name)\b", re.M | re.I)
_NO_NAME = re.compile(r"\b(?:n/?a|not applicable|none|no change|same)\b|^\W*$", re.I)
_QUOTED = re.compile(r"[“\"]([^“”\"]{2,40}?)[,.]?[”\"]")
_INITIALS = re.compile(r"(?:[A-Z]&?){2,6}")
# What filings call themselves for short, whoever they are; what is defined beside them.
_ANYONE = frozenset(
    """we us our ours company corporation registrant issuer group firm bank trust partnership
    parent fund holdings holding subsidiary subsidiaries ifrs gaap sec nyse plc inc llc usa us
    ltd adr ads guarantor borrower lender seller buyer purchaser agent landlord tenant employer
    party""".split()
)


def aliases_of(company: str | None, pages: Sequence[str]) -> tuple[str, ...]:
    """The other names of `company`, each once, as written; none that is only part of its name."""
    own = plain_name(company or "")
    if not company or not own:
        return ()
    found: dict[str, str] = {}
    for said in _said(company, pages):
        name = tidy_name(said)
        plain = plain_name(name or "")
        if name and plain and plain != own and len(name) <= _LONGEST and _may_be(plain):
            found.setdefault(plain, name)
    return tuple(list(found.values())[:_MOST])


def _may_be(plain: str) -> bool:
    return not set(plain.split()) <= _ANYONE | {"the", "&", "of"} and any(map(str.isalpha, plain))


def _said(company: str, pages: Sequence[str]) -> Iterator[str]:
    cover = "\n".join(pages[:3])[:_COVER_CHARACTERS]
    yield from _CONFORMED.findall(cover)
    yield from (found for found in _FORMER_NAME.findall(cover) if not _NO_NAME.search(found))
    yield from _OWN_LINE.findall(cover)
    spelt = r"[\s.,]{0,3}".join(re.escape(word) for word in re.findall(r"[^\s.,]+", company))
    text = " ".join("\n".join(pages[:20])[:_TEXT_CHARACTERS].split())
    for named in re.finditer(rf"\b{spelt}(?!\w)", text, re.I):
        if found := _BESIDE.match(text, named.end()):
            yield found[1]
        yield from _defined(text[named.end() : named.end() + _LONGEST_BRACKET])


def _defined(after: str) -> Iterator[str]:
    """Names in brackets right after the company's, quoted or as initials."""
    found = re.match(r"[.,]{0,2}\s*\(([^()]{2,200})\)", after)
    if not found:
        return
    quoted = [name for name in _QUOTED.findall(found[1]) if name[:1].isupper()]
    yield from (re.sub(r"^[Tt]he ", "", name) for name in quoted)
    if _INITIALS.fullmatch(found[1]):
        yield found[1]
