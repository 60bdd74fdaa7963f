"""Pages that OCR read, as rows of the table `scans`: so that a filing is read again (corrected,
mended, built anew) as it was, in no time and without OCR."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from index.glyphs import Glyph
from index.scans import Scan, ScannedWord

if TYPE_CHECKING:
    from index.database import Database


def scans_of(database: Database, doc_id: int) -> dict[int, Scan]:
    """A filing's pages that OCR read, and those it found blank; none, as a rule."""
    return dict(database.values(_scan_of, "SELECT * FROM scans WHERE doc_id = ?", doc_id))


def scan_of_page(database: Database, doc_id: int, page: int) -> Scan:
    """What OCR read of one page; no words, as a rule."""
    where = "doc_id = ? AND page = ?"
    found = database.values(_scan_of, f"SELECT * FROM scans WHERE {where}", doc_id, page)
    return found[0][1] if found else Scan()


def scanned_pages(database: Database, doc_ids: Iterable[int]) -> set[tuple[int, int]]:
    """(document id, page) of what OCR read in these documents."""
    among = ",".join(str(int(doc_id)) for doc_id in doc_ids)
    rows = database.rows(
        f"SELECT doc_id, page FROM scans WHERE words != '[]' AND doc_id IN ({among})"
    )
    return {(row["doc_id"], row["page"]) for row in rows}


def has_unread(database: Database, doc_id: int) -> bool:
    """Whether this is a PDF with pages without text that OCR has not looked at."""
    return bool(
        database.rows(
            "SELECT 1 FROM pages JOIN documents ON documents.id = doc_id WHERE doc_id = ?"
            " AND kind = 'pdf' AND text = ''"
            " AND number NOT IN (SELECT page FROM scans WHERE scans.doc_id = pages.doc_id)",
            doc_id,
        )
    )


def keep_scans(database: sqlite3.Connection, doc_id: int, scans: Mapping[int, Scan]) -> None:
    """Keep a filing's scans, inside the caller's transaction; not those of pages that failed, which
    the next try may read."""
    database.executemany(
        "INSERT INTO scans VALUES (?, ?, ?)",
        [(doc_id, page, _to_json(scan)) for page, scan in scans.items() if not scan.problem],
    )


def _scan_of(row: sqlite3.Row) -> tuple[int, Scan]:
    """Page and scan of a row of `scans`. TypeError or ValueError where it is none of ours."""
    words = []
    for word, confidence, *places in json.loads(row["words"]):
        left, bottom, right, top, x0, x1, y, height = map(float, places)
        glyph = Glyph(str(word), (left, bottom, right, top), x0, x1, y, height, True)
        words.append(ScannedWord(glyph, float(confidence)))
    return int(row["page"]), Scan(tuple(words))


def scans_by_content(connection: sqlite3.Connection) -> dict[str, dict[int, Scan]]:
    """SHA-256 -> the pages of that content that OCR read; nothing in a store from before there
    were any. Raises sqlite3.Error, TypeError or ValueError where they are damaged."""
    there = "SELECT 1 FROM sqlite_master WHERE name = 'scans'"
    if not connection.execute(there).fetchone():
        return {}
    found: dict[str, dict[int, Scan]] = {}
    rows = "SELECT sha256, page, words FROM scans JOIN documents ON documents.id = doc_id"
    for row in connection.execute(rows):
        page, scan = _scan_of(row)
        found.setdefault(str(row["sha256"]), {})[page] = scan
    return found


def _to_json(scan: Scan) -> str:
    """A list for each word; lengths to a hundredth of a canvas unit."""
    words = []
    for glyph, confidence in scan.words:
        places = (*glyph.box, glyph.x0, glyph.x1, glyph.y, glyph.height)
        words.append([glyph.text, round(confidence, 3), *(round(each, 2) for each in places)])
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))
