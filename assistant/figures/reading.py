"""MARKED QUESTION -> what is to be done with the names in it: one value, a mean, a change, a rank.

The names of items and metrics have been replaced by marks. Every other word has to be a known turn
of phrase; else the question is none of plain figures and `read` gives None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from assistant.figures.formula import Named, Node, Operation
from index.terms import basic_parts, items, made_of, metrics, title
from index.wording import EACH_QUARTER, EACH_YEAR, left_over

Shape = Literal[
    "value", "mean", "growth", "cagr", "difference", "sign", "healthy", "rank", "steady", "exists"
]
Direction = Literal["up", "down"]
Each = Literal["year", "quarter"]

_EACH_OF = re.compile(r"\beach\s+(?:one\s+)?of\b")
FIRST_MARK = 0xE000
MARK = re.compile("[\ue000-\ue0ff]")
_UP = re.compile(
    r"\b(?:improv\w*|increas\w*|grow(?:n|s|ing|th)?|grew|ris(?:e|en|es|ing)|rose"
    r"|expand\w*|higher)\b"
)
_DOWN = re.compile(
    r"\b(?:declin\w*|decreas\w*|drop\w*|fall(?:en|s|ing)?|fell|reduc\w*|shr[aiu]nk\w*|worsen\w*"
    r"|deteriorat\w*|lower)\b"
)
_YES_NO = re.compile(r"(?:^|[.?!,:;]\s*)(?:does|do|did|is|are|was|were|has|have|had)\b")
_MEAN = re.compile(
    r"\b(?:(?P<count>\d+|two|three|four|five|ten)[- ]*(?:fiscal[- ])?years?'?[- ]*)?"
    r"(?:average|mean)\b(?:\s+of\b)?"
)
_CAGR = re.compile(
    r"\b(?:cagr|compound(?:ed)? annual (?:growth )?rate(?: of growth)?)\b(?:\s+(?:in|of|for)\b)?"
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
_CHANGE = re.compile(
    r"\b(?:year[- ](?:over|on)[- ]year|y-?o-?y|annual|yearly)?\s*(?:percent(?:age)?|%)?\s*"
    r"\b(?P<what>growth(?: rate)?|change|increase|decrease|decline|difference|compare)[sd]?\b"
    r"(?:\s+(?:in|of|with|to)\b)?"
)
_ANNUAL = re.compile(r"\b(?:annual|yearly)\b")
_CHANGES = ("growth", "difference")
YOY = re.compile(r"\b(?:year[- ](?:over|on)[- ]year|y-?o-?y)\b")
_JOINS: tuple[tuple[re.Pattern[str], Literal["+", "-", "/"]], ...] = (
    (
        re.compile(
            r"as (?:a |an )?(?:%|percent(?:age)?|share|fraction|proportion|ratio) (?:of|to)"
        ),
        "/",
    ),
    (re.compile(r"divided by"), "/"),
    (re.compile(r"less|minus"), "-"),
    (re.compile(r"plus"), "+"),
)
_LISTED = re.compile(r"(?:,|and|or|,\s*and|,\s*or|&)")
_MOST = re.compile(r"\b(?:most|highest|higher|largest|larger|greatest|greater|biggest|best|more)\b")
_LEAST = re.compile(r"\b(?:least|lowest|lower|smallest|smaller|worst|less)\b")
_RANKING = re.compile(
    r"\b(?:among|amongst|most|higher|highest|larger|largest|greater|greatest|bigger|biggest"
    r"|more|least|lower|lowest|smaller|smallest|lost|less"
    r"|activities)\b"
)
_HEALTHY = re.compile(
    r"\b(?:reasonably|relatively|fairly)?\s*(?:healthy|adequate|sufficient|sound|good)\b"
    r"(?:\s+liquidity)?"
)
# "historically consistent (not fluctuating more than roughly 2% each year)"
_STEADY = re.compile(
    r"\b(?:historically|relatively|fairly|reasonably)?\s*(?:consistent|stable|steady)\b"
    r"(?:\s+(?:trend|over time|historically))?"
)
_FLUCTUATING = re.compile(
    r"\b(?:not\s+|without\s+)?(?:fluctuat|vary|chang|mov)\w*\s+(?:by\s+)?(?:no\s+)?more than\s+"
    r"(?:roughly\s+|about\s+|approximately\s+)?(\d+(?:\.\d+)?)\s*(?:%|percent\w*)"
    r"(?:\s+points?)?(?:\s+(?:each|per|a|every)\s+year|\s+annually)?"
)
# "Did it pay dividends to common shareholders?", "Does it have goodwill?"
_PAYS = re.compile(r"\b(?:pay|pays|paid|paying|distribut\w*)\b")
_STATES = re.compile(r"\b(?:record(?:ed)?|report(?:ed)?|incur(?:red)?|carr(?:y|ied)|hold|held)\b")
_HAS = re.compile(r"^\W*(?:do|does|did)\b.*\b(?P<has>have)\b", re.S)
# What may stand beside these words where nothing else is asked than whether there is any.
_ABOUT_IT = frozenset(
    """a an the its their it do does did has have had in for at as of during on to end year years
    fiscal fy based data s""".split()
)
_PAID_OUT = ("dividends", "taxes_paid", "interest_paid")
_TO_WHOM = re.compile(r"\bany\b|\b(?:common|ordinary|(?:share|stock)(?:holder)?s?)\b")
# "a capital-intensive business"
_FEW_POINTS = Decimal(2)
_CALLED = re.compile(r"\b(?:business|company|firm)\b")
_SIGN = re.compile(r"\b(?:positive|negative)\b")
_INSTRUCTS = re.compile(
    r"^(?:please\s+)?(?:calculate|compute|use|base|answer|give|respond|provide|address|assume"
    r"|round|express"
    r"|you are|we (?:want|need)|in answering|for the calculation)\b"
)
_ASIDE = re.compile(r"\((?:[^()]*)\)|\[[^\[\]]*\]")
_USING = re.compile(
    r",?\s*\b(?:using|based on|calculated (?:as|from|using)|derived from)\b[^?]*(?=\?|$)"
)
# Which balances a return or a turnover is to be taken of: a formula's own, or others.
_ENDING = re.compile(r"\b(?:ending|end|year-end|closing|beginning|opening|start)\b")
_BASIS = re.compile(
    r"\b(?:ending|closing|beginning|opening|year[- ]end"
    r"|(?:end|start|beginning)[- ]of[- ](?:the[- ])?(?:year|period))\s+(?:of\s+)?"
    r"(?:basis|balances?|values?|figures?|amounts?)\b"
)
# "A as a percentage of" what? Of words that are no name.
_OF_WHAT = re.compile(
    r"(?:%|\b(?:percent(?:age)?|share|fraction|proportion|ratio)) (?:of|to)\s+"
    r"(?:(?:the|its|total)\s+)*$"
)
# "What share of A was B?", "what was the share of B in A?"
_WHAT_SHARE = re.compile(
    r"\b(?:what|which)\s+(?:%|percent(?:age)?|share|fraction|(?:pro)?portion) of\s+"
    r"(?:(?:the|its|total|'s)\s+)*$"
)
_THE_SHARE = re.compile(
    r"\b(?:%|percent(?:age)?|share|fraction|(?:pro)?portion) of\s+(?:(?:the|its|total|'s)\s+)*$"
)
_WAS = re.compile(
    r"(?:(?:in|for|during|of|at|the|end|year|fiscal)\s+)*"
    r"(?:is|was|were|are|comes? from|came from|did|does)(?:\s+(?:the|its|total|'s))*"
)
_WITHIN = re.compile(r"(?:in|out of|within)(?:\s+(?:the|its|total|'s))*")
_MAKES_UP = re.compile(r"\b(?:represent|make up|account for|constitute|contribute)\b")
# What a name beside these words is of: "financial assets", "data revenue", "sources of cash" and
# "prior years' costs" are not the assets, revenue, cash and costs.
_OF_ANOTHER = re.compile(
    r"(?:\b(?:financial|investments?|data|cash|income|earnings|loss|profits?|operations|information"
    r"|resources?|solution|public|documents?|equities|agreement)\s+"
    r"|\b(?:income|earnings|loss|profits?|investments?|sources?(?: and uses)?) (?:in|on|of|from)\s+"
    r"|\b(?:prior|previous)[- ](?:fiscal )?(?:years?|periods?)['s]*\s+)"
    r"(?:(?:the|its|total|reported)\s+)*$"
)
# And before these: "equity income", "a goodwill loss", "revenue and investment income".
_ANOTHER = re.compile(
    r"\s*(?:(?:and|or|plus|&)\s+(?:(?:the|its|total|financial)\s+)*)?"
    r"\b(?:income|earnings|loss|profits?|investments?|items)\b"
)
# What is used up is an outflow, which is printed below zero: the most of it is the lowest.
_USED_UP = re.compile(
    r"\b(?:us(?:e|es|ed)|spen[dt]s?|consum(?:e|es|ed)|burn(?:s|ed|t)?|los[et]s?)\b"
)
_TOGETHER = re.compile(r"\b(?:total|sum)\s+of\s+(?:(?:the|its)\s+)*$")
_APART = re.compile(r"\bdifference\s+between\s+(?:(?:the|its)\s+)*$")
_ONE_NUMBER: tuple[tuple[re.Pattern[str], Literal["+", "-"]], ...] = (
    (_TOGETHER, "+"),
    (_APART, "-"),
)
_PAIR = 2
# What passed in a period; of a balance it asks for another figure than the balance.
_MOVED = re.compile(
    r"\b(?:pa(?:y|ys|id|ying)|spen[dt]s?|spending|incur(?:s|red|ring)?|book(?:s|ed|ing)?"
    r"|br(?:ing|ings|ought)|generat(?:e|es|ed)|earn(?:s|ed)?|lost"
    r"|us(?:e|es|ed)(?!\s+(?:in|for|to|on|by)\b))\b"
)
_COUNTED = re.compile(
    r"\bhow many\b(?!\s+(?:u\.?s\.?d?\s+)?(?:dollars|thousands?|millions?|billions?)\b)"
    r"(?!\s+(?:percent(?:age)?|%|basis points|points|times|days|years)(?!\w))"
    r"|\bnumber of\b(?!\s+(?:decimals?|digits|dollars|thousands|millions|billions|days|times)\b)"
)


@dataclass(frozen=True)
class Reading:
    """What is to be done: with `nodes` (one, unless several are listed or ranked), which are called
    `names`, in which shape. `count` is the years of an average; `yes_no`: a yes or a no is wanted,
    `direction` being the way the question supposes; `improving`: better is meant, not higher;
    `limit`: by how many points a share may change a year and be called steady. `counted`: a number
    of things is wanted; `moved`: what was paid, spent or earned in a period; `part`: which share of
    a whole something is; `each`: of which parts of the time asked about each one's figure is
    wanted."""

    nodes: tuple[Node, ...]
    names: tuple[str, ...]
    shape: Shape
    count: int | None = None
    yes_no: bool = False
    improving: bool = False
    direction: Direction | None = None
    least: bool = False
    limit: Decimal = _FEW_POINTS
    counted: bool = False
    moved: bool = False
    part: bool = False
    each: Each | None = None


def read(text: str, ids: list[str], percent: bool, years: int, companies: int) -> Reading | None:
    """Nodes, names, shape and judgement asked for by the marked text; None if any word is new."""
    sentences = [part for part in re.split(r"(?<=[.?!])\s+", text) if part.strip(" .?!")]
    main = next((s for s in sentences if MARK.search(s) and "?" in s), None)
    main = main or next((s for s in sentences if MARK.search(s)), "")
    for other in sentences:
        if other is main:
            continue
        if MARK.search(other) and not _INSTRUCTS.match(other.strip()):
            return None
        if left_over(_CHANGE.sub(" ", MARK.sub(" ", other))):
            return None
    others = [other for other in sentences if other is not main]
    return _read_main(main, ids, percent, years, companies, others)


def _read_main(
    main: str, ids: list[str], percent: bool, years: int, companies: int, others: list[str]
) -> Reading | None:
    """`others` are the question's other sentences: how to go about it."""
    fluctuating = _FLUCTUATING.search(main)
    main = _FLUCTUATING.sub(" ", main)
    if companies > 1 and years < _PAIR:
        main = _EACH_OF.sub(" ", main)  # the companies
    each: Each | None = "quarter" if EACH_QUARTER.search(main) else None
    each = each or ("year" if EACH_YEAR.search(main) else None)
    main = EACH_YEAR.sub(" ", EACH_QUARTER.sub(" ", main))
    for aside in _ASIDE.findall(main):
        if left_over(_LEAST.sub(" ", _RANKING.sub(" ", MARK.sub(" ", aside)))):
            return None
    clauses = [*others, *_ASIDE.findall(main)]
    main = _ASIDE.sub(" ", main)
    using = _USING.search(main)
    if using and MARK.search(main[: using.start()]):
        if left_over(MARK.sub(" ", using[0])):
            return None
        clauses.append(using[0])
        main = main[: using.start()] + "?"
    places = [found.start() for found in MARK.finditer(main)]
    if not places:
        return None
    before, after = main[: places[0]], main[places[-1] + 1 :]
    between = [main[a + 1 : b].strip() for a, b in pairwise(places)]
    keys = [ids[ord(main[p]) - FIRST_MARK] for p in places]
    if not _is_made_so(keys, clauses, ids):
        return None
    if _OF_ANOTHER.search(before) or _ANOTHER.match(after):
        return None
    if of_whole := _of_whole(before, between, keys):
        node, name, asking = of_whole
        found = Reading((node,), (name,), "value", part=True)
        around = f"{before[: asking.start()]} \n {_MAKES_UP.sub(' ', after)}"
        return None if years > 1 or left_over(around) else found
    if _OF_WHAT.search(before) and not (keys[0] in metrics() or between[:1] == ["to"]):
        return None  # of which, nothing says
    if _BASIS.search(main) and _takes_means(keys):
        return None
    combined = _combined(keys, between)
    if combined is None:
        return None
    nodes, names, joined = combined
    if joined and not all(map(_is_share, nodes)):
        return None  # "A as a percentage of B and C"
    if len(nodes) == 1 and years > 1 and _TOGETHER.search(before):
        return None  # of the years
    for one_number, sign in _ONE_NUMBER:
        if len(nodes) > 1 and (said := one_number.search(before)):
            if sign == "-" and len(nodes) > _PAIR:
                return None
            nodes, names = _together(nodes, names, sign)
            before = before[: said.start()]
    around = f"{before} \n {after}"
    yes_no = bool(_YES_NO.search(main)) and not re.search(r"\b(?:what|how|which)\b", main)
    if margin := re.match(r"\s*(?:%\s*)?margins?\b", after):
        nodes = tuple(Operation("/", node, Named("revenue")) for node in nodes)
        names = tuple(f"{name} margin" for name in names)
        around = f"{before} \n {after[margin.end() :]}"
        joined = True
    counted, moved = bool(_COUNTED.search(around)), bool(_MOVED.search(around))
    plain = Reading(nodes, names, "value", counted=counted, moved=moved)
    compared = yes_no or len(nodes) > 1 or companies > 1
    if compared and _USED_UP.search(around) and any(key.endswith("_cash_flow") for key in keys):
        return None
    several = len(nodes) > 1 or (companies > 1 and re.search(r"\b(?:which|whose|who)\b", main))
    if several and (_MOST.search(around) or _LEAST.search(around)):
        ranked = replace(plain, shape="rank", least=not _MOST.search(around))
        return None if left_over(_RANKING.sub(" ", around)) else ranked
    shaped = _shaped(
        plain,
        main,
        around,
        yes_no,
        percent and not joined and not _is_share(nodes[0]),
    )
    if shaped is None or left_over(shaped[1]):
        return None
    found, _ = shaped
    if fluctuating:
        if found.shape != "steady":
            return None
        found = replace(found, limit=Decimal(fluctuating[1]))
    enough = years > 1 or found.shape not in ("mean", "cagr") or found.count
    return _of_each(found, each, around, years) if enough else None


