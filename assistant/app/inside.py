"""WHAT IS INSIDE A FILING -> HTML, places for the page viewer, and files to take away.

Everything a filing says goes through `escape` and stays text. Each section, statement and row
carries a key ("p/3", "s/0", "s/0/12") that `place_of` turns into a page and what to mark on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from assistant.answer import Citation
from assistant.app.export import Cell, Sheet, csv_of, kept, xlsx_of
from assistant.app.markup import escape, table_html
from index.contents import STATEMENT_NAMES, Contents, StatementTable, doubts_of, gaps_of
from index.documents import Document
from index.facts import amount_of, months_between
from index.outline import Part
from index.statement_rows import Column, Row

_SCALES = {2: "hundreds", 3: "thousands", 6: "millions", 9: "billions"}
_FIND = (
    '<div class="tq-find"><label>Find a filing <input type="search" autocomplete="off" '
    'placeholder="Type a company, form or year"></label> '
    '<span class="tq-found tq-note" role="status"></span></div>'
)


def documents_html(documents: Sequence[Document]) -> str:
    """The library as a table that is searched by typing; each filing is opened by its button."""
    if not documents:
        return ""
    heads = ("Company", "Form", "Fiscal year", "Period", "Pages", "Figures", "Problems", "Name")
    rows = []
    for d in documents:
        company = escape(d.company or "not recognised")
        name = escape(d.name)
        own = ' <span class="tq-own">only for you</span>' if d.private else ""
        button = (
            f'<button type="button" class="tq-open" data-open="{d.id}" '
            f'aria-label="Look inside {company}, {name}">{company}</button>'
        )
        texts = (d.form or "", str(d.fiscal_year or ""), d.fiscal_period or "")
        counts = (f"{d.pages:,}", f"{d.facts:,}", _problems(d))
        rows.append([button + own, *map(escape, (*texts, *counts)), name])
    return _FIND + table_html("tq-shelf", "Filings", heads, rows)


def _problems(document: Document) -> str:
    mend = ["“Correct a filing” changes company, form, year"] if doubts_of(document) else []
    return "; ".join([*gaps_of(document), *mend])


def inside_html(contents: Contents) -> str:
    """A filing's identity, problems, sections and statements."""
    problems = "".join(f"<li>{escape(problem)}</li>" for problem in contents.problems)
    said = f'<ul class="tq-gaps" aria-label="Problems">{problems}</ul>' if problems else ""
    parts = "".join(_part(n, part) for n, part in enumerate(contents.parts))
    none = '<div class="tq-quiet">No headings of sections were found.</div>'
    sections = f'<ul class="tq-parts">{parts}</ul>' if parts else none
    tables = "".join(_statement(n, table) for n, table in enumerate(contents.statements))
    name = escape(contents.document.company or contents.document.name)
    listed = f'<details class="tq-sections" open><summary>Sections</summary>{sections}</details>'
    head = f'<h2 tabindex="-1">{name}</h2>{_identity(contents.document)}{said}'
    return f'<div class="tq-inside">{head}{listed}{tables}</div>'


def pages_of(contents: Contents, key: str) -> tuple[list[Citation], int]:
    """Every page of the filing for the viewer, and which of them `key` asks for; nothing where it
    asks for none."""
    place = place_of(contents, key)
    if place is None:
        return [], 0
    page, quote = place
    d = contents.document
    citations = [
        Citation(d.name, n, quote if n == page else "", d.company, d.form, d.fiscal_year, d.id)
        for n in range(1, d.pages + 1)
    ]
    return citations, page - 1


def place_of(contents: Contents, key: str) -> tuple[int, str] | None:
    """The page that a key stands for and the lines to mark on it; None for no such thing."""
    found = re.fullmatch(r"([ps])/([0-9]{1,6})(?:/([0-9]{1,6}))?", key)
    if not found:
        return None
    kind, number, row = found[1], int(found[2]), found[3]
    if kind == "p" and number < len(contents.parts) and row is None:
        return contents.parts[number].first, contents.parts[number].heading
    if kind == "s" and number < len(contents.statements):
        table = contents.statements[number]
        if row is None:
            return table.pages[0], table.title
        if int(row) < len(table.rows):
            return table.rows[int(row)].page, table.rows[int(row)].quote
    return None


def statement_files(contents: Contents, folder: Path) -> list[Path]:
    """The statements as CSV and XLSX in a new folder within `folder`; none where there are none."""
    if not contents.statements:
        return []
    name = re.sub(r"[^\w.-]+", "_", contents.document.name)[:60]
    sheets = statement_sheets(contents)
    columns = list(dict.fromkeys(c for table in contents.statements for c in table.columns))
    heads = ("Statement", *_LEADS, *map(column_name, columns))
    lines = [
        (STATEMENT_NAMES[table.statement], *_lead(table, row), *cells)
        for table in contents.statements
        for row in table.rows
        for cells in [_spread(table, row, columns)]
    ]
    made = {
        "csv": csv_of(heads, lines).encode("utf-8-sig"),
        "xlsx": xlsx_of(sheets),
    }
    return kept(f"{name}-statements", made, folder)


