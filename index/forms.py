"""FORMS of the SEC: how they are written, which one a question names, and what counts as it.

A question names one form ("10-K", with its variants 10-K405 and 10-K/A), or what several are
called: an "annual report" is a 10-K, and a 20-F or 40-F of a foreign issuer, which furnishes its
other reports under 6-K; a "prospectus" is in a registration statement or filed under rule 424.
"""

from __future__ import annotations

import re

_NAMED = {
    "10-K": r"10-?ks?(?:405)?\b",
    "10-Q": r"10-?qs?\b",
    "8-K": r"8-?ks?\b|current reports?\b",
    "20-F": r"20-?fs?\b",
    "40-F": r"40-?fs?\b",
    "6-K": r"6-?ks?\b",
    "DEF 14A": r"def[amr]?\s?14a\b|schedule 14a\b|proxy (?:statements?|materials?|filings?)\b"
    r"|(?:(?:19|20)\d\d|annual|definitive|latest|last|its|their) proxy\b"
    r"(?! (?:access|advis|card|contest|fight|holder|put|season|solicit|vot))",
    "S-1": r"s-1\b",
    "S-3": r"s-3\b",
    "S-4": r"s-4\b",
    "F-1": r"form f-?1\b|f-1 (?:filing|prospectus|registration)",  # "F-1" alone is a page
    "F-3": r"form f-?3\b|f-3 (?:filing|prospectus|registration)",
    "F-4": r"form f-?4\b|f-4 (?:filing|prospectus|registration)",
}
_CALLED = {
    "earnings": r"earnings (?:release|call|report)|press release",
    "annual report": r"annual reports?\b",
    "quarterly report": r"(?:quarterly|interim|half[- ]year(?:ly)?|semi-?annual) reports?\b",
    "prospectus": r"prospectus|registration statements?\b|ipo filing",
}
_BEFORE = r"(?<![\w$€£.,-])"  # "$10k" is an amount
_SPECIFIC = {form: re.compile(rf"{_BEFORE}(?:{said})", re.I) for form, said in _NAMED.items()}
_GENERAL = {form: re.compile(rf"{_BEFORE}(?:{said})", re.I) for form, said in _CALLED.items()}
_AMENDED = re.compile(
    r"\b(?:10-?[kq]|20-?f|40-?f|[68]-?k|[sf]-[134])\s?/\s?a\b"
    r"|\bamended (?:and restated )?(?:\w+ ){0,2}(?:reports?|filings?|forms?|10-?[kq]|20-?f|40-?f)\b"
    r"|\bamendments?(?: no\.? ?\d+)? (?:to|of) (?:\S+ ){0,3}"
    r"(?:reports?|forms?|10-?[kq]|20-?f|40-?f|[68]-?k)\b",
    re.I,
)
_KINDS = {
    "ANNUAL REPORT": r"10-?K.*|20-F.*|40-F.*|ARS",
    "QUARTERLY REPORT": r"10-Q.*|6-K.*",
    "EARNINGS": r"earnings|8-K.*|6-K.*",
    "PROSPECTUS": r"[SF]-(?:1|3|4|8|11)\b.*|424B\d",
    "DEF 14A": r"(?:DEF|PRE)[ACMNR]?\s?14A|SCHEDULE 14A",
    "PROXY STATEMENT": r"(?:DEF|PRE)[ACMNR]?\s?14A|SCHEDULE 14A",
}


def form_name(form: str) -> str:
    """ "10k" -> "10-K", "10-k/a" -> "10-K/A", "s1" -> "S-1", "def14a" -> "DEF 14A"."""
    bare = re.sub(r"\s+", "", form.upper())
    bare = re.sub(r"^(DEF|PRE)(14[AC])", r"\1 \2", bare)
    bare = re.sub(r"^([SF])-?(\d)", r"\1-\2", bare)
    return re.sub(r"^(10|8|20|40|6|11|18)-?([KQF])", r"\1-\2", bare)


def form_asked(question: str) -> str | None:
    """The form, or the kind of forms, that is named ("20-F", "10-K/A", "annual report"); None where
    there is none, or several are."""
    specific = [form for form, said in _SPECIFIC.items() if said.search(question)]
    general = [form for form, said in _GENERAL.items() if said.search(question)]
    # "The earnings release in its 8-K" is a release, "the annual report on Form 10-K" a 10-K.
    if "earnings" in general and set(specific) <= {"8-K", "6-K"}:
        specific = []
    else:
        general = [] if specific else general
    named = specific + general
    if len(named) != 1:
        return None
    return f"{named[0]}/A" if _AMENDED.search(question) else named[0]


def is_form(asked: str, form: str | None) -> bool:
    """Whether a filing of `form` is what `asked` calls ("10-k" takes in 10-K405 and 10-K/A, "annual
    report" 20-F; "10-K/A" amended ones alone)."""
    kind, amended = re.subn(r"\s*/\s*A$", "", asked.strip(), flags=re.I)
    if amended and not (form or "").upper().endswith("/A"):
        return False
    name = " ".join(kind.upper().split())
    pattern = _KINDS.get(name) or _KINDS.get(form_name(kind))
    variant = pattern or re.escape(form_name(kind)) + r"(?:405|SB40|SB|T)?"
    return re.fullmatch(rf"(?:{variant})(?:/A)?", form or "", re.I) is not None
