"""COMPANY -> WHAT IT HAS FILED: EDGAR's lists, as edgartools reads them, and which years count."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from index.edgar_problems import status_of
from index.errors import FetchError

# A year of 52 or 53 weeks ends up to a week sooner or later than the one before.
_YEAR = timedelta(days=365.25)
_DRIFT = timedelta(days=20)


@dataclass(frozen=True)
class Listed:
    """A filing as EDGAR lists it. `document` is the main document's name, "" where EDGAR keeps
    the whole submission as one text only (before 2001); `folder` is the address it lies under."""

    ticker: str | None
    company: str
    cik: int
    form: str
    filed: date
    period_end: date | None
    accession_number: str
    document: str
    folder: str


def tickers() -> dict[str, int]:
    """Every ticker EDGAR knows, as `plain_ticker` writes it, and its company's CIK."""
    from edgar.httprequests import download_json
    from edgar.urls import build_company_tickers_url

    listed = download_json(build_company_tickers_url()).values()
    return {plain_ticker(each["ticker"]): int(each["cik_str"]) for each in listed}


def plain_ticker(ticker: str) -> str:
    """Classes of shares are written BRK-B, BRK.B or BRK/B."""
    return re.sub(r"[./ ]", "-", ticker.strip().upper())


def newest(cik: int, form: str, years: int) -> list[Listed]:
    """What `Edgar.filings` promises. Raises FetchError, and whatever edgartools does."""
    from edgar import Company

    company = Company(cik)
    try:
        missing = company.not_found
    except Exception as error:
        if status_of(error) != 404:
            raise
        missing = True
    if missing:
        raise FetchError(f"EDGAR knows no company with the CIK {cik}; check the number")
    recent = company.get_filings(trigger_full_load=False)
    chosen, since = _of_years(_rows(company, recent), form, years)
    # What EDGAR lists first reaches back a year or a thousand filings, whatever is more.
    if since is None or not any(filed < since for filed in recent.data["filing_date"].to_pylist()):
        chosen, _ = _of_years(_rows(company, company.get_filings()), form, years)
    if not chosen:
        forms = Counter(company.get_filings().data["form"].to_pylist())
        there = ", ".join(name for name, _ in forms.most_common(12)) or "nothing at all"
        raise FetchError(
            f"{company.name} (CIK {cik}) has filed no {form} at EDGAR; it has filed: {there}"
        )
    return chosen


def _rows(company: Any, filings: Any) -> Iterable[Listed]:
    symbols = company.tickers
    for each in filings:
        yield Listed(
            ticker=plain_ticker(symbols[0]) if symbols else None,
            company=company.name,
            cik=company.cik,
            form=each.form,
            filed=each.filing_date,
            period_end=date.fromisoformat(each.report_date) if each.report_date else None,
            accession_number=each.accession_no,
            document=each.primary_document or "",
            folder=each.base_dir,
        )


def _of_years(rows: Iterable[Listed], form: str, years: int) -> tuple[list[Listed], date | None]:
    """Those of `form` whose period lies in the newest `years` years, and the day before those."""

    def day(each: Listed) -> date:
        return each.period_end or each.filed

    same = sorted((each for each in rows if each.form == form.upper()), key=day, reverse=True)
    if not same:
        return [], None
    since = day(same[0]) - years * _YEAR + _DRIFT
    return [each for each in same if day(each) > since], since
