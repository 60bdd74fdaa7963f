"""The store's own copies of the filings' files, to show pages and to build a store anew.

A copy arrives under a temporary name and takes its own inside the transaction that makes a
document refer to it; what a killed process left in between is swept up later.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from index.filing import Filing
from index.read import ENDINGS

COPIES = "files"  # the folder, inside the store's

_OWN = "own-"
# A copy takes seconds; whatever is older and referred to by no document has been abandoned.
_ABANDONED_S = 3600


def copy_name(filing: Filing, own: bool) -> str:
    """Named by content; the ending is kept for people who look into the folder. A reader's `own`
    shows as such, so that it does not become everybody's where the database is lost."""
    ending = filing.path.suffix.lower()
    return f"{_OWN if own else ''}{filing.sha256[:32]}{ending if ending in ENDINGS else ''}"


def is_own(file: Path) -> bool:
    """Whether a copy is of what a reader brought for themselves."""
    return file.name.startswith(_OWN)


def bring_copy(source: Path, folder: Path) -> Path:
    """Copy `source` into `folder` under a temporary name and flush it to disk. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    arriving = Path(name)
    try:
        shutil.copyfile(source, arriving)
        with arriving.open("rb") as file:
            os.fsync(file.fileno())
    except BaseException:
        arriving.unlink(missing_ok=True)
        raise
    return arriving


def sweep(folder: Path, in_use: Collection[str], dropped: Collection[str] = ()) -> None:
    """Delete from `folder` the files that are not `in_use`: those `dropped` at once, others once
    they are an hour old. What cannot be deleted stays for the next time."""
    with contextlib.suppress(OSError):
        for file in list(folder.iterdir()):
            if file.name in in_use:
                continue
            with contextlib.suppress(OSError):
                if file.name in dropped or is_abandoned(file):
                    file.unlink()


def is_abandoned(arriving: Path) -> bool:
    """Whether the process that was writing this file must have ended. Raises OSError."""
    return time.time() - arriving.stat().st_mtime > _ABANDONED_S
