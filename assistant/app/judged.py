"""WHAT PEOPLE AND MODELS SAID OF ANSWERS -> lines of files under `evaluations/`."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.errors import AssistantError
from eval.records import append_lines

_writing = threading.Lock()


def keep(folder: Path, lines: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Append JSON lines to files of `folder`, named by the keys; on disk when this returns.
    AssistantError where nothing can be written."""
    with writing(folder):
        for name, records in lines.items():
            if records:
                append_lines(folder / name, [as_line(record) for record in records])


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """The one that writes in `folder`, which is made. AssistantError where nothing can be
    written."""
    try:
        with _writing:
            folder.mkdir(parents=True, exist_ok=True)
            yield
    except OSError as error:
        why = error.strerror or error
        raise AssistantError(f"it cannot be kept in {folder}: {why}") from error


def as_line(record: Mapping[str, Any]) -> str:
    """One line of JSON."""
    return json.dumps(record, ensure_ascii=False)


def as_question(text: str, answer: Answer, kind: str) -> dict[str, Any]:
    """A question of the own format of question files (`eval.questions`), `answer` its gold answer,
    the pages it cites the gold pages; a refusal that was called right has none."""
    cited = () if answer.refused else answer.citations
    doc = cited[0].doc if cited else None
    return {
        "id": f"{kind}-{secrets.token_hex(6)}",
        "question": text,
        "answer": "not in the filings" if answer.refused else answer.answer,
        "doc": doc,
        "pages": sorted({each.page for each in cited if each.doc == doc}),
        "type": "unanswerable" if answer.refused else kind,
    }


def keep_disagreement(folder: Path, question: str, answer: Answer, reference: Answer) -> None:
    """Add two answers that do not agree to `disagreements.questions.jsonl`, as a question whose
    gold answer is what the `reference` model said: nobody has checked that it is right, and the
    type says so. Not where it cites nothing. AssistantError as of `keep`."""
    if not (reference.refused or reference.citations):
        return
    asked = as_question(question, reference, "disagreement")
    record = asked | {"type": "disagreement, unchecked", "said": answer.to_json()}
    keep(folder, {"disagreements.questions.jsonl": [record]})
