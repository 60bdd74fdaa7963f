"""Fictional 10-K filings of two invented companies, with questions and true answers.

`python -m index.samples OUT_DIR` writes

    OUT_DIR/filings/         the four filings to index: one company's as PDF, the other's as iXBRL
    OUT_DIR/all/             both forms of all four; page n holds the same text in either
    OUT_DIR/questions.jsonl  40 questions, their answers and the pages where they stand

How it hangs together: `company`, `companies`, `quorvane`, `tansy` (who, and what drives each
year) -> `model`, `details` (drivers -> `accounts`) -> `statements`, `note_tables`,
`report_tables`, `prose` (accounts -> blocks) -> `tenk` (blocks -> pages of a `document`) ->
`pdf`, `ixbrl`; `questions` takes answers from the accounts and pages from the documents.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from index.errors import IndexingError

__all__ = ["write_samples"]

FORMS = {"QUORVANE": ".pdf", "TANSYTHIMBLEWICK": ".html"}


def write_samples(out_dir: Path) -> list[Path]:
    """Write filings and questions into `out_dir` (made if absent; files of the same names are
    replaced) and return the paths written, `filings/` first. The bytes are the same every time.

    IndexingError where the folder cannot be written.
    """
    try:
        return _write(out_dir)
    except OSError as error:
        raise IndexingError(
            f"cannot write the samples to {out_dir}: {error.strerror or error}; name a folder that"
            " you may write to"
        ) from error


def _write(out_dir: Path) -> list[Path]:
    from tqdm import tqdm

    from index.samples.companies import COMPANIES
    from index.samples.ixbrl import write_ixbrl
    from index.samples.model import close_books
    from index.samples.pdf import write_pdf
    from index.samples.questions import records
    from index.samples.tenk import YEARS, tenk

    indexed, every = out_dir / "filings", out_dir / "all"
    for folder in (indexed, every):
        folder.mkdir(parents=True, exist_ok=True)
    books = {company.stem: close_books(company) for company in COMPANIES}
    documents = {}
    chosen: list[Path] = []
    rest: list[Path] = []
    wanted = [(stem, year) for stem in books for year in YEARS]
    for stem, year in tqdm(wanted, desc="sample filings", unit="filing"):
        document = documents[stem, year] = tenk(books[stem], year)
        for ending, write in ((".pdf", write_pdf), (".html", write_ixbrl)):
            path = every / f"{document.name}{ending}"
            write(document, path)
            rest.append(path)
            if ending == FORMS[stem]:
                chosen.append(Path(shutil.copyfile(path, indexed / path.name)))
    asked = out_dir / "questions.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) for record in records(books, documents)]
    asked.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return [*chosen, *rest, asked]
