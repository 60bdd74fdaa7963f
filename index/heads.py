"""LINES OF A PAGE -> THE HEADS OF THE TABLE THAT GOES ON AFTER THEM: title, units, periods."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.columns import headers

ROW = re.compile(r"\d[\d,.]*\)?%?\s*$")
_MAX_CONTEXT_LINES = 4
_UNITS = re.compile(
    r"\b(in|\$)?\s*(millions|thousands|billions)\b|\(unaudited\)|per share amounts", re.I
)
_ENDS = re.compile(r"\b(?:months?|weeks?|quarters?|years?|periods?)[- ]end(?:ed|ing)\b", re.I)
AMOUNT = re.compile(r"[$(]?\(?\b\d[\d,.]*\b\)?%?")
_LONGEST_LABEL = 90


def heads_after(lines: Sequence[str]) -> list[str]:
    """Title, units and periods of the table that goes on after the last line, as printed."""
    header = headers(lines)[-1]
    if header is None:
        return _worded_heads(lines)
    above = range(max(0, header.line - 8), header.line + 1)
    units = [n for n in above if _UNITS.search(lines[n]) and len(lines[n]) < 120]
    first = min([header.lines[0], *units])
    title = [n for n in range(max(0, first - 2), first) if len(lines[n]) < 100]
    # "Nine Months Ended June 30," over the years: what kind of years these are.
    above_years = header.line - 1
    periods = list(header.lines[:-1])
    if not periods and above_years > first and _ENDS.search(lines[above_years]):
        periods = [above_years]
    keep = sorted({*title, *units, *periods, header.line})
    return [lines[n] for n in keep][-_MAX_CONTEXT_LINES - 1 - len(periods) :]


def _worded_heads(lines: Sequence[str]) -> list[str]:
    """What stands above the first row of the table that goes on after the last line: the heads of
    columns that are no years, and its title."""
    start = len(lines)
    while start > 0 and (ROW.search(lines[start - 1]) or _is_label(lines[start - 1])):
        start -= 1
    row = next((n for n in range(start, len(lines)) if _is_row(lines[n])), None)
    return list(lines[start:row][-_MAX_CONTEXT_LINES:]) if row is not None else []


def _is_label(line: str) -> bool:
    """A line that may stand in a table: a head, a heading, the beginning of a long label."""
    return len(line) <= _LONGEST_LABEL and not line.rstrip().endswith((".", ";"))


def _is_row(line: str) -> bool:
    return bool(ROW.search(line)) and len(AMOUNT.findall(line)) > 1
