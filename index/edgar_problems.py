"""WHAT GOES WRONG WITH EDGAR -> one line, and whether to wait and ask again."""

from __future__ import annotations

from index.errors import FetchError, UnreachableError

TRIES = 3
_WAITS_S = (60, 120)  # after "too many requests", where EDGAR does not say how long
_LONGEST_WAIT_S = 120
_PAUSES_S = (2, 8)  # after a broken connection, or where EDGAR is down for a moment


def wait_after_s(error: Exception, n: int) -> float | None:
    """How long to wait after the n-th try, counted from 0; None where no other is worth making.

    The SEC prolongs its ban for those who go on asking, so one of minutes is not waited for."""
    if n + 1 == TRIES:
        return None
    status = status_of(error)
    if status == 429:
        asked_s = getattr(error, "retry_after", None)
        wait_s = _WAITS_S[n] if asked_s is None else asked_s
        return wait_s if wait_s <= _LONGEST_WAIT_S else None
    passing = _is_of_network(error) if status is None else status >= 500
    return _PAUSES_S[n] if passing else None


def problem_of(error: Exception, what: str, identity: str) -> FetchError:
    """What to tell of an error that edgartools raised while `identity` asked for `what`."""
    status = status_of(error)
    again = "run it again then: what has arrived is kept"
    if status == 404:
        return FetchError(f"EDGAR has no such thing as {what} (HTTP 404); try again later")
    if status == 403:
        return UnreachableError(
            f"EDGAR refused {what} (HTTP 403): it wants the real name and e-mail address of who "
            f"asks and was told {identity!r}; give yours with --identity or EDGAR_IDENTITY"
        )
    if status == 429:
        return UnreachableError(
            f"EDGAR had too many requests from here (HTTP 429, for {what}); wait ten minutes and "
            f"{again}"
        )
    if status is not None:
        return UnreachableError(
            f"EDGAR could not answer for {what} (HTTP {status}); wait a while and {again}"
        )
    if _is_of_network(error) and "certificate" in str(error).lower():
        return UnreachableError(
            f"EDGAR's certificate cannot be verified (for {what}); where a proxy reads the "
            "traffic, set EDGAR_USE_SYSTEM_CERTS=true"
        )
    if _is_of_network(error):
        return UnreachableError(
            f"cannot reach EDGAR for {what} ({_short(error)}); check the network, or HTTPS_PROXY, "
            f"and {again}"
        )
    return FetchError(
        f"EDGAR's answer for {what} is not what it should be ({_short(error)}); try again later, "
        "or with a newer edgartools"
    )


def status_of(error: Exception) -> int | None:
    """The HTTP status behind an error. EDGAR refuses those who ask too often with 403, too."""
    response = getattr(error, "response", None)
    status: int | None = getattr(error, "status_code", getattr(response, "status_code", None))
    if status == 403 and response is not None and "Request Rate Threshold" in response.text:
        return 429
    return status


def _is_of_network(error: Exception) -> bool:
    """Whether it is an error of httpx, httpx2 or edgartools about asking, not about the answer."""
    return bool({"HTTPError", "TransportError"} & {each.__name__ for each in type(error).__mro__})


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:160]
