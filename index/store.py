"""One store: documents, pages, chunks and words in SQLite, vectors in FAISS, files beside them.

Every change is one SQLite transaction, so a killed process leaves the store as it was or with the
whole document in it. The FAISS file is replaced afterwards by a rename, and rebuilt from SQLite
where it is missing, damaged or of another state. The store keeps its own copy of each file, to
show pages.
"""

from __future__ import annotations

import contextlib
import copy
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index.chunk_rows import by_words, count_of, hits_of, marks
from index.chunks import Chunk, chunks_of
from index.copies import COPIES, bring_copy, copy_name, sweep
from index.corrections import correction_of, keep
from index.database import DATABASE, Database
from index.documents import AddResult, Document, Hit, Status, document_of, insert, place_of
from index.errors import StoreError
from index.fact_rows import FactPlace, StoredFact, condition, fact_of
from index.filing import Correction, Filing, Origin, Page
from index.readers import EVERYBODY, allow, allow_more, forget, seen_by, take_from
from index.scan_rows import has_unread, scan_of_page, scanned_pages, scans_of
from index.scans import Recognise, recognise_known
from index.vector_place import check_place, is_place, keep_place, vectors_of

if TYPE_CHECKING:
    from index.embed import Embedder, Vectors
    from index.milvus import MilvusVectors
    from index.rerank import Reranker
    from index.vectors import VectorIndex

Progress = Callable[[float, str], None]
_PAGE_PX = 1600  # wide: sharp when it is shown larger