def _of_each(found: Reading, each: Each | None, around: str, years: int) -> Reading | None:
    """The reading with what it is of each of; None where that is not sure."""
    changes = found.shape in _CHANGES
    if changes and years > _PAIR and not each:
        if YOY.search(around):
            each = "year"
        elif _ANNUAL.search(around):
            return None  # each year's, or the mean
    if each is None or found.shape == "steady":
        return found
    if each == "quarter":
        return replace(found, each=each) if found.shape == "value" else None
    if years == 1 or found.yes_no or not (changes or found.shape == "value"):
        return None
    alone = len(found.nodes) == 1 or not changes
    return replace(found, each=each) if alone else None


def _of_whole(
    before: str, between: list[str], keys: list[str]
) -> tuple[Node, str, re.Match[str]] | None:
    """One item as a share of another, what it is called, and the words that ask for it."""
    if len(keys) != _PAIR:
        return None
    if (asking := _WHAT_SHARE.search(before)) and _WAS.fullmatch(between[0]):
        whole, part = keys
    elif (asking := _THE_SHARE.search(before)) and _WITHIN.fullmatch(between[0]):
        part, whole = keys
    else:
        return None
    if any(key in metrics() and metrics()[key].unit != "money" for key in keys):
        return None  # a margin is no part of an amount
    node = Operation("/", Named(part), Named(whole))
    return node, f"{title(part)} as a share of {title(whole)}", asking


