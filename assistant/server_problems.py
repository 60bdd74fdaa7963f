"""What goes wrong with a server -> one line: what, where, how to mend it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from assistant.errors import EngineError
from assistant.server_address import KEY_VARIABLE

if TYPE_CHECKING:
    import httpx

_MOST_SHOWN = 200


def check_status(response: httpx.Response, address: str, path: str) -> None:
    """EngineError unless the server says 2xx. The response has been read."""
    code = response.status_code
    if response.is_success:
        return
    if code in (401, 403):  # its own words may repeat the key
        raise EngineError(
            f"the server at {address} refuses the key ({code}); set {KEY_VARIABLE} to one it takes"
        )
    if response.is_redirect:
        there = one_line(response.headers.get("location", "?"))
        raise EngineError(
            f"the server at {address} redirects to {there}; redirects are not followed: give the "
            "address that answers itself"
        )
    try:
        says = words(response.json())
    except ValueError:
        says = one_line(response.text) or "no reason given"
    if code == 404 and path == "/models":
        raise EngineError(f"nothing answers at {address}/models (404); should it end in /v1?")
    mend = "see its log" if code >= 500 else "is it the right model and address?"
    raise EngineError(f"the server at {address} answers {path} with {code} ({says}); {mend}")


def odd_answer(address: str, text: str) -> EngineError:
    """For an answer that is not the OpenAI protocol."""
    return EngineError(
        f"what answers at {address} does not speak the OpenAI protocol (it sent "
        f"{one_line(text, 60)!r}); should the address end in /v1?"
    )


def broke_off(address: str) -> EngineError:
    """For an answer without its end."""
    return EngineError(
        f"the server at {address} broke off within its answer; is it still running? ask again, or "
        "see its log"
    )


def failed_within(address: str, event: Any) -> EngineError:
    """For an error sent instead of the rest of an answer."""
    return EngineError(
        f"the server at {address} failed while answering ({words(event)}); ask again, or see its "
        "log"
    )


def explained(error: Exception, address: str, silence_s: float) -> EngineError:
    """Any failure of a request as one line."""
    import httpx

    if isinstance(error, EngineError):
        return error
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        why = one_line(str(error)) or "no answer"
        return EngineError(
            f"no server can be reached at {address} ({why}); start it, or correct the address"
        )
    if isinstance(error, httpx.TimeoutException):
        return EngineError(
            f"the server at {address} sent nothing for {silence_s:.0f} s; ask again, or see its log"
        )
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return broke_off(address)
    why = one_line(str(error)) or type(error).__name__
    return EngineError(f"the server at {address} cannot be used ({why})")


def one_line(text: str, most: int = _MOST_SHOWN) -> str:
    """Foreign text, printable and short, without the key."""
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        text = text.replace(key, "***")
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:most]


def words(body: Any) -> str:
    """What a server says in an error's JSON, wherever it puts it."""
    for key in ("error", "detail", "message"):
        if isinstance(body, dict) and body.get(key):
            body = body[key]
    return one_line(str(body)) or "no reason given"
