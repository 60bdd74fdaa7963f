"""MODEL as the address of a server: `http://host:port/v1`, `https://host/v1#NAME`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.errors import EngineError

KEY_VARIABLE = "TENQ_API_KEY"


@dataclass(frozen=True)
class Address:
    """Where a server speaks the OpenAI protocol (`url`, without a slash at its end), and which of
    its models is meant; None: the first it names."""

    url: str
    model: str | None

    @property
    def root(self) -> str:
        """Where the server's own endpoints lie, beside those under /v1."""
        return self.url.removesuffix("/v1")


def is_address(model: str) -> bool:
    """Whether MODEL is an address, not a folder or a name."""
    return model.lower().startswith(("http://", "https://"))


def read_address(model: str) -> Address:
    """EngineError where MODEL cannot be one, or holds what does not belong on a command line."""
    url, _, name = model.partition("#")
    if "@" in url or "?" in url:  # not repeated in the message
        raise EngineError(
            "the address of a model holds no user, password or ?query; put the server's key into "
            f"the environment variable {KEY_VARIABLE}"
        )
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port  # a port that is no number raises here
    except ValueError as error:
        raise EngineError(f"the address {url} cannot be read ({error}); {_LIKE}") from error
    if not host or any(c.isspace() or not c.isprintable() for c in model):
        raise EngineError(f"the address {url!r} cannot be read; {_LIKE}")
    return Address(url.rstrip("/"), name or None)


def api_key() -> str | None:
    """The key to send to servers, from the environment; EngineError where it cannot be a header."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise EngineError(f"the key in {KEY_VARIABLE} has characters that no key has; copy it anew")
    return key or None


_LIKE = "write it like http://host:8000/v1 or http://host:8000/v1#MODEL"
