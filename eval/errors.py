"""What can go wrong while evaluating.

EvaluationError        the user's to mend; its text is one line: what, where, how to mend it
"""


class EvaluationError(Exception):
    """Base of everything `eval` raises on bad input."""


def shortened(text: str) -> str:
    """What a file holds, or a library says of it, in one line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"
