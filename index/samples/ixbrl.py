"""A document as Inline XBRL 1.1 in XHTML, as the SEC's filers write it.

Every number with a `Fact` becomes an ix:nonFraction; the cover facts become ix:nonNumeric. The
companies' own concepts and members have a prefix but no published taxonomy: the schema named is
us-gaap's, so a validator that loads taxonomies will not know them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from pathlib import Path

from index.samples.document import (
    BOLD,
    TAGGED,
    Block,
    Cell,
    Document,
    Fact,
    Heading,
    Paragraph,
    Row,
    Table,
)

NAMESPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "ixt": "http://www.xbrl.org/inlineXBRL/transformation/2020-02-12",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "link": "http://www.xbrl.org/2003/linkbase",
    "xlink": "http://www.w3.org/1999/xlink",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "dei": "http://xbrl.sec.gov/dei/2024",
    "srt": "http://fasb.org/srt/2024",
    "us-gaap": "http://fasb.org/us-gaap/2024",
}
SCHEMA = "https://xbrl.fasb.org/us-gaap/2024/entire/us-gaap-entryPoint-std-2024.xsd"
UNITS = {
    "usd": "<xbrli:measure>iso4217:USD</xbrli:measure>",
    "shares": "<xbrli:measure>xbrli:shares</xbrli:measure>",
    "pure": "<xbrli:measure>xbrli:pure</xbrli:measure>",
    "usdPerShare": "<xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure>"
    "</xbrli:unitNumerator><xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure>"
    "</xbrli:unitDenominator></xbrli:divide>",
}
STYLE = """
body { font: 10pt/1.3 "Times New Roman", serif; max-width: 48rem; margin: 1rem auto; }
p.center, p.title, p.units, p.footer { text-align: center; }
p.title { font-size: 20pt; font-weight: bold; margin: 0.5rem; }
p.small, p.units, p.footer { font-size: 8.5pt; } p.units { font-style: italic; margin: 0; }
p.footer { color: #555; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1rem; }
td, th { padding: 1px 2px; vertical-align: bottom; } td.n { text-align: right; }
tr:nth-child(even) td { background: #e6f0f7; }
tr.total td, tr.grand td, tr.head td { font-weight: bold; }
tr.total td.n, tr.grand td.n { border-top: 1px solid; }
tr.grand td.n { border-bottom: 3px double; } tr.c th.n { border-bottom: 1px solid; }
td.i1 { padding-left: 1.2em; } td.i2 { padding-left: 2.4em; }
"""
Context = tuple[date | None, date, tuple[tuple[str, str], ...]]


class _Writer:
    """Collects the contexts that the body uses, in order of use, for the header."""

    def __init__(self, document: Document) -> None:
        self.document = document
        company, year = document.company, document.year
        start = date.fromordinal(company.year_ends[year - 1].toordinal() + 1)
        self.contexts: dict[Context, str] = {}
        self.cover: Context = (start, company.year_ends[year], ())
        self.facts = 0
        self.context(self.cover)

    def context(self, context: Context) -> str:
        return self.contexts.setdefault(context, f"c-{len(self.contexts) + 1}")

    def next_id(self) -> str:
        self.facts += 1
        return f"f-{self.facts}"

    def number(self, fact: Fact, text: str) -> str:
        """The tag around printed digits; their minus sign, if any, is an attribute."""
        context = self.context((fact.start, fact.end, fact.members))
        form = "num-dot-decimal" if fact.number else "fixed-zero"
        sign = ' sign="-"' if fact.number < 0 else ""
        return (
            f'<ix:nonFraction id="{self.next_id()}" name="{fact.concept}" contextRef="{context}"'
            f' unitRef="{fact.unit}" decimals="{fact.decimals}" scale="{fact.scale}"'
            f' format="ixt:{form}"{sign}>{text}</ix:nonFraction>'
        )

    def word(self, name: str, text: str) -> str:
        form = ' format="ixt:date-monthname-day-year-en"' if name.endswith("EndDate") else ""
        return (
            f'<ix:nonNumeric id="{self.next_id()}" name="{name}"'
            f' contextRef="{self.context(self.cover)}"{form}>{text}</ix:nonNumeric>'
        )

    def text(self, text: str) -> str:
        marked = TAGGED.sub(lambda m: self.word(m[1], m[2]), escape(text, quote=False))
        return BOLD.sub(r"<b>\1</b>", marked)

    def block(self, block: Block, place: str) -> str:
        if isinstance(block, Heading):
            level = min(block.level, 3) + 1
            return f'<h{level} id="{place}">{self.text(block.text)}</h{level}>'
        if isinstance(block, Paragraph):
            bullet = "\N{BULLET} " if block.style == "bullet" else ""
            return f'<p class="{block.style}">{bullet}{self.text(block.text)}</p>'
        if isinstance(block, Table):
            return self.table(block)
        return ""

    def table(self, table: Table) -> str:
        made = [f'<p class="units">{escape(table.units)}</p>'] if table.units else []
        made.append("<table>")
        if table.spanner:
            span = 3 * len(table.columns)
            made.append(f'<tr><th></th><th colspan="{span}">{escape(table.spanner)}</th></tr>')
        if any(table.columns):
            heads = "".join(f'<th class="n" colspan="3">{escape(c)}</th>' for c in table.columns)
            made.append(f'<tr class="c"><th></th>{heads}</tr>')
        made += [self.row(row) for row in table.rows]
        return "\n".join([*made, "</table>"])

    def row(self, row: Row) -> str:
        cells = "".join(self.cell(cell) for cell in row.cells)
        label = f'<td class="i{row.indent}">{escape(row.label, quote=False)}</td>'
        return f'<tr class="{row.style}">{label}{cells}</tr>'

    def cell(self, cell: Cell) -> str:
        """Three cells, as filers write them: the dollar sign, the digits, what closes them."""
        digits = self.number(cell.fact, cell.text) if cell.fact else escape(cell.text)
        opening, closing = ("(", ")") if cell.negative else ("", "")
        closing += "%" if cell.percent else ""
        return (
            f'<td class="n">{"$" if cell.dollar else ""}</td>'
            f'<td class="n">{opening}{digits}</td><td>{closing}</td>'
        )

    def page(self, number: int, page: Sequence[Block]) -> str:
        body = "\n".join(self.block(block, f"p{number}-{n}") for n, block in enumerate(page))
        foot = (
            f'<p class="footer">{escape(self.document.footer)}</p>\n<p class="footer">{number}</p>'
        )
        return f"<div>\n{body}\n{foot}\n</div>"

    def header(self) -> str:
        """Hidden cover facts, the schema, contexts and units."""
        hidden = {
            "dei:EntityCentralIndexKey": self.document.company.cik,
            "dei:AmendmentFlag": "false",
            "dei:DocumentFiscalYearFocus": str(self.document.year),
            "dei:DocumentFiscalPeriodFocus": "FY",
            "dei:CurrentFiscalYearEndDate": f"--{self.cover[1]:%m-%d}",
        }
        words = "".join(self.word(name, text) for name, text in hidden.items())
        units = "".join(
            f'<xbrli:unit id="{key}">{measure}</xbrli:unit>' for key, measure in UNITS.items()
        )
        contexts = "\n".join(self._context(*item) for item in self.contexts.items())
        return (
            f'<div style="display:none"><ix:header><ix:hidden>{words}</ix:hidden>\n'
            f'<ix:references><link:schemaRef xlink:type="simple" xlink:href="{SCHEMA}"/>'
            f"</ix:references>\n<ix:resources>\n{contexts}\n{units}\n</ix:resources></ix:header></div>"
        )

    def _context(self, context: Context, name: str) -> str:
        start, end, members = context
        period = (
            f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"
            if start
            else f"<xbrli:instant>{end}</xbrli:instant>"
        )
        told = "".join(
            f'<xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember>'
            for axis, member in members
        )
        segment = f"<xbrli:segment>{told}</xbrli:segment>" if told else ""
        return (
            f'<xbrli:context id="{name}"><xbrli:entity><xbrli:identifier'
            f' scheme="http://www.sec.gov/CIK">{self.document.company.cik}</xbrli:identifier>'
            f"{segment}</xbrli:entity><xbrli:period>{period}</xbrli:period></xbrli:context>"
        )


def write_ixbrl(document: Document, path: Path) -> None:
    """Write the document; pages are parted by `<hr style="page-break-after:always"/>`."""
    writer = _Writer(document)
    pages = [writer.page(number, page) for number, page in enumerate(document.pages, 1)]
    company = document.company
    spaces = NAMESPACES | {company.prefix: f"http://tenq.invalid/{company.prefix}/{document.year}"}
    declared = " ".join(
        f'xmlns{":" + prefix if prefix else ""}="{uri}"' for prefix, uri in spaces.items()
    )
    title = f"{company.name} - 10-K for fiscal {document.year} (fictional sample)"
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<html {declared} xml:lang="en-US">\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{writer.header()}\n"
        + '\n<hr style="page-break-after:always"/>\n'.join(pages)
        + "\n</body>\n</html>\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")
