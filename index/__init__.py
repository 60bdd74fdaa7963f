"""FILING -> RETRIEVER: read, chunk, embed, store, retrieve."""
