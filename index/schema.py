"""The store's SQLite schema. SQLite holds everything, vectors included; the FAISS file beside it
is a copy for speed, rebuilt whenever it does not carry the state that `meta` names."""

FORMAT = 2
CORRECTED = "identity:"  # before a SHA-256, a key of `meta`: what people have corrected of it

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,              -- the file's name without its ending
    path TEXT NOT NULL,              -- where it was added from
    file TEXT NOT NULL,              -- the store's own copy, under files/
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    company TEXT, form TEXT, fiscal_year INTEGER, fiscal_period TEXT, period_end TEXT,
    cik TEXT, ticker TEXT,
    pages INTEGER NOT NULL, chunks INTEGER NOT NULL, facts INTEGER NOT NULL,   -- counts
    problems TEXT NOT NULL,          -- JSON list
    added TEXT NOT NULL              -- UTC, ISO 8601
);
CREATE TABLE IF NOT EXISTS aliases (   -- other names that a filing gives its company
    doc_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (doc_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readers (   -- who alone may read a content; without a row: everybody
    sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,
    PRIMARY KEY (sha256, reader)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    doc_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,         -- 1-based
    text TEXT NOT NULL,
    PRIMARY KEY (doc_id, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scans (     -- pages that OCR read, and blank ones it need not read again
    doc_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER NOT NULL,           -- 1-based
    words TEXT NOT NULL,             -- JSON list, see index/scans.py
    PRIMARY KEY (doc_id, page)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    doc_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    header TEXT NOT NULL,
    context TEXT NOT NULL,
    text TEXT NOT NULL,
    statement TEXT,                  -- balance, income or cash_flow, where the page is one
    vector BLOB NOT NULL             -- float32, unit length
);
CREATE INDEX IF NOT EXISTS chunks_by_document ON chunks (doc_id, page);
CREATE TABLE IF NOT EXISTS facts (
    id INTEGER PRIMARY KEY,
    doc_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    statement TEXT, section TEXT NOT NULL, label TEXT NOT NULL,
    concept TEXT, confidence REAL NOT NULL,
    start TEXT, end TEXT NOT NULL,   -- ISO 8601 dates; no start: an instant
    months INTEGER NOT NULL, fiscal_year INTEGER,
    value TEXT NOT NULL,             -- a decimal, exact
    unit TEXT NOT NULL, scale INTEGER NOT NULL, shown TEXT NOT NULL,
    dimensions TEXT NOT NULL,        -- JSON list
    box TEXT                         -- JSON list: left, bottom, right, top
);
CREATE INDEX IF NOT EXISTS facts_by_concept ON facts (doc_id, concept, fiscal_year);
CREATE INDEX IF NOT EXISTS facts_by_page ON facts (doc_id, page);
CREATE TABLE IF NOT EXISTS digests (   -- of a filing's rows as they were written
    doc_id INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE,
    entry TEXT NOT NULL,             -- what its file does not tell again a second time, JSON
    documents TEXT NOT NULL,         -- SHA-256 of the entry, and of the rows of each table
    pages TEXT NOT NULL, chunks TEXT NOT NULL, facts TEXT NOT NULL, aliases TEXT NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    text, tokenize="porter unicode61 remove_diacritics 2"
);
"""
