"""A document on US-letter paper with reportlab, and the measuring that divides it into pages.

Both forms of a filing share the pages found here: page 12 of the PDF and page 12 of the HTML
hold the same text. A paragraph is never split, so a page may end a little early.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from index.samples.document import (
    BOLD,
    TAGGED,
    Block,
    Cell,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Row,
    Table,
)

WIDTH, HEIGHT = 612, 792
MARGIN, TOP, BOTTOM = 54, 50, 62
ROOM = HEIGHT - TOP - BOTTOM
SHADE = "#e6f0f7"


def paginate(blocks: Sequence[Block]) -> list[list[Block]]:
    """Divide blocks into pages. A heading stays with what follows it; KeyError never, but a
    table taller than a page would run off it (the tests look)."""
    pages: list[list[Block]] = [[]]
    left = float(ROOM)
    for place, block in enumerate(blocks):
        if isinstance(block, PageBreak):
            if pages[-1]:
                pages.append([])
                left = ROOM
            continue
        height = tall(block)
        need, ahead = height, place
        while _leads(blocks, ahead):
            ahead += 1
            need += tall(blocks[ahead])
        if need > left and pages[-1]:
            pages.append([])
            left = ROOM
        pages[-1].append(block)
        left -= height
    return [page for page in pages if page]


def _leads(blocks: Sequence[Block], place: int) -> bool:
    """Whether a block must share a page with the next: a heading, or a short paragraph right
    before a table."""
    block = blocks[place]
    follows = blocks[place + 1] if place + 1 < len(blocks) else None
    if isinstance(block, Heading):
        return follows is not None
    return isinstance(block, Paragraph) and len(block.text) < 400 and isinstance(follows, Table)


def tall(block: Block) -> float:
    """The height of a block in points, with the space around it."""
    return sum(before + height + after for _, height, before, after in _measured(block))


def write_pdf(document: Document, path: Path) -> None:
    """Write the document. The bytes depend on nothing but the document (no date, no random id)."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(f"{document.company.name} - 10-K for fiscal {document.year} (fictional)")
    canvas.setAuthor("Tenq samples")
    canvas.setSubject(document.footer)
    for number, page in enumerate(document.pages, 1):
        _draw(canvas, page, f"{document.name}-{number}")
        canvas.setFont("Times-Roman", 8)
        canvas.setFillGray(0.35)
        canvas.drawCentredString(WIDTH / 2, 40, document.footer)
        canvas.setFillGray(0)
        canvas.drawCentredString(WIDTH / 2, 27, str(number))
        canvas.showPage()
    canvas.save()


def _draw(canvas: Any, page: Sequence[Block], name: str) -> None:
    y = float(HEIGHT - TOP)
    for place, block in enumerate(page):
        if isinstance(block, Heading) and block.level == 1:
            mark = f"{name}-{place}"
            canvas.bookmarkHorizontal(mark, 0, y)
            canvas.addOutlineEntry(block.text, mark)
        for flowable, height, before, after in _measured(block):
            y -= before + height
            flowable.drawOn(canvas, MARGIN, y)
            y -= after


def _measured(block: Block) -> list[tuple[Any, float, float, float]]:
    """The block's flowables with their height and the space before and after."""
    made = []
    for flowable in _flowables(block):
        _, height = flowable.wrap(WIDTH - 2 * MARGIN, HEIGHT)
        made.append((flowable, height, flowable.getSpaceBefore(), flowable.getSpaceAfter()))
    return made


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, **more: Any) -> Any:
        more.setdefault("fontName", "Times-Roman")
        return ParagraphStyle(name, fontSize=size, leading=size * 1.22, **more)

    bold = {"fontName": "Times-Bold"}
    return {
        "h1": style("h1", 13, spaceBefore=4, spaceAfter=8, **bold),
        "h2": style("h2", 11, spaceBefore=7, spaceAfter=5, **bold),
        "h3": style("h3", 10, spaceBefore=5, spaceAfter=4, fontName="Times-BoldItalic"),
        "body": style("body", 10, spaceAfter=7, alignment=4),
        "bullet": style("bullet", 10, spaceAfter=5, leftIndent=22, bulletIndent=9, alignment=4),
        "center": style("center", 10, spaceAfter=5, alignment=1),
        "title": style("title", 20, spaceBefore=8, spaceAfter=8, alignment=1, **bold),
        "small": style("small", 8.5, spaceAfter=5, alignment=4),
        "units": style("units", 8.5, spaceAfter=2, alignment=1, fontName="Times-Italic"),
        "head": style("head", 8.5, alignment=1, **bold),
    }


