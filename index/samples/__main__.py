"""`python -m index.samples OUT_DIR`: write the fictional filings and their questions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from index.errors import IndexingError
from index.samples import write_samples


def main(arguments: list[str] | None = None) -> int:
    """Write, print the paths, and return the exit status: 0, or 2 for a folder that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m index.samples",
        description="Write four fictional 10-K filings (PDF and iXBRL) and 40 questions on them.",
    )
    parser.add_argument("out_dir", type=Path, help="folder to write to; made if absent")
    out_dir: Path = parser.parse_args(arguments).out_dir
    try:
        paths = write_samples(out_dir)
    except IndexingError as error:
        print(error, file=sys.stderr)
        return 2
    for path in paths:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
