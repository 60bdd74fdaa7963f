"""CHUNKS BY THEIR WORDS AND IDS, as the store's tables hold them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from index.chunks import section_in
from index.database import Database
from index.documents import Hit


def by_words(
    database: Database, terms: Sequence[str], doc_ids: Collection[int] | None, top_k: int
) -> list[tuple[int, float]]:
    """The `top_k` chunks by BM25 (Robertson & Zaragoza 2009) as (chunk id, score), among `doc_ids`
    only if given."""
    if not terms:
        return []
    rows = database.rows(
        "SELECT rowid AS id, -bm25(words) AS score FROM words WHERE words MATCH ?"
        f"{_within(doc_ids)} ORDER BY score DESC LIMIT ?",
        " OR ".join(map(_phrase, terms)),
        top_k,
    )
    return [(row["id"], row["score"]) for row in rows]


def count_of(database: Database, phrase: str, doc_ids: Collection[int] | None) -> int:
    """In how many chunks, of `doc_ids` only if given, the words of `phrase` stand side by side."""
    if not phrase.strip():
        return 0
    counting = f"SELECT count(*) AS n FROM words WHERE words MATCH ?{_within(doc_ids)}"
    return int(database.rows(counting, _phrase(phrase))[0]["n"])


def hits_of(database: Database, scored: dict[int, float]) -> list[Hit]:
    """The chunks of these ids with what a reader needs, best score first."""
    rows = database.rows(
        "SELECT c.id, c.doc_id, c.page, c.context, c.text, c.statement, c.header,"
        " d.name, d.company, d.form, d.fiscal_year"
        f" FROM chunks c JOIN documents d ON d.id = c.doc_id WHERE c.id IN ({marks(scored)})"
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
            section=section_in(row["header"]),
            context=row["context"],
        )
        for row in rows
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))


def marks(ids: Iterable[int]) -> str:
    """Ids as an SQL list; there can be more of them than SQLite takes parameters."""
    return ",".join(str(int(number)) for number in ids) or "NULL"


def _phrase(words: str) -> str:
    """As FTS5 takes them literally."""
    return '"' + words.replace('"', '""') + '"'


def _within(doc_ids: Collection[int] | None) -> str:
    if doc_ids is None:
        return ""
    # "+": else SQLite looks every rowid up in the word index, ten times slower.
    return f" AND +rowid IN (SELECT id FROM chunks WHERE doc_id IN ({marks(doc_ids)}))"
