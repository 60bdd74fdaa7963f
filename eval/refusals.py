"""Whether a text declines to answer. Systems decline in many words; labels call all of them the
same, so that a model is neither credited for nor charged with a guess it did not make."""

from __future__ import annotations

import re

_LACKS = re.compile(
    r"not in the filings?"
    r"|\b(?:do(?:es)?|did)(?: not|n['’]t) (?:\w+ ){0,2}?(?:have|see|find|contain|provide|mention"
    r"|specify|state|include|disclose|give|show|offer|outline|list|possess"
    r"|appear to (?:contain|include|provide))\b"
    r"|\b(?:is|are|was|were)(?: not|n['’]t) (?:\w+ ){0,2}?(?:provided|stated|disclosed|mentioned"
    r"|available|specified|included|given|shown|contained|found|present|outlined)\b"
    r"|\b(?:there is|there are|contains?|provides?|includes?|have|has)(?: \w+)? no (?:\w+ ){0,3}?"
    r"(?:information|mention|data|details|figures|context|reference)\b"
    r"|\bno (?:\w+ ){0,2}?(?:information|mention|data|details)\b"
    r"|\b(?:cannot|can ?not|can['’]t|could not|couldn['’]t|unable to|not able to|not possible to"
    r"|impossible to|difficult to) (?:\w+ ){0,2}?(?:be )?(?:determine|answer|provide|calculate|find"
    r"|give|confirm|compute|access|assess|conclude|ascertain|locate|say|identify|verify)"
    r"|\b(?:would|will|you['’]d|you['’]ll|i['’]d) (?:\w+ ){0,3}?need"
    r" (?:to (?:look|refer|review|know|have|access|consult|check|find|obtain)"
    r"|access|the|more|additional|specific)"
    r"|\bwithout (?:\w+ ){0,4}?(?:information|data|details|figures|access|context|values)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_APOLOGY = re.compile(r"^\W*(?:i['’]?m sorry|i apologi[sz]e|sorry|unfortunately)\b", re.IGNORECASE)
_OFFERS = re.compile(r"\bif you (?:can |could )?(?:provide|have|share|give)\b", re.IGNORECASE)
_ANSWERS = re.compile(r"^\W*(?:yes|no)\b|\bthe answer (?:to \w+ \w+ )?is\b", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"^\W*(?:therefore|thus|hence|so|overall|in summary|in conclusion|rounded)\b|[=≈]\s*[-($]*\d",
    re.IGNORECASE,
)


def declines(text: str) -> bool:
    """Whether the answer says that it cannot be given: it starts with an apology; or starts or
    ends by saying what is missing, without an answer after all."""
    sentences = [part for part in _SENTENCE.split(text.strip()) if part.strip()]
    if not sentences or _APOLOGY.match(sentences[0]):
        return True
    if _ANSWERS.search(sentences[0]) or _ANSWERS.search(sentences[-1]):
        return False
    lacking = [bool(_LACKS.search(part)) for part in sentences]
    if lacking[-1] or _OFFERS.search(sentences[-1]):
        return any(lacking)
    concluded = any(
        _CONCLUDES.search(part) and not lack
        for part, lack in zip(sentences[1:], lacking[1:], strict=True)
    )
    return any(lacking[:2]) and not concluded
