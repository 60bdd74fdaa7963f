"""QUESTION -> what kind of answer it wants: an amount, one that has to be calculated, yes or no, or
words. A small model is asked for each in its own way (assistant.prompt), and what it says is
checked accordingly (assistant.ground)."""

from __future__ import annotations

import re
from typing import Literal

from index.wording import without_conditions

# A reason or a description is asked for, whatever amount is named with it.
_REASON = re.compile(
    r"(?:^|[.?!:;]\s+)(?:please\s+)?(?:explain|describe|discuss|summari[sz]e|outline|who\b|(?:where|when)"
    r" (?:is|are|was|were|do|does|did|has|have|will|can))\b"
    r"|(?:^|[.?!:;,]\s+)why\b"
    r"|\b(?:what|which)(?: \w+){0,3} (?:drove|caused|led|affected|contributed|impact(?:s|ed)"
    r"|influenced|results? in)\b"
    r"|\b(?:reasons?|basis|purpose|nature|definition|meaning|agenda|outcome|result|role|strategy)"
    r" (?:&|and|of|for|behind|that|why)\b"
    r"|\b(?:driven|caused|influenced|affected) by\b"
    r"|\b(?:due|attribut\w+|related) to\s*\?|\bnot (?:recogni[sz]ed|included|recorded)\b"
    r"|\bhow (?:is|are|was|were)\b.*\b(?:defined|calculated|computed|determined|derived|measured"
    r"|recogni[sz]ed|recorded|accounted|amorti[sz]ed|depreciated|classified|presented|attributed"
    r"|estimated|valued|treated|assessed)\b"
    r"|\bhow (?:does|do|did)\b.*\b(?:define|calculate|compute|determine|derive|measure|recogni[sz]e"
    r"|record|account|classify|present|estimate|value|treat|assess|describe)\b"
    r"|\bwhat\b.*\b(?:does|do|did)\b.*\b(?:represent|include|exclude|comprise|consist|reflect|mean"
    r"|refer|relate|depend|show|cover|rely|follow|contain|result)s?\b"
    r"|\bwhat (?:is|are|was|were)\b.*\b(?:included|excluded|considered|meant|made of|composed of"
    r"|comprised of)\b|\bbased on\s*\?"
    r"|\b(?:what|which)(?: (?:is|are|was|were|the|its|their|main|major|primary|key|principal|other"
    r"|different|two|three|four|five|financial))* (?:types?|kinds?|components?|factors?|categories"
    r"|methods?|assumptions?|principles?|geographies|products|services|industry|industries|risks"
    r"|customers?|suppliers?|competitors?|items|sources|steps?|focus|segments)\b"
    r"|^what (?:is|are) (?!the |its )[a-z][a-z -]{2,40}\?$",
    re.I | re.S,
)
_YES_NO = re.compile(
    r"(?:^|[.?!:;]\s+)(?:is|are|was|were|has|have|had|does|do|did|can|could|will)\b[^?]*\?", re.I
)
# What filings state in figures; a question that names none of it is asked for in words.
_AMOUNT = re.compile(
    r"\bhow (?:much|many|large|big|high|low|long|fast|far)\b|[%$]"
    r"|\b(?:amounts?|totals?|percent\w*|ratios?|margins?|rates?|charges?|costs?|cogs|expenses?"
    r"|expenditures?|capex|revenues?|sales|top ?line|income|profit\w*|loss(?:es)?|earn(?:ed|ings)"
    r"|eps|per share|ebit\w*|cash\w*|balances?|assets?|liabilit(?:y|ies)|equity|debts?|borrowings?"
    r"|dividends?|deposits?|loans?|receivables?|payables?|inventor(?:y|ies)|goodwill"
    r"|impairments?|depreciation|amortization|tax(?:es)?|capital|liquidity|return on|turnover"
    r"|backlog|millions?|billions?|thousands?|usd|growth|grew|grow|change[ds]?|average"
    r"|number of|quantity|pp&?n?e|d[sip]o)\b",
    re.I,
)
_OF_A_YEAR = re.compile(
    r"\b(?:what|which) (?:is|are|was|were)\b.*\b(?:19|20)\d\d\b"
    r"|\b(?:increase|decrease|difference|average|sum|proportion|value)\b|\byears?\b",
    re.I | re.S,
)
_CALCULATION = re.compile(
    r"%|\b(?:percent\w*|ratios?|margins?|averages?|mean|proportion|share of|growth|grow|grew"
    r"|chang\w+|increas\w+|decreas\w+|differ\w+|declin\w+|rise|rose|fall|fell|drop\w*|improv\w+"
    r"|compar\w+|higher|lower|more|less|sum|total of|turnover|days|times|return on|per)\b",
    re.I,
)

