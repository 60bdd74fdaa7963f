"""The companies' own words: Markdown files beside this one, with numbers from the accounts.

A file is one part of a filing. Its grammar, one block per paragraph:

    # Item 1. Business {#business}      heading (also ##, ###), with a name to cite
    ===                                 the next block starts a page
    - a point                           bullet; "^ " centered, "^^ " title, "~ " small print
    [[income_statement]]                a table
    @2024 text                          only in that year's filing (before any mark)

and inside text `{key}` is a number of the accounts as text says it ("$1,428 million"),
`{key@-1}` the year before, `{key|up}` "increased $51 million, or 3.7%, to … from …", `{key|moved}`
"increased 3.7%", `{key|change}` and `{key|growth}` the difference, `{key|n}` digits alone.
`{company}`, `{fy}`, `{period_end}` … are words (see `words`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files

from index.samples.document import (
    Block,
    Heading,
    PageBreak,
    Paragraph,
    Source,
    TextStyle,
    digits,
)
from index.samples.note_tables import Builder
from index.samples.sheet import Sheet

PLACE = re.compile(r"\{([a-z][\w:]*)(?:\|(\w+))?(?:@(-\d))?\}")
NAME = re.compile(r"\s*\{#([\w-]+)\}\s*$")
MARKS: dict[str, TextStyle] = {"- ": "bullet", "^^ ": "title", "^ ": "center", "~ ": "small"}


def blocks(part: str, sheet: Sheet, tables: Mapping[str, Builder]) -> list[Block]:
    """The blocks of one part ("risks") of a filing: the company's own file, or else the common
    one. KeyError where a file names a number or table that does not exist."""
    folder = files(__package__)
    text = folder.joinpath(f"{sheet.company.stem.lower()}-{part}.md")
    if not text.is_file():
        text = folder.joinpath(f"common-{part}.md")
    made: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.read_text(encoding="utf-8").strip()):
        line = " ".join(chunk.split())
        if only := re.match(r"@(\d{4}) ", line):
            if int(only[1]) != sheet.year:
                continue
            line = line[only.end() :]
        made.append(_block(line, sheet, tables))
    return made


def _block(line: str, sheet: Sheet, tables: Mapping[str, Builder]) -> Block:
    if line == "===":
        return PageBreak()
    if table := re.fullmatch(r"\[\[(\w+)\]\]", line):
        return tables[table[1]](sheet)
    named = NAME.search(line)
    key = named[1] if named else ""
    text, sources = fill(NAME.sub("", line), sheet)
    if heading := re.match(r"(#+) ", text):
        return Heading(len(heading[1]), text[heading.end() :], key)
    for mark, style in MARKS.items():
        if text.startswith(mark):
            return Paragraph(text[len(mark) :], style, key, sources)
    return Paragraph(text, "body", key, sources)


def words(sheet: Sheet, year: int) -> dict[str, str]:
    """Names and dates of a filing, for text."""
    company = sheet.company
    end = company.year_ends[year]
    made = {
        "company": company.name,
        "short": company.short,
        "cik": company.cik,
        "ticker": company.ticker,
        "state": company.state,
        "street": company.address[0],
        "city": company.address[1],
        "area": company.phone[1:4],
        "phone": company.phone[6:],
        "industry_code": company.industry_code,
        "year": str(year),
        "fy": company.fiscal(year),
        "period_end": f"{end:%B} {end.day}, {end.year}",
        "auditor": company.auditor,
        "auditor_since": str(company.auditor_since),
        "unit_words": company.unit_words,
        **company.words,
    }
    if filed := company.filed.get(year):
        made["filed"] = f"{filed:%B} {filed.day}, {filed.year}"
    for place, (name, title) in enumerate(company.officers, 1):
        made |= {f"officer{place}": name, f"title{place}": title}
    return made


def fill(text: str, sheet: Sheet) -> tuple[str, frozenset[Source]]:
    """Text with its numbers and words put in, and which numbers of the accounts it states."""
    sources: set[Source] = set()

    def put(match: re.Match[str]) -> str:
        key, how, offset = match[1], match[2] or "", int(match[3] or 0)
        year = sheet.year + offset
        known = words(sheet, year)
        if not how and key in known:
            return known[key]
        sources.add((key, year) if how in ("", "n", "up") else (f"{key}|{how}", year))
        if how == "up":
            sources.add((key, year - 1))
        return say(sheet, key, year, how)

    return PLACE.sub(put, text), frozenset(sources)


def say(sheet: Sheet, key: str, year: int, how: str = "") -> str:
    """One number in words; see the top of this file for `how`."""
    now, kind = sheet.books(key, year), sheet.books.kinds[key]
    if how == "":
        return _amount(sheet, now, key)
    if how == "n":
        return digits(now, kind, sheet.company.share_step)
    if how == "moved" and kind == "percent":
        return f"{'increased' if now > 0 else 'decreased'} {abs(now):.1f}%"
    before = sheet.books(key, year - 1)
    change = now - before
    growth = f"{(100 * abs(change) / abs(before)).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"
    verb = "increased" if change > 0 else "decreased"
    if how == "change":
        return _amount(sheet, abs(change), key)
    if how == "growth":
        return growth
    if how == "moved":
        return f"{verb} {growth}"
    if how != "up":
        raise KeyError(f"no way to say a number is called {how!r}")
    new, old = _amount(sheet, now, key), _amount(sheet, before, key)
    if not change:
        return f"was unchanged at {new}"
    if kind in ("percent", "per_share"):
        return f"{verb} to {new} from {old}"
    return f"{verb} {_amount(sheet, abs(change), key)}, or {growth}, to {new} from {old}"


def _amount(sheet: Sheet, value: Decimal, key: str) -> str:
    """ "$1,428 million", "$649.2 million", "$3.13", "38.4%", "4,720"; negatives in brackets."""
    kind, company = sheet.books.kinds[key], sheet.company
    if kind in ("money", "shares"):
        in_millions = company.scale == 6
        shown = value if in_millions else value / 1000
        places = 1 if kind == "shares" or not in_millions else 0
        number = f"{abs(shown).quantize(Decimal(10) ** -places, ROUND_HALF_UP):,}"
        number = f"({number})" if value < 0 else number
        return f"{'$' if kind == 'money' else ''}{number} million"
    number = digits(value, kind)
    number = f"({number})" if value < 0 else number
    return {"per_share": f"${number}", "percent": f"{number}%"}.get(kind, number)
