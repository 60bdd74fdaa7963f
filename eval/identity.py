"""Are filings told apart rightly: company, form, fiscal year and the like as the index read them,
against what is known of them from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.errors import EvaluationError
from eval.facts import none_held
from eval.intervals import wilson
from eval.questions import parse_jsonl, read_text

if TYPE_CHECKING:
    from index.documents import Document
    from index.store import Store

FIELDS = ("company", "form", "fiscal_year", "fiscal_period", "period_end", "cik", "ticker")


def run_identities(file: Path, store: Store) -> dict[str, Any]:
    """{"n", "right", "share", "ci", "fields": [{"name", "n", "right"}], "wrong", "not_in_store"}:
    of the filings in `file`, a JSON array or JSONL of objects with "doc" (the filing's name) and
    any of FIELDS, how many the store has with all that the file says of them. A company is right
    where it is called the same, or where its name in a question would be understood as it.
    EvaluationError for a file that says nothing of a filing in the store."""
    known = _read(file)
    held = {document.name: document for document in store.documents()}
    asked = {doc: told for doc, told in known.items() if doc in held and told}
    if not asked:
        raise none_held(file, store)
    fields = {name: [0, 0] for name in FIELDS}
    wrong = []
    for doc, told in asked.items():
        for name, value in told.items():
            right = _is_right(name, value, held[doc])
            fields[name][0] += 1
            fields[name][1] += right
            if not right:
                read = getattr(held[doc], name)
                wrong.append({"doc": doc, "field": name, "known": value, "read": read})
    right_docs = len(asked) - len({each["doc"] for each in wrong})
    rate = wilson(right_docs, len(asked))
    return {
        "n": len(asked),
        "right": right_docs,
        "share": rate.value,
        "ci": [rate.ci_low, rate.ci_high],
        "fields": [{"name": k, "n": n, "right": r} for k, (n, r) in fields.items() if n],
        "wrong": wrong,
        "not_in_store": sorted(doc for doc in known if doc not in held),
    }


def identities_markdown(result: dict[str, Any]) -> str:
    """The result of `run_identities`, for people."""
    from eval.report import between, not_in_store, percent, table

    rows = [[row["name"], str(row["n"]), str(row["right"])] for row in result["fields"]]
    wrong = [
        f"- {each['doc']}: {each['field']} is {each['known']}, read as {each['read']}"
        for each in result["wrong"]
    ]
    return "\n\n".join(
        [
            "# Identities",
            f"{result['right']:,} of {result['n']:,} filings are identified rightly: "
            f"{percent(result['share'])} ({between(*result['ci'])})." + not_in_store(result),
            table(["field", "known", "right"], rows),
            *(["Wrong:\n\n" + "\n".join(wrong)] if wrong else []),
        ]
    )


def _is_right(name: str, known: object, document: Document) -> bool:
    from index.forms import form_name
    from index.names import filers, named_filers, words_of

    read, told = _squeezed(getattr(document, name)), _squeezed(known)
    match name:
        case "company":
            meant = named_filers(words_of(str(known)), filers([document]))
            return told == read or bool(meant)
        case "form":
            return _squeezed(form_name(str(known))) == read
        case "cik":
            return told.lstrip("0") == read.lstrip("0")
        case _:
            return told == read


def _squeezed(value: object) -> str:
    return "" if value is None else re.sub(r"\W|_", "", str(value)).lower()


def _read(file: Path) -> dict[str, dict[str, object]]:
    """What is known of each filing. Several lines about one have to say the same."""
    known: dict[str, dict[str, object]] = {}
    for where, record in _records(read_text(file), file):
        doc = record.get("doc")
        if not isinstance(doc, str) or not doc:
            raise EvaluationError(f'{where}: the name of a filing is needed in field "doc"')
        told = {name: record[name] for name in FIELDS if record.get(name) not in (None, "")}
        before = known.setdefault(doc, {})
        for name, value in told.items():
            if _squeezed(before.setdefault(name, value)) != _squeezed(value):
                raise EvaluationError(f"{where}: {doc} has two values of {name}")
    return known


def _records(text: str, file: Path) -> Sequence[tuple[str, dict[str, Any]]]:
    if text.lstrip()[:1] != "[":
        return [(f"{file}, line {number}", each) for number, each in parse_jsonl(text, file)]
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{file}: not JSON ({error})") from error
    if not all(isinstance(each, dict) for each in entries):
        raise EvaluationError(f"{file}: not an array of JSON objects")
    return [(f"{file}, entry {number}", each) for number, each in enumerate(entries, 1)]
