"""Who asks EDGAR: a name and an e-mail address, as the SEC demands; never made up."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from assistant.home import home
from index.edgar import check_identity
from index.errors import IndexingError

VARIABLE = "EDGAR_IDENTITY"  # edgartools' own name for it
WHY = (
    'EDGAR wants a name and an e-mail address of who asks it, such as "Ann Example ann@example.com"'
)


def edgar_folder() -> Path:
    """Where edgartools keeps its things, and Tenq the identity."""
    return home() / "edgar"


def filings_folder() -> Path:
    """Where what is brought from EDGAR is kept, a folder for each company."""
    return home() / "filings"


def known_identity(given: str | None = None) -> str | None:
    """The identity `given`, else that of the environment, else the one kept; None if there is none.

    Raises FetchError where it is not a name and an e-mail address.
    """
    kept = ""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        kept = _file().read_text(encoding="utf-8")
    for said in (given, os.environ.get(VARIABLE), kept):
        if said and said.strip():
            return check_identity(said)
    return None


def keep_identity(said: str) -> str:
    """Keep the identity for the next time, for its owner's eyes only; returns it.

    Raises FetchError where it is none, IndexingError where it cannot be written.
    """
    identity, file = check_identity(said), _file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        arriving = file.with_name(f"{file.name}.{os.getpid()}")
        arriving.touch(mode=0o600)
        arriving.write_text(f"{identity}\n", encoding="utf-8")
        arriving.replace(file)
    except OSError as error:
        raise IndexingError(
            f"cannot keep the identity in {file} ({error.strerror or error}); give it as {VARIABLE}"
        ) from error
    return identity


def _file() -> Path:
    return edgar_folder() / "identity"
