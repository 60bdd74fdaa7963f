"""Question files: one JSON object a line, each a question with its gold answer and where it stands.

{"id", "question", "answer", "doc", "pages", ...}: `doc` is the file's name without its ending, or
null where the right answer is a refusal; `pages` are 1-based. Published files are read as they are
(eval.published).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from eval.errors import EvaluationError

COUNT = "count"  # a unit: how many there are


@dataclass(frozen=True)
class Question:
    """One question. `value` and `unit` ("USD million", "%", "x", COUNT, ...) are the gold answer as
    a number, where the file gives them; `key_points` are phrases a narrative answer must hold, or
    its figures in `unit`; `docs` are other documents that hold the evidence too, `evidence`
    (document, page) pairs; `gold_pages` are (page, text) of `doc`, or, where that is None, of the
    first of `docs`: what is shown with a question that it does not answer; `spans` and `scale` are
    TAT-QA's answer as published (eval.exact_match).

    Published files may name documents by a pattern ("*ACME*") and no pages: then every page of
    every document that fits is right, and what says "page" means "document"."""

    id: str
    question: str
    answer: str
    doc: str | None
    pages: tuple[int, ...]
    type: str = "all"
    company: str | None = None
    fiscal_year: int | None = None
    value: float | None = None
    unit: str | None = None
    key_points: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    gold_pages: tuple[tuple[int, str], ...] = ()
    evidence: tuple[tuple[str, int], ...] = ()
    has_pdf: bool = True
    disputed: bool = False
    spans: tuple[str, ...] = ()
    scale: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether the filings state the answer; otherwise a refusal is correct."""
        return self.doc is not None

    @property
    def right_docs(self) -> frozenset[str]:
        """Every document that holds the evidence; none where the filings do not state it."""
        names = frozenset((self.doc, *self.docs) if self.doc else ())
        return _Patterns(names) if any("*" in name for name in names) else names

    @property
    def right_pages(self) -> frozenset[tuple[str, int]]:
        """Every (document, page) that holds the evidence or a part of it."""
        pages = {*self.pages, *(page for page, _ in self.gold_pages)}
        if self.doc and not pages and not self.evidence:
            return _AllPages((name, 0) for name in self.right_docs)
        docs = {self.doc} if self.doc and self.evidence else self.right_docs
        return frozenset({*self.evidence, *((doc, page) for doc in docs for page in pages)})

    @property
    def sha256(self) -> str:
        """Of everything that decides the answer and its grade."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


class _Patterns(frozenset[str]):
    """Names of documents, "*" standing for any letters."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(_fits(name, pattern) for pattern in self)

    def __and__(self, names: Set[object]) -> frozenset[str]:
        return frozenset(name for name in names if isinstance(name, str) and name in self)


class _AllPages(frozenset[tuple[str, int]]):
    """Every page of the documents named in its pairs, whose own page numbers mean nothing."""

    def __contains__(self, page: object) -> bool:
        return isinstance(page, tuple) and any(_fits(page[0], pattern) for pattern, _ in self)


def _fits(name: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.DOTALL) is not None


def read_questions(path: Path) -> list[Question]:
    """Read a question file, of the own format or as published (eval.published); which one, its
    content tells. Raises EvaluationError naming file, line or record, and field."""
    from eval.published import decoded, read_published  # which builds on this module

    text = decoded(_bytes(path), path)
    questions = read_published(text, path)
    if questions is None:
        records = parse_jsonl(text, path)
        questions = [_question(record, f"{path}, line {number}") for number, record in records]
    if not questions:
        raise EvaluationError(f"{path} holds no questions; put one JSON object on each line")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise EvaluationError(f"{path}: the id {question.id!r} stands twice; ids must differ")
        seen.add(question.id)
    return questions


