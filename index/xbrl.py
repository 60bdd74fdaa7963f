"""INLINE XBRL TAGS -> FACTS: what a filing's visible numbers are, in the filer's own words.

Reads what Inline XBRL 1.1 puts beside a number: concept, context (period and dimensions), unit,
scale, sign, format. Numbers written in words are left out. A tag that a reader cannot see (in
ix:hidden) cannot be cited: it counts only where a visible one states the same for the same context,
as when one "net loss per share" is both basic and diluted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from index.facts import Fact

# Characters that no text uses mark the tags in a page's text while it is laid out: plane 15.
FIRST_MARK = 0xF0000
MARKS = "\U000f0000-\U000ffffd"
MOST_MARKS = 0xFFFD

_ZERO_FORMATS = ("fixed-zero", "fixedzero", "zerodash", "numdash", "nocontent")
_COMMA_FORMATS = ("num-comma-decimal", "numcommadecimal", "numcommadot", "numspacecomma")
_WORD_FORMATS = ("numwords", "durday", "durweek", "durmonth", "duryear", "durwords")
_MAX_SCALE = 15


class Tag(NamedTuple):
    """A tagged number as it stands on a page; `attributes` are the element's own."""

    page: int
    label: str
    shown: str
    attributes: Mapping[str, str]


class Context(NamedTuple):
    """A period and the part of the company it is about."""

    start: date | None
    end: date
    dimensions: tuple[str, ...]


def tagged_facts(root: Any, tags: Sequence[Tag]) -> list[Fact]:
    """The facts that `tags` state, with the contexts and units of the document at `root`."""
    if not tags:
        return []
    contexts = dict(_contexts(root))
    units = dict(_units(root))
    facts = []
    for tag in [*tags, *_second_names(root, tags)]:
        context = contexts.get(tag.attributes.get("contextref", ""))
        unit = units.get(tag.attributes.get("unitref", ""))
        value = _value(tag)
        concept = tag.attributes.get("name", "").removeprefix("us-gaap:")
        if context is None or unit is None or value is None or not concept:
            continue
        facts.append(
            Fact(
                page=tag.page,
                label=tag.label,
                value=value,
                unit=unit,
                scale=_scale(tag),
                shown=tag.shown,
                start=context.start,
                end=context.end,
                concept=concept,
                confidence=1.0,
                dimensions=context.dimensions,
            )
        )
    return facts


def _second_names(root: Any, tags: Sequence[Tag]) -> Iterator[Tag]:
    """Hidden tags that state what a visible one does, at that one's place."""
    visible: dict[tuple[str, ...], Tag] = {}
    for tag in tags:
        visible.setdefault(_stated(tag.shown, tag.attributes), tag)
    for hidden in _named(root, "hidden"):
        for element in _named(hidden, "nonfraction"):
            shown = " ".join("".join(element.itertext()).split())
            place = visible.get(_stated(shown, element.attrib))
            if place:
                yield place._replace(attributes=element.attrib)


def _stated(shown: str, attributes: Mapping[str, str]) -> tuple[str, ...]:
    names = ("contextref", "unitref", "sign")
    return (shown, *(attributes.get(name, "") for name in names))


def _value(tag: Tag) -> Decimal | None:
    form = tag.attributes.get("format", "").rpartition(":")[2].lower()
    if form.startswith(_WORD_FORMATS) or tag.attributes.get("xsi:nil") in ("true", "1"):
        return None
    if form.startswith(_ZERO_FORMATS):
        return Decimal(0)
    text = "".join(tag.shown.split())
    if form.startswith(_COMMA_FORMATS):
        text = text.replace(".", "").replace(",", ".")
    text = text.replace(",", "")
    if not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    with contextlib.suppress(InvalidOperation):
        value = Decimal(text).scaleb(_scale(tag))
        return -value if tag.attributes.get("sign") == "-" else value
    return None


def _scale(tag: Tag) -> int:
    try:
        scale = int(tag.attributes.get("scale") or 0)
    except ValueError:
        return 0
    return scale if abs(scale) <= _MAX_SCALE else 0


def _contexts(root: Any) -> Iterator[tuple[str, Context]]:
    for element in _named(root, "context"):
        inside = {_bare(part): part for part in element.iter() if isinstance(part.tag, str)}
        start, end, instant = (
            _day(inside.get(name)) for name in ("startdate", "enddate", "instant")
        )
        last = instant or end
        if last is None or (instant is None and start is None):
            continue  # "for ever", or damaged
        dimensions = sorted(
            f"{part.get('dimension', '').rpartition(':')[2]}="
            f"{' '.join(''.join(part.itertext()).split()).rpartition(':')[2]}"
            for part in element.iter()
            if isinstance(part.tag, str) and _bare(part) in ("explicitmember", "typedmember")
        )
        yield element.get("id", ""), Context(start, last, tuple(dimensions))


def _units(root: Any) -> Iterator[tuple[str, str]]:
    for element in _named(root, "unit"):
        measures = [
            "".join(part.itertext()).strip().rpartition(":")[2]
            for part in element.iter()
            if isinstance(part.tag, str) and _bare(part) == "measure"
        ]
        if measures:
            yield element.get("id", ""), "/".join(measures[:2])


def _day(element: Any) -> date | None:
    """A date, or a time: midnight ends the day before (XBRL 2.1, 4.7.2)."""
    if element is None:
        return None
    text = "".join(element.itertext()).strip()
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text[:10])
        ends = _bare(element) != "startdate" and text[10:].startswith("T00:00:00")
        return day - timedelta(days=1) if ends else day
    return None


def _named(root: Any, name: str) -> Iterator[Any]:
    return (e for e in root.iter() if isinstance(e.tag, str) and _bare(e) == name)


def _bare(element: Any) -> str:
    """An element's name without its prefix, in lower case."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
