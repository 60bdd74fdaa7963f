"""Prompts for timing: invented report sentences, as long as asked, different in every run.

Each begins with its own words, so that no run can reuse another's cached prefix; only the
follow-up question shares its evidence with the run before, as in a chat.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from assistant.engine import Messages

_SEGMENTS = "packaging lighting logistics coatings software leasing dairy tooling".split()
_REGIONS = "northern southern coastal inland overseas domestic".split()
_SENTENCES = (
    "Net sales of the {segment} business {moved} {p}% to ${a} million, mostly in {region} markets.",
    "Gross margin in {segment} was {p}%, against {q}% a year earlier, after freight became dearer.",
    "The company spent ${a} million on plant for {segment} and wrote off ${b} million of stock.",
    "Cash from operations {moved} to ${a} million while receivables stood at ${b} million.",
    "In the {region} region the {segment} order book {moved} to ${a} million at year end.",
    "Interest expense came to ${b} million on average borrowings of ${a} million, or {p}%.",
    "Leases of {segment} sites run for {n} years and carry a liability of ${b} million.",
    "Management expects {segment} volumes to grow by {p}% once the {region} depot opens.",
)
_QUESTIONS = (
    "Retell everything the report says, sentence by sentence, with all of its figures.",
    "Retell the report from its last sentence to its first, with all of its figures.",
)
_PADDING = (" and", " also", " too", ".", " 1")


def timing_prompt(
    seed: str, question: int, tokens: int, count_tokens: Callable[[str], int]
) -> Messages:
    """One user message of `tokens` tokens by `count_tokens` (fewer by one or two where no padding
    fits). The same `seed` gives the same evidence; `question` 0 or 1 comes last."""
    asked = f"\n\nQuestion: {_QUESTIONS[question]}"
    room = tokens - max(count_tokens(f"\n\nQuestion: {text}") for text in _QUESTIONS)
    evidence = _evidence(seed, room, count_tokens)
    text = _padded(evidence + asked, tokens, count_tokens)
    return [{"role": "user", "content": text}]


def _evidence(seed: str, tokens: int, count_tokens: Callable[[str], int]) -> str:
    rng = random.Random(seed)
    text = f"{rng.randrange(10**9):,} is the number of this report."
    while count_tokens(longer := f"{text} {_sentence(rng)}") <= tokens:
        text = longer
    for word in longer[len(text) :].split():
        if count_tokens(f"{text} {word}") > tokens:
            break
        text = f"{text} {word}"
    return text


def _padded(text: str, tokens: int, count_tokens: Callable[[str], int]) -> str:
    while (missing := tokens - count_tokens(text)) > 0:
        fitting = (text + pad for pad in _PADDING if count_tokens(text + pad) > 0)
        grown = next((t for t in fitting if tokens - missing < count_tokens(t) <= tokens), None)
        if grown is None:
            break
        text = grown
    return text


def _sentence(rng: random.Random) -> str:
    return rng.choice(_SENTENCES).format(
        segment=rng.choice(_SEGMENTS),
        region=rng.choice(_REGIONS),
        moved=rng.choice(["rose", "fell"]),
        p=rng.randrange(10, 400) / 10,
        q=rng.randrange(10, 400) / 10,
        a=f"{rng.randrange(200, 9000):,}",
        b=rng.randrange(10, 200),
        n=rng.randrange(3, 20),
    )
