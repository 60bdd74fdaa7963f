"""EMBEDDER'S FOLDER -> THE SAME MODEL ON OPENVINO, in a folder beside it: converted once, and
believed only where it is whole and of that embedder, for OpenVINO believes what it reads.

Run as `python -m index.converted FOLDER OUT` it converts: in a process of its own, because the
libraries print as they please.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from index.copies import is_abandoned

_MARK = "converted.json"
_ARRIVING = ".converting-"
_ROOT = Path(__file__).resolve().parent.parent
_TAKES_S = 600


def converted(folder: Path) -> Path:
    """The converted model of the embedder in `folder`; made now where there is none that is whole
    and of it. Raises OSError, ValueError or subprocess.SubprocessError where it cannot be."""
    there = folder.with_name(f"{folder.name}-openvino")
    if _is_whole(there, folder):
        return there
    if there.exists() and not (there / _MARK).is_file():
        raise FileExistsError(f"{there} was made by somebody else")
    _sweep(folder.parent)
    print("preparing the sentence embedder, once", file=sys.stderr)
    of = _fingerprint(folder)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_ARRIVING) as place:
        made = Path(place) / "made"
        paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
        subprocess.run(
            # -P: a folder named like one of ours where the user stands must not be imported
            [sys.executable, "-P", "-m", "index.converted", str(folder), str(made)],
            check=True,
            capture_output=True,
            timeout=_TAKES_S,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
        )
        mark = {"of": of, "files": {name: _sha256(made / name) for name in _files(made)}}
        (made / _MARK).write_text(json.dumps(mark), encoding="utf-8")
        for name in _files(made):
            with (made / name).open("rb") as file:
                os.fsync(file.fileno())
        if not _is_whole(there, folder):  # another process may have been faster
            shutil.rmtree(there, ignore_errors=True)
            made.rename(there)
    return there


def _is_whole(there: Path, folder: Path) -> bool:
    """Whether it is as it was made, of the embedder as it is now."""
    with contextlib.suppress(OSError, ValueError, KeyError, AttributeError, TypeError):
        mark: dict[str, Any] = json.loads((there / _MARK).read_text(encoding="utf-8"))
        whole = all(_sha256(there / name) == sum_ for name, sum_ in mark["files"].items())
        return whole and bool(mark["files"]) and mark["of"] == _fingerprint(folder)
    return False


def _fingerprint(folder: Path) -> list[list[str | int]]:
    """Which files are there, and of which moment: another version of the embedder has others."""
    stats = [(name, (folder / name).stat()) for name in _files(folder)]
    return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def _files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _sweep(folder: Path) -> None:
    """Delete what killed processes have left."""
    for left in folder.glob(f"{_ARRIVING}*"):
        with contextlib.suppress(OSError):
            if is_abandoned(left):
                shutil.rmtree(left, ignore_errors=True)


if __name__ == "__main__":
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(
        sys.argv[1],
        backend="openvino",
        device="cpu",
        local_files_only=True,
        model_kwargs={"export": True},
    ).save_pretrained(sys.argv[2])
