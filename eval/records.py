"""Finished answers on disk, one JSON line each, so that a killed run goes on where it was.

A line's `key` is a hash of what the answer depends on: the question, the prompt with its evidence,
the model's manifest and the evidence mode. A change of one makes only its own lines stale. Each
line is flushed and fsynced before the next question; a last line cut short by a kill is dropped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError


class Records:
    """The lines of one results file. Raises EvaluationError where the file is something else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, dict[str, Any]] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise EvaluationError(f"cannot read {path}: {error.strerror or error}") from error
        whole, _, cut_short = text.rpartition(b"\n")
        for line in whole.split(b"\n"):
            record = _parsed(line)
            if record is not None:
                self._take(record)
            elif line.strip():
                raise EvaluationError(
                    f"{path} is not a file of answers made by `tenq eval answers`; name another "
                    "with --resume, or move it away"
                )
        if cut_short:
            last = _parsed(cut_short)
            if last is None and not self._known and not cut_short.startswith(b'{"key"'):
                raise EvaluationError(
                    f"{path} is not a file of answers made by `tenq eval answers`; name another "
                    "with --resume, or move it away"
                )
            self._cut(len(text) - len(cut_short))

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> dict[str, Any] | None:
        """The finished answer with this key."""
        return self._known.get(key)

    def add(self, record: dict[str, Any]) -> dict[str, Any]:
        """Append one answer, on disk when this returns; the same as `get` will give."""
        self.add_all([record])
        return self._known[str(record["key"])]

    def add_all(self, records: Sequence[dict[str, Any]]) -> None:
        """Append answers, on disk when this returns."""
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        try:
            append_lines(self.path, lines)
        except OSError as error:
            raise EvaluationError(f"cannot write {self.path}: {error.strerror or error}") from error
        for line in lines:
            self._take(json.loads(line))

    def _take(self, record: dict[str, Any]) -> None:
        self._known[str(record["key"])] = record

    def _cut(self, length: int) -> None:
        try:
            with self.path.open("r+b") as stream:
                stream.truncate(length)
        except OSError as error:
            raise EvaluationError(f"cannot write {self.path}: {error.strerror or error}") from error


def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Add lines to a file; they are on disk when this returns."""
    with path.open("a", encoding="utf-8") as stream:
        stream.write("".join(line + "\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())


def record_key(*parts: str) -> str:
    """SHA-256 over the parts; no two different lists of parts share one."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not {"key", "id", "answer"} <= record.keys():
        return None
    return record
