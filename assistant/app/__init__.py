"""The web chat: ask, compare two models, keep the library. `serve` starts it."""

from assistant.app.serve import serve

__all__ = ["serve"]