def read_jsonl(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """(line number, object) for each line that is not blank; EvaluationError on anything else."""
    return parse_jsonl(read_text(path), path)


def read_text(path: Path) -> str:
    """A file's text, as `decode` gives it; EvaluationError where it cannot be read."""
    return decode(_bytes(path), path)


def decode(content: bytes, path: Path) -> str:
    """UTF-8 text with "\\n" at the ends of lines; EvaluationError where it is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"cannot read {path}: {error.strerror or error}") from error


def parse_jsonl(text: str, path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Of a text that is at hand; see `read_jsonl`."""
    records = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise EvaluationError(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(record, dict):
            raise EvaluationError(f"{path}, line {number}: not a JSON object")
        records.append((number, record))
    return records


def text_field(record: dict[str, Any], name: str, where: str) -> str:
    """A field that must be a text (or a number, taken as written)."""
    value = record.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise EvaluationError(f'{where}, field "{name}": a text is needed, found {shown(value)}')
    return value


def _question(record: dict[str, Any], where: str) -> Question:
    doc = None if record.get("doc") is None else text_field(record, "doc", where)
    if "doc" not in record:
        raise EvaluationError(
            f'{where}, field "doc": missing; give the file\'s name without its ending, or null '
            "where the filings do not state the answer"
        )
    pages = _numbers(record, "pages", where)
    if any(page != int(page) or page < 1 for page in pages):
        raise EvaluationError(f'{where}, field "pages": page numbers start at 1')
    gold_pages = _gold_pages(record, where)
    if doc is not None and not pages and not gold_pages:
        raise EvaluationError(f'{where}, field "pages": name at least one page of {doc}')
    return Question(
        id=text_field(record, "id", where),
        question=text_field(record, "question", where),
        answer=text_field(record, "answer", where) if doc is not None else _answer(record),
        doc=doc,
        pages=tuple(int(page) for page in pages),
        type=_optional(record, "type", where) or "all",
        company=_optional(record, "company", where),
        fiscal_year=_whole(record, "fiscal_year", where),
        value=_number(record, "value", where),
        unit=_optional(record, "unit", where),
        key_points=_texts(record, "key_points", where),
        docs=_texts(record, "docs", where),
        gold_pages=gold_pages,
        evidence=_evidence(record, where),
        has_pdf=_flag(record, "has_pdf", True, where),
        disputed=_flag(record, "disputed", False, where),
    )


def _answer(record: dict[str, Any]) -> str:
    """Of an unanswerable question: any remark, or nothing."""
    value = record.get("answer")
    return value if isinstance(value, str) else ""


def _optional(record: dict[str, Any], name: str, where: str) -> str | None:
    return None if record.get(name) is None else text_field(record, name, where)


def _number(record: dict[str, Any], name: str, where: str) -> float | None:
    value = record.get(name)
    if value is None:
        return None
    if not _is_number(value):
        raise EvaluationError(f'{where}, field "{name}": a number is needed, found {shown(value)}')
    return value


def _is_number(value: object) -> TypeGuard[int | float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _whole(record: dict[str, Any], name: str, where: str) -> int | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise EvaluationError(f'{where}, field "{name}": a year is needed, found {shown(value)}')
    return value


def _numbers(record: dict[str, Any], name: str, where: str) -> list[float]:
    values = record.get(name) or []
    if not isinstance(values, list) or not all(map(_is_number, values)):
        raise EvaluationError(
            f'{where}, field "{name}": a list of numbers is needed, found {shown(values)}'
        )
    return values


def _texts(record: dict[str, Any], name: str, where: str) -> tuple[str, ...]:
    values = record.get(name) or []
    if not isinstance(values, list) or any(not isinstance(value, str) for value in values):
        raise EvaluationError(
            f'{where}, field "{name}": a list of texts is needed, found {shown(values)}'
        )
    return tuple(values)


def _flag(record: dict[str, Any], name: str, default: bool, where: str) -> bool:
    value = record.get(name, default)
    if not isinstance(value, bool):
        raise EvaluationError(f'{where}, field "{name}": true or false, found {shown(value)}')
    return value


def _gold_pages(record: dict[str, Any], where: str) -> tuple[tuple[int, str], ...]:
    """[{"page": 3, "text": "..."}]"""
    pages = record.get("gold_pages_text") or []
    mend = f'{where}, field "gold_pages_text": a list of {{"page": 3, "text": "..."}} is needed'
    if not isinstance(pages, list):
        raise EvaluationError(mend)
    found = []
    for page in pages:
        if (
            not isinstance(page, dict)
            or not isinstance(page.get("page"), int)
            or not isinstance(page.get("text"), str)
        ):
            raise EvaluationError(mend)
        found.append((page["page"], page["text"]))
    return tuple(found)


def _evidence(record: dict[str, Any], where: str) -> tuple[tuple[str, int], ...]:
    """[{"doc": "name", "page": 3, ...}]"""
    pairs = record.get("evidence") or []
    mend = f'{where}, field "evidence": a list of {{"doc": "name", "page": 3}} is needed'
    if not isinstance(pairs, list):
        raise EvaluationError(mend)
    found = []
    for pair in pairs:
        if (
            not isinstance(pair, dict)
            or not isinstance(pair.get("doc"), str)
            or not isinstance(pair.get("page"), int)
        ):
            raise EvaluationError(mend)
        found.append((pair["doc"], pair["page"]))
    return tuple(found)


def shown(value: object) -> str:
    """For a message: short, one line."""
    try:
        text = json.dumps(value, ensure_ascii=True, default=str)
    except RecursionError:
        text = "something nested too deeply"
    return text if len(text) <= 60 else text[:57] + "..."
