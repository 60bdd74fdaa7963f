"""QUESTION -> the question with years told by another year named: "the year after 2021" is fiscal
2022, "two years before 2020" fiscal 2018, "2021 and the following year" are 2021 and 2022.

What is left of such words tells a time that is not known here: no figure answers such a question
(`tells_another_time`).
"""

from __future__ import annotations

import re

from index.query import MOVES

COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
_KIND = r"(?P<kind>FY|CY|fiscal(?:\s+year)?|financial\s+year|calendar(?:\s+year)?|year)"
_YEAR = rf"(?:{_KIND}\s*)?['’]?(?P<year>(?:(?:19|20)\d\d|(?<=[FC]Y)\d\d|(?<=[FC]Y['’ ])\d\d))\b"
_CAME = r"(?:(?:that|which)\s+(?:came|comes|is|was)\s+)?"
_THAT = r"(?:(?:that|which)\s+)?"
_AFTER = (
    rf"{_THAT}(?:follow(?:ing|s|ed)|succeed(?:ing|s|ed))|{_CAME}(?:after|subsequent to)|later than"
)
_BEFORE = rf"{_THAT}preced(?:ing|es|ed)|{_CAME}(?:before|(?:prior|previous) to)|earlier than"
_RIGHT = r"(?:(?:immediately|directly|right|just)\s+)?"
# Not of several years, and no words that the year is only part of ("the 2021 plan").
_ALONE = (
    r"(?!\s*(?:,|/|&|and\b|or\b)\s*(?:FY|CY|fiscal|calendar|the)?\s*['’]?(?:19|20)\d\d)"
    r"(?=['’]s\b|\s*(?:$|[?.,;:)!])|\s+(?:and|as|at|based|by|compared|did|do|does|for|from|has|have"
    r"|how|in|is|of|on|or|over|per|relative|than|that|to|versus|vs|was|were|what|with)\b)"
)
_SHIFT = re.compile(
    r"(?<!second )(?<!third )(?<!fourth )(?<!fifth )(?<!\bor )(?<!half )(?<!half a )"
    rf"\b(?P<the>the\s+)?(?:(?:first|next|last|past|previous|full)\s+)?"
    rf"(?:(?P<count>a|one|{'|'.join(COUNTS)}|\d\d?)\s+)?(?:(?:fiscal|financial|full)\s+)*years?\s+"
    rf"{_RIGHT}(?:(?P<after>{_AFTER})|(?:{_BEFORE}))\s+(?:(?:the|that of)\s+)?{_YEAR}{_ALONE}",
    re.I,
)
# "2021 and the following year"
_BESIDE = re.compile(
    rf"\b{_YEAR}(?P<joint>\s*(?:&|and|to|through|versus|vs\.?|against|relative\s+to)\s+(?:(?:in|for)\s+)?)(?:the|its)\s+"
    r"(?:(?:(?P<after>following|next|subsequent|succeeding)|previous|prior|preceding)\s+"
    r"(?:fiscal\s+|financial\s+)?year\b(?!['’]s|\s*[:(]|\s+(?:to|FY|fiscal|\d))"
    r"|year\s+(?:(?P<after_it>after)|before|prior|earlier)\b(?=\s*(?:$|[?.,;)!])))",
    re.I,
)
# "Each year after 2021", "more than one year after 2021"; "over two years before 2020" may be all.
_OF_SEVERAL = re.compile(
    r"\b(?:each|every|any|all|per|no|many|some|few|several|recent|these|those"
    r"|(?:more|less|longer|later|earlier|sooner) than|within|at (?:least|most))\s*$",
    re.I,
)
_DURING = re.compile(r"\b(?:across|during|for|in|of|over|through|throughout|within)\s*$", re.I)
_PART = re.compile(r"(?:\b[QH][1-4]|\b[1-4][QH]|\bquarter|\bhalf|\bmonths)\W*(?:of\W*)?$", re.I)
_MOST = 20

