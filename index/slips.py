"""A NAME THAT NO FILER BEARS -> the filers it may be a slip of the pen for, to be suggested.

Never taken for one of them: "Penner" may be a company of its own beside "Penney".
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from index.names import Filer, everyday, plain_name

_SHORTEST, _LONG = 4, 8  # letters of a name worth comparing; that two slips may be in


def meant(name: str, known: Sequence[Filer]) -> list[str]:
    """The filers that `name` is a letter or two away from, the nearest first."""
    said = plain_name(name).replace(" ", "")
    if len(said) < _SHORTEST or everyday(said):
        return []
    slips = 2 if len(said) >= _LONG else 1
    away = {
        filer.name: min(
            (_slips(said, name) for name in _spellings(filer) if name[0] == said[0]),
            default=slips + 1,
        )
        for filer in known
    }
    return sorted((f for f in away if away[f] <= slips), key=lambda f: (away[f], f))


def _slips(said: str, name: str) -> int:
    """Letters wrong, missing, too many or swapped; an end of two letters left off is one slip."""
    short = name.startswith(said) and len(name) - len(said) <= 2
    return 1 if short else OSA.distance(said, name)


def _spellings(filer: Filer) -> set[str]:
    """How a filer is called in short: its names without spaces, and their first words, but for
    those of every day ("general" of "General Sprockets")."""
    names = {plain_name(str(d.company)) for d in filer.documents}
    firsts = {name.split()[0] for name in names}
    return {name.replace(" ", "") for name in names} | {f for f in firsts if not everyday(f)}
