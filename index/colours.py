"""CSS COLOURS -> numbers, and whether text of one colour can be seen on another."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
UNSEEN: Colour = (-1, -1, -1)  # fully transparent

_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]*)\)")
_PART = re.compile(r"(-?(?:\d++(?:\.\d++)?|\.\d++))(%|deg)?")
_SAME = 20  # channels that differ by less than this cannot be told apart by eye
_TRANSPARENT = 0.05


def same_colour(text: Colour, background: Colour) -> bool:
    """Whether text of one colour cannot be seen on the other."""
    if text == UNSEEN:
        return True
    return all(abs(a - b) < _SAME for a, b in zip(text, background, strict=True))


def colour_of(value: str) -> Colour | None:
    """A colour as CSS writes it, in lower case; UNSEEN where it is transparent, None where it is no
    colour or another element's."""
    if value == "transparent":
        return UNSEEN
    if found := _FUNCTION.match(value):
        return _function(found[1], _PART.findall(found[2]), found[2])
    if found := _HEX.fullmatch(value):
        digits = found[1]
        if len(digits) < 6:
            digits = "".join(digit * 2 for digit in digits)
        if len(digits) == 8 and int(digits[6:], 16) < 255 * _TRANSPARENT:
            return UNSEEN
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    return _named(value) if value.isalpha() else None


def _function(kind: str, parts: list[tuple[str, str]], written: str) -> Colour | None:
    whole = len(parts) == len([part for part in re.split(r"[\s,/]+", written.strip()) if part])
    if len(parts) == 4 and whole and _share(*parts[3], full=1) < _TRANSPARENT:
        return UNSEEN
    if len(parts) < 3:
        return None
    if kind == "hsl":
        hue = float(parts[0][0][-6:]) % 360 / 360
        saturation, light = (min(1.0, _share(*part, full=100)) for part in parts[1:3])
        red, green, blue = colorsys.hls_to_rgb(hue, light, saturation)
        return round(red * 255), round(green * 255), round(blue * 255)
    red, green, blue = (min(255, round(255 * _share(*part, full=255))) for part in parts[:3])
    return red, green, blue


def _share(number: str, unit: str, full: int) -> float:
    """A part of a colour function, of 1."""
    return max(0.0, min(1.0, float(number) / (100 if unit == "%" else full)))


@lru_cache(maxsize=1000)
def _named(name: str) -> Colour | None:
    from reportlab.lib import colors

    found = colors.getAllNamedColors().get(name)
    if found is None:
        return None
    return round(found.red * 255), round(found.green * 255), round(found.blue * 255)
