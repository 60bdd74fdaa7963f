"""CSS of one HTML element, as far as reading it needs: is it shown, does it break page or line?

Knows inline declarations, simple `.class`/`#id`/tag rules of <style> blocks and old presentational
attributes. It is no layout engine: cascade order, media and nested selectors are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)

# Each pattern starts only where a run of its characters does and gives nothing back, so that even
# hostile CSS is read in linear time.
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_RULE = re.compile(r"(?<![^{}])([^{}]++)\{([^{}]*+)\}")
_SIMPLE_SELECTOR = re.compile(r"^[a-z]*[.#]?[\w-]+$", re.I)
_DECLARATION = re.compile(r"(?<![\w-])([\w-]++)\s*+:\s*+([^;]++)")
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|in|cm|mm)?")
_FUNCTION = re.compile(r"rgba?\(\s*(\d++)[,\s]+(\d++)[,\s]+(\d++)(?:[,\s/]+(\d*\.\d+|\d+)%?)?\s*\)")
_NAMED: dict[str, Colour] = {
    "white": WHITE,
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
}
_SAME_COLOUR = 12  # channels that differ by less than this cannot be told apart by eye
_TINY = 1.0  # points, pixels, percent
_LARGE_UNITS = ("em", "in", "cm", "mm")
_OFF_SCREEN = -500.0


class Style(NamedTuple):
    """`display` is "block", "inline" or "" (the tag's own); colours are None when not set here."""

    hidden: bool = False
    break_before: bool = False
    break_after: bool = False
    display: str = ""
    colour: Colour | None = None
    background: Colour | None = None


PLAIN = Style()


def parse_sheet(css: str) -> dict[str, str]:
    """Declarations by simple selector (".note", "#x", "p.note"), later rules appended."""
    rules: dict[str, str] = {}
    for selectors, body in _RULE.findall(_COMMENT.sub("", css[:500_000])):
        for selector in selectors.split(","):
            name = selector.strip().lower()
            if _SIMPLE_SELECTOR.match(name):
                rules[name] = f"{rules.get(name, '')};{body}"
    return rules


def style_of(tag: str, attributes: Mapping[str, str], sheet: Mapping[str, str]) -> Style:
    """The style of an element; `attributes` are its own, `sheet` comes from parse_sheet."""
    css = attributes.get("style", "")
    if sheet:
        names = [tag, *(f"#{attributes['id']}" for _ in "x" if "id" in attributes)]
        for name in attributes.get("class", "").split():
            names += [f".{name}", f"{tag}.{name}"]
        css = ";".join([*(sheet.get(name.lower(), "") for name in names), css])
    if "bgcolor" in attributes:
        css = f"background-color:{attributes['bgcolor']};{css}"
    if tag == "font" and "color" in attributes:
        css = f"color:{attributes['color']};{css}"
    style = _parse(css.lower()) if css else PLAIN
    return style._replace(hidden=True) if "hidden" in attributes else style


def same_colour(text: Colour, background: Colour) -> bool:
    """Whether text of one colour cannot be seen on the other."""
    return all(abs(a - b) < _SAME_COLOUR for a, b in zip(text, background, strict=True))


@lru_cache(maxsize=20_000)
def _parse(css: str) -> Style:
    rules = {
        name: value.replace("!important", "").strip() for name, value in _DECLARATION.findall(css)
    }
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
        colour=_colour(rules.get("color", "")),
        background=_background(rules),
    )


def _is_unseen(rules: Mapping[str, str]) -> bool:
    if rules.get("visibility") in ("hidden", "collapse") or _length(rules.get("opacity", "")) == 0:
        return True
    font_size = rules.get("font-size", "")
    size = _length(font_size)
    if size is not None and size <= (0 if font_size.endswith(_LARGE_UNITS) else _TINY):
        return True
    places = [_length(rules.get(name, "")) for name in ("text-indent", "left", "top")]
    return any(place is not None and place < _OFF_SCREEN for place in places)


def _breaks(rules: Mapping[str, str], side: str) -> bool:
    values = (rules.get(f"page-break-{side}", ""), rules.get(f"break-{side}", ""))
    return any(value in ("always", "page", "left", "right", "recto", "verso") for value in values)


def _length(value: str) -> float | None:
    found = _LENGTH.match(value)
    return float(found[1]) if found else None


def _background(rules: Mapping[str, str]) -> Colour | None:
    if "background-color" in rules:
        return _colour(rules["background-color"])
    shorthand = rules.get("background", "")
    if "url(" in shorthand or "gradient" in shorthand or "background-image" in rules:
        return (128, 128, 128)  # a picture: text of any colour may be seen on it
    found = re.search(r"#[0-9a-f]{3,8}|rgba?\([^)]*\)", shorthand)
    return _colour(found[0] if found else shorthand)


def _colour(value: str) -> Colour | None:
    if found := _FUNCTION.match(value):
        if found[4] is not None and float(found[4]) == 0:
            return None
        return _channel(found[1]), _channel(found[2]), _channel(found[3])
    digits = value.lstrip("#")
    if re.fullmatch(r"[0-9a-f]{3}", digits):
        digits = "".join(digit * 2 for digit in digits)
    if re.fullmatch(r"[0-9a-f]{6}", digits):
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    return _NAMED.get(value)


def _channel(digits: str) -> int:
    """0 to 255; a number may have more digits than Python agrees to convert."""
    return min(255, int(digits[-3:])) if not digits[:-3].strip("0") else 255
