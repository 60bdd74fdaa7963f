"""FORMULA -> TREE: the library's formulas, and definitions as questions put them into words.

"DPO is defined as: 365 * (average accounts payable between FY2017 and FY2018) / (FY2018 COGS +
change in inventory between FY2017 and FY2018)" becomes the same kind of tree as the library's
"365 * avg(payables) / cost_of_revenue". Nothing is evaluated here and no code is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assistant.errors import FigureError

Sign = Literal["+", "-", "*", "/"]


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: Decimal


@dataclass(frozen=True)
class Named:
    """An item or a metric by its id; `year` where the words name one, else the year asked."""

    id: str
    year: int | None = None


@dataclass(frozen=True)
class Lines:
    """The lines of the balance sheet that state these us-gaap elements, added up; 0 where none."""

    concepts: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """left sign right."""

    sign: Sign
    left: Node
    right: Node


@dataclass(frozen=True)
class Mean:
    """The mean of parts; of a single part, that of this year's end and the last's."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Optional:
    """0 where it is not printed."""

    part: Node


@dataclass(frozen=True)
class Either:
    """The first, or the second where that is not printed."""

    first: Node
    second: Node


Node = Number | Named | Lines | Operation | Mean | Optional | Either

_SIGNS: dict[type[ast.operator], Sign] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_YEAR = re.compile(
    r"(?:\bfy|\bfiscal(?: year)?|\byear)?\s*'?(?<!\d)((?:19|20)\d\d)\b|\bfy\s*'?(\d\d)\b"
)
_WORD_SIGNS = (
    (re.compile(r"\s(?:divided by|over|÷)\s"), " / "),
    (re.compile(r"\s(?:multiplied by|times|×|x)\s"), " * "),
    (re.compile(r"\s(?:minus|less|subtracting)\s"), " - "),
    (re.compile(r"\s(?:plus)\s"), " + "),
    (re.compile(r"\s[–—]\s"), " - "),
)
_TOKEN = re.compile(r"\s*(?:([()\[\]])|(\d+(?:\.\d+)?)(?=\s*(?:[*/+)]|-\s|$))|([*/+])|(-)(?=\s))")
_NOISE = re.compile(
    r"\b(?:the|a|an|of|for|total|its|net of|in|at|end|year end|year|fiscal|fy|ended|reported|annual"
    r"|company's|value|amount|sum|unadjusted)\b|[:,]"
)
# "… [from the cash flow statement]"
_WHERE = re.compile(
    r"\bat the beginning and (?:at )?(?:the )?end of the (?:fiscal )?year\b"
    r"|\[(?:from|in|on|as)\b[^\]]*\]|\((?:from|in|on)\b[^)]*\)"
    r"|\b(?:from|in|on|as shown (?:in|on)) (?:the )?(?:\w+ ){0,4}(?:statements?|sheets?)\b"
)
# "average inventories (year-end 2023 and 2024)"
_YEARS_ASIDE = re.compile(r"\((?:(?:at )?year-?ends? |fiscal |fy ?)?(\d{4}) and (?:fy ?)?(\d{4})\)")
_MAX_DEPTH = 40


def parse_formula(text: str) -> Node:
    """A formula of the library. FigureError where it is not one."""
    try:
        return _from_ast(ast.parse(text, mode="eval").body)
    except SyntaxError as error:
        raise FigureError(f"not a formula: {text}") from error


def parse_definition(
    text: str, names: Mapping[str, str], find: Callable[[str], str | None]
) -> Node:
    """A definition in words. `names` are known names -> ids; `find` looks up a phrase that is none
    of them. FigureError where a part is not understood."""
    text = f" {text.lower().replace('’', chr(39))} "
    text = _WHERE.sub(" ", text)
    text = _YEARS_ASIDE.sub(r" between \1 and \2 ", text)
    for words, sign in _WORD_SIGNS:
        text = words.sub(sign, text)
    parser = _Words(text.strip(" .;:"), names, find)
    node = parser.sum(0)
    if parser.rest().strip(" .;:,"):
        raise FigureError(f"not understood: {parser.rest()}")
    return node


