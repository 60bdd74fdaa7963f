from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import letter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

MakePdf = Callable[..., Path]


@pytest.fixture
def make_pdf(tmp_path: Path) -> MakePdf:
    """Writes a PDF: one list of lines (or of (x, y, text) pieces) per page."""

    def write(
        pages: Sequence[Sequence[str | tuple[float, float, str]]],
        name: str = "filing.pdf",
        password: str | None = None,
    ) -> Path:
        path = tmp_path / name
        lock = StandardEncryption(password, ownerPassword="owner") if password else None
        canvas = Canvas(str(path), pagesize=letter, encrypt=lock)
        for page in pages:
            canvas.setFont("Helvetica", 10)
            for n, line in enumerate(page):
                if isinstance(line, tuple):
                    canvas.drawString(*line)
                else:
                    canvas.drawString(60, 740 - 14 * n, line)
            canvas.showPage()
        canvas.save()
        return path

    return write
