"""FIGURE -> what an answer needs: text, value, unit, and for every input the row it stands in."""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz

from assistant.answer import Citation, FigureAnswer
from assistant.figures.calculate import Input
from assistant.figures.formula import Named
from assistant.figures.say import SCALE_NAMES, sentences, shown, working
from assistant.figures.solve import Figure, Point, figure_of
from index.documents import Document
from index.query import Query
from index.store import Store
from index.terms import metrics, title

_FAR = 5  # lines: a label and its amounts may stand on lines of their own


def figure_answer(store: Store, question: str, query: Query) -> FigureAnswer | None:
    """The answer that looking up and calculating give, or None where they give none."""
    figure = figure_of(store, question, query)
    if figure is None:
        return None
    inputs = list(
        {_key(each): each for p in figure.points for each in p.calculation.inputs}.values()
    )
    citations = [_citation(store, figure.documents[i.stored.doc_id], i) for i in inputs]
    unique = list(dict.fromkeys(citations))
    return FigureAnswer(
        text=sentences(figure),
        value=_value(figure),
        unit=_unit(figure),
        citations=tuple(unique),
        facts=tuple(
            _fact(figure.documents[i.stored.doc_id], i, unique.index(citation))
            for i, citation in zip(inputs, citations, strict=True)
        ),
        calculation=_calculation(figure),
    )


def _key(each: Input) -> tuple[object, ...]:
    return each.name, each.when, each.stored.id


def _value(figure: Figure) -> float | None:
    """In the unit that `_unit` says."""
    if figure.value is None:
        return None
    percent = _is_percent(figure)
    scale = figure.request.scale if _is_money(figure) and figure.request.scale else 0
    return float(figure.value * 100 if percent else figure.value.scaleb(-scale))


def _unit(figure: Figure) -> str | None:
    if figure.value is None:
        return None
    if _is_percent(figure):
        return "%"
    unit = figure.points[0].calculation.unit
    if _is_money(figure):
        return unit + SCALE_NAMES.get(figure.request.scale or 0, "")
    return {"pure": figure.kind(0) or "x"}.get(unit, unit)


def _is_percent(figure: Figure) -> bool:
    request = figure.request
    if request.shape in ("growth", "cagr"):
        return True
    pure = figure.points[0].calculation.unit == "pure"
    return pure and figure.kind(0) == "%" and (request.percent or request.places is None)


def _is_money(figure: Figure) -> bool:
    unit = figure.points[0].calculation.unit
    return unit.isalpha() and len(unit) == 3 and figure.request.shape not in ("growth", "cagr")


def _calculation(figure: Figure) -> dict[str, Any] | None:
    """Every point's formula in words and numbers; None where a single cell is the answer."""
    if len(figure.points) == 1 and len(figure.points[0].calculation.inputs) == 1:
        return None
    return {
        "shape": figure.request.shape,
        "steps": [_step(figure, point) for point in figure.points],
    }


def _step(figure: Figure, point: Point) -> dict[str, Any]:
    node = figure.request.nodes[point.node]
    metric = metrics().get(node.id) if isinstance(node, Named) else None
    own = isinstance(node, Named) and node.id in figure.request.defined
    return {
        "company": point.company,
        "name": figure.request.names[point.node],
        "period": str(point.when),
        "formula": point.calculation.words,
        "worked": point.calculation.worked,
        "line": working(point),
        "shown": shown(figure, point),
        "value": str(point.calculation.value),
        "unit": point.calculation.unit,
        "definition": "the question's own" if own else metric.source if metric else None,
    }


def _fact(document: Document, each: Input, citation: int) -> dict[str, Any]:
    """`citation` is the place of its row among the answer's citations, from 0."""
    fact = each.stored.fact
    return {
        "name": title(each.name),
        "label": fact.label,
        "concept": fact.concept,
        "confidence": fact.confidence,
        "period": str(each.when),
        "start": fact.start.isoformat() if fact.start else None,
        "end": fact.end.isoformat(),
        "shown": fact.shown,
        "value": str(fact.value),
        "unit": fact.unit,
        "doc": document.name,
        "page": fact.page,
        "box": list(fact.box) if fact.box else None,
        "citation": citation,
    }


def _citation(store: Store, document: Document, each: Input) -> Citation:
    fact = each.stored.fact
    text = store.page_text(document.id, fact.page)
    return Citation(
        doc=document.name,
        page=fact.page,
        quote=_row(text, fact.label, fact.shown),
        company=document.company,
        form=document.form,
        fiscal_year=document.fiscal_year,
        doc_id=document.id,
    )


def _row(text: str, label: str, shown: str) -> str:
    """The page's line that states it: it holds the amount, and is most like the label."""
    digits = re.sub(r"[^\d.,]", "", shown)
    lines = [line.strip() for line in text.splitlines() if line.strip()]

    def likeness(n: int) -> float:
        near = " ".join(lines[max(0, n - 1) : n + 1])
        return max(fuzz.partial_ratio(label, lines[n]), fuzz.partial_ratio(label, near) - _FAR)

    holding = [n for n, line in enumerate(lines) if not digits or digits in line.replace(" ", "")]
    holding = [n for n in holding if any(map(str.isalpha, lines[n]))] or holding
    return lines[max(holding, key=likeness)] if holding else f"{label} {shown}"