def _from_ast(node: ast.expr) -> Node:
    match node:
        case ast.Constant(value=int() | float() as value):
            return Number(Decimal(str(value)))
        case ast.Name(id=name):
            return Named(name)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
            return Operation(_SIGNS[type(op)], _from_ast(left), _from_ast(right))
        case ast.UnaryOp(op=ast.USub(), operand=part):  # in sums that a model wrote
            return Operation("-", Number(Decimal(0)), _from_ast(part))
        case ast.Call(func=ast.Name(id="avg"), args=[part]):
            return Mean((_from_ast(part),))
        case ast.Call(func=ast.Name(id="optional"), args=[part]):
            return Optional(_from_ast(part))
        case ast.Call(func=ast.Name(id="either"), args=[first, second]):
            return Either(_from_ast(first), _from_ast(second))
        case ast.Call(func=ast.Name(id="lines"), args=parts) if parts:
            return Lines(tuple(part.id for part in parts if isinstance(part, ast.Name)))
    raise FigureError(f"not a formula: {ast.unparse(node)}")


class _Words:
    """Recursive descent over a definition in words."""

    def __init__(
        self, text: str, names: Mapping[str, str], find: Callable[[str], str | None]
    ) -> None:
        self._text, self._at = text, 0
        self._names, self._find = names, find

    def rest(self) -> str:
        return self._text[self._at :]

    def sum(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise FigureError("too deep a formula")
        node = self._product(depth)
        while sign := self._take("+-"):
            node = Operation("+" if sign == "+" else "-", node, self._product(depth))
        return node

    def _product(self, depth: int) -> Node:
        node = self._part(depth)
        while sign := self._take("*/"):
            node = Operation("*" if sign == "*" else "/", node, self._part(depth))
        return node

    def _part(self, depth: int) -> Node:
        found = _TOKEN.match(self._text, self._at)
        if found and found[1] in ("(", "["):
            self._at = found.end()
            node = self.sum(depth + 1)
            if not self._take(")]"):
                raise FigureError("a bracket is not closed")
            return node
        if found and found[2]:
            self._at = found.end()
            return Number(Decimal(found[2]))
        return self._phrase()

    def _take(self, signs: str) -> str | None:
        found = _TOKEN.match(self._text, self._at)
        sign = found[1] or found[3] or found[4] if found else None
        if found and sign and sign in signs:
            self._at = found.end()
            return str(sign)
        return None

    def _phrase(self) -> Node:
        """Words up to the next sign or bracket; a name may hold a hyphen or an ampersand."""
        start = self._at
        while self._at < len(self._text):
            found = _TOKEN.match(self._text, self._at)
            if found and self._at > start and (found[1] or found[3] or found[4]):
                break
            self._at += 1
        return phrase(self._text[start : self._at], self._names, self._find)


def phrase(text: str, names: Mapping[str, str], find: Callable[[str], str | None]) -> Node:
    """ "average inventory between FY2018 and FY2019", "change in …", "FY2019 COGS" as a node."""
    years = [int(long or f"20{short}") for long, short in _YEAR.findall(text)]
    words = re.sub(r"\b(?:between|from|and|to|in|for)\s*$", " ", _YEAR.sub(" ", text).strip())
    words = " ".join(words.split())
    mean = re.search(r"\b(?:average|avg\.?|mean)\b(?! age\b)", words)
    change = re.search(r"\b(?:change|increase) in\b", words)
    words = re.sub(r"\b(?:average|avg\.?|mean|change in|increase in)\b", " ", words)
    words = re.sub(r"\b(?:between|from)\b(?:\s+and|\s+to)?\s*$|\bbetween\s+and\b", " ", words)
    name = _name(words, names, find)
    if name is None:
        raise FigureError(f"not understood: {text.strip()}")
    if change:
        if len(years) != 2:
            raise FigureError(f"which years: {text.strip()}")
        return Operation("-", Named(name, max(years)), Named(name, min(years)))
    if mean:
        if len(years) == 2:
            return Mean((Named(name, min(years)), Named(name, max(years))))
        return Mean((Named(name, years[0] if years else None),))
    return Named(name, years[0] if len(years) == 1 else None)


def _name(words: str, names: Mapping[str, str], find: Callable[[str], str | None]) -> str | None:
    plain = " ".join(words.split()).strip(" .:,;")
    for wanted in (plain, " ".join(_NOISE.sub(" ", plain).split())):
        if wanted in names:
            return names[wanted]
    return find(" ".join(_NOISE.sub(" ", plain).split()))
