"""PRINTED ROW -> whether what it states for some years are losses, in brackets or not."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.figures.passage_rows import PrintedRow

_APART = r"(?:from|on|of|for|per|to|in|before|after|attributable|related)\b"
# "Net loss from idle yards", not "Allowance for credit losses" or "Gain on loss of control".
_LOSS = re.compile(rf"(?:(?!{_APART})[\w’'-]+,? )*?(?:loss(?:es)?|deficit)(?=$|,| {_APART})", re.I)
_GAIN = re.compile(r"\b(?:gains?|income|profits?|earnings|benefits?)\b", re.I)
_OR_LOSS = re.compile(r"\((?:loss(?:es)?|deficit)\)", re.I)


def are_losses(row: PrintedRow, years: Collection[int]) -> bool | None:
    """False for a row of something else; None for a row of losses of which these years may have
    been none: it prints other years with the other sign."""
    values = [row.cells[year][0] for year in years]
    below = all(value < 0 for value in values)
    if below and _OR_LOSS.search(row.label):
        return True
    if _GAIN.search(row.label.partition(" before ")[0]) or not _LOSS.match(row.label):
        return False
    printed = {value > 0 for value, _ in row.cells.values() if value}
    return True if all(values) and (below or len(printed) == 1) else None
