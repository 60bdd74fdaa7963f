"""Question files as published: FinanceBench, TAT-QA, FinQA, ConvFinQA, and KG-RAG's CSV.

FinanceBench   JSONL; `evidence_page_num` starts at 0, pages here at 1
TAT-QA         JSON; one table with its paragraphs is one page of a document named by the table
FinQA          JSON; one page of a report each; percentages are published as fractions
ConvFinQA      JSON, by conversation or by turn. Tenq asks each question by itself, so the earlier
               questions stand before it, each with its gold answer
KG-RAG         CSV (Docugami); names documents, often by a pattern ("*ACME*"), and no pages

Files are told apart by what is in them. Shapes: the README of each project's repository.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.amounts import Amount, amounts
from eval.errors import EvaluationError
from eval.questions import COUNT, Question, decode, parse_jsonl, shown, text_field

_KG_RAG = re.compile(r'\A\s*"?Question"?\s*,.*"?Source Docs"?')
_ENDING = re.compile(r"\.(?:pdf|x?html?|txt|md)(?=\*?$)", re.IGNORECASE)
_SOURCES = re.compile(r"\s*(?:\(SOURCES?(?:\(S\))?:[^\n)]*\)|\bSOURCES?(?:\(S\))?:[^\n]*)")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_YEAR_IN_NAME = re.compile(r"_((?:19|20)\d\d)(?!\d)")
_FIGURE = re.compile(r"[-−–$€£\s(]*[\d,.]*\d[\d,.]*[\s)%]*(?:thousand|million|billion)?[)\s]*")
_SCALE = re.compile(r"\b(thousand|million|billion)s?\b", re.IGNORECASE)
_IN_SCALE = re.compile(
    r"\bin (thousand|million|billion)s\b|\( ?\$? ?(thousand|million|billion)s\b", re.IGNORECASE
)
_TURN = re.compile(r"^(?:Single|Double)_|-[\d_]+$")  # what ids add to the file's name
_STEP = re.compile(r"(\w+)\(([^(),]*),([^(),]*)\)\s*$")
_RESCALED = re.compile(r"const_10{3,}\b")
_PERCENT = re.compile(r"\bpercent", re.IGNORECASE)
_MEAN = re.compile(r"const_(?!100\b)\d+$")
_SCALES = ("", "thousand", "million", "billion", "percent")
_NIL = "—"
_LONGEST = 60  # letters of a figure with its scale
_ROUNDED = 0.4  # of a logarithm: "1%" for 0.0146
_COARSE = 0.04  # more than the grader allows for rounding
_Asked = tuple[str, str, str, tuple[object, str, str], str]


def decoded(content: bytes, path: Path) -> str:
    """Text of a question file: UTF-8; KG-RAG's CSV may be Windows-1252."""
    try:
        return decode(content, path)
    except EvaluationError:
        text = content.decode("cp1252", errors="replace")
        if _KG_RAG.match(text):
            return text
        raise


def read_published(text: str, path: Path) -> list[Question] | None:
    """The questions of a published file; None where `text` is of another kind (the own format).

    Raises EvaluationError with one line that names file, record (or line) and field.
    """
    if _KG_RAG.match(text):
        return _kg_rag(text, path)
    try:
        records = _records(text, path)
        if not records and text.lstrip()[:1] == "[":
            return []
        reads = next((kind for _, record in records if (kind := _kind(record))), None)
        if reads is None:
            return None if text.lstrip()[:1] != "[" else _unknown(text, path)
        questions: list[Question] = []
        for where, record in records:
            if not isinstance(record, dict):
                raise EvaluationError(f"{where}: a JSON object is needed, found {shown(record)}")
            questions += reads(record, where)
        return questions
    except RecursionError as error:
        raise EvaluationError(f"{path}: nested too deeply; fetch the file again") from error


