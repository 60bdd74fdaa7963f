"""PATH -> texts to measure or calibrate a model on."""

from __future__ import annotations

import json
from pathlib import Path

from eval.errors import EvaluationError


def read_texts(path: Path) -> list[str]:
    """The texts of a JSONL file (a field "text" a line), of one filing, or of a folder of filings,
    in the order of their names. Raises EvaluationError where there are none."""
    from index.errors import IndexingError
    from index.read import find_filings, read_filing

    if path.suffix.lower() == ".jsonl":
        texts = _lines(path)
    else:
        texts = []
        for file in find_filings([path]):
            try:
                texts.append("\n\n".join(page.text for page in read_filing(file).pages))
            except IndexingError as error:
                raise EvaluationError(f"cannot measure on {path}: {error}") from error
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise EvaluationError(
            f"no text in {path}; give a JSONL file with a field text, a filing, or a folder of them"
        )
    return texts


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"cannot read {path}: {error}") from error
    texts = []
    for number, line in enumerate(lines, 1):
        try:
            texts.append(str(json.loads(line)["text"]) if line.strip() else "")
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(
                f'{path}, line {number}: not JSON with a field "text" ({error})'
            ) from error
    return texts