_ADVICE = re.compile(
    r"\b(should (i|we|one|investors)|would you (buy|sell|invest|recommend)"
    r"|(do you|would you|can you) recommend|recommend (buying|selling|investing)"
    r"|is (it|now) (a )?(good|right) (time|idea|moment) to (buy|sell|invest)|price target"
    r"|(is|are) (\S+ ){1,6}(a good|a bad|a safe|worth) (an )?(investment|buy|buying)"
    r"|where will (the )?(\S+ ){0,4}(stock|share)s? (price )?(be|go)"
    r"|will (the )?(\S+ ){0,4}(stock|shares?|(share|stock) price) (reach|go|rise|fall))",
    re.I,
)
# What a company has earned: no filing states it of a time to come.
_RESULT = (
    r"\b(?:revenues?|sales|top ?line|bottom line|income|profits?|earnings|eps|ebitda|ebit|margins?"
    r"|cash flows?|growth)\b"
)
_COMING = (
    r"(?:\b(?:next|coming|upcoming)\s+(?:\w+\s+){0,3}?(?:years?|quarters?|decade|months)\b"
    r"|\bin the (?:near )?future\b|\bin (?:a few|\d+|two|three|four|five|ten) years\b)"
)
_A_YEAR = rf"(?:{_COMING}|\b(?:19|20)\d\d\b)"
_BECOMES = (
    r"\b(?:reach|become|grow|rise|fall|increase|decrease|decline|drop|exceed|improve|double|triple"
    r"|shrink|look|come (?:in|to)|turn|recover"
    r"|be(?! (?:\w+ed|\w+ing|paid|spent|held|due|subject|able|taken|made|shown)\b))\b"
)
_PLEASE = r"^\W*(?:(?:please|can|could|would|you)\W+)*"
_GUESS = re.compile(
    rf"\bwill\b[^?.;]{{0,80}}?{_RESULT}[^?.;]{{0,30}}?{_BECOMES}|\bwill be [^?.;]{{0,40}}?{_RESULT}"
    r"|\bwill\b[^?.;]{0,60}\b(?:profitable|in the (?:red|black))\b"
    r"|\bhow (?:much|many)\b[^?.;]{0,60}\bwill\b[^?.;]{0,60}\b(?:earn|make|generate|lose)\b"
    rf"|{_PLEASE}(?:forecast|predict|project|extrapolate)\b[^?.;]*{_RESULT}"
    rf"|{_PLEASE}(?:estimate|guess)\b[^?.;]*{_RESULT}[^?.;]*{_A_YEAR}"
    rf"|\b(?:forecasts?|predictions?|projections?) (?:for|of)\b[^?.;]*{_RESULT}"
    rf"|\b(?:expected|forecast(?:ed)?|projected|predicted|estimated|likely|future)\s+"
    rf"(?:\w+\s+){{0,3}}{_RESULT}[^?.;]*{_A_YEAR}"
    rf"|{_RESULT}[^?.;]*{_COMING}|{_COMING}(?:['’]s)?\s+(?:\w+\s+){{0,3}}{_RESULT}",
    re.I,
)
# What was, what the company says of the future, what is agreed or accounted for, what would be if.
_NO_GUESS = re.compile(
    r"\b(?:was|were|did|had)\b|\bguid(?:ance|ed|es)\b|\boutlook\b"
    r"|(?<!we )(?<!i )(?<!investors )\bexpect(?:s|ing|ations?)?\b|\banticipat\w+|\bbeliev\w+"
    r"|\bplan(?:s|ned|ning)?\b|\btarget\w*|\bgoals?\b|\baims?\b|\bintend\w*|\bmanagement\b"
    r"|\b(?:company|its|their)(?:['’]s)? (?:own )?(?:forecast|projection|estimate)\w*"
    r"|\b(?:does|has|have)\b[^?.;]*\b(?:forecast|project|predict|estimate|sa(?:y|id)|state|guide"
    r"|give|given|provide|disclose|report|mention)d?\b"
    r"|\b(?:portion|share|part|percentage|moved|next (?:12|twelve) months)\b"
    r"|\b(?:recogni[sz]|reclassif|amorti|matur|leas|rent|pension|contribut|commit|contract|expir"
    r"|affect|impact|influenc|assum)\w*|\bbenefit payments\b|\bobligations?\b|\bbacklog\b"
    r"|\bstandards?\b|\beffects?\b|\brisks?\b|\bif\b|\bat (?:the|this) (?:same )?rate\b",
    re.I,
)
Formula = Literal["percent change", "change", "mean", "share", "sum"]
_YEARS = re.compile(r"(?:19|20)\d\d|\bfy\s?'?\d\d\b|\bf\d\d\b", re.I)
_FROM_TO = re.compile(
    r"\bfrom\b.*\bto\b|\bbetween\b.*\band\b|\bboth\b|\byear[- ](?:over|on)[- ]year\b"
)
# A weighted average, an average rate or price is a row's own name.
_MEAN = re.compile(
    r"(?<!weighted )(?<!weighted-)\b(?:average|mean)\b"
    r"(?:(?=.*\b(?:over|period)\b)|(?!.*\b(?:rates?|prices?|li(?:fe|ves)|terms?)\b))"
)
_MOVES = (
    r"(?:changed?|increased?|decreased?|difference|differ|grow|grew|growth|rise|rose|fall|fell"
    r"|drop(?:ped)?|declined?|variance)"
)
_CHANGE = re.compile(rf"\b{_MOVES}s?\b")
# "the change in percentage of sales" is one of points.
_IN_PERCENT = re.compile(
    rf"(?:\bpercent(?:age)?|%)\W{{0,3}}(?:\w+\W{{1,3}})?{_MOVES}\b"
    rf"|\b{_MOVES}\W{{0,3}}(?:in )?(?:%|percent\b)"
    r"|\b(?:by|what|how many) (?:what )?percent(?:age)?\b(?! of\b)|\bgrowth\b"
)
_SHARE = re.compile(
    r"\bas (?:a )?(?:percentage|proportion|share|%) of\b"
    r"|\bwhat (?:percentage|proportion|share|%) of\b"
    r"|\bpercentage constitution\b|\bproportion of\b.*\b(?:over|to|in)\b"
)
_SUM = re.compile(r"\b(?:sum|altogether|combined|together)\b|\btotal of\b")


