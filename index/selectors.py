"""<style> SHEETS -> the declarations that apply to an element.

Knows tags, classes, ids, attributes, descendants (" ") and children (">"). Selectors with anything
else (pseudo-classes, siblings) apply to nothing; later rules come after earlier ones, whatever
their weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

# Each pattern starts only where a run of its characters does and gives nothing back, so that even
# hostile CSS is read in linear time.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_RULE = re.compile(r"(?<![^{}])([^{}]++)\{([^{}]*+)\}")
_COMPOUND = re.compile(r"(?:[\w-]++|\*)?(?:[.#][\w-]++|\[[^\[\]]*+\])*+")
_PART = re.compile(r"^[\w-]+|[.#][\w-]+|\[[^\[\]]*\]")
_ATTRIBUTE = re.compile(r"\[\s*([\w:-]+)\s*(?:=\s*[\"']?([^\"'\]]*)[\"']?\s*)?\]")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.S)
_MOST_CHARACTERS = 500_000
_MOST_STEPS = 8
_HIGHEST = 64  # ancestors that are looked at


class _Step(NamedTuple):
    """Part of a selector: what an element must be, and whether the step before is its parent."""

    tag: str
    names: frozenset[str]
    attributes: tuple[tuple[str, str | None], ...]
    is_child: bool


class Sheet:
    """The rules of a document's sheets."""

    def __init__(self, css: str) -> None:
        self._rules: dict[str, list[tuple[int, tuple[_Step, ...], str]]] = {}
        number = 0
        for selectors, body in _RULE.findall(plain_css(css[:_MOST_CHARACTERS])):
            for selector in selectors.replace("<!--", " ").rpartition(";")[2].split(","):
                steps = _steps(selector.strip().lower())
                if steps:
                    number += 1
                    self._rules.setdefault(_key(steps[-1]), []).append((number, steps, body))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def declarations(self, tag: str, element: Any) -> str:
        """What the rules say of an element, one after the other."""
        named = _names(element)
        keys = [*named, tag, "*"]
        found = [
            (number, body)
            for key in keys
            for number, steps, body in self._rules.get(key, ())
            if _applies(steps, tag, named, element)
        ]
        return ";".join(body for _, body in sorted(found))


def plain_css(css: str) -> str:
    """CSS without comments and escapes ("dis\\70lay" is "display")."""
    if "/*" in css:
        css = _COMMENT.sub("", css)
    return _ESCAPE.sub(_unescaped, css) if "\\" in css else css


def _unescaped(found: re.Match[str]) -> str:
    if not found[1]:
        return str(found[2])
    number = int(found[1], 16)
    return chr(number) if 31 < number < 0xD800 else " "


def _steps(selector: str) -> tuple[_Step, ...]:
    """The parts of a selector, () for one with something else in it."""
    steps: list[_Step] = []
    is_child = False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            is_child = True
        elif not _COMPOUND.fullmatch(word) or len(steps) == _MOST_STEPS:
            return ()
        else:
            steps.append(_step(word, is_child))
            is_child = False
    return tuple(steps)


def _step(word: str, is_child: bool) -> _Step:
    tag, names, attributes = "", set(), []
    for part in _PART.findall(word):
        if part[0] in ".#":
            names.add(part)
        elif part[0] == "[":
            asked = _ATTRIBUTE.fullmatch(part)
            attributes.append((asked[1], asked[2]) if asked else (part, None))
        else:
            tag = part
    return _Step(tag, frozenset(names), tuple(attributes), is_child)


def _key(step: _Step) -> str:
    """Under what a rule is looked for."""
    return min(step.names, default=step.tag or "*")


def _names(element: Any) -> frozenset[str]:
    """An element's classes and id as selectors write them."""
    classes = element.get("class", "").lower().split()
    named = element.get("id", "").lower()
    return frozenset([*(f".{each}" for each in classes), *([f"#{named}"] if named else [])])


def _applies(steps: tuple[_Step, ...], tag: str, named: frozenset[str], element: Any) -> bool:
    """Whether the last step is this element and the others are above it, nearest first."""
    if not _is(steps[-1], tag, named, element):
        return False
    above = _above(element) if len(steps) > 1 else iter(())
    for step, below in zip(steps[-2::-1], steps[:0:-1], strict=True):
        for each in above:
            if _is(step, str(each.tag), _names(each), each):
                break
            if below.is_child:
                return False
        else:
            return False
    return True


def _above(element: Any) -> Iterator[Any]:
    for _ in range(_HIGHEST):
        element = element.getparent()
        if element is None:
            return
        yield element


def _is(step: _Step, tag: str, named: frozenset[str], element: Any) -> bool:
    if step.tag not in ("", tag) or not step.names <= named:
        return False
    given = [(element.get(name), value) for name, value in step.attributes]
    return all(has is not None and value in (None, has.lower()) for has, value in given)
