"""COVER TEXT -> COMPANY NAME: where SEC forms and press releases state it, in the usual spelling.

Knows the wording of the forms, not companies: the line over "(Exact name of registrant …)", the
signature over "(Registrant)", headings "… and Subsidiaries", the release's dateline and headline.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

SUFFIX = (
    r"(?:inc|incorporated|corp|corporation|company|co|companies|plc|p\.l\.c|ltd|limited|llc|l\.l\.c"
    r"|lp|l\.p|n\.?v|s\.?a|s\.?e|a\.?g|trust|group|holdings?|bancorp|bancshares|partners|partnership"
    r"|partners|international|industries|enterprises|technologies|systems|stores|brands|fund)"
)
_MAX_NAME = 90
_BODY_CHARACTERS = 400_000
_EXACT = re.compile(
    r"\(?\s*exact\s+names?\s+of\s+(?:the\s+)?(?:registrants?|company|issuers?|small business)"
    r"|\(\s*names?\s+of\s+(?:the\s+)?registrant\s+as\s+specified"
    r"|\(\s*translation\s+of\s+(?:the\s+)?registrant[’']s\s+name",
    re.I,
)
_ENDS_IN_SUFFIX = re.compile(rf"\b{SUFFIX}\.?,?$", re.I)
_ONLY_SUFFIX = re.compile(rf"(?:(?:and|&|of)\s+)?(?:{SUFFIX}\.?[\s,]*)+$", re.I)
_OPEN_END = re.compile(r"(?:,|&|\b(?:and|of|the|for))$", re.I)
_FILE_NUMBER = re.compile(r"^.*?(?:commission\s+file|file\s+n)\D*?[\d-]{5,}(?:\.|\b)", re.I)
_STATE_MARK = re.compile(r"\s*/[A-Z]{2,4}/?\s*$")
_NOT_A_NAME = re.compile(
    r"\b(?:securities|commission|washington|form (?:10|20|40|8|6)|pursuant|transition|fiscal|file"
    r"|(?:annual|quarterly|current) report|exchange|indicate|registered|title of|jurisdiction"
    r"|employer|telephone|address|zip code|table of contents|mark one|exhibit|period|page|stock"
    r"|united states|whether|notes? due|par value|street|avenue|identification|index to)\b",
    re.I,
)
_SIGNED = re.compile(r"^(.{2,90})\n\((?:the )?registrant\)", re.I | re.M)
_SUBSIDIARIES = re.compile(
    r"^(.{2,90}?),?\s+and\s+(?:its\s+)?(?:consolidated\s+)?subsidiar(?:y|ies)\b(?:\s+compan(?:y|ies))?"
    r"(?=\s*$|\s+(?:consolidated|notes|table of))",
    re.I | re.M,
)
_DEFINED = re.compile(
    r"((?:The )?[A-Z0-9][\w&.’'-]*(?:,? (?:of|and|&|the|[A-Z0-9][\w&.’'-]*))*,?(?: [A-Z][\w.]*)?)"
    r"(?:,? an? [\w ]{3,40}corporation,?)?\s*\((?:together with[^)]{0,80}|collectively[^)]{0,80})?"
    r"[^)]{0,40}?[“\"](?:the )?(?:Company|Registrant|we|our)[,.]?[”\"]"
)
_EXCHANGES = (
    r"(?:NYSE(?: American| Arca)?|NASDAQ(?:[ -]?(?:GS|GM|CM|Global Select(?: Market)?))?|AMEX|TSX"
    r"|New York Stock Exchange|LSE|ASX|OTC[A-Z]*|Cboe)"
)
LISTED = re.compile(
    rf"\(?\b{_EXCHANGES}(?:\s*(?:and|/|,|;)\s*\w+)?\s*:\s*[“\"]?([A-Z]{{1,5}}(?:[.-][A-Z])?)\b",
    re.I,
)
_LISTED_NAME = re.compile(
    r"((?:The )?[A-Z0-9][\w&.’'®™-]*(?:,? (?:of|and|&|the|[A-Z0-9][\w&.’'®™-]*)){0,7})\s*"
    rf"(?:\([^()]{{0,40}}\)\s*)?\(\s*{_EXCHANGES}[^)]{{0,40}}:",
)
HEADLINE = re.compile(
    r"^(?P<name>.{2,80}?)(?:[’']s)?,?\s+(?:today\s+)?"
    r"(?:reports?|reported|announces?|announced|delivers?|posts?|releases?|achieves?|provides?)\s+"
    r"(?=(?P<what>[^.]{0,200}))",
    re.I | re.M | re.S,
)
_LEGAL_WORDS = frozenset("inc incorporated corp corporation company co ltd limited".split())
_SMALL_WORDS = frozenset("of and the for in on at by de la du y".split())


def company_name(pages: Sequence[str]) -> str | None:
    """The filer's name as its document usually writes it, or None where no wording tells."""
    body = "\n".join(pages)[:_BODY_CHARACTERS]
    for candidate in _candidates(pages, body):
        name = _clean(candidate)
        if name:
            return as_written(name, body)
    return None


