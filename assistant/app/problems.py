"""Errors as one line for the page; what nobody expected goes to the log in full."""

from __future__ import annotations

import logging

from assistant.errors import AssistantError
from eval.errors import EvaluationError
from index.errors import IndexingError
from quantize.errors import QuantizationError

_log = logging.getLogger("tenq.app")


def one_line(error: Exception) -> str:
    """What to tell the reader: the text of an expected error, else where to look."""
    expected = (AssistantError, EvaluationError, IndexingError, QuantizationError)
    if isinstance(error, expected):
        return " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return "this machine has not enough free memory for it; close programs or use fewer bits"
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{where}"
    _log.error("unexpected", exc_info=error)
    return f"something inside Tenq failed ({type(error).__name__}); its log has the details"
