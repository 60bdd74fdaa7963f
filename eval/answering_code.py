"""Which code stands between the evidence and the answer, and its fingerprint."""

from __future__ import annotations

import ast
import functools
import hashlib
from pathlib import Path

_FIRST = ("assistant.assistant", "assistant.openvino_worker")  # the worker is started by its name
# These find the evidence. It is part of an answer's key as it is, with what was understood of the
# question: a change of theirs that leaves it as it was asks nothing again.
_BEFORE = ("assistant.evidence", "index.store")
_PACKAGES = ("assistant.", "index.")


@functools.cache
def answering_code() -> str:
    """SHA-256 of `answering_files`."""
    digest = hashlib.sha256()
    for path in answering_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def answering_files() -> list[Path]:
    """What answers, all that it imports, and what that imports, but for what finds the evidence;
    and the vocabularies of the index."""
    import assistant

    root = Path(assistant.__file__).parent.parent
    found: dict[str, Path] = {}
    names = set(_FIRST)
    while names:
        name = names.pop()
        path = root.joinpath(*name.split(".")).with_suffix(".py")
        if name in found or name in _BEFORE or not path.is_file():
            continue
        found[name] = path
        names |= {each for each in _imports(path) if each.startswith(_PACKAGES)}
    return sorted([*found.values(), *(root / "index").glob("*.toml")])


def _imports(path: Path) -> set[str]:
    """Also within functions; "a.b" and "a.b.c" of "from a.b import c", which may be a module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
