"""Data runs one way: no package imports one that comes after it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "index": {"index"},
    "quantize": {"quantize"},
    "assistant": {"assistant", "index", "quantize"},
    "eval": {"eval", "assistant", "index", "quantize"},
}
FRONT = (
    "assistant.app",
    "assistant.cli",
    "assistant.fetch_command",
    "assistant.index_commands",
    "assistant.model_commands",
    "assistant.quantize_command",
    "assistant.search_command",
)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_arrows(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        inside = str(path.relative_to(ROOT)).replace("/", ".")
        front = inside.startswith(FRONT)
        for name in imports(path):
            top = name.split(".")[0]
            if top in MAY_IMPORT:
                allowed = MAY_IMPORT[package] | ({"eval"} if front else set())
                assert top in allowed, f"{path} imports {name}"
            if name.startswith(FRONT):
                assert front, f"{path} imports {name}"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; import assistant.cli; "
        "print([m for m in ('torch', 'transformers', 'openvino', 'gradio', 'faiss', 'pandas') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert not long
