"""Which primary statement a page holds, and which statement a question is about.

Knows accounting, not companies: a balance sheet totals assets and sets liabilities and equity
against them; a cash flow statement has operating, investing and financing activities; an income
statement runs from revenue to net income (IAS 1 / ASC 205-230 presentation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Statement = Literal["balance", "income", "cash_flow"]

# Without spaces: letter-spaced type comes out of a PDF as "Statement of Incom e".
_HEADINGS: dict[Statement, re.Pattern[str]] = {
    "balance": re.compile(
        r"balancesheets?|statements?of(?:consolidated)?financial(?:position|condition)", re.I
    ),
    "cash_flow": re.compile(
        r"statements?of(?:consolidated)?cashflows?|cashflows?statements?", re.I
    ),
    "income": re.compile(
        r"statements?of(?:consolidated)?(?:net)?(?:income|operations|earnings|profit)"
        r"|incomestatements?",
        re.I,
    ),
}
_SIGNS: dict[Statement, tuple[re.Pattern[str], ...]] = {
    "balance": (
        re.compile(r"total assets", re.I),
        re.compile(r"total (current )?liabilities|accounts payable", re.I),
        re.compile(
            r"(stock|share)(holders|owners)['’]?\s*(equity|deficit)|total equity"
            r"|(members|partners|owners)['’]?\s*(equity|capital)"
            r"|retained earnings|accumulated deficit",
            re.I,
        ),
    ),
    "cash_flow": (
        re.compile(r"operating activities|net cash .{0,24}\boperations", re.I),
        re.compile(r"investing activities|net cash .{0,24}\binvesting", re.I),
        re.compile(r"financing activities|net cash .{0,24}\bfinancing", re.I),
    ),
    "income": (
        re.compile(
            r"net (income|earnings|loss|\(loss\))|(income|earnings|profit|loss) for the", re.I
        ),
        re.compile(r"(revenues?|net sales|total sales|sales)\b", re.I),
        re.compile(r"income tax|before tax", re.I),
        re.compile(r"per (common )?share|diluted", re.I),
    ),
}
# Over what a schedule or a note states of the parent alone (Regulation S-X, Rule 12-04), whose
# subsidiaries are one line there. Without spaces, as above.
_PARENT_ONLY = re.compile(
    r"condensedfinancial(?:information|statements?)of(?:the)?(?:registrant|parent)"
    r"|(?:parent(?:company)?|registrant)[-–—]?only|\(parent(?:company)?\)$|^parentcompany$",
    re.I,
)
_AMOUNT = re.compile(r"\(?\$?\d{1,3}(?:,\d{3})+(?:\.\d+)?\)?|\(?\$?\d+\.\d\d\b\)?|\(?\b\d{2,}\b\)?")
_HEADING_LINES = 14
_LONG_LINE = 160
_TITLE_WORDS = 14


def statement_of(text: str) -> Statement | None:
    """The statement this page shows, or None. A page counts when one of its first lines is the
    statement's heading, its tell-tale lines are there, and rows of amounts fill the page. What is
    the parent's alone is none."""
    if not _may_be_one(text):
        return None
    best: tuple[int, Statement] | None = None
    for statement in _HEADINGS:
        headed = _is_headed(text, statement)
        signs = sum(bool(sign.search(text)) for sign in _SIGNS[statement])
        missing = len(_SIGNS[statement]) - signs
        if missing > (1 if headed else 0) or not (headed or statement == "balance"):
            continue
        points = 2 * headed - missing
        if best is None or points > best[0]:
            best = (points, statement)
    return best[1] if best else None


def statements_of(texts: Mapping[int, str]) -> dict[int, Statement | None]:
    """Page number -> the statement it shows. One that is printed on two pages, each under its
    heading, is known by the lines of both."""
    found = {number: statement_of(text) for number, text in texts.items()}
    for number, text in texts.items():
        statement = found.get(number + 1)
        if statement and found[number] is None and _begins(text, texts[number + 1], statement):
            found[number] = statement
    return found


def _begins(text: str, overleaf: str, statement: Statement) -> bool:
    """Whether a statement begins on a page, and goes on overleaf: both are headed so, and each has
    tell-tale lines that the other lacks."""
    if not (_may_be_one(text) and _is_headed(text, statement) and _is_headed(overleaf, statement)):
        return False
    here, there = (
        {sign for sign in _SIGNS[statement] if sign.search(page)} for page in (text, overleaf)
    )
    return bool(here - there) and bool(there - here) and len(here | there) == len(_SIGNS[statement])