def _shaped(
    found: Reading, main: str, around: str, yes_no: bool, rate: bool
) -> tuple[Reading, str] | None:
    """The reading with its shape, and the words around the names that are left; None where a
    yes-or-no question asks for what is not known. `rate`: a change is to be told as a share."""
    if mean := _MEAN.search(around):
        count = _count(mean["count"]) if mean["count"] else None
        return replace(found, shape="mean", count=count), around.replace(mean[0], " ", 1)
    if compound := _CAGR.search(around):
        return replace(found, shape="cagr"), around.replace(compound[0], " ", 1)
    if yes_no:
        judged = _judged(around, found.nodes)
        if judged is None:
            return None
        shape, left, direction = judged
        improving = bool(re.search(r"\b(?:improv|worse|deteriorat)", main))
        yes_no = direction is not None
        changed = replace(found, shape=shape, yes_no=yes_no, improving=improving)
        return replace(changed, direction=direction), left
    change = _CHANGE.search(around)
    if change or _UP.search(around) or _DOWN.search(around):
        named = bool(change and change["what"].startswith("growth"))
        grows = rate or ((YOY.search(around) or named) and not _is_share(found.nodes[0]))
        left = YOY.sub(" ", _UP.sub(" ", _DOWN.sub(" ", _CHANGE.sub(" ", around))))
        return replace(found, shape="growth" if grows else "difference"), left
    return found, around