def release_company(pages: Sequence[str], headline: re.Match[str] | None) -> str | None:
    """The company that a press release is about: the listed name of its dateline, else the name
    its headline starts with, with the legal form the text gives it."""
    head = " ".join("\n".join(pages[:2]).split())
    listed = _LISTED_NAME.search(head)
    name = _clean(listed[1]) if listed else None
    if not name and headline:
        name = _clean(headline["name"].split("\n")[-1])
    if not name:
        return None
    body = "\n".join(pages)[:_BODY_CHARACTERS]
    return _with_legal_form(as_written(name, body), body)


def as_written(name: str, body: str) -> str:
    """`name` in the spelling most common in `body`: case, commas, and words that small capitals
    tore apart. A name that only ever stands in capitals is set in title case."""
    letters = [re.escape(letter) for letter in re.sub(r"[\W_]+", "", name)]
    if not letters:
        return name
    spelt = r"[\s.,’'&-]{0,3}".join(letters)
    dot = r"\.?" if re.search(r"\b(?:inc|corp|co|ltd)\.?$", name, re.I) else ""
    found = Counter(
        " ".join(match.split()) for match in re.findall(rf"(?<!\w){spelt}{dot}(?!\w)", body, re.I)
    )
    mixed = {text: count for text, count in found.items() if _is_mixed_case(text)}
    if mixed:
        best = max(mixed, key=lambda text: (mixed[text], -text.count(" "), text))
        return f"{best}." if f"{best}." in mixed else best
    return name if _is_mixed_case(name) else _title_case(name, body)


def _candidates(pages: Sequence[str], body: str) -> Iterator[str]:
    cover = "\n".join(pages[:3])
    yield from _above_exact_name(cover)
    lines = [line.strip() for line in cover.splitlines() if line.strip()]
    for n, line in enumerate(lines[:40]):
        if _FILE_NUMBER.match(line) and n + 1 < len(lines) and "commission" in line.lower():
            yield _FILE_NUMBER.sub("", line).strip() or lines[n + 1]
    signed = Counter(found.strip() for found in _SIGNED.findall(body + "\n".join(pages[-12:])))
    yield from (name for name, _ in signed.most_common(3))
    headed = Counter(" ".join(found.split()).upper() for found in _SUBSIDIARIES.findall(body))
    yield from (name for name, _ in headed.most_common(3))
    yield from (line for line in lines[:40] if _ENDS_IN_SUFFIX.search(line) and len(line) < 60)
    defined = _DEFINED.search(" ".join("\n".join(pages[:12]).split()))
    if defined:
        yield defined[1]


