"""Definitions that a question gives itself: "CCC is defined as: DIO + DSO - DPO."; they win over
the library's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from assistant.errors import FigureError
from assistant.figures.formula import Mean, Node, Number, Operation, parse_definition
from index.terms import pattern_of

_NAME = r"(?P<name>[^.?;:(),]{2,60}?)\s*(?:\((?P<short>[^()]{1,20})\)\s*)?"
_END = (
    r"(?=\.\s+[A-Z]|\.?\s*$|[.;]\s*(?:round|answer|give|please|calculate|compute|express)\b"
    r"|;\s|\?\s|\?$)"
)
_IS_DEFINED = re.compile(
    rf"(?:(?<=[.?;:,(])\s*|^)(?:where\s+|here,?\s+)?{_NAME}(?:here\s+)?(?:is|are)\s+"
    rf"(?:defined|calculated|computed|measured)\s+(?:as|by)\s*:?\s*(?P<formula>.+?){_END}",
    re.I | re.S,
)
_DEFINE = re.compile(
    rf"\b(?:define|defining)\s+{_NAME}\s*\bas\b\s*:?\s*(?P<formula>.+?){_END}",
    re.I | re.S,
)
_SIGN = r"(?:divided by|over|minus|less|plus|times|[/*+-])"
# "…, defined as 365 times …", "gross margin (gross profit divided by net sales)"
_ASIDE = re.compile(
    rf"\s*[,(:]\s*(?:defined|taken|measured|calculated|computed)\s+as\s*:?\s*(?P<said>.+?){_END}"
    rf"|\s*\((?P<aside>[^()]*(?:\([^()]*\))?[^()]*\s{_SIGN}\s[^()]*)\)"
    rf"|\s*:\s*(?P<after>[^:?]+\s{_SIGN}\s[^:?]+?){_END}",
    re.I | re.S,
)
_HUNDRED = Decimal(100)
_NEAR_WORDS = 6  # "for Acme in 2024" may stand between a name and its definition
_ARTICLE = re.compile(r"^(?:the|a|an|fy\s?\d+|fiscal \d+)\s+", re.I)


def definitions(
    text: str, names: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Node], frozenset[str], str]:
    """Names defined -> ids, ids -> trees, the ids that are told times 100, as a percentage, whose
    trees are without, and the text without the definitions.

    `names` are the known names. A defined name that is a known one keeps its id. FigureError where
    a definition is not understood.
    """
    spelt: dict[str, str] = {}
    formulas: dict[str, str] = {}
    rest = text
    for pattern in (_DEFINE, _IS_DEFINED):
        for found in pattern.finditer(text):
            said = [_plain(part) for part in (found["name"], found["short"]) if part]
            key = next((names[name] for name in said if name in names), said[0])
            spelt.update(dict.fromkeys(said, key))
            formulas.setdefault(key, found["formula"])
            rest = rest.replace(found[0], " . ")
    rest = _asides(rest, {**names, **spelt}, formulas)
    every = {**names, **spelt}
    trees = {key: parse_definition(text, every, lambda _: None) for key, text in formulas.items()}
    bare = {key: _without_hundred(tree) for key, tree in trees.items()}
    for key, tree in bare.items():
        if _has_hundred(tree):
            raise FigureError(f"what is times 100: {formulas[key]}")
    return spelt, bare, frozenset(key for key in trees if bare[key] != trees[key]), rest


def _without_hundred(tree: Node) -> Node:
    """ "A / B * 100" and "100 * A / B" without the factor that makes a percentage of a share."""
    match tree:
        case Operation("*", part, Number(value)) | Operation("*", Number(value), part):
            if value == _HUNDRED:
                return part
            return replace(tree, left=_without_hundred(tree.left))
        case Operation("*" | "/", left, _):
            return replace(tree, left=_without_hundred(left))
    return tree


def _has_hundred(tree: Node) -> bool:
    match tree:
        case Number(value):
            return value == _HUNDRED
        case Operation(_, left, right):
            return _has_hundred(left) or _has_hundred(right)
        case Mean(parts):
            return any(map(_has_hundred, parts))
    return False


def _asides(text: str, names: Mapping[str, str], formulas: dict[str, str]) -> str:
    """Take out definitions that follow the name right away; returns the text without them."""
    finder = pattern_of(dict(names))
    for found in list(_ASIDE.finditer(text)):
        before = list(finder.finditer(text[: found.start()].lower()))
        if not before or len(text[before[-1].end() : found.start()].split()) > _NEAR_WORDS:
            continue
        formula = found["said"] or found["aside"] or found["after"]
        if finder.search(formula.lower()):
            formulas.setdefault(
                names[before[-1][0]], formula.rstrip(" )") if found["said"] else formula
            )
            text = text.replace(found[0], " ")
    return text


def _plain(name: str) -> str:
    return _ARTICLE.sub("", " ".join(name.lower().split())).strip(" '\"“”")
