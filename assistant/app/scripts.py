"""The page's own scripts, which stand beside this file."""

from __future__ import annotations

from pathlib import Path


def script(name: str) -> str:
    """The text of the script called `name`, as `gr.HTML(js_on_load=...)` takes it."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
