"""What can go wrong with filings and stores.

IndexingError               the user's to mend; its text is one line: what, where, how to mend it
├── FilingError             this file cannot be read (encrypted, scanned, truncated, empty, unknown)
├── FetchError              EDGAR does not have it, or its answer cannot be used
│   └── UnreachableError    no request is worth making now (no network, refused, too many, disk)
└── StoreError              this store cannot be opened or written (other version, full, locked)
"""


class IndexingError(Exception):
    """Base of everything `index` raises on bad input."""


class FilingError(IndexingError):
    """A file that cannot be read as a filing."""


class FetchError(IndexingError):
    """A company or filing that EDGAR does not have, or did not give in a form to be used."""


class UnreachableError(FetchError):
    """EDGAR cannot be asked now, or nothing that it gives could be kept: the rest must wait."""


class StoreError(IndexingError):
    """A store that cannot be opened, or a change it could not take."""


def said(error: BaseException) -> str:
    """What another library's error says, in one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
