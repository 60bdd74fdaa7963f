"""The words of a question that do not change which figure is asked for.

Three kinds: words any question is made of, ways of saying where to look or how to answer, and
units. A question with any other word left over is not taken for one of plain figures.
"""

from __future__ import annotations

import re

from index.names import LEGAL

_PLAIN = """
a about actual all also amount an and annual answer answers any approximately approximation are
as ask asked asking at balance base based be been between book booked bring brought by calculate
came can come company company's compared compute could dated did do does dollar dollars during
each earn earned end end-of-year ended ending exact express expressed figure figures find fiscal
five following for four from full fy gave generate generated give had has have held hold how if
in incur incurred into is it its know large level like like's made make many me measure metric
much need number of off on one or our over owe owed paid pay performance period please possible
post posted present previous prior profile quantity quarter quarterly ratio reach reached
reasonable record recorded relation relative report reported respectively roughly s same show
shown so some spend spent stand state stated stood tell than that the their them then there
these they this those three to total trend two us usd value versus vs want was we were what
what's when which while who whole whose with would year year's year-end yearly years you your
"""
_SOURCES = """
data 10-k 10-q 20-f 40-f access accessible accordance according address adopt adopting agreement
analyst analysts annual answering assume assuming available balance banker basing cash clearly
conclusion conclusions consider considering context details directly displayed document
documents draw drawing earnings equities exclusively extract filing filings financial flow flows
followed form give given help here here's income information investment items judging judgment
judgments just k line lines loss mainly my only operations outlined p&l perspective plainly
position presented primarily primary profit provide provided providing public q question
questions read reading refer reference referencing rely relying report resource resources
respond responding response role sheet sheets simply solely solution solve source sources stated
statement statements strictly take taken taking use used using utilize utilized utilizing via
within your
"""
_UNITS = """
basis billion billions days decimal decimals digit digits dollars express in million millions
nearest number percent percentage percentages percents place places point points round rounded
rounding terms thousand thousands times u unit units usd whole x
"""
_NUMBERS = "zero one two three four five 1 2 3 4 5"
KNOWN = frozenset(f"{_PLAIN} {_SOURCES} {_UNITS} {_NUMBERS}".split()) | LEGAL

# Each year's, or each quarter's, figure is asked for: not the year's, nor the span's.
EACH_YEAR = re.compile(
    r"\b(?:each|every)\s+(?:(?:single|fiscal|financial|full)\s+)*year\b|\beach\s+(?:one\s+)?of\b"
    r"|\byear[- ]by[- ]year\b",
    re.I,
)
EACH_QUARTER = re.compile(
    r"\b(?:(?:each|every|per|by|all(?:\s+of)?)\s+(?:of\s+)?(?:the\s+)?(?:(?:four|fiscal|single)\s+)*"
    r"quarters?|quarter[- ]by[- ]quarter|quarterly(?!\s+(?:report|filing)))\b",
    re.I,
)

_CONDITION = re.compile(
    r"(?:^|(?<=[.?!;,])\s*)(?:but\s+|and\s+)?if\b[^.?!;]*\b(?:not|isn't|aren't)\b[^.?!;]*"
    r"\b(?:useful|relevant|meaningful|applicable|suitable|explicitly outlined|something that"
    r"|appropriate|reported)\b[^.?!;]*(?:[.?!;]|$)"
    r"|(?:^|(?<=[.?!]))\s*(?:if so|if not),?[^.?!]*(?:[.?!]|$)",
    re.I,
)

# The country, and not its currency or its rules of accounting: "US", "U.S.", "us" but in "tell us".
UNITED_STATES = (
    r"(?:(?<!\w)(?:[Uu]\.[Ss]\.|U\.?S\b(?!\.))"
    r"|(?<![Tt]ell )(?<![Gg]ive )(?<![Ss]how )(?<![Ll]et )(?<!for )(?<![Hh]elp )\bus\b)"
    r"(?!\s*(?:\$|(?i:dollars?|GAAP|currency)\b))"
)


def without_conditions(text: str) -> str:
    """A question without "if X is not a useful metric, state that and explain why"."""
    return _CONDITION.sub(" ", text)


def left_over(text: str) -> list[str]:
    """The words of `text` that are not known to be harmless; marks, signs and years aside."""
    words = re.findall(r"[a-z0-9&][a-z0-9&'/-]*", text.lower())
    return [
        word
        for word in words
        if word not in KNOWN
        and word.strip("'-") not in KNOWN
        and word.removesuffix("'s") not in KNOWN
    ]
