"""CSS of one HTML element, as far as reading it needs: is it shown, does it break page or line?

Knows inline declarations, the rules of <style> blocks (`index.selectors`) and old presentational
attributes. It is no layout engine: what lies under something else, or is moved away by script, by
animation or by its place among others, is taken to be seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from index.colours import UNSEEN, Colour, colour_of
from index.selectors import Sheet, plain_css

_DECLARATION = re.compile(r"(?<![\w-])([\w-]++)\s*+:\s*+([^;]++)")
_IMPORTANT = re.compile(r"!\s*+important")
_LENGTH = re.compile(r"(-?(?:\d++(?:\.\d*+)?|\.\d++))([a-z%]*+)")
_SHORTHAND_SIZE = re.compile(r"(?:^|\s)(0|(?:\d*\.)?\d+(?:px|pt|r?em|%))(?:\s*/\s*\S+)?\s")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
# Pixels of a unit; of those that depend on something else, about as much as is usual.
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78}
_PIXELS |= {"em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "vw": 10.0, "vh": 8.0, "%": 10.0}
_OF_TYPE = 0.16  # pixels of a percent of the usual size of type
_TINY_TYPE = 4 / 3  # pixels, one point
_TINY_BOX = 1.0
_FAINT = 0.05
_OFF_SCREEN = -500.0
_PLACES = ("text-indent", "left", "right", "top", "bottom", "margin-left", "margin-top")


class Style(NamedTuple):
    """`display` is "block", "inline" or "" (the tag's own); colours are None when not set here."""

    hidden: bool = False
    break_before: bool = False
    break_after: bool = False
    display: str = ""
    colour: Colour | None = None
    background: Colour | None = None


PLAIN = Style()


def style_of(tag: str, element: Any, sheet: Sheet) -> Style:
    """The style of an element by its attributes and the document's sheet."""
    attributes = element.attrib
    css = attributes.get("style", "")
    if sheet:
        css = f"{sheet.declarations(tag, element)};{css}"
    if "bgcolor" in attributes:
        css = f"background-color:{attributes['bgcolor']};{css}"
    if tag == "font" and "color" in attributes:
        css = f"color:{attributes['color']};{css}"
    if tag == "body" and "text" in attributes:
        css = f"color:{attributes['text']};{css}"
    style = _parse(css.lower()) if css else PLAIN
    return style._replace(hidden=True) if "hidden" in attributes else style


@lru_cache(maxsize=20_000)
def _parse(css: str) -> Style:
    rules = _rules(plain_css(css))
    display = rules.get("display", "")
    return Style(
        hidden=display == "none" or _is_unseen(rules),
        break_before=_breaks(rules, "before"),
        break_after=_breaks(rules, "after"),
        display="inline"
        if display.startswith("inline")
        else "block"
        if display in ("block", "flex", "grid", "list-item")
        else "",
        colour=colour_of(rules.get("-webkit-text-fill-color") or rules.get("color", "")),
        background=_background(rules),
    )


def _rules(css: str) -> dict[str, str]:
    """Declarations by name: the last one, or the last that is important."""
    rules: dict[str, str] = {}
    important: set[str] = set()
    for name, value in _DECLARATION.findall(css):
        plain = _IMPORTANT.sub("", value)
        if plain != value:
            important.add(name)
        if plain != value or name not in important:
            rules[name] = plain.strip()
    if "var(" in css:
        for name, value in rules.items():
            rules[name] = _VARIABLE.sub(lambda v: rules.get(v[1], v[2] or ""), value).strip()
    return rules


def _is_unseen(rules: Mapping[str, str]) -> bool:
    if rules.get("visibility") in ("hidden", "collapse"):
        return True
    if rules.get("content-visibility") == "hidden":
        return True
    return _is_faint(rules) or _is_small(rules) or _is_away(rules) or _is_clipped(rules)


def _is_faint(rules: Mapping[str, str]) -> bool:
    filtered = re.search(r"opacity\(([^()]*)\)", rules.get("filter", ""))
    for value in (rules.get("opacity", ""), filtered[1] if filtered else ""):
        found = _LENGTH.match(value)
        if found and float(found[1]) / (100 if found[2] == "%" else 1) <= _FAINT:
            return True
    return False


def _is_small(rules: Mapping[str, str]) -> bool:
    """Type or box too small to hold anything that can be read."""
    shorthand = _SHORTHAND_SIZE.search(f"{rules.get('font', '')} ")
    for value in (rules.get("font-size", ""), shorthand[1] if shorthand else ""):
        size = _pixels(value, _OF_TYPE)
        if size is not None and size <= _TINY_TYPE:
            return True
    scale = re.search(r"scale[xy3d]*\(\s*([\d.]+)", rules.get("transform", ""))
    if (scale and _number(scale[1]) <= _FAINT) or _number(rules.get("zoom", "1")) <= _FAINT:
        return True
    if not any(
        rules.get(name, "").startswith(("hidden", "clip"))
        for name in ("overflow", "overflow-x", "overflow-y")
    ):
        return False
    sides = [
        _pixels(rules.get(name, "")) for name in ("width", "max-width", "height", "max-height")
    ]
    return any(side is not None and side <= _TINY_BOX for side in sides)


def _is_away(rules: Mapping[str, str]) -> bool:
    """Moved off the screen."""
    values = [rules.get(name, "") for name in _PLACES]
    moved = re.search(r"translate[xy3d]*\(([^()]*)\)", rules.get("transform", ""))
    values += moved[1].replace(",", " ").split() if moved else []
    places = [_pixels(value) for value in values]
    return any(place is not None and place < _OFF_SCREEN for place in places)


def _is_clipped(rules: Mapping[str, str]) -> bool:
    cut = re.match(r"rect\(([^()]*)\)", rules.get("clip", ""))
    if cut and "auto" not in cut[1]:
        sides = [float(number) for number, _ in _LENGTH.findall(cut[1])]
        if sides and max(sides) - min(sides) <= _TINY_BOX:
            return True
    path = re.match(r"(inset|circle|ellipse)\(\s*([\d.]+)(%?)", rules.get("clip-path", ""))
    if not path:
        return False
    size = _number(path[2])
    return size >= 50 and path[3] == "%" if path[1] == "inset" else size <= _TINY_BOX


def _breaks(rules: Mapping[str, str], side: str) -> bool:
    values = (rules.get(f"page-break-{side}", ""), rules.get(f"break-{side}", ""))
    return any(value in ("always", "page", "left", "right", "recto", "verso") for value in values)


def _pixels(value: str, percent: float = _PIXELS["%"]) -> float | None:
    """A length in pixels, about; of a calculation its largest part; None for no length."""
    if value.startswith(("calc(", "min(", "max(", "clamp(")):
        parts = [_pixels("".join(part), percent) for part in _LENGTH.findall(value)]
        return max((part for part in parts if part is not None), key=abs, default=None)
    found = _LENGTH.match(value)
    if not found or found[2] not in _PIXELS:
        return None
    return float(found[1]) * (percent if found[2] == "%" else _PIXELS[found[2]])


def _number(text: str) -> float:
    """What a number at the beginning says, 1 for none: its whole is meant."""
    found = _LENGTH.match(text)
    return float(found[1]) / (100 if found[2] == "%" else 1) if found else 1.0


def _background(rules: Mapping[str, str]) -> Colour | None:
    if "background-color" in rules:
        return _opaque(rules["background-color"])
    shorthand = rules.get("background", "")
    if "url(" in shorthand or "gradient" in shorthand or "background-image" in rules:
        return (128, 128, 128)  # a picture: text of any colour may be seen on it
    found = re.search(r"#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([^)]*\)", shorthand)
    return _opaque(found[0] if found else shorthand)


def _opaque(value: str) -> Colour | None:
    """A background's colour; none where what is behind it shows."""
    found = colour_of(value)
    return None if found == UNSEEN else found
