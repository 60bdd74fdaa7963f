"""TICKER -> WHAT THE COMPANY HAS FILED -> BYTES: the SEC's EDGAR, asked through edgartools.

edgartools spaces requests (9 a second; the SEC allows 10), names who asks, and reads the SEC's
lists. Done here is what it does not do: to wait when EDGAR says so, to say in one line whatever
goes wrong, and to ask again after a broken connection, since it repeats httpx's errors only and
uses httpx2 where that is installed, as it is with mcp. Its cache of answers stays off: it keeps
the part of a document that came before a connection broke as if it were the whole, for good.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import TypeVar
from urllib.parse import quote

from index.edgar_lists import Listed, newest, plain_ticker, tickers
from index.edgar_problems import TRIES, problem_of, wait_after_s
from index.errors import FetchError, UnreachableError
from index.read import ENDINGS
from index.text import decode, is_submission, unwrap

Answer = TypeVar("Answer")
_VARIABLE = "EDGAR_IDENTITY"
_IDENTITY = re.compile(r"\S.*\s<?[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+>?")


def check_identity(text: str) -> str:
    """`text` as EDGAR wants to be told who asks: a name, a blank, an e-mail address.

    Raises FetchError.
    """
    said = " ".join(text.split())
    if not _IDENTITY.fullmatch(said) or not (said.isascii() and said.isprintable()):
        raise FetchError(
            f"{text!r} is not an identity for EDGAR: give your name and an e-mail address, in "
            'plain letters, such as "Ann Example ann@example.com"'
        )
    return said


class Edgar:
    """EDGAR, as asked by `identity` (`check_identity`); `state` is the folder edgartools may use.

    `tell` is called with what is being waited for. Raises FetchError where the identity is none or
    edgartools is missing, UnreachableError where `state` cannot be written.
    """

    def __init__(
        self, identity: str, state: Path, tell: Callable[[str], None] | None = None
    ) -> None:
        self.identity = check_identity(identity)
        self.tell = tell or (lambda word: None)
        self._ciks: dict[str, int] = {}
        _prepare(self.identity, state)

    def filings(self, company: str, form: str, years: int) -> list[Listed]:
        """The filings of `form` for the newest `years` years of a company, newest first.

        `company` is a ticker or a CIK. The years count back from the newest filing of that form;
        "10-K" is 10-K alone, amendments are a form of their own ("10-K/A").

        Raises FetchError (no such company, no such form), UnreachableError.
        """
        cik = self._cik_of(company)
        return self._ask(f"the filings of {company}", lambda: newest(cik, form, years))

    def document(self, filing: Listed) -> tuple[bytes, str]:
        """The filing's main document and the ending for its file's name.

        An annual report whose statements sit in the report to shareholders (EX-13) comes together
        with it, as EDGAR's full submission files hold them. Raises FetchError, UnreachableError.
        """
        if not filing.document:
            return self._bytes(f"{filing.folder}/{filing.accession_number}.txt"), ".txt"
        main = self._bytes(f"{filing.folder}/{quote(filing.document)}")
        parts = [(filing.form, main)]
        if filing.form.startswith("10-K"):
            parts += [
                (kind, self._bytes(f"{filing.folder}/{quote(name)}"))
                for kind, name in self._annual_reports(filing)
            ]
        if len(parts) == 1:
            return main, PurePosixPath(filing.document).suffix.lower()
        return _submission(filing, parts), ".txt"

    # -- inside ------------------------------------------------------------------------------

    def _cik_of(self, company: str) -> int:
        """The CIK of a ticker. Asked of EDGAR: tickers are given to other companies in time, so
        that the list within edgartools may name the wrong one."""
        known = re.fullmatch(r"(?:CIK)?0*(\d{1,10})", company.strip(), re.I)
        if known:
            return int(known[1])
        if not self._ciks:
            self._ciks = self._ask("the list of tickers", tickers)
        cik = self._ciks.get(plain_ticker(company))
        if cik is None:
            raise FetchError(
                f"no company at EDGAR has the ticker {company!r}; check it, or give the company's "
                "CIK, which https://www.sec.gov/search-filings finds by name"
            )
        return cik

    def _annual_reports(self, filing: Listed) -> list[tuple[str, str]]:
        """Type and name of the exhibits that may hold the statements."""

        def ask() -> list[tuple[str, str]]:
            from edgar.attachments import Attachments, parse_homepage_html

            index = _get(f"{filing.folder}/{filing.accession_number}-index.html")
            listed = Attachments.load(parse_homepage_html(index)).documents
            return [
                (each.document_type, each.document)
                for each in listed
                if each.document_type.upper().startswith("EX-13")
                and PurePosixPath(each.document).suffix.lower() in ENDINGS - {".pdf"}
            ]

        return self._ask(f"the contents of {filing.accession_number}", ask)

    def _bytes(self, url: str) -> bytes:
        data = self._ask(url, lambda: _get(url))
        if not data.strip():
            raise FetchError(f"EDGAR's answer for {url} is empty; try again later")
        return data

    def _ask(self, what: str, ask: Callable[[], Answer]) -> Answer:
        """The answer, asked for again after a while where that may help."""
        for n in range(TRIES):
            try:
                with _named(self.identity):
                    return ask()
            except FetchError:
                raise
            except Exception as error:  # "a list" that is none fails in many ways
                wait_s = wait_after_s(error, n)
                if wait_s is None:
                    raise problem_of(error, what, self.identity) from error
            self.tell(f"EDGAR cannot answer now, asking again in {wait_s} s")
            time.sleep(wait_s)
        raise AssertionError("the last try returns or raises")


def _prepare(identity: str, state: Path) -> None:
    """Import edgartools with its folders inside `state`; they are read when it is imported."""
    os.environ["EDGAR_LOCAL_DATA_DIR"] = str(state)
    os.environ["EDGAR_CACHE_DIR"] = str(state / "cache")
    os.environ["EDGAR_USE_LOCAL_DATA"] = ""  # what the user has of old lists does not count
    try:
        importlib.import_module("unidecode")
    except ImportError:
        sys.modules["unidecode"] = _unidecode()
    try:
        state.mkdir(parents=True, exist_ok=True)
        from edgar.httpclient import HTTP_MGR
    except ImportError as error:
        raise FetchError(
            f"EDGAR is read with edgartools, which is not installed ({error}); "
            "pip install 'tenq[edgar]'"
        ) from error
    except OSError as error:
        raise UnreachableError(
            f"cannot write to {state}: {error.strerror or error}; set TENQ_HOME to another folder"
        ) from error
    HTTP_MGR.close()
    HTTP_MGR.cache_mode = "Disabled"  # see above
    HTTP_MGR.user_agent_factory = lambda: identity


@contextlib.contextmanager
def _named(identity: str) -> Iterator[None]:
    """Where edgartools looks for who asks. Taken back afterwards: what the user has set there is
    the user's, and an identity that EDGAR refused must not stay."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = identity
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