def _above_exact_name(cover: str) -> Iterator[str]:
    for found in _EXACT.finditer(cover):
        lines = [part for line in cover[: found.start()].splitlines() for part in _parts(line)]
        for n in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
            if not _clean(lines[n]):
                if _FILE_NUMBER.match(lines[n]) or len(lines[n]) > 2 * _MAX_NAME:
                    break
                continue
            above = lines[n - 1] if n else ""
            wrapped = _ONLY_SUFFIX.match(lines[n]) or _OPEN_END.search(above)
            if wrapped and _clean(above):
                yield f"{above} {lines[n]}"
            yield lines[n]
            break
        after = re.search(r"charter\)?\s*:?\s*(.+)", cover[found.end() : found.end() + 200])
        if after and _ENDS_IN_SUFFIX.search(after[1].strip()):
            yield after[1].strip()


def _parts(line: str) -> list[str]:
    """A line's pieces between rules drawn with underscores, dashes or equals signs."""
    return [part.strip() for part in re.split(r"[_=*]{3,}|-{4,}", line) if part.strip(" .-|")]


def tidy_name(text: str) -> str | None:
    """`text` without marks, rules and spare blanks, or None where it cannot be a name: no two
    letters, mostly figures, or longer than any. A filing is anyone's text and its name goes into
    prompts: it ends at the first control token of a language model or mark-up ("<|…|>", "<…>")."""
    text = re.split(r"<\W*\w|\[/?INST", text)[0]
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = re.sub(r"\s+(?=[.,]|$)", "", " ".join(text.split()))
    text = _STATE_MARK.sub("", re.sub(r"[®™℠<>{}|`]|\(\d\)$", "", text))
    text = text.strip(" ,;:|*•–—-_“”\"'")
    if not (2 <= len(text) <= _MAX_NAME):
        return None
    letters = sum(letter.isalpha() for letter in text)
    digits = sum(letter.isdigit() for letter in text)
    if letters < 2 or digits > letters + 1 or text.lower() in ("or", "and", "none", "the company"):
        return None
    return text


def _clean(text: str) -> str | None:
    """`text` as the company's name on a cover, or None when it cannot be one."""
    name = tidy_name(_FILE_NUMBER.sub("", re.sub(r"\s+(?=[.,]|$)", "", " ".join(text.split()))))
    if name is None or name[0] in "([☐☒" or _NOT_A_NAME.search(name):
        return None
    name = re.sub(r",?\s+and\s+(?:its\s+)?(?:consolidated\s+)?subsidiaries$", "", name, flags=re.I)
    return name if len(name) > 1 else None


def _with_legal_form(name: str, body: str) -> str:
    if _ENDS_IN_SUFFIX.search(name):
        return name
    forms = re.findall(
        rf"\b{re.escape(name)}(,? (?:Inc\.?|Corp\.?|Corporation|Company|plc|PLC|Ltd\.?|LLC))(?!\w)",
        body,
    )
    return name + Counter(forms).most_common(1)[0][0] if forms else name


def _is_mixed_case(text: str) -> bool:
    return any(letter.islower() for letter in text) and any(
        letter.isupper() or letter.isdigit() for letter in text
    )


def _title_case(name: str, body: str) -> str:
    """ "CVS HEALTH CORPORATION" -> "CVS Health Corporation": a word stays in capitals where running
    text writes it so, or where it has no vowel."""
    prose = " ".join(line for line in body.splitlines() if sum(map(str.islower, line)) > 20)
    words = []
    for n, word in enumerate(name.split()):
        bare = re.escape(re.sub(r"\W+$", "", word))
        capitals = len(re.findall(rf"\b{bare}\b", prose))
        other = len(re.findall(rf"\b{bare}\b", prose, re.I)) - capitals
        initials = not re.search(r"[AEIOUY]", bare)
        if n and word.lower() in _SMALL_WORDS:
            words.append(word.lower())
        elif bare.lower() in _LEGAL_WORDS:
            words.append(word.capitalize())
        elif capitals > other or (initials and not other):
            words.append(word)
        else:
            words.append("-".join(part.capitalize() for part in word.split("-")))
    return " ".join(words)