_SPAN = r"(?:years?|periods?|quarters?|half|months?|weeks?)"
_NO_TAX = r"(?!\s+(?:the\s+)?(?:income\s+)?tax)"
_OTHER_TIMES = re.compile(
    # "the quarter following Q2 2022"
    rf"\b{_SPAN}\s+{_RIGHT}(?:{_AFTER}|{_BEFORE}){_NO_TAX}\s[^.?!;:]{{0,30}}?\b(?:FY\s?['’]?\d\d"
    r"|(?:19|20)\d\d)\b"
    # "before 2020"; "the following fiscal year 2022" is that year
    r"|\b(?:(?:prior|previous|subsequent) to|before|after)\s+(?:the\s+)?(?:end\s+of\s+)?"
    r"(?:FY|CY|fiscal(?:\s+year)?|calendar(?:\s+year)?|year)?\s*['’]?(?:19|20)\d\d\b"
    r"|(?<!from )\b(?:the\s+)(?:prior|previous|preceding)\s+(?:fiscal\s+)?year\s+to\s+"
    r"(?:FY|CY|fiscal|year)?\s*['’]?(?:19|20)\d\d\b"
    # "in the following year", "two years later"
    r"|\b(?:following|next|subsequent|succeeding|coming|upcoming|ensuing)\s+"
    r"(?:fiscal\s+|financial\s+|full\s+|calendar\s+)?(?:year|quarter|period)\b"
    r"(?!s|\s*[:(]|\s+(?:FY|CY|fiscal|calendar|of|(?:19|20)\d\d))"
    rf"|\b{_SPAN}\s+(?:after|later|afterwards|hence|thereafter)\b{_NO_TAX}",
    re.I,
)
_EARLIER = re.compile(
    r"\b(?:the|its|their)\s+(?:prior|previous|preceding)\s+(?:fiscal\s+|financial\s+)?"
    rf"(?:year|quarter|period)\b|\b{_SPAN}\s+(?:before|prior|previous|earlier)\b{_NO_TAX}",
    re.I,
)
_COMPARES = re.compile(r"\b(?:against|from|over|relative|since|than|versus|vs|y-?o-?y)\b", re.I)


def with_shifts(question: str) -> str:
    """`question` with the years named that it tells by another one."""
    return _BESIDE.sub(_beside, _SHIFT.sub(_shifted, question))


def tells_another_time(question: str) -> bool:
    """Whether it tells a time by another one in a way not understood: "the quarter after Q2 2022",
    "in the following year"; the year before only where nothing is compared with it."""
    if _OTHER_TIMES.search(question):
        return True
    compared = MOVES.search(question) or _COMPARES.search(question)
    return not compared and _EARLIER.search(question) is not None


def leads_in(before: str) -> bool:
    """Whether a year can stand behind `before` as it is."""
    return not before.strip() or bool(
        re.search(
            r"\b(?:in|for|during|of|at|end|the|by|as of|and|or|to|from|since|between|through|until"
            r"|than|over|with|versus|vs\.?|against)\s*$|[(,;:]\s*$",
            before,
            re.I,
        )
    )


def _shifted(found: re.Match[str]) -> str:
    question, said = found.string, found["count"] or ""
    before = question[: found.start()]
    count = COUNTS.get(said.lower()) or (int(said) if said.isdigit() else 1)
    plural = re.search(r"\byears\b", found[0].split(found["year"])[0], re.I) is not None
    if _OF_SEVERAL.search(before) or count > _MOST or (plural and not said):
        return found[0]
    sign, year = 1 if found["after"] else -1, _year(found)
    if count > 1 and found["the"]:
        if MOVES.search(question):
            return found[0]  # from its first year on, or from the year it is told by
        first, last = sorted((year + sign, year + sign * count))
        span = f"{_named(found, first)} to {_named(found, last)}"
        return span if leads_in(before) else f"from {span}"
    if count > 1 and _DURING.search(before):
        return found[0]
    return ("" if leads_in(before) else "in ") + _named(found, year + sign * count)


def _beside(found: re.Match[str]) -> str:
    if _PART.search(found.string[: found.start()]):
        return found[0]  # the same part of the other year
    own = found[0][: found.start("joint") - found.start()]
    other = _year(found) + (1 if found["after"] or found["after_it"] else -1)
    return f"{own}{found['joint']}{_named(found, other)}"


def _year(found: re.Match[str]) -> int:
    year = int(found["year"])
    return year if len(found["year"]) == 4 else 2000 + year


def _named(found: re.Match[str], year: int) -> str:
    """As the year is called by which it is told: of the calendar, or fiscal."""
    calendar = re.match(r"c", found["kind"] or "", re.I)
    return f"{'calendar' if calendar else 'fiscal'} {year}"
