"""PATH -> texts to measure a model on, cut into windows of tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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


def windows(
    tokenizer: Any, texts: Sequence[str], size_tokens: int, at_most: int
) -> list[list[int]]:
    """Up to `at_most` windows of `size_tokens` ids that do not overlap, spread evenly over the
    texts. Each begins with the tokenizer's first token where it has one, as a prompt does."""
    first = list(tokenizer("")["input_ids"][:1])
    take = size_tokens - len(first)
    found = []
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        found += [first + ids[n : n + take] for n in range(0, len(ids) - take + 1, take)]
    if not found:
        raise EvaluationError(
            f"the texts are too short: none has {size_tokens} tokens; give longer ones"
        )
    step = max(len(found) / at_most, 1.0)
    return [found[int(n * step)] for n in range(min(at_most, len(found)))]


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
