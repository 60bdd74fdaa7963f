"""What can go wrong while bringing and quantizing models.

QuantizationError      the user's to mend; its text is one line: what, where, how to mend it
├── SourceError        the model cannot be found, fetched, verified or read
├── SchemeError        this scheme does not fit this model or machine
└── CheckpointError    a saved quantized model is damaged or from another version
"""


class QuantizationError(Exception):
    """Base of everything `quantize` raises on bad input."""


class SourceError(QuantizationError):
    """A model that cannot be found, fetched, verified or read."""


class SchemeError(QuantizationError):
    """A scheme that does not fit this model or this machine."""


class CheckpointError(QuantizationError):
    """A saved model that is damaged, incomplete or of another version."""


def first_line(error: BaseException) -> str:
    """What another library's error says, in one line of at most 200 characters."""
    if isinstance(error, MemoryError):
        return "not enough memory"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