def _is_share(node: Node) -> bool:
    """Whether a node is a share of something: its change is told in points."""
    if isinstance(node, Named):
        return node.id in metrics() and metrics()[node.id].unit == "%"
    return isinstance(node, Operation) and node.sign == "/"


def _combined(
    ids: list[str], between: list[str]
) -> tuple[tuple[Node, ...], tuple[str, ...], bool] | None:
    """Names joined by signs in words into one node each (and whether one is a share); listed ones
    side by side; None where words between them are neither."""
    nodes: list[Node] = [Named(ids[0])]
    names = [title(ids[0])]
    joined = False
    for key, words in zip(ids[1:], between, strict=True):
        bare = re.sub(r"\b(?:the|its|total)\b", " ", words).strip()
        sign = next((sign for said, sign in _JOINS if said.fullmatch(" ".join(bare.split()))), None)
        if sign:
            whole = nodes[-1]
            if isinstance(whole, Operation) and whole.sign == "/":
                if sign == "/":
                    return None
                # "A as a percentage of B plus C" is of both.
                nodes[-1] = Operation("/", whole.left, Operation(sign, whole.right, Named(key)))
            else:
                nodes[-1] = Operation(sign, whole, Named(key))
            spoken = {"/": "as a share of", "-": "less", "+": "plus"}[sign]
            names[-1] = f"{names[-1]} {spoken} {title(key)}"
            joined = joined or sign == "/"
        elif _LISTED.fullmatch(bare):
            nodes.append(Named(key))
            names.append(title(key))
        elif not bare and key == ids[0]:  # "return on assets (ROA)"
            continue
        else:
            return None
    return tuple(nodes), tuple(names), joined