class Store:
    """A folder with filings ready to be searched. Safe to use from several threads.

    It shows everything; `seen_by` what one reader may see. `database` and `vectors` are for those
    who look after the store (`index.verify`).
    """

    def __init__(self, path: Path, embedder: Embedder, database: Database) -> None:
        self.path = path
        self.embedder = embedder
        self.database = database
        self._lock = database.lock
        self.vectors = vectors_of(path, database)
        self.left_behind: str | None = None  # where vectors lie that are no longer searched
        self._closed = False
        self._reader: str | None = None  # who looks; None: whoever looks after the store
        self._only: frozenset[int] | None = None  # ids of the filings that are shown; None: all
        self.reranker: Reranker | None = None  # puts what is found in its order, if given

    @classmethod
    def open(
        cls,
        path: Path,
        embedder: Embedder,
        create: bool = True,
        faiss_factory: str | None = None,
        milvus: str | None = None,
    ) -> Store:
        """Open the store in folder `path`, made if it is not there and `create` is true.

        `faiss_factory` is kept: the kind of vector index in FAISS's words, "" for the usual one;
        so is `milvus`, the address of a Milvus that the vectors are searched in (`index.milvus`),
        "" for FAISS.

        Raises StoreError where it was made by another format version or with another embedder, is
        not a store, or cannot be written.
        """
        if not path.exists() and put_aside(path).exists():
            raise StoreError(
                f"building {path} anew was stopped shortly before its end; finish it: "
                f"`tenq index rebuild --store {path}`"
            )
        if not create and not (path / DATABASE).is_file():
            raise StoreError(
                f"no store in {path}; make one with `tenq index add PATH --store {path}`"
            )
        place = check_place(path, faiss_factory, milvus)
        database = Database(path, embedder.name)
        try:
            left = keep_place(path, database, place)
            opened = cls(path, embedder, database)
            opened.left_behind = left
            return opened
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Write the FAISS copy, if there is a reason to, and close the database; once is enough.

        What was only looked at stays as it is, and no embedder is needed.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                if self.database.changed:
                    self._sweep()
                if self.database.changed or self.vectors.is_loaded:
                    # A copy: rebuilt when next needed, whatever is wrong with it now.
                    with contextlib.suppress(OSError, RuntimeError, StoreError, sqlite3.Error):
                        self.fresh_vectors().save()
            finally:
                self.vectors.close()
                self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def seen_by(self, reader: str) -> Store:
        """The same store as `reader` may see it (EVERYBODY: somebody without a name): without what
        others have added for themselves. What is added through it is for this reader alone."""
        view = copy.copy(self)
        view._reader = reader
        return view

    def only(self, doc_ids: Collection[int]) -> Store:
        """The same store as if it held no other filings than these."""
        view = copy.copy(self)
        view._only = frozenset(doc_ids)
        return view

    # -- what is there -----------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """Every filing, ordered by company, year and name."""
        where, values = seen_by(self._reader)
        found = self.database.values(
            document_of,
            "SELECT *, sha256 IN (SELECT sha256 FROM readers) AS private, (SELECT"
            " json_group_array(name) FROM aliases WHERE doc_id = documents.id) AS aliases"
            " FROM documents"
            f" WHERE {where} ORDER BY company, fiscal_year, name",
            *values,
        )
        return [each for each in found if self._only is None or each.id in self._only]

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
        where, values = seen_by(self._reader)
        rows = self.database.rows(
            f"SELECT text FROM pages WHERE number = ? AND doc_id IN"
            f" (SELECT id FROM documents WHERE {column} = ? AND {where})",
            page,
            doc,
            *values,
        )
        if not rows:
            raise StoreError(f"no page {page} of document {doc} in {self.path}")
        return str(rows[0]["text"])

    def page_texts(self, doc_id: int) -> list[str]:
        """The texts of all pages of a filing, in order."""
        rows = self.database.rows("SELECT text FROM pages WHERE doc_id = ? ORDER BY number", doc_id)
        return [str(row["text"]) for row in rows]

    def facts(
        self,
        doc_ids: Collection[int],
        concepts: Collection[str] = (),
        fiscal_years: Collection[int] = (),
        statement: str | None = None,
        words: str | None = None,
    ) -> list[StoredFact]:
        """The facts of these documents that meet everything given, in the order printed.

        `words` must all stand in the row's label; `concepts` are us-gaap names.
        """
        where, values = condition(doc_ids, concepts, fiscal_years, statement, words)
        found = f"SELECT * FROM facts WHERE {where} ORDER BY id"
        return self.database.values(fact_of, found, *values)

    def row_labels(self, doc_ids: Collection[int]) -> list[str]:
        """The labels of the primary statements' rows in these documents, each once."""
        rows = self.database.rows(
            f"SELECT DISTINCT label FROM facts WHERE doc_id IN ({marks(doc_ids)})"
            " AND statement IS NOT NULL AND dimensions = '[]'"
        )
        return [str(row["label"]) for row in rows]

    def page_image(self, doc_id: int, page: int, quotes: Sequence[str] = ()) -> bytes:
        """The page as PNG, with the quotes marked."""
        from index.page_image import page_image

        d = self.document(doc_id)
        shown = Page(page, self.page_text(doc_id, page))
        scanned = [word.glyph for word in scan_of_page(self.database, doc_id, page).words]
        return page_image(self.copy_of(doc_id), d.kind, shown, quotes, _PAGE_PX, d.name, scanned)

    def scanned_pages(self, doc_ids: Iterable[int]) -> set[tuple[int, int]]:
        """(document id, page) of what OCR read in these documents."""
        return scanned_pages(self.database, doc_ids)

    # -- changes -----------------------------------------------------------------------------

    def add(
        self,
        path: Path,
        progress: Progress | None = None,
        origin: Origin | None = None,
        recognise: Recognise | None = None,
    ) -> AddResult:
        """Read, chunk, embed and store the file; a changed file replaces its old version.

        The same content under any name changes nothing, but who may read it, and pages without text
        that `recognise` (`index.ocr.Ocr`) has not read yet. Raises FilingError or StoreError.
        `progress` is called with a fraction and a word; `origin` says where the file was taken
        from first, if it is but a copy.
        """
        from index.read import inspect, read_filing

        tell = progress or (lambda fraction, word: None)
        start = datetime.now(UTC)
        tell(0.0, "reading")
        _, sha256 = inspect(path)
        existing = self.database.rows("SELECT id FROM documents WHERE sha256 = ?", sha256)
        if existing:
            doc_id, status = existing[0]["id"], self._allowed(path, sha256)
            if recognise and has_unread(self.database, doc_id):
                self.reread(doc_id, tell, recognise=recognise)
                status = "replaced" if status == "unchanged" else status
            return self._result(status, doc_id, start)
        filing = read_filing(path, origin.name if origin else None, self._corrected, recognise)
        chunks, vectors = self._prepared(filing, tell)
        try:
            status, doc_id = self._write(filing, chunks, vectors, origin)
        except (OSError, sqlite3.Error) as error:
            raise self._not_added(path, error) from error
        tell(1.0, status)
        return self._result(status, doc_id, start)

    def reread(
        self,
        doc_id: int,
        progress: Progress | None = None,
        correction: Correction | None = None,
        recognise: Recognise | None = None,
    ) -> Document:
        """Read a filing again from the store's own copy, as it is corrected by now, or with
        `correction`, which is then kept instead; it keeps its id, and what OCR read of it. Pages
        that it did not read are read by `recognise`, if given. Raises FilingError or StoreError,
        and then nothing has changed."""
        from index.read import read_filing

        tell = progress or (lambda fraction, word: None)
        tell(0.0, "reading")
        document, file = self.document(doc_id), self.copy_of(doc_id)
        corrected = self._corrected if correction is None else lambda _: correction
        reads = recognise_known(scans_of(self.database, doc_id), recognise)
        filing = read_filing(file, document.name, corrected, reads)
        if filing.sha256 != document.sha256:
            raise StoreError(f"{file} is not {document.name} as it was added; add that again")
        filing = replace(filing, path=Path(document.path))
        chunks, vectors = self._prepared(filing, tell)
        try:
            with self.database.change() as database:
                self._drop(database, [doc_id])
                insert(database, filing, file.name, chunks, vectors, doc_id)
                if correction is not None:
                    keep(database, filing.sha256, correction)
        except sqlite3.Error as error:
            raise StoreError(
                f"{document.name} was not read again: {self.database.said(error)}"
            ) from error
        tell(1.0, "read again")
        return self.document(doc_id)

    def copy_of(self, doc_id: int) -> Path:
        """The store's own copy of a filing's file; StoreError if there is no such filing."""
        where, values = seen_by(self._reader)
        rows = self.database.rows(
            f"SELECT file FROM documents WHERE id = ? AND {where}", doc_id, *values
        )
        if not rows:
            raise StoreError(f"no document {doc_id} in {self.path}")
        return self.path / COPIES / str(rows[0]["file"])

    def remove(self, doc_id: int) -> Document:
        """Take a filing out of the store; StoreError if there is none with this id. What others
        have added for themselves, too, stays theirs."""
        document = self.document(doc_id)
        try:
            with self.database.change() as database:
                if self._reader and take_from(database, document.sha256, self._reader):
                    return document
                forget(database, document.sha256)
                files = self._drop(database, [doc_id])
        except sqlite3.Error as error:
            raise StoreError(
                f"{document.name} was not removed: {self.database.said(error)}"
            ) from error
        self._sweep(files)
        return document

    def _allowed(self, path: Path, sha256: str) -> Status:
        """What adding a content that is there already comes to."""
        try:
            with self.database.transaction() as database:
                more = allow_more(database, sha256, self._reader or EVERYBODY)
        except sqlite3.Error as error:
            raise self._not_added(path, error) from error
        return "added" if more else "unchanged"

    def _not_added(self, path: Path, error: Exception) -> StoreError:
        return StoreError(f"{path} was not added to {self.path}: {self.database.said(error)}")

    def _corrected(self, sha256: str) -> Correction:
        return correction_of(self.database, sha256)

    def _prepared(self, filing: Filing, tell: Progress) -> tuple[list[Chunk], Vectors]:
        chunks = chunks_of(filing)
        tell(0.1, "embedding")
        vectors = self._embed(chunks, tell)
        tell(0.95, "storing")
        return chunks, vectors

    def _write(
        self, filing: Filing, chunks: list[Chunk], vectors: Vectors, origin: Origin | None
    ) -> tuple[Status, int]:
        folder, file = self.path / COPIES, copy_name(filing, bool(self._reader))
        arriving = bring_copy(filing.path, folder)
        if origin:
            filing = replace(filing, path=origin.path)
        try:
            with self.database.change() as database:
                same = "SELECT id FROM documents WHERE sha256 = ?"
                meanwhile = database.execute(same, (filing.sha256,)).fetchone()
                if meanwhile:  # added by another process while this one was embedding
                    more = allow_more(database, filing.sha256, self._reader or EVERYBODY)
                    return "added" if more else "unchanged", int(meanwhile["id"])
                # The same place with other content is a new version of the same filing.
                where, values = seen_by(self._reader or EVERYBODY)
                old = database.execute(
                    f"SELECT id, sha256 FROM documents WHERE path = ? AND {where}",
                    (place_of(filing.path), *values),
                ).fetchall()
                for row in old:
                    forget(database, row["sha256"])
                stale = self._drop(database, [row["id"] for row in old])
                doc_id = insert(database, filing, file, chunks, vectors)
                if self._reader:
                    allow(database, filing.sha256, self._reader)
                arriving.replace(folder / file)
        finally:
            arriving.unlink(missing_ok=True)
        if stale:
            self._sweep(stale)
        return ("replaced" if old else "added"), doc_id

    def _drop(self, database: sqlite3.Connection, doc_ids: Iterable[int]) -> list[str]:
        """Delete documents inside a transaction; returns the names of their files."""
        files = []
        for doc_id in doc_ids:
            database.execute(
                "DELETE FROM words WHERE rowid IN (SELECT id FROM chunks WHERE doc_id = ?)",
                (doc_id,),
            )
            row = database.execute("SELECT file FROM documents WHERE id = ?", (doc_id,)).fetchone()
            if row is None:
                raise StoreError(f"document {doc_id} was removed by another process meanwhile")
            database.execute("DELETE FROM documents WHERE id = ?", (doc_id,))
            files.append(str(row["file"]))
        return files

    def _sweep(self, dropped: Collection[str] = ()) -> None:
        """Delete copies that no document refers to (any more). Under the write lock: no other
        process can be giving one of them a document meanwhile."""
        with contextlib.suppress(sqlite3.Error), self.database.transaction() as database:
            rows = database.execute("SELECT file FROM documents")
            sweep(self.path / COPIES, {row["file"] for row in rows}, dropped)

    def _embed(self, chunks: list[Chunk], tell: Progress) -> Vectors:
        import numpy as np

        texts = [chunk.embedded() for chunk in chunks]
        parts = []
        for start in range(0, len(texts), 256):
            parts.append(self.embedder.embed(texts[start : start + 256], filing=True))
            tell(0.1 + 0.85 * (start + 256) / max(len(texts), 256), "embedding")
        return np.concatenate(parts)

    def _result(self, status: Status, doc_id: int, start: datetime) -> AddResult:
        seconds = (datetime.now(UTC) - start).total_seconds()
        return AddResult(status, self.document(doc_id), seconds)

    # -- search ------------------------------------------------------------------------------

    def dense(self, query: str, doc_ids: set[int] | None, top_k: int) -> list[tuple[int, float]]:
        """The `top_k` nearest chunks as (chunk id, cosine), among `doc_ids` only if given."""
        vector = self.embedder.embed([query])
        doc_ids = self._seen(doc_ids)
        # FAISS is searched by one thread at a time; for another machine nobody else is to wait.
        with contextlib.nullcontext() if self.vectors.waits else self._lock:
            among = None
            if doc_ids is not None:
                within = f"SELECT id FROM chunks WHERE doc_id IN ({marks(doc_ids)})"
                rows = self.database.rows(within)
                among = [row["id"] for row in rows]
            return self.fresh_vectors().nearest(vector, top_k, among)

    def words(
        self, terms: Sequence[str], doc_ids: set[int] | None, top_k: int
    ) -> list[tuple[int, float]]:
        """The `top_k` chunks by BM25 as (chunk id, score), among `doc_ids` only if given."""
        return by_words(self.database, terms, self._seen(doc_ids), top_k)

    def phrase_count(self, phrase: str) -> int:
        """In how many chunks the words of `phrase` stand side by side."""
        return count_of(self.database, phrase, self._seen(None))

    def statement_chunks(self, statements: Iterable[str], doc_ids: set[int]) -> list[int]:
        """The chunks on pages that hold one of the primary statements."""
        names = list(statements)
        rows = self.database.rows(
            f"SELECT id FROM chunks WHERE doc_id IN ({marks(doc_ids)})"
            f" AND statement IN ({','.join('?' * len(names))})",
            *names,
        )
        return [row["id"] for row in rows]

    def fact_places(self, doc_ids: Collection[int], concepts: Collection[str]) -> list[FactPlace]:
        """Where the primary statements of these documents state `concepts`, each place once."""
        where, values = condition(doc_ids, concepts)
        rows = self.database.rows(
            "SELECT DISTINCT doc_id, page, concept, statement, fiscal_year FROM facts"
            f" WHERE {where} AND statement IS NOT NULL AND dimensions = '[]'",
            *values,
        )
        return [FactPlace(*row) for row in rows]

    def page_chunks(self, pages: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """Chunk id -> (document id, page) of everything on these pages."""
        marks = ",".join(f"({int(doc)},{int(page)})" for doc, page in pages)
        rows = self.database.rows(
            f"SELECT id, doc_id, page FROM chunks WHERE (doc_id, page) IN (VALUES {marks})"
            if marks
            else "SELECT id, doc_id, page FROM chunks WHERE 0"
        )
        return {row["id"]: (row["doc_id"], row["page"]) for row in rows}

    def places(self, chunk_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Chunk id -> (document id, page)."""
        rows = self.database.rows(
            f"SELECT id, doc_id, page FROM chunks WHERE id IN ({marks(chunk_ids)})"
        )
        return {row["id"]: (row["doc_id"], row["page"]) for row in rows}

    def hits(self, scored: dict[int, float]) -> list[Hit]:
        """The chunks of these ids with what a reader needs, best score first."""
        return hits_of(self.database, scored)

    # -- inside ------------------------------------------------------------------------------

    def _seen(self, doc_ids: set[int] | None) -> set[int] | None:
        """The documents to search: those given, else all that are seen; None for all there are."""
        if doc_ids is not None:
            return doc_ids
        apart = self._reader is not None and self.database.rows("SELECT 1 FROM readers LIMIT 1")
        if self._only is None and not apart:
            return None
        return {document.id for document in self.documents()}

    def fresh_vectors(self) -> VectorIndex | MilvusVectors:
        """The vector index, of the store's present state. Raises StoreError."""
        if not is_place(self.database, self.vectors):
            self.vectors = vectors_of(self.path, self.database)
        self.vectors.refresh(self.database)
        return self.vectors


def put_aside(path: Path) -> Path:
    """Where the store in `path` lies while one built anew takes its place (`index.rebuild`)."""
    return path.with_name(f"{path.name}.old")
