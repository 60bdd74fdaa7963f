"""STEPS OF A CALCULATION -> BARS, where a figure is shown for several years or companies."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assistant.app.markup import escape

_FEWEST, _MOST = 3, 12
_WIDTH, _HEIGHT, _TOP, _BOTTOM = 96, 110, 18, 20  # of one bar's place; of bars; of their labels


def trend_html(steps: Sequence[dict[str, Any]]) -> str:
    """A picture of one figure over three to twelve years, or of that many companies; else none."""
    if not _FEWEST <= len(steps) <= _MOST:
        return ""
    if len({(step["name"], step["unit"]) for step in steps}) > 1:
        return ""
    several = len({step["company"] for step in steps}) > 1
    if several and len({step["period"] for step in steps}) > 1:
        return ""
    labels = [step["company"] if several else step["period"] for step in steps]
    values = [float(Decimal(step["value"])) for step in steps]
    return _bars(steps[0]["name"], labels, values, [step["shown"] for step in steps])


def _bars(name: str, labels: Sequence[str], values: Sequence[float], shown: Sequence[str]) -> str:
    high, low = max(*values, 0.0), min(*values, 0.0)
    unit = _HEIGHT / ((high - low) or 1.0)
    zero = _TOP + high * unit
    parts = []
    for n, (label, value, text) in enumerate(zip(labels, values, shown, strict=True)):
        middle = n * _WIDTH + _WIDTH / 2
        top, tall = zero - max(value, 0.0) * unit, abs(value) * unit
        over = top - 5 if value >= 0 else top + tall + 13
        parts.append(
            f'<rect x="{n * _WIDTH + 18}" y="{top:.1f}" width="{_WIDTH - 36}" '
            f'height="{max(tall, 1):.1f}" class="tq-bar"/>'
            f'<text x="{middle}" y="{over:.1f}">{escape(text)}</text>'
            f'<text x="{middle}" y="{_TOP + _HEIGHT + _BOTTOM - 4}" class="tq-axis">'
            f"{escape(_short(label))}</text>"
        )
    width, height = _WIDTH * len(values), _TOP + _HEIGHT + _BOTTOM
    spoken = "; ".join(f"{a} {b}" for a, b in zip(labels, shown, strict=True))
    return (
        f'<svg class="tq-trend" role="img" aria-label="{escape(f"{name}: {spoken}")}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<line x1="0" x2="{width}" y1="{zero:.1f}" y2="{zero:.1f}" class="tq-zero"/>'
        f"{''.join(parts)}</svg>"
    )


def _short(label: str) -> str:
    return label if len(label) <= 15 else f"{label[:14]}…"