def _may_be_one(text: str) -> bool:
    """Whether rows of amounts fill a page, and it is not headed as the parent's alone."""
    lines = [line for line in text.splitlines() if line.strip()]
    rows = [line for line in lines if len(_AMOUNT.findall(line)) >= 2 and len(line) < _LONG_LINE]
    if len(rows) < 8 or len(rows) < 0.3 * len(lines):
        return False
    return not any(_PARENT_ONLY.search(line) for line in _top(text))


def _is_headed(text: str, statement: Statement) -> bool:
    return any(_HEADINGS[statement].search(line) for line in _top(text))


def _top(text: str) -> list[str]:
    """A page's first lines, without spaces."""
    lines = [line for line in text.splitlines() if line.strip()][:_HEADING_LINES]
    return ["".join(line.split()) for line in lines if len(line) < _LONG_LINE]


def heading_of(text: str, statement: Statement) -> str:
    """The line of a page that is the statement's title; "" where none is."""
    heading = _HEADINGS[statement]
    for line in filter(None, map(str.strip, text.splitlines())):
        is_title = len(line.split()) <= _TITLE_WORDS and not re.search(r"[a-z]\.(?:\s|$)|:$", line)
        if is_title and heading.search("".join(line.split())):
            return line
    return ""


def _any_of(phrases: str) -> re.Pattern[str]:
    """One pattern of the lines' phrases, as whole words; "~" takes a plural, "." any character."""
    lines = (line.strip().replace("~", "s?") for line in phrases.strip().splitlines())
    return re.compile(r"\b(?:" + "|".join(lines) + r")(?!\w)", re.I)


# What analysts ask for, by the statement that states it.
_ASKED: dict[Statement, re.Pattern[str]] = {
    "balance": _any_of(
        r"""
        balance sheet~
        statements? of financial (?:position|condition)
        (?:total|current|net|fixed|intangible|average total) (?:assets|liabilities)
        assets?\b.{0,20}\bturnover
        inventor(?:y|ies)
        (?:accounts|trade) (?:receivable|payable)s?
        receivables|payables|net ar
        pp&?e|ppne|property,? plant
        goodwill|book value|retained earnings|treasury stock|deferred revenue
        working capital|quick ratio|current ratio|cash ratio|liquidity
        debt|leverage
        (?:stock|share)holders['’]? equity
        cash and cash equivalents
        return on (?:assets|equity)|roa|roe
        days (?:payable|sales|inventory)|dpo|dso|dio|cash conversion cycle
        capital[- ]intensive
        """
    ),
    "cash_flow": _any_of(
        r"""
        cash flow~|cash from operati\w*|operating cash|free cash|fcf
        (?:operating|investing|financing) activities
        capital expenditure~|cap ?ex|purchases? of property|capital[- ]intensive
        dividends? paid|cash dividends
        depreciation|amortization|ebitda|stock-based compensation
        (?:re)?purchases? of (?:common )?(?:stock|shares)|buybacks?|share repurchase~
        """
    ),
    "income": _any_of(
        r"""
        income statement~|statements? of (?:income|operations|earnings)
        p&l|profit and loss
        revenue~|net sales|sales|top ?line|bottom ?line
        cogs|cost of (?:goods|sales|revenue|products)\w*
        gross (?:profit|margin)|margin~
        operating (?:income|profit|expense~)
        net (?:income|earnings|loss|profit)|ebitda?
        eps|earnings per share|payout\w*
        sg&a|selling, general|research and development|r&d
        interest expense|effective (?:income )?tax|income tax|provision for|pre-?tax
        restructuring (?:cost|charge)~
        turnover ratio|asset turnover|return on (?:assets|equity)
        days (?:payable|sales|inventory)|dpo|dso|dio
        """
    ),
}


def statements_asked(question: str) -> frozenset[Statement]:
    """The statements that `question` is likely answered from; empty for a narrative question."""
    squeezed = "".join(question.split())
    named = frozenset(s for s, heading in _HEADINGS.items() if heading.search(squeezed))
    if "income statement" in question.lower() or re.search(r"\bp ?& ?l\b", question, re.I):
        named |= {"income"}
    if re.search(r"cash ?flow statement", question, re.I):
        named |= {"cash_flow"}
    return named or frozenset(s for s, asked in _ASKED.items() if asked.search(question))