def _together(
    nodes: tuple[Node, ...], names: tuple[str, ...], sign: Literal["+", "-"]
) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """Listed names as one number: "the sum of A and B"."""
    whole = nodes[0]
    for node in nodes[1:]:
        whole = Operation(sign, whole, node)
    return (whole,), ({"-": " less ", "+": " plus "}[sign].join(names),)


def _is_made_so(keys: list[str], clauses: list[str], ids: list[str]) -> bool:
    """Whether what is asked (`keys`) is made of what the clauses about it name ("using …", an
    aside, another sentence), of balances as they say."""
    every = made_of(keys)
    for clause in clauses:
        named = {ids[ord(mark) - FIRST_MARK] for mark in MARK.findall(clause)}
        if _BASIS.search(clause) and _takes_means(keys):
            return False
        if not named:
            continue
        if _ENDING.search(clause) and _takes_means(keys):
            return False
        whole = basic_parts(named) == basic_parts(keys) or any(
            basic_parts(named - {each}) == basic_parts([each]) for each in every
        )
        if not named <= every or (len(named) > 1 and not whole):
            return False
    return True


def _takes_means(keys: list[str]) -> bool:
    """Whether it is made of averages of balances."""
    return any("avg(" in metrics()[key].formula for key in made_of(keys) if key in metrics())