def _flowables(block: Block) -> list[Any]:
    from reportlab.platypus import Paragraph as Text

    styles = _styles()
    if isinstance(block, Heading):
        return [Text(_markup(block.text), styles[f"h{min(block.level, 3)}"])]
    if isinstance(block, Paragraph):
        bullet = "\N{BULLET}" if block.style == "bullet" else None
        return [Text(_markup(block.text), styles[block.style], bulletText=bullet)]
    if isinstance(block, Table):
        made = [Text(_markup(block.units), styles["units"])] if block.units else []
        return [*made, _grid(block)]
    return []


def _markup(text: str) -> str:
    plain = TAGGED.sub(r"\2", text)
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return BOLD.sub(r"<b>\1</b>", escaped)


def _grid(table: Table) -> Any:
    """Label column, then per printed column one for the dollar sign and one for the number."""
    from reportlab.platypus import Paragraph as Text
    from reportlab.platypus import Table as Grid

    count = len(table.columns)
    size = 9 if count <= 4 else 8
    number = {1: 80, 2: 78, 3: 70, 4: 64}.get(count, 47)
    sign = 18 if count <= 4 else 12
    label = WIDTH - 2 * MARGIN - count * (number + sign)
    styles = _styles()
    cells: list[list[Any]] = []
    looks: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), "Times-Roman", size),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    if table.spanner:
        cells.append(["", Text(table.spanner, styles["head"]), *[""] * (2 * count - 1)])
        looks.append(("SPAN", (1, 0), (-1, 0)))
    if any(table.columns):
        row = len(cells)
        cells.append([""])
        for place, head in enumerate(table.columns):
            cells[-1] += [Text(head, styles["head"]), ""]
            looks.append(("SPAN", (1 + 2 * place, row), (2 + 2 * place, row)))
            looks.append(("LINEBELOW", (1 + 2 * place, row), (2 + 2 * place, row), 0.6, "black"))
    for line, entry in enumerate(table.rows):
        cells.append(_cells(entry, size, styles["body"]))
        looks += _row_looks(entry, len(cells) - 1, shaded=line % 2 == 0)
    grid = Grid(cells, colWidths=[label, *[sign, number] * count], hAlign="LEFT")
    grid.setStyle(looks)
    grid.spaceAfter = 9
    return grid


def _cells(row: Row, size: float, style: Any) -> list[Any]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph as Text

    heavy = row.style != "line"
    look = ParagraphStyle(
        "label",
        parent=style,
        fontName="Times-Bold" if heavy else "Times-Roman",
        fontSize=size,
        leading=size * 1.15,
        alignment=0,
        spaceAfter=0,
        leftIndent=9 * row.indent + 8,
        firstLineIndent=-8,
    )
    made: list[Any] = [Text(_markup(row.label), look)]
    for cell in row.cells:
        made += ["$" if cell.dollar else "", _aligned(cell)]
    return made


def _aligned(cell: Cell) -> str:
    """The number with room on its right for the bracket that a negative one has."""
    text = cell.printed
    return text if text.endswith((")", "%")) or not text else text + "\N{NO-BREAK SPACE}"


def _row_looks(row: Row, line: int, *, shaded: bool) -> list[tuple[Any, ...]]:
    looks: list[tuple[Any, ...]] = []
    if shaded:
        looks.append(("BACKGROUND", (0, line), (-1, line), SHADE))
    if row.style in ("total", "grand"):
        looks.append(("FONTNAME", (1, line), (-1, line), "Times-Bold"))
        looks.append(("LINEABOVE", (1, line), (-1, line), 0.6, "black"))
    if row.style == "grand":
        looks.append(("LINEBELOW", (1, line), (-1, line), 0.6, "black", 0, None, None, 2, 1.2))
    return looks
