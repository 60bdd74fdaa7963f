"""What can go wrong while answering.

AssistantError         the user's to mend; its text is one line: what, where, how to mend it
└── EngineError        the model cannot be loaded or run on this machine
"""


class AssistantError(Exception):
    """Base of everything `assistant` raises on bad input."""


class EngineError(AssistantError):
    """A model that cannot be loaded or run here."""