def _records(text: str, path: Path) -> list[tuple[str, Any]]:
    """(where, record): of a JSON list, or of JSONL if its first line is of a known kind."""
    begins = text.lstrip()
    if begins.startswith("["):
        try:
            found = json.loads(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            raise EvaluationError(
                f"{path}, line {line}: not JSON ({error}); if the file is cut off, fetch it again"
            ) from error
        return [(f"{path}, record {n}", record) for n, record in enumerate(found, 1)]
    try:
        first = json.loads(begins.partition("\n")[0])
    except (ValueError, RecursionError):
        return []
    if not _kind(first):
        return []
    return [(f"{path}, line {number}", record) for number, record in parse_jsonl(text, path)]


def _kind(record: object) -> Callable[[dict[str, Any], str], list[Question]] | None:
    if not isinstance(record, dict):
        return None
    if "financebench_id" in record:
        return _financebench
    if "questions" in record and ("table" in record or "paragraphs" in record):
        return _tatqa
    if "pre_text" in record or "post_text" in record or "qa" in record:
        return _finqa
    return None


def _unknown(text: str, path: Path) -> list[Question]:
    line = text[: text.index("[")].count("\n") + 1
    raise EvaluationError(
        f"{path}, line {line}: not a JSON object on each line, nor the JSON list of TAT-QA, FinQA "
        "or ConvFinQA"
    )


# FinanceBench


def _financebench(record: dict[str, Any], where: str) -> list[Question]:
    doc = text_field(record, "doc_name", where)
    passages: dict[tuple[str, int], list[str]] = {}
    for n, piece in enumerate(_list(record, "evidence", where), 1):
        at = f'{where}, field "evidence", entry {n}'
        piece = _object(piece, at)
        number = piece.get("evidence_page_num")
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise EvaluationError(
                f'{at}, field "evidence_page_num": a page number from 0 is needed, '
                f"found {shown(number)}"
            )
        whole = piece.get("evidence_text_full_page")
        text = text_field(piece, "evidence_text_full_page" if whole else "evidence_text", at)
        name = text_field(piece, "doc_name", at) if piece.get("doc_name") else doc
        texts = passages.setdefault((name, number + 1), [])
        if text not in texts:
            texts.append(text)
    if not passages:
        raise EvaluationError(f'{where}, field "evidence": at least one entry is needed')
    if all(name != doc for name, _ in passages):
        doc = next(iter(passages))[0]
    pages = {page: "\n".join(texts) for (name, page), texts in passages.items() if name == doc}
    others = tuple(dict.fromkeys(name for name, _ in passages if name != doc))
    return [
        Question(
            id=text_field(record, "financebench_id", where),
            question=text_field(record, "question", where),
            answer=text_field(record, "answer", where),
            doc=doc,
            pages=tuple(pages),
            type=_maybe(record, "question_type") or "all",
            company=_maybe(record, "company"),
            fiscal_year=_year(record.get("doc_period"), doc),
            docs=others,
            gold_pages=tuple(pages.items()),
            evidence=tuple(passages) if others else (),
        )
    ]


def _year(period: object, doc: str) -> int | None:
    """Of "doc_period" (2022 or "FY2022"), else of a name like "ACME_2022_10K"."""
    found = re.search(r"(?:19|20)\d\d", str(period)) or _YEAR_IN_NAME.search(doc)
    return int(found[found.re.groups]) if found else None


# TAT-QA


def _tatqa(record: dict[str, Any], where: str) -> list[Question]:
    table = _object(record.get("table"), f'{where}, field "table"')
    doc = text_field(table, "uid", f'{where}, field "table"')
    lines = table_lines(_cells(table, "table", f'{where}, field "table"'))
    texts = []
    for n, paragraph in enumerate(_list(record, "paragraphs", where), 1):
        at = f'{where}, field "paragraphs", entry {n}'
        text = text_field(_object(paragraph, at), "text", at)
        texts.append((_number(paragraph.get("order", n), f'{at}, field "order"'), text))
    page = "\n".join([*lines, "", *(text for _, text in sorted(texts, key=lambda pair: pair[0]))])
    questions = []
    for n, asked in enumerate(_list(record, "questions", where), 1):
        at = f"{where}, question {n}"
        asked = _object(asked, at)
        answer, value, unit, points, spans = _tatqa_gold(asked, at)
        questions.append(
            Question(
                id=text_field(asked, "uid", at),
                question=text_field(asked, "question", at),
                answer=answer,
                doc=doc,
                pages=(1,),
                type=_maybe(asked, "answer_type") or "all",
                value=value,
                unit=unit,
                key_points=points,
                gold_pages=((1, page),),
                spans=spans,
                scale=asked.get("scale") or "",
            )
        )
    return questions


def _tatqa_gold(
    asked: dict[str, Any], where: str
) -> tuple[str, float | None, str | None, tuple[str, ...], tuple[str, ...]]:
    """(answer, value, unit, key points, spans): "$94.2" of scale "million" is 94.2 in "million";
    the spans are as published."""
    scale = asked.get("scale") or ""
    if not isinstance(scale, str) or scale not in _SCALES:
        raise EvaluationError(
            f'{where}, field "scale": thousand, million, billion, percent or nothing is needed, '
            f"found {shown(scale)}"
        )
    given = asked.get("answer")
    # A published list holds an empty span among others; it is left out.
    every = [span for span in given if span != ""] if isinstance(given, list) else [given]
    texts = [text_field({"answer": span}, "answer", where).strip() for span in every]
    if not texts:
        raise EvaluationError(f'{where}, field "answer": a text or a number is needed, found []')
    unit = "%" if scale == "percent" else scale or None
    spans = tuple(texts)
    answer = "; ".join(_with_scale(text, scale) for text in texts)
    if len(texts) > 1:
        return answer, None, unit, spans, spans
    if asked.get("answer_type") == "count":
        return answer, _number(texts[0], f'{where}, field "answer"'), COUNT, (), spans
    figure = only_figure(texts[0])
    if figure is None or (figure.is_year and isinstance(given, list)):
        return answer, None, unit, (), spans
    if not figure.bare and not (figure.unit == "%" and unit == "%"):
        return answer, None, unit, (), spans  # it carries its own scale
    return answer, figure.value, unit, (), spans


def _with_scale(text: str, scale: str) -> str:
    if not scale or only_figure(text) is None or _SCALE.search(text) or "%" in text:
        return text
    return f"{text}%" if scale == "percent" else f"{text} {scale}"


def only_figure(text: str) -> Amount | None:
    """The figure that the text consists of, if it does."""
    found = amounts(text) if len(text) <= _LONGEST and _FIGURE.fullmatch(text) else []
    return found[0] if len(found) == 1 else None


def table_lines(cells: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, as the index writes them. A cell left empty among the years' columns
    of a row with amounts becomes a dash, so that the others keep their columns."""
    from index.tables import row_lines

    lines: list[str] = []
    years: list[int] = []
    for row in cells:
        row = [" ".join(cell.split()) for cell in row]
        dated = [n for n, cell in enumerate(row) if _YEAR.search(cell)]
        if len(dated) > 1 and len({_YEAR.findall(row[n])[0] for n in dated}) == len(dated):
            years = dated
        elif any(re.search(r"\d", row[n]) for n in years if n < len(row)):
            row = [_NIL if n in years and not cell else cell for n, cell in enumerate(row)]
        lines += row_lines([[cell] for cell in row])
    return lines


# FinQA and ConvFinQA


def _finqa(record: dict[str, Any], where: str) -> list[Question]:
    name = text_field(record, "id", where)
    filename = _ENDING.sub("", _maybe(record, "filename") or _TURN.sub("", name))
    place = re.search(r"(\w+)/((?:19|20)\d\d)/", filename)  # of the company's ticker and the year
    before, after = (_texts(record, name, where) for name in ("pre_text", "post_text"))
    cells = _cells(record, "table_ori" if record.get("table_ori") else "table", where)
    page = "\n".join([*before, *table_lines(cells), *after])
    # The scale that the table names, else the text nearest above it.
    stated = [cell for row in cells for cell in row] + before[::-1] + after
    scale = next((s for text in stated if (s := _IN_SCALE.search(text))), None)
    questions = []
    for id_, kind, asked, gold, at in _finqa_asked(record, where):
        answer, value, unit = _finqa_gold(*gold, asked, scale[1] or scale[2] if scale else "", at)
        questions.append(
            Question(
                id=id_,
                question=asked,
                answer=answer,
                doc=filename,
                pages=(1,),
                type=kind,
                company=place[1] if place else None,
                fiscal_year=int(place[2]) if place else None,
                value=value,
                unit=unit,
                gold_pages=((1, page),),
            )
        )
    return questions


def _finqa_asked(record: dict[str, Any], where: str) -> Iterator[_Asked]:
    """(id, type, question, (exe_ans, answer, program), where) for each question of a record."""
    name = text_field(record, "id", where)
    turns = _object(record.get("annotation", {}), f'{where}, field "annotation"')
    if "cur_dial" in turns or "dialogue_break" in turns:
        at = f'{where}, field "annotation"'
        by_turn = "cur_dial" in turns
        asked = _texts(turns, "cur_dial" if by_turn else "dialogue_break", at)
        golds = list(_list(turns, "exe_ans_list", at)) if "exe_ans_list" in turns else []
        programs = _texts(turns, "turn_program", at)
        if by_turn and asked:
            golds = [*golds[: len(asked) - 1], *[None] * (len(asked) - 1 - len(golds))]
            golds.append(turns.get("exe_ans"))
            programs = [*programs[: len(asked) - 1], str(turns.get("cur_program") or "")]
        if not asked or len(golds) < len(asked):
            raise EvaluationError(f"{at}: one answer for each question of the dialogue is needed")
        for n in range(len(asked) - 1 if by_turn else 0, len(asked)):
            program = programs[n] if n < len(programs) else ""
            kind = "all" if not program else "program" if "(" in program else "number selection"
            id_ = name if by_turn else f"{name}_{n}"
            yield id_, kind, _in_turn(asked[: n + 1], golds), (golds[n], "", program), at
        return
    found = [key for key in ("qa", "qa_0", "qa_1") if key in record]
    for key in found or ["qa"]:
        at = f'{where}, field "{key}"'
        qa = _object(record.get(key), at)
        gold = (qa.get("exe_ans"), _maybe(qa, "answer") or "", _maybe(qa, "program") or "")
        question = text_field(qa, "question", at)
        yield name if len(found) < 2 else f"{name}_{key}", "all", question, gold, at


def _in_turn(asked: Sequence[str], golds: Sequence[object]) -> str:
    """The last question, after the earlier ones and their gold answers."""
    if len(asked) == 1:
        return asked[0]
    earlier = [f"{q} {'' if g is None else g}".strip() for q, g in zip(asked, golds, strict=False)]
    return "Answered before:\n" + "\n".join(earlier[: len(asked) - 1]) + f"\nNow: {asked[-1]}"


def _finqa_gold(
    given: object, answer: str, program: str, asked: str, scale: str, where: str
) -> tuple[str, float | None, str]:
    """(answer, value, unit). `given` is the program's result: of a percentage mostly a fraction,
    which the printed `answer` tells, or a quotient where a percentage is asked."""
    if isinstance(given, str) and given.strip().lower() in {"yes", "no"}:
        return given.strip().lower(), None, ""
    value = _number(given, f'{where}, field "exe_ans"')
    printed = only_figure(answer)
    quotient = _is_quotient(program)
    percent = _PERCENT.search(asked.rpartition("\nNow: ")[2]) and quotient and not printed
    if printed and printed.value and value:
        # Whichever of the two the printed figure is nearer to; signs are often dropped in print.
        off = abs(math.log(abs(printed.value / value)))
        off_100 = abs(math.log(abs(printed.value / value / 100)))
        fraction = off_100 < (off if printed.unit == "%" else min(off, _ROUNDED))
        percent = percent or fraction or printed.unit == "%"
        value = value * 100 if fraction else value
        size = abs(printed.value)
        if round(abs(value), printed.decimals) == size and abs(size / abs(value) - 1) > _COARSE:
            value = math.copysign(size, value)  # "0.6%" printed for 0.644%
    elif percent:
        value *= 100
    value = float(f"{value:.12g}")
    if percent:
        return answer or f"{value:.6g}%", value, "%"
    has_scale = scale and not quotient and not _RESCALED.search(program)
    return answer or f"{value:.12g}", value, scale.lower() if has_scale else ""


def _is_quotient(program: str) -> bool:
    """Whether the last step divides (not by a count, as a mean does) or compares quotients."""
    last = _STEP.search(program)
    if not last:
        return False
    if last[1] == "divide":
        return not _MEAN.search(last[3].strip())
    return "divide" in program and last[2].strip()[:1] == last[3].strip()[:1] == "#"


# KG-RAG


def _kg_rag(text: str, path: Path) -> list[Question]:
    questions = []
    rows = csv.DictReader(io.StringIO(text), skipinitialspace=True, strict=True)
    try:
        for n, row in enumerate(rows, 1):
            where = f"{path}, record {n}"
            names = [
                _ENDING.sub("", name.strip().strip("\"'"))
                for name in text_field(row, "Source Docs", where).split(",")
            ]
            doc, *others = [name for name in names if name] or [""]
            if not doc.strip("*"):
                raise EvaluationError(f'{where}, field "Source Docs": a document is needed')
            answer = text_field(row, "Answer", where)
            questions.append(
                Question(
                    id=f"kg-rag-{n}",
                    question=text_field(row, "Question", where).strip(),
                    # The files named at the end say where the answer stands, not what it is.
                    answer=_SOURCES.sub("", answer).strip() or answer,
                    doc=doc,
                    pages=(),
                    type=_maybe(row, "Question Type") or "all",
                    docs=tuple(others),
                )
            )
    except csv.Error as error:
        raise EvaluationError(f"{path}, line {rows.line_num}: not CSV ({error})") from error
    return questions


# Fields


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EvaluationError(f"{where}: a JSON object is needed, found {shown(value)}")
    return value


def _list(record: dict[str, Any], name: str, where: str) -> list[Any]:
    value = record.get(name)
    if not isinstance(value, list):
        raise EvaluationError(f'{where}, field "{name}": a list is needed, found {shown(value)}')
    return value


def _texts(record: dict[str, Any], name: str, where: str) -> list[str]:
    values = _list(record, name, where) if record.get(name) is not None else []
    if bad := [value for value in values if not isinstance(value, str)]:
        raise EvaluationError(
            f'{where}, field "{name}": a list of texts is needed, found {shown(bad[0])}'
        )
    return values


def _cells(record: dict[str, Any], name: str, where: str) -> list[list[str]]:
    rows = _list(record, name, where)
    if bad := [row for row in rows if not isinstance(row, list)]:
        raise EvaluationError(
            f'{where}, field "{name}": a list of rows is needed, found {shown(bad[0])}'
        )
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _maybe(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value.strip() or None if isinstance(value, str) else None


def _number(value: object, where: str) -> float:
    if isinstance(value, str) and (figure := only_figure(value)):
        value = figure.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        with contextlib.suppress(OverflowError):
            if math.isfinite(number := float(value)):
                return number
    raise EvaluationError(f"{where}: a number is needed, found {shown(value)}")
