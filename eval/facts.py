"""Are a filing's numbers read right? The store's facts against amounts that are known from
elsewhere, such as the filer's own tags: found only where concept, period and amount are the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import EvaluationError
from eval.intervals import wilson

if TYPE_CHECKING:
    from index.store import Store

_SHOWN = 5
Key = tuple[str, str | None, str, Decimal]


def run_facts(known: Path, store: Store) -> dict[str, Any]:
    """{"n", "found", "share", "ci", "per_document", "not_in_store"}: of the amounts in
    `known`/NAME.json, each {"concept": us-gaap name, "start": date or null, "end": date, "value":
    in the unit itself}, how many the store states of the filing NAME. EvaluationError for a folder
    without such files, or none of whose filings is in the store."""
    files = sorted(known.glob("*.json"))
    if not files:
        raise EvaluationError(f"{known} holds no .json file of known amounts")
    held = {document.name: document.id for document in store.documents()}
    rows = []
    for file in files:
        if file.stem in held:
            stated = {_key(stored.fact) for stored in store.facts([held[file.stem]])}
            rows.append(_row(file.stem, _read(file), stated))
    n, found = (sum(row[name] for row in rows) for name in ("n", "found"))
    if not n:
        raise none_held(known, store)
    rate = wilson(found, n)
    return {
        "n": n,
        "found": found,
        "share": rate.value,
        "ci": [rate.ci_low, rate.ci_high],
        "per_document": rows,
        "not_in_store": [file.stem for file in files if file.stem not in held],
    }


def none_held(known: Path, store: Store) -> EvaluationError:
    """What is known is of other filings than the store's."""
    return EvaluationError(
        f"the store {store.path} holds none of the filings that {known} is about; add them "
        "with `tenq index add`"
    )


def _row(doc: str, asked: Iterable[Key], stated: set[Key]) -> dict[str, Any]:
    asked = list(asked)
    missing = [" ".join(map(str, filter(None, key))) for key in asked if key not in stated]
    return {
        "doc": doc,
        "n": len(asked),
        "found": len(asked) - len(missing),
        "missing": missing[:_SHOWN],
    }


def _key(fact: Any) -> Key:
    start = fact.start.isoformat() if fact.start else None
    return fact.concept, start, fact.end.isoformat(), Decimal(fact.value)


def _read(file: Path) -> list[Key]:
    try:
        return [
            (
                str(each["concept"]),
                each.get("start") or None,
                str(each["end"]),
                Decimal(str(each["value"])),
            )
            for each in json.loads(file.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise EvaluationError(
            f'{file} is no list of known amounts: [{{"concept": NAME, "start": DATE, "end": DATE, '
            f'"value": NUMBER}}, ...] ({type(error).__name__})'
        ) from error
