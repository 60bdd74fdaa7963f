"""What can go wrong while bringing and quantizing models.

QuantizationError      the user's to mend; its text is one line: what, where, how to mend it
├── SourceError        the model cannot be found, fetched, verified or read
├── SchemeError        this scheme does not fit this model or machine
└── CheckpointError    a saved quantized model is damaged or from another version
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


class QuantizationError(Exception):
    """Base of everything `quantize` raises on bad input."""


class SourceError(QuantizationError):
    """A model that cannot be found, fetched, verified or read."""


class SchemeError(QuantizationError):
    """A scheme that does not fit this model or this machine."""


class CheckpointError(QuantizationError):
    """A saved model that is damaged, incomplete or of another version."""


def check_format(known: Mapping[str, Any], format_: int, path: Path) -> None:
    """SchemeError where a file of ours says that it is of another format than is read here."""
    found = known.get("format", format_)
    if found != format_:
        raise SchemeError(
            f"{path} was written by another version of Tenq (format {found!r:.40}, not {format_}); "
            "make it again with this one"
        )


# What reading JSON raises that is none, or not as it was written: nested without end, null for a
# list, a number without a whole value.
MALFORMED = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def first_line(error: BaseException) -> str:
    """What another library's error says, in one line of at most 200 characters."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, KeyError):
        return f"nothing is called {error}"[:200]
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