def asks_for_advice(question: str) -> bool:
    """Whether an opinion on an investment is asked for, or a price to come."""
    return bool(_ADVICE.search(question))


def asks_for_guess(question: str) -> bool:
    """Whether a result of a time to come is asked for, and not what the company expects of it or
    what is agreed."""
    foreseen = _GUESS.search(question) and not _NO_GUESS.search(question)
    return bool(foreseen) and not asks_for_words(question)


def asks_for_words(question: str) -> bool:
    """Whether a reason or a description is asked for, rather than an amount."""
    figures = _AMOUNT.search(question) or _OF_A_YEAR.search(question)
    return bool(_REASON.search(question)) or not figures


def asks_yes_or_no(question: str) -> bool:
    """Whether the question can be answered by yes or no: "Has it improved?", and not "Has it
    improved or declined?"."""
    found = _YES_NO.search(without_conditions(question))
    return found is not None and not re.search(r"\bor\b|\bwhy\b", found[0], re.I)


def asks_for_calculation(question: str) -> bool:
    """Whether the amount asked for may have to be calculated from others."""
    return bool(_CALCULATION.search(question))


def asks_for_change(question: str) -> bool:
    """Whether it speaks of a change, of an amount or of anything else."""
    return bool(_CHANGE.search(question.lower()))


def formula_asked(question: str) -> Formula | None:
    """The formula that an amount which is asked for has to be calculated by, where the question
    says so: a change needs two years, and so does a mean."""
    text = question.lower()
    if re.search(r"\brespective|\bwhich\b|\bhow many\b", text):
        return None
    several = len(set(_YEARS.findall(text))) > 1 or _FROM_TO.search(text)
    if _MEAN.search(text):
        return "mean" if several else None
    if _CHANGE.search(text):
        if not several:
            return None
        shares = _IN_PERCENT.search(text) or re.search(
            r"\bas (?:a )?(?:percentage|share|%) of\b", text
        )
        return "percent change" if shares else "change"
    if _SHARE.search(text):
        return "share"
    return "sum" if several and _SUM.search(text) else None
