"""One store: documents, pages, chunks and words in SQLite, vectors in FAISS, files beside them.

Every change is one SQLite transaction, so a killed process leaves the store as it was or with the
whole document in it. The FAISS file is replaced afterwards by a rename, and rebuilt from SQLite
where it is missing, damaged or behind. The store keeps its own copy of each file, to show pages.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.chunks import Chunk, chunk_filing
from index.documents import AddResult, Document, Hit, Status, document_of, insert
from index.errors import StoreError
from index.filing import Filing, Page
from index.schema import FORMAT, SCHEMA
from index.vectors import VectorIndex

if TYPE_CHECKING:
    from index.embed import Embedder, Vectors

Progress = Callable[[float, str], None]
_DATABASE, _FILES = "store.sqlite", "files"
_LOCK_WAIT_S = 60


class Store:
    """A folder with filings ready to be searched. Safe to use from several threads."""

    def __init__(self, path: Path, embedder: Embedder, database: sqlite3.Connection) -> None:
        self.path = path
        self.embedder = embedder
        self._database = database
        self._lock = threading.RLock()
        self._vectors = VectorIndex(path)
        self._closed = False

    @classmethod
    def open(cls, path: Path, embedder: Embedder, create: bool = True) -> Store:
        """Open the store in folder `path`, made if it is not there.

        Raises StoreError where it was made by another format version or with another embedder, is
        not a store, or cannot be written.
        """
        if not create and not (path / _DATABASE).is_file():
            raise StoreError(
                f"no store in {path}; make one with `tenq index add PATH --store {path}`"
            )
        try:
            (path / _FILES).mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(
                path / _DATABASE,
                timeout=_LOCK_WAIT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            database.row_factory = sqlite3.Row
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA foreign_keys=ON")
            database.execute("PRAGMA synchronous=FULL")
            store = cls(path, embedder, database)
            store._prepare()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"the store {path} cannot be opened: {error}") from error
        return store

    def close(self) -> None:
        """Write the FAISS copy, if it is behind, and close the database; once is enough."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(OSError, RuntimeError):  # a copy: rebuilt when next needed
                self._vectors.refresh(
                    self._generation(), self.embedder.dimension, self._all_vectors
                )
                self._vectors.save()
            self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is there -----------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """Every filing, ordered by company, year and name."""
        rows = self._rows("SELECT * FROM documents ORDER BY company, fiscal_year, name")
        return [document_of(row) for row in rows]

    def document(self, doc_id: int) -> Document:
        """One filing by id; StoreError if there is none."""
        found = [document for document in self.documents() if document.id == doc_id]
        if not found:
            raise StoreError(
                f"no document {doc_id} in {self.path}; `tenq index list` shows the ids"
            )
        return found[0]

    def page_text(self, doc: int | str, page: int) -> str:
        """The text of a page, by document id or name; StoreError if there is none."""
        column = "id" if isinstance(doc, int) else "name"
        rows = self._rows(
            f"SELECT text FROM pages WHERE number = ? AND doc_id IN"
            f" (SELECT id FROM documents WHERE {column} = ?)",
            page,
            doc,
        )
        if not rows:
            raise StoreError(f"no page {page} of document {doc} in {self.path}")
        return str(rows[0]["text"])

    def page_image(self, doc_id: int, page: int, quotes: Sequence[str] = ()) -> bytes:
        """The page as PNG, with the quotes marked."""
        from index.page_image import page_image

        rows = self._rows("SELECT name, file, kind FROM documents WHERE id = ?", doc_id)
        if not rows:
            raise StoreError(f"no document {doc_id} in {self.path}")
        shown = Page(page, self.page_text(doc_id, page))
        file = self.path / _FILES / str(rows[0]["file"])
        return page_image(file, rows[0]["kind"], shown, quotes, title=rows[0]["name"])

    # -- changes -----------------------------------------------------------------------------

    def add(self, path: Path, progress: Progress | None = None) -> AddResult:
        """Read, chunk, embed and store the file; a changed file replaces its old version.

        The same content under any name changes nothing. Raises FilingError or StoreError.
        `progress` is called with a fraction and a word.
        """
        from index.read import read_filing

        tell = progress or (lambda fraction, word: None)
        start = datetime.now(UTC)
        tell(0.0, "reading")
        filing = read_filing(path)
        existing = self._rows("SELECT id FROM documents WHERE sha256 = ?", filing.sha256)
        if existing:
            return self._result("unchanged", existing[0]["id"], start)
        chunks = chunk_filing(filing)
        tell(0.1, "embedding")
        vectors = self._embed(chunks, tell)
        tell(0.95, "storing")
        try:
            status, doc_id = self._write(filing, chunks, vectors)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path} was not added to {self.path}: {error}") from error
        tell(1.0, status)
        return self._result(status, doc_id, start)

    def remove(self, doc_id: int) -> Document:
        """Take a filing out of the store; StoreError if there is none with this id."""
        document = self.document(doc_id)
        try:
            with self._change() as database:
                files = self._drop(database, [doc_id])
        except sqlite3.Error as error:
            raise StoreError(f"{document.name} was not removed: {error}") from error
        self._unlink(files)
        return document

    def _write(self, filing: Filing, chunks: list[Chunk], vectors: Vectors) -> tuple[Status, int]:
        stored = self._copy(filing)
        try:
            with self._change() as database:
                # The same place with other content is a new version of the same filing.
                old = database.execute(
                    "SELECT id FROM documents WHERE path = ?", (str(filing.path.resolve()),)
                ).fetchall()
                stale = self._drop(database, [row["id"] for row in old])
                doc_id = insert(database, filing, stored.name, chunks, vectors)
        except BaseException:
            self._unlink([stored.name])
            raise
        self._unlink([name for name in stale if name != stored.name])
        return ("replaced" if old else "added"), doc_id

    def _copy(self, filing: Filing) -> Path:
        """The store's own copy of the file, named by its hash."""
        target = self.path / _FILES / f"{filing.sha256[:32]}{filing.path.suffix.lower()}"
        handle, arriving = tempfile.mkstemp(dir=self.path / _FILES)
        os.close(handle)
        try:
            shutil.copyfile(filing.path, arriving)
            Path(arriving).replace(target)
        except OSError:
            Path(arriving).unlink(missing_ok=True)
            raise
        return target

    def _drop(self, database: sqlite3.Connection, doc_ids: Iterable[int]) -> list[str]:
        """Delete documents inside a transaction; returns the names of their files."""
        files = []
        for doc_id in doc_ids:
            database.execute(
                "DELETE FROM words WHERE rowid IN (SELECT id FROM chunks WHERE doc_id = ?)",
                (doc_id,),
            )
            row = database.execute("SELECT file FROM documents WHERE id = ?", (doc_id,)).fetchone()
            database.execute("DELETE FROM documents WHERE id = ?", (doc_id,))
            files.append(str(row["file"]))
        return files

    def _unlink(self, names: Iterable[str]) -> None:
        for name in names:
            if not self._rows("SELECT 1 FROM documents WHERE file = ?", name):
                (self.path / _FILES / name).unlink(missing_ok=True)

    def _embed(self, chunks: list[Chunk], tell: Progress) -> Vectors:
        import numpy as np

        texts = [chunk.embedded() for chunk in chunks]
        parts = []
        for start in range(0, len(texts), 256):
            parts.append(self.embedder.embed(texts[start : start + 256]))
            tell(0.1 + 0.85 * (start + 256) / max(len(texts), 256), "embedding")
        return np.concatenate(parts)

    def _result(self, status: Status, doc_id: int, start: datetime) -> AddResult:
        seconds = (datetime.now(UTC) - start).total_seconds()
        return AddResult(status, self.document(doc_id), seconds)

    # -- search ------------------------------------------------------------------------------

    def dense(self, query: str, doc_ids: set[int] | None, top_k: int) -> list[tuple[int, float]]:
        """The `top_k` nearest chunks as (chunk id, cosine), among `doc_ids` only if given."""
        vector = self.embedder.embed([query])
        with self._lock:
            among = None
            if doc_ids is not None:
                rows = self._rows(f"SELECT id FROM chunks WHERE doc_id IN ({_marks(doc_ids)})")
                among = [row["id"] for row in rows]
            self._vectors.refresh(self._generation(), self.embedder.dimension, self._all_vectors)
            return self._vectors.nearest(vector, top_k, among)

    def words(
        self, terms: Sequence[str], doc_ids: set[int] | None, top_k: int
    ) -> list[tuple[int, float]]:
        """The `top_k` chunks by BM25 (Robertson & Zaragoza 2009) as (chunk id, score)."""
        if not terms:
            return []
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        where = ""
        if doc_ids is not None:
            # "+": else SQLite looks every rowid up in the word index, ten times slower.
            where = f" AND +rowid IN (SELECT id FROM chunks WHERE doc_id IN ({_marks(doc_ids)}))"
        rows = self._rows(
            f"SELECT rowid AS id, -bm25(words) AS score FROM words WHERE words MATCH ?{where}"
            " ORDER BY score DESC LIMIT ?",
            match,
            top_k,
        )
        return [(row["id"], row["score"]) for row in rows]

    def phrase_count(self, phrase: str) -> int:
        """In how many chunks the words of `phrase` stand side by side."""
        if not phrase.strip():
            return 0
        match = '"' + phrase.replace('"', '""') + '"'
        return int(self._rows("SELECT count(*) AS n FROM words WHERE words MATCH ?", match)[0]["n"])

    def statement_chunks(self, statements: Iterable[str], doc_ids: set[int]) -> list[int]:
        """The chunks on pages that hold one of the primary statements."""
        names = list(statements)
        rows = self._rows(
            f"SELECT id FROM chunks WHERE doc_id IN ({_marks(doc_ids)})"
            f" AND statement IN ({','.join('?' * len(names))})",
            *names,
        )
        return [row["id"] for row in rows]

    def places(self, chunk_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Chunk id -> (document id, page)."""
        rows = self._rows(f"SELECT id, doc_id, page FROM chunks WHERE id IN ({_marks(chunk_ids)})")
        return {row["id"]: (row["doc_id"], row["page"]) for row in rows}

    def hits(self, scored: dict[int, float]) -> list[Hit]:
        """The chunks of these ids with what a reader needs, best score first."""
        rows = self._rows(
            "SELECT c.id, c.doc_id, c.page, c.context, c.text, c.statement,"
            " d.name, d.company, d.form, d.fiscal_year"
            f" FROM chunks c JOIN documents d ON d.id = c.doc_id WHERE c.id IN ({_marks(scored)})"
        )
        hits = [
            Hit(
                chunk_id=row["id"],
                doc_id=row["doc_id"],
                doc=row["name"],
                page=row["page"],
                text=f"{row['context']}\n{row['text']}" if row["context"] else row["text"],
                score=scored[row["id"]],
                company=row["company"],
                form=row["form"],
                fiscal_year=row["fiscal_year"],
                statement=row["statement"],
            )
            for row in rows
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))

    # -- inside ------------------------------------------------------------------------------

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction that also raises the generation number."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
                self._database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        self._database.executescript(SCHEMA)
        known = {row["key"]: row["value"] for row in self._rows("SELECT * FROM meta")}
        if not known:
            meta = {"format": FORMAT, "embedder": self.embedder.name, "generation": 0}
            self._database.executemany(
                "INSERT OR IGNORE INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in meta.items()]
            )
            return
        if known.get("format") != str(FORMAT):
            raise StoreError(
                f"the store {self.path} has format {known.get('format')}, this version reads "
                f"{FORMAT}; add the filings to a new store (its own copies are in {_FILES}/)"
            )
        if known.get("embedder") != self.embedder.name:
            raise StoreError(
                f"the store {self.path} was made with the embedder {known.get('embedder')}, not "
                f"{self.embedder.name}; use that one or add the filings to a new store"
            )

    def _generation(self) -> int:
        return int(self._rows("SELECT value FROM meta WHERE key = 'generation'")[0]["value"])

    def _all_vectors(self) -> tuple[list[int], bytes]:
        rows = self._rows("SELECT id, vector FROM chunks ORDER BY id")
        return [row["id"] for row in rows], b"".join(row["vector"] for row in rows)


def _marks(ids: Iterable[int]) -> str:
    """Ids as an SQL list; there can be more of them than SQLite takes parameters."""
    return ",".join(str(int(number)) for number in ids) or "NULL"
