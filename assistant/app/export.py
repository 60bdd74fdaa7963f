"""ANSWERS -> FILES to take away: Markdown with the sources, figures as CSV and XLSX.

Text of filings and models goes into cells as text, never as a formula: spreadsheets run what
begins with "=", "+", "-" or "@" (CWE-1236), some also in full width, and where they part a CSV file
at other marks than commas, what follows such a mark.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from assistant.answer import Answer
from assistant.app.markup import source
from assistant.app.reply import Reply

HEADS = (
    *("Question", "Company", "Item", "Period", "Value", "Unit", "As printed", "Document", "Page"),
    "Quote",
)
TAKEN_AWAY = (("Answers, Markdown", "md"), ("Figures, CSV", "csv"), ("Figures, XLSX", "xlsx"))
Cell = str | float | int | None
_WIDTHS = (40, 26, 28, 12, 18, 12, 14, 28, 7, 60)
_FORMULA = re.compile(r"(^|[;|\t\r\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])")


class Sheet(NamedTuple):
    """A table of a workbook; `widths` are its columns', in characters."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]


def files_of(replies: Sequence[Reply], folder: Path) -> list[Path]:
    """The files of `TAKEN_AWAY` in a new folder within `folder`; none before the first answer."""
    if not any(reply.answer for reply in replies):
        return []
    made = {
        "md": markdown(replies).encode("utf-8"),
        "csv": csv_text(replies).encode("utf-8-sig"),  # spreadsheets take UTF-8 by its mark
        "xlsx": xlsx_bytes(replies),
    }
    return kept("tenq-answers", {ending: made[ending] for _, ending in TAKEN_AWAY}, folder)


def kept(name: str, made: Mapping[str, bytes], folder: Path) -> list[Path]:
    """The files NAME.ENDING, in a new folder within `folder` whose name nobody can guess: any file
    of the page's cache is given to whoever knows its address."""
    own = folder / secrets.token_urlsafe(24)
    own.mkdir(parents=True)
    paths = []
    for ending, content in made.items():
        paths.append(own / f"{name}.{ending}")
        paths[-1].write_bytes(content)
    return paths


def markdown(replies: Sequence[Reply]) -> str:
    """Questions and finished answers with calculation and sources."""
    parts = [_markdown(reply, reply.answer) for reply in replies if reply.answer]
    return "\n\n".join(parts) + "\n" if parts else ""


def rows(replies: Sequence[Reply]) -> list[tuple[Cell, ...]]:
    """Every figure of the answers, in the order of `HEADS`: inputs, then what was calculated; the
    value of an answer that a model wrote."""
    return [row for reply in replies if reply.answer for row in _rows(reply, reply.answer)]


def csv_text(replies: Sequence[Reply]) -> str:
    """`rows` as CSV with a header line."""
    return csv_of(HEADS, rows(replies))


def xlsx_bytes(replies: Sequence[Reply]) -> bytes:
    """`rows` as a workbook of one sheet."""
    return xlsx_of([Sheet("Figures", HEADS, rows(replies), _WIDTHS)])


def csv_of(heads: Sequence[str], lines: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV with a header line; no text in it is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_inert(head) for head in heads])
    writer.writerows([_inert(cell) for cell in line] for line in lines)
    return out.getvalue()


def xlsx_of(sheets: Sequence[Sheet]) -> bytes:
    """Tables as a workbook; no text in it is a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for table in sheets:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(table.widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        heads = [_cell(sheet, head) for head in table.heads]
        for head in heads:
            head.font = Font(bold=True)
        sheet.append(heads)
        for line in table.rows:
            sheet.append([_cell(sheet, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    plain = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, value=plain)
    if isinstance(plain, str):
        cell.data_type = "s"
    return cell


def _markdown(reply: Reply, answer: Answer) -> str:
    lines = [f"## {_plain(reply.asked or reply.question)}", "", _plain(answer.answer)]
    for note in answer.notes():
        lines += ["", f"**Note:** {_plain(note)}"]
    if answer.calculation:
        lines += ["", "| Item | Period | As printed | Where |", "| --- | --- | ---: | --- |"]
        for fact in answer.facts:
            where = f"{fact['doc']}, page {fact['page']}"
            cells = (fact["name"], fact["period"], fact["shown"], where)
            lines.append("| " + " | ".join(_plain(str(cell)) for cell in cells) + " |")
        for step in answer.calculation["steps"]:
            if step["line"]:
                told = f"{step['company']}, {step['period']}: {step['line']} = {step['shown']}"
                lines += ["", f"- {_plain(told)}"]
    if answer.citations:
        lines += ["", "Closest evidence:" if answer.refused else "Sources:", ""]
        for n, cited in enumerate(answer.citations, 1):
            lines.append(
                f"{n}. {_plain(source(cited))} ({_plain(cited.doc)}): {_plain(cited.quote)}"
            )
    model = answer.model
    lines += ["", f"*{_plain(model.get('name', ''))}, {_plain(model.get('scheme', ''))}, "]
    lines[-1] += f"{answer.timings_s['total']:.1f} s*"
    return "\n".join(lines)


def _rows(reply: Reply, answer: Answer) -> Iterator[tuple[Cell, ...]]:
    question = reply.asked or reply.question
    for fact in answer.facts:
        cited = answer.citations[fact["citation"]]
        yield (
            *(question, cited.company, fact["name"], fact["period"], _number(fact["value"])),
            *(fact["unit"], fact["shown"], fact["doc"], fact["page"], cited.quote),
        )
    steps = (answer.calculation or {}).get("steps", [])
    for step in steps:
        if step["line"]:
            yield (
                *(question, step["company"], step["name"], step["period"]),
                *(_number(step["value"]), step["unit"], step["shown"], None, None, step["line"]),
            )
    if not answer.facts and answer.value is not None:
        cited = answer.citations[0] if answer.citations else None
        yield (
            *(question, cited.company if cited else None, None, None, answer.value, answer.unit),
            *(answer.answer, cited.doc if cited else None, cited.page if cited else None),
            cited.quote if cited else None,
        )


def _number(text: str) -> float | int:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def _inert(cell: Cell) -> Cell:
    return _FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell


def _plain(text: str) -> str:
    """On one line, with what Markdown would read as markup escaped."""
    one_line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in one_line)
