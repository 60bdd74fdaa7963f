"""Table rows as a small model can read them: every amount beside its own column's period.

"Net sales 3,240 3,015 2,877" under "2024 2023 2022" becomes
"Net sales: 2024 = 3,240; 2023 = 3,015; 2022 = 2,877". Small models read the right row and take
the wrong column; naming the column at each amount is exact and needs no model. Rows whose amounts
do not match the header one to one are left as printed.
"""

from __future__ import annotations

import re
from itertools import pairwise

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_AMOUNT = re.compile(
    r"(?<![\w.,/-])(?:[$€£]\s*)?\(?\s*(?:[$€£]\s*)?-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s*%?\s*\)?\s*%?(?![\w/])"
    r"|(?<=\s)[—–-]+(?=\s|$)"
)
_MAX_HEADER = 120
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_STACKABLE = re.compile(rf"(?:(?:{_MONTH})\s+\d{{1,2}},?\s*)?(?:(?:19|20)\d\d)?", re.I)


def labelled(text: str) -> str:
    """`text` with each table row's amounts labelled by the years of the header above it."""
    years: list[str] = []
    stacked: list[str] = []  # a header printed one column a line
    lines = []
    for line in text.splitlines():
        if line.strip() and _STACKABLE.fullmatch(line.strip()):
            stacked.append(line.strip())
            lines.append(line)
            years = _header_years(" ".join(stacked)) or years
            continue
        stacked = []
        header = _header_years(line)
        years = header or years
        lines.append(line if header or not years else _label(line, years))
    return "\n".join(lines)


def _header_years(line: str) -> list[str]:
    """The years of a column header line: two or more, each once, and no other numbers but days."""
    years = _YEAR.findall(line)
    if len(years) < 2 or len(line) > _MAX_HEADER or len(set(years)) != len(years):
        return []
    rest = _YEAR.sub(" ", line)
    others = [n for n in re.findall(r"\d[\d,.]*", rest) if not re.fullmatch(r"\d{1,2},?", n)]
    return [] if others or rest.rstrip().endswith(".") else years


def _label(line: str, years: list[str]) -> str:
    found = list(_AMOUNT.finditer(line))
    amounts = found[-len(years) :]
    if len(amounts) != len(years):
        return line
    extra = found[: -len(years)]
    if extra and not re.search(r"[A-Za-z]", line[extra[-1].end() : amounts[0].start()]):
        return line  # more columns than the header has years
    label = line[: amounts[0].start()].strip(" .:$|")
    between = "".join(line[a.end() : b.start()] for a, b in pairwise(amounts))
    tail = line[amounts[-1].end() :]
    if not re.search(r"[A-Za-z]", label) or re.search(r"[A-Za-z]", between + tail):
        return line
    cells = (re.sub(r"\s+", "", amount[0]) for amount in amounts)
    return f"{label}: " + "; ".join(f"{y} = {c}" for y, c in zip(years, cells, strict=True))
