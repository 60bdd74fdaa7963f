"""What can go wrong while evaluating.

EvaluationError        the user's to mend; its text is one line: what, where, how to mend it
"""


class EvaluationError(Exception):
    """Base of everything `eval` raises on bad input."""