def _judged(around: str, nodes: tuple[Node, ...]) -> tuple[Shape, str, Direction | None] | None:
    """The shape of a yes-or-no question, the words left, and which way it supposes; no way where
    it asks which of two."""
    up, down = _UP.search(around), _DOWN.search(around)
    if up or down:
        rest = _DOWN.sub(" ", _UP.sub(" ", _CHANGE.sub(" ", around)))
        return "difference", rest, None if up and down else "up" if up else "down"
    if sign := _SIGN.search(around):
        return "sign", _SIGN.sub(" ", around), "up" if sign[0] == "positive" else "down"
    if _HEALTHY.search(around):
        return "healthy", re.sub(r"\bliquidity\b", " ", _HEALTHY.sub(" ", around)), "up"
    if _STEADY.search(around):
        share = len(nodes) == 1 and _is_share(nodes[0])
        return ("steady", _STEADY.sub(" ", around), "up") if share else None
    if _CHANGE.search(around):
        return "difference", _CHANGE.sub(" ", around), None
    match nodes:
        case (Named(id=name),) if name in metrics() and metrics()[name].high is not None:
            return "healthy", _CALLED.sub(" ", around), "up"
        case (Named(id=name),) if name in items():
            paid = name.startswith(_PAID_OUT)
            does = _PAYS if paid else _STATES
            if does.search(around) or (_HAS.search(around) and not paid):
                left = _TO_WHOM.sub(" ", does.sub(" ", around, count=1))
                words = set(re.findall(r"[a-z0-9]+", left))
                return ("exists", left, "up") if words <= _ABOUT_IT else None
    return None


def _count(said: str) -> int | None:
    return int(said) if said.isdigit() and 1 < int(said) <= 10 else _COUNTS.get(said)
