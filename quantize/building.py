"""A folder that appears whole or not at all, also where several processes or containers share it.

Whoever builds holds a lock on the folder (flock), which the system lifts when the process ends in
whatever way: a folder whose lock can be had has been left behind. Process ids would not do, they
mean nothing in another container. Where a file system knows no such locks, nothing is cleared.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def building(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside `target`; on success flush it to disk and rename it to
    `target`. What killed processes left behind of earlier tries is cleared first. Raises OSError.
    """
    with _new_folder(target.parent, f"{target.name}.building-") as folder:
        yield folder
        _sync(folder)
        if not target.exists():
            _rename(folder, target)


@contextlib.contextmanager
def trying(parent: Path) -> Iterator[Path]:
    """Yield an empty folder in `parent` for what is made to be measured, which is gone afterwards.
    What killed processes left behind is cleared first. Raises OSError."""
    with _new_folder(parent, ".trial-") as folder:
        yield folder


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time for `folder`, which exists; the others wait. Where the file system
    knows no locks, they do not."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(_locked(folder, wait=True))
        yield


@contextlib.contextmanager
def at_rest(folder: Path) -> Iterator[bool]:
    """Whether nobody is `alone` with `folder`; who wants to be, waits meanwhile. Several may look
    at once. Where the file system knows no locks, it is always so."""
    with contextlib.ExitStack() as stack:
        resting = True
        try:
            stack.enter_context(_locked(folder, wait=False, how=fcntl.LOCK_SH))
        except BlockingIOError:
            resting = False
        except OSError:
            pass
        yield resting


@contextlib.contextmanager
def _new_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """An empty folder in `parent`, locked, removed in the end; first those that were left behind
    are."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{glob.escape(prefix)}*"):
        with contextlib.suppress(OSError), _locked(left, wait=False):
            shutil.rmtree(left, ignore_errors=True)
    while True:
        folder = parent / f"{prefix}{secrets.token_hex(4)}"
        folder.mkdir()
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(OSError):
                stack.enter_context(_locked(folder, wait=False))
            if folder.is_dir():  # else another process has cleared it just before the lock
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                return


@contextlib.contextmanager
def _locked(folder: Path, wait: bool, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold the folder's lock. OSError where another has it, unless `wait`, or there are none."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def _rename(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():  # else another process has finished first
            raise


def _sync(folder: Path) -> None:
    """Flush the files to the disk, so that a whole-looking folder is whole after a power cut."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
