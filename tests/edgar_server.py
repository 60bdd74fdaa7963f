"""EDGAR on this machine, for tests: answers in the SEC's shapes about a fictional company, well or
badly. Nothing in it was taken from EDGAR but the names of the fields."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

CIK = 9990001
TICKER = "LRKS"
COMPANY = "LARKSPUR VALVE CO"
PAGE = """<!DOCTYPE html><html><head><title>10-K</title></head><body>
<p>FORM 10-K</p><p>ANNUAL REPORT for the fiscal year ended December 31, {year}</p>
<p>Larkspur Valve Company</p><p>(Exact name of registrant as specified in its charter)</p>
<hr style="page-break-after: always"/>
{body}</body></html>"""
STATEMENT = """<p>CONSOLIDATED STATEMENTS OF OPERATIONS</p><p>(in millions of dollars)</p>
<table><tr><td>Year ended December 31,</td><td>{year}</td><td>{before}</td></tr>
<tr><td>Total revenue</td><td>1,284</td><td>1,190</td></tr>
<tr><td>Cost of goods sold</td><td>802</td><td>761</td></tr>
<tr><td>Operating income</td><td>197</td><td>170</td></tr>
<tr><td>Net income</td><td>142</td><td>121</td></tr></table>"""
ELSEWHERE = "<p>The statements are in the annual report to shareholders, Exhibit 13.</p>"


class Filed(NamedTuple):
    """One filing: as the lists have it, and its documents by name: (type, content)."""

    form: str
    filed: str
    period: str
    number: str
    documents: dict[str, tuple[str, bytes]]


def annual(year: int, form: str = "10-K", exhibit: bool = False) -> Filed:
    """A 10-K for a calendar year, with the statements in an exhibit 13 where asked."""
    statement = STATEMENT.format(year=year, before=year - 1)
    main = PAGE.format(year=year, body=ELSEWHERE if exhibit else statement)
    documents = {f"lrks-{year}1231.htm": (form, main.encode())}
    if exhibit:
        documents["ex13.htm"] = ("EX-13", f"<html><body>{statement}</body></html>".encode())
        documents["ex21.htm"] = ("EX-21", b"<html><body><p>Subsidiaries</p></body></html>")
    number = f"0009990001-{(year + 1) % 100:02d}-{1 if form == '10-K' else 9:06d}"
    return Filed(form, f"{year + 1}-02-20", f"{year}-12-31", number, documents)


class EdgarServer:
    """`filings` are the newest list, `older` those of a further list. `faults` maps a part of a
    path to what goes wrong there, once for each entry: a status ("429"), "cut" (the connection
    breaks halfway), "hang up", "stall" (halfway, for good), or the body to answer instead."""

    def __init__(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.reset()
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self) -> None:
        """As new: four annual reports, an amendment and a quarter."""
        self.filings = [annual(year) for year in (2024, 2023, 2022, 2021)]
        self.filings.insert(1, annual(2024, "10-K/A"))
        quarter = annual(2024)._replace(form="10-Q", period="2024-09-30", filed="2024-11-05")
        self.filings.append(quarter._replace(number="0009990001-24-000031"))
        self.older: list[Filed] = []
        self.faults: dict[str, list[str]] = {}
        self.texts: dict[str, bytes] = {}  # whole submissions, by name
        self.retry_after = 0
        self.asked: list[str] = []
        self.times: list[float] = []
        self.agents: set[str] = set()
        self.stalled = threading.Event()

    def documents_asked(self) -> list[str]:
        return [path.rpartition("/")[2] for path in self.asked if re.search(r"\d\.htm$", path)]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str) -> bytes | None:
        """The body for a path; None where EDGAR has nothing."""
        if path == "/files/company_tickers.json":
            return _json({"0": {"cik_str": CIK, "ticker": TICKER, "title": COMPANY}})
        if path == f"/submissions/CIK{CIK:010d}.json":
            return _json(self._submissions())
        if path == f"/submissions/CIK{CIK:010d}-submissions-001.json":
            return _json(_columns(self.older))
        for each in self.filings + self.older:
            folder = f"/Archives/edgar/data/{CIK}/{each.number.replace('-', '')}/"
            if path == f"{folder}{each.number}-index.html":
                return _index(folder, each).encode()
            if path.startswith(folder):
                name = path.removeprefix(folder)
                return each.documents.get(name, ("", self.texts.get(name)))[1]
        return None

    def _submissions(self) -> dict[str, Any]:
        place = dict.fromkeys(
            ["street1", "street2", "city", "stateOrCountry", "zipCode", "stateOrCountryDescription"]
        )
        more = {"name": f"CIK{CIK:010d}-submissions-001.json", "filingCount": len(self.older)}
        return {
            "cik": f"{CIK:010d}",
            "entityType": "operating",
            "sic": "3490",
            "sicDescription": "Miscellaneous Fabricated Metal Products",
            "insiderTransactionForOwnerExists": 0,
            "insiderTransactionForIssuerExists": 1,
            "name": COMPANY,
            "tickers": [TICKER],
            "exchanges": ["NYSE"],
            "ein": "000000000",
            "description": "",
            "website": "",
            "investorWebsite": "",
            "category": "Large accelerated filer",
            "fiscalYearEnd": "1231",
            "stateOfIncorporation": "DE",
            "stateOfIncorporationDescription": "DE",
            "addresses": {"mailing": place, "business": place},
            "phone": "",
            "flags": "",
            "formerNames": [],
            "filings": {"recent": _columns(self.filings), "files": [more] if self.older else []},
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(_Handler):
            owner = server

        return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: EdgarServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.owner.asked.append(self.path)
        self.owner.times.append(time.monotonic())
        self.owner.agents.add(self.headers["User-Agent"])
        body = self.owner.answer(self.path)
        left = next((f for part, f in self.owner.faults.items() if part in self.path and f), [])
        fault = left.pop(0) if left else ""
        if fault == "hang up":
            self.close_connection = True
        elif fault in ("cut", "stall"):
            self._send(200, body or b"", len(body or b"") // 2)
            self.close_connection = True
            if fault == "stall":
                self.owner.stalled.set()
                threading.Event().wait(60)
        elif fault.isdigit():
            self._send(int(fault), b"<html><body>no</body></html>")
        elif fault:
            status, _, said = fault.partition(" ") if fault[:3].isdigit() else ("200", "", fault)
            self._send(int(status), said.encode())
        else:
            self._send(404 if body is None else 200, body or b"<html>NoSuchKey</html>")

    def _send(self, status: int, body: bytes, stop_at: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(self.owner.retry_after))
        self.end_headers()
        self.wfile.write(body[:stop_at])
        self.wfile.flush()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _columns(filings: list[Filed]) -> dict[str, list[Any]]:
    return {
        "accessionNumber": [each.number for each in filings],
        "filingDate": [each.filed for each in filings],
        "reportDate": [each.period for each in filings],
        "acceptanceDateTime": [f"{each.filed}T16:05:11.000Z" for each in filings],
        "act": ["34" for _ in filings],
        "form": [each.form for each in filings],
        "fileNumber": ["001-99999" for _ in filings],
        "filmNumber": ["25000000" for _ in filings],
        "items": ["" for _ in filings],
        "core_type": [each.form for each in filings],
        "size": [123456 for _ in filings],
        "isXBRL": [0 for _ in filings],
        "isInlineXBRL": [0 for _ in filings],
        "primaryDocument": [next(iter(each.documents), "") for each in filings],
        "primaryDocDescription": [each.form for each in filings],
    }


def _index(folder: str, filing: Filed) -> str:
    rows = "".join(
        f'<tr><td scope="row">{n}</td><td scope="row">{kind}</td>'
        f'<td scope="row"><a href="{folder}{name}">{name}</a></td>'
        f'<td scope="row">{kind}</td><td scope="row">{len(body)}</td></tr>'
        for n, (name, (kind, body)) in enumerate(filing.documents.items(), 1)
    )
    head = "<tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>"
    return (
        "<!DOCTYPE html><html><body><div id='formDiv'><p>Document Format Files</p>"
        f'<table class="tableFile" summary="Document Format Files">{head}{rows}</table>'
        "</div></body></html>"
    )
