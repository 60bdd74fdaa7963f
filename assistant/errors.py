"""What can go wrong while answering.

AssistantError         the user's to mend; its text is one line: what, where, how to mend it
├── EngineError        the model cannot be loaded or run on this machine
├── ContradictionError filings contradict each other on a figure; nothing is answered
├── NoCompanyError     a figure of no company named, among many; nothing is answered
└── FigureError        a figure cannot be looked up or calculated; the model answers instead
    └── UnsureError    filings state something of an input, but not surely what is asked
"""


class AssistantError(Exception):
    """Base of everything `assistant` raises on bad input."""


class EngineError(AssistantError):
    """A model that cannot be loaded or run here."""


class ContradictionError(AssistantError):
    """Filings of one kind for one period state different figures."""


class NoCompanyError(AssistantError):
    """A figure is asked for without a company, and the store holds filings of several."""


class FigureError(AssistantError):
    """A formula that is not understood, or an input that no filing states."""


class UnsureError(FigureError):
    """Filings state something of an input, but not surely what is asked."""
