"""PATH -> texts to measure or calibrate a model on."""

from __future__ import annotations

from pathlib import Path

from eval.errors import EvaluationError


def read_texts(path: Path) -> list[str]:
    """The texts of a JSONL file (a field "text" a line), of one filing, or of a folder of filings,
    in the order of their names. Raises EvaluationError where there are none."""
    from index.errors import IndexingError
    from index.read import find_filings, read_filing
    from quantize.calibration import jsonl_texts
    from quantize.errors import QuantizationError

    if path.suffix.lower() == ".jsonl":
        try:
            texts = jsonl_texts(path)
        except QuantizationError as error:
            raise EvaluationError(str(error)) from error
    else:
        texts = []
        for file in find_filings([path]):
            try:
                texts.append("\n\n".join(page.text for page in read_filing(file).pages))
            except IndexingError as error:
                raise EvaluationError(f"cannot measure on {path}: {error}") from error
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise EvaluationError(
            f"no text in {path}; give a JSONL file with a field text, a filing, or a folder of them"
        )
    return texts
