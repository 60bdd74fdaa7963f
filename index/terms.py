"""What analysts ask for by name: items of the statements and standard metrics made of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from index.statements import Statement

Unit = Literal["x", "%", "days", "years", "money", "per share", "shares"]

_SAY_LITTLE = frozenset("total other with from current noncurrent items loss gain than".split())
_LONGEST_LABEL = 90
ROW = "row:"  # before a label: a statement's row that goes by no name of the vocabulary
_SHORT = re.compile(r"\b(?:ebitda|eps|nopat|r&d|dps|fcf|roa|roe|apic|aoci)\b")


@dataclass(frozen=True)
class Item:
    """A line of a statement. `concepts` are us-gaap names, the best first; `made_from` is a formula
    for filings that do not print it. `largest`: the total of several rows is meant, `totals` the
    concepts any of which may state it; `positive`: its sign does not matter; `labelled`: concepts
    that count only where the row's label fits a pattern; `better`: which way is an improvement;
    `doubted`: names that notes may print for more or less than a statement; `noted`: a note may
    state it instead of a statement."""

    id: str
    names: tuple[str, ...]
    concepts: tuple[str, ...]
    statement: Statement
    made_from: str | None
    largest: bool
    positive: bool
    totals: frozenset[str] = frozenset()
    labelled: Mapping[str, str] = field(default_factory=dict)
    better: Literal["higher", "lower"] | None = None
    doubted: frozenset[str] = frozenset()
    noted: bool = False


@dataclass(frozen=True)
class Metric:
    """A standard metric: formula, unit, which way is better, from where on it is called healthy, or
    high (the share from which its adjective fits, "capital-intensive"), its source."""

    id: str
    names: tuple[str, ...]
    formula: str
    unit: Unit
    better: Literal["higher", "lower"] | None
    healthy: int | None
    high: float | None
    source: str


@cache
def items() -> dict[str, Item]:
    """Every item by its id."""
    return {
        key: Item(
            key,
            tuple(row["names"]),
            tuple(row["concepts"]),
            row["statement"],
            row.get("from"),
            row.get("largest", False),
            row.get("positive", False),
            frozenset(row.get("totals", ())),
            row.get("labelled", {}),
            row.get("better"),
            frozenset(row.get("doubted", ())),
            row.get("noted", False),
        )
        for key, row in _read("items.toml").items()
    }


@cache
def metrics() -> dict[str, Metric]:
    """Every metric by its id."""
    return {
        key: Metric(
            key,
            tuple(row["names"]),
            row["formula"],
            row["unit"],
            row.get("better"),
            row.get("healthy"),
            row.get("high"),
            row["source"],
        )
        for key, row in _read("metrics.toml").items()
    }


def items_asked(question: str) -> frozenset[str]:
    """The items that `question` names or that the metrics it names are made of."""
    return made_of(names_in(question).values()) & items().keys()


def better_way(name: str) -> Literal["higher", "lower"] | None:
    """Which way an item or a metric improves; None where that is open to doubt."""
    known = metrics().get(name) or items().get(name)
    return known.better if known else None


def made_of(names: Iterable[str]) -> frozenset[str]:
    """Items and metrics with everything that they are made of, by their ids."""
    found: set[str] = set()
    for name in names:
        _take(name, found)
    return frozenset(found)


def basic_parts(names: Iterable[str]) -> frozenset[str]:
    """What items and metrics come down to: parts that are made of nothing else."""
    return frozenset(name for name in made_of(names) if made_of([name]) == {name})


def names_in(text: str) -> dict[str, str]:
    """The names of items and metrics in `text`, in lower case and in their order -> their ids."""
    found = name_pattern().finditer(text.lower().replace("’", "'"))
    return {name[0]: known_names()[name[0]] for name in found}


def _take(name: str, found: set[str]) -> None:
    if name in found:
        return
    found.add(name)
    metric, item = metrics().get(name), items().get(name)
    formula = metric.formula if metric else (item.made_from if item else None)
    for part in re.findall(r"[a-z_]+", formula or ""):
        if part in items() or part in metrics():
            _take(part, found)


def row_names(labels: Iterable[str]) -> dict[str, str]:
    """Rows of a company's own statements by their labels, as a question may name them; labels that
    say little alone ("Other, net") are left out."""
    names: dict[str, str] = {}
    for label in labels:
        plain = plain_row(label)
        telling = [word for word in re.findall(r"[a-z]{4,}", plain) if word not in _SAY_LITTLE]
        if len(plain.split()) > 1 and telling and len(plain) <= _LONGEST_LABEL:
            names.setdefault(plain, f"{ROW}{label}")
    return names


def plain_row(label: str) -> str:
    """A row's label as a question would name it: lower case, without what stands in brackets."""
    bare = re.sub(r"\([^()]*\)", " ", label.lower().replace("’", "'"))
    return " ".join(bare.split()).strip(" ,:—–-")


def title(name: str) -> str:
    """What an item, a metric or a row is called in an answer."""
    if name.startswith(ROW):
        return f"“{name.removeprefix(ROW)}”"
    known = items().get(name) or metrics().get(name)
    called = known.names[0] if known else name
    return _SHORT.sub(lambda found: found[0].upper(), called)


@cache
def name_pattern() -> re.Pattern[str]:
    """Any known name as whole words, the longest first."""
    return pattern_of(known_names())


@cache
def known_names() -> dict[str, str]:
    """Name -> id, metrics before items."""
    found: dict[str, str] = {}
    entries: list[Metric | Item] = [*metrics().values(), *items().values()]
    for entry in entries:
        for name in entry.names:
            found.setdefault(name, entry.id)
    return found


def pattern_of(names: dict[str, str]) -> re.Pattern[str]:
    """A pattern that finds any of the names as whole words, the longest first."""
    ordered = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<![\w&])(?:" + "|".join(map(re.escape, ordered)) + r")(?![\w&]|-\w)")


def _read(name: str) -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return tomllib.loads(text)