def _unidecode() -> ModuleType:
    """What edgartools asks of Unidecode, whose licence is the GPL and which Tenq therefore does
    not bring: letters without accents, for a search by name that is not used here."""
    module = ModuleType("unidecode")

    def unidecode(text: str) -> str:
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()

    module.unidecode = unidecode  # type: ignore[attr-defined]
    return module


def _get(url: str) -> bytes:
    from edgar.httprequests import get_with_retry, inspect_response

    response = get_with_retry(url)
    inspect_response(response)
    return bytes(response.content)


def _submission(filing: Listed, parts: list[tuple[str, bytes]]) -> bytes:
    """Documents in EDGAR's own wrapper, so that they are read as one filing. The company's name is
    left to the cover, as in its other filings: EDGAR's is in capitals and shortened."""
    lines = [
        f"<SEC-DOCUMENT>{filing.accession_number}.txt",
        "<SEC-HEADER>",
        f"CONFORMED SUBMISSION TYPE: {filing.form}",
        *([f"CONFORMED PERIOD OF REPORT: {filing.period_end:%Y%m%d}"] if filing.period_end else []),
        f"CENTRAL INDEX KEY: {filing.cik:010d}",
        "</SEC-HEADER>",
    ]
    for kind, data in parts:
        text = decode(data)
        if is_submission(text):
            text = unwrap(text).documents[0]
        lines += ["<DOCUMENT>", f"<TYPE>{kind}", "<TEXT>", text, "</TEXT>", "</DOCUMENT>"]
    return "\n".join([*lines, "</SEC-DOCUMENT>", ""]).encode("utf-8", "replace")