def statement_sheets(contents: Contents) -> list[Sheet]:
    """A sheet for every statement: rows as printed, amounts as numbers in the unit said."""
    sheets = []
    for number, table in enumerate(contents.statements, 1):
        heads = (*_LEADS, *map(column_name, table.columns))
        lines = [(*_lead(table, row), *map(_number, row.amounts)) for row in table.rows]
        widths = (7, 60, 22, *[16] * len(table.columns))
        sheets.append(Sheet(f"{number} {STATEMENT_NAMES[table.statement]}", heads, lines, widths))
    return sheets


def column_name(column: Column) -> str:
    """ "Dec 31, 2024" for an instant, "Year to Dec 31, 2024", "3 months to Jun 30, 2024"."""
    day = f"{column.end:%b} {column.end.day}, {column.end.year}"
    months = months_between(column.start, column.end)
    if months:
        day = f"Year to {day}" if months == 12 else f"{months} months to {day}"
    return f"{day} · {column.about}" if column.about else day


def unit_name(unit: str, scale: int) -> str:
    """ "USD, in millions", "USD per share", "shares, in thousands"."""
    words = "ratio" if unit == "pure" else unit.replace("/shares", " per share")
    return f"{words}, in {_SCALES.get(scale, f'10^{scale}')}" if scale > 0 else words


_LEADS = ("Page", "Row", "Unit")


def _lead(table: StatementTable, row: Row) -> tuple[Cell, ...]:
    unit = unit_name(row.unit or table.unit, table.scale if row.scale is None else row.scale)
    return row.page, row.label, unit if row.amounts else None


def _spread(table: StatementTable, row: Row, columns: Sequence[Column]) -> list[Cell]:
    """A row's amounts under the columns of all statements."""
    own = dict(zip(table.columns, row.amounts, strict=False))
    return [_number(own.get(column, "")) for column in columns]


def _number(printed: str) -> Cell:
    """What a cell holds: a number, nothing, or what is no number as it is printed."""
    value = amount_of(printed)
    if value is None:
        return printed or None
    return int(value) if value == value.to_integral_value() else float(value)


def _identity(d: Document) -> str:
    period = " ".join(str(part) for part in (d.fiscal_period, d.fiscal_year) if part)
    told = (
        ("Company", d.company or "not recognised"),
        ("Form", d.form or "not recognised"),
        ("Period", period or "not recognised"),
        ("Period end", d.period_end or "not recognised"),
        ("Pages", f"{d.pages:,}"),
        ("Figures found", f"{d.facts:,}"),
        ("File", f"{d.name} ({d.kind})"),
    )
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in told)
    return f'<dl class="tq-identity">{rows}</dl>'


def _part(number: int, part: Part) -> str:
    pages = str(part.first) if part.first == part.last else f"{part.first} to {part.last}"
    word = "page" if part.first == part.last else "pages"
    return (
        f'<li class="tq-depth-{part.depth}"><button type="button" class="tq-place" '
        f'data-place="p/{number}"><span>{escape(part.title)}</span> '
        f'<span class="tq-doc">{word} {pages}</span></button></li>'
    )


def _statement(number: int, table: StatementTable) -> str:
    title = table.title or STATEMENT_NAMES[table.statement]
    pages = " and ".join(map(str, table.pages))
    unit = unit_name(table.unit, table.scale)
    heads = "".join(f'<th scope="col">{escape(column_name(c))}</th>' for c in table.columns)
    rows = "".join(_row(f"s/{number}/{n}", table, row) for n, row in enumerate(table.rows))
    label = escape(title)
    return (
        f'<section class="tq-statement"><h3><button type="button" class="tq-place" '
        f'data-place="s/{number}"><span>{label}</span> <span class="tq-doc">'
        f"{STATEMENT_NAMES[table.statement]}, page {pages}</span></button></h3>"
        f'<div class="tq-note">{escape(unit)}; amounts as printed</div>'
        f'<div class="tq-sheet" tabindex="0" role="region" aria-label="{label}"><table>'
        f'<thead><tr><th scope="col">Row</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></section>"
    )


def _row(key: str, table: StatementTable, row: Row) -> str:
    if not row.amounts:
        span = len(table.columns) + 1
        return f'<tr><th scope="rowgroup" colspan="{span}">{escape(row.label)}</th></tr>'
    note = ""
    own = (row.unit, row.scale) != (table.unit, table.scale) and row.unit is not None
    if own and any(re.search(r"\d", amount) for amount in row.amounts):
        note = f' <span class="tq-doc">{escape(unit_name(row.unit or "", row.scale or 0))}</span>'
    cells = "".join(f'<td class="tq-amount">{escape(amount)}</td>' for amount in row.amounts)
    label = escape(row.label or "(no label)")
    return (
        f'<tr data-place="{key}"><th scope="row"><button type="button" class="tq-place" '
        f'data-place="{key}">{label}</button>{note}</th>{cells}</tr>'
    )
