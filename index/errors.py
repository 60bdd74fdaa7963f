"""What can go wrong with filings and stores.

IndexingError          the user's to mend; its text is one line: what, where, how to mend it
├── FilingError        this file cannot be read (encrypted, scanned, truncated, empty, unknown)
└── StoreError         this store cannot be opened or written (other version, full disk, locked)
"""


class IndexingError(Exception):
    """Base of everything `index` raises on bad input."""


class FilingError(IndexingError):
    """A file that cannot be read as a filing."""


class StoreError(IndexingError):
    """A store that cannot be opened, or a change it could not take."""
