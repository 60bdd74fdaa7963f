"""The library of items and metrics holds together."""

from __future__ import annotations

import pytest

from assistant.errors import FigureError
from assistant.figures.formula import (
    Concept,
    Mean,
    Named,
    Node,
    Operation,
    Optional,
    parse_formula,
)
from index.terms import items, known_names, metrics, name_pattern


def named(node: Node) -> set[str]:
    match node:
        case Named(name):
            return {name}
        case Operation(_, left, right):
            return named(left) | named(right)
        case Mean(parts):
            return set().union(*map(named, parts))
        case Optional(part):
            return named(part)
    return set()


def test_there_are_sixty_metrics_and_more() -> None:
    assert len(metrics()) >= 60
    assert all(metric.source in ("CFA", "BMA", "WSF", "DAM") for metric in metrics().values())


@pytest.mark.parametrize("key", sorted(metrics()))
def test_every_formula_comes_down_to_items(key: str) -> None:
    def items_of(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"{name} is made of itself"
        if name in metrics():
            for part in named(parse_formula(metrics()[name].formula)):
                items_of(part, (*above, name))
        else:
            assert name in items(), name

    items_of(key, ())


def test_items_made_of_others_can_be_made() -> None:
    for item in items().values():
        assert item.concepts or item.made_from
        if item.made_from:
            assert named(parse_formula(item.made_from)) <= set(items()) | set(metrics())


def test_names_are_written_as_they_are_looked_for() -> None:
    for name in known_names():
        assert name == name.lower()
        found = name_pattern().search(f"what was the {name} in 2020")
        assert found and found[0] == name


def test_no_metric_goes_by_anothers_name() -> None:
    names = [name for metric in metrics().values() for name in metric.names]
    assert len(names) == len(set(names))
    shared = [name for item in items().values() for name in item.names]
    assert len(shared) == len(set(shared))


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "revenue **2", "revenue if 1 else 2"])
def test_a_formula_is_no_program(text: str) -> None:
    with pytest.raises(FigureError):
        parse_formula(text)
    assert isinstance(parse_formula("sum(Goodwill, Cash)"), Operation)
    assert parse_formula("Goodwill") == Concept("Goodwill")
