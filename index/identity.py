"""PAGES -> IDENTITY: who filed what for which period.

Trust, from most to least: inline XBRL cover facts (dei), the form's cover, a press release's
headline, the whole text's wording, the file's name. The rules know the SEC's forms, not companies.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from index.aliases import aliases_of
from index.company import HEADLINE, LISTED, as_written, company_name, release_company, tidy_name
from index.filing import Identity, Page
from index.forms import form_name
from index.names import name_from_file
from index.periods import (
    ended_dates,
    find_date,
    fiscal_quarter_of,
    fiscal_year_of,
    release_period,
)

FROM_ITS_NAME = "taken from the file's name"  # how a problem ends that says what was guessed
_COVER_PAGES = 3
_TEXT_CHARACTERS = 600_000
_COVER_CHARACTERS = 9_000
_FORM = r"(?:10-?K(?:SB40|SB|405|T)?|10-?QT?(?:SB)?|8-?K(?:12[BG])?|20-?F|40-?F|6-?K|11-?K|18-?K)"
_FORM_LINE = re.compile(
    rf"^(?:.*\b20549)?[\W_]*(?:annual report on |quarterly report on )?form\s*(?P<form>{_FORM})\s*"
    r"(?P<amended>/\s*A|\(?amendment.{0,12})?\W*$",
    re.I | re.M,
)
_SEC_COVER = re.compile(
    r"^\W*(?:united\s+states\W+)?securities\s+and\s+exchange\s+commission\W*(?:washington|$)",
    re.I | re.M,
)
_FORM_ANYWHERE = re.compile(rf"\bform\s*(?P<form>{_FORM})(?P<amended>/\s*A)?\b", re.I)
_AMENDED = re.compile(r"^\W*amendment\s+no", re.I | re.M)
# Registration statements and prospectuses; "F-1" that begins a line may be a page's number.
_OFFERING = re.compile(
    r"^\W*(?P<amended>(?:(?:pre|post)-effective\s+)?amendment\s+no\.?\s*\w+\s+to\s+)?form\s+"
    r"(?P<form>[SF]-?(?:11|[1348]))\s*(?P<slash>/\s*A)?\W*$",
    re.I | re.M,
)
_RULE_424 = re.compile(r"^\W*filed\s+pursuant\s+to\s+rule\s+(424)\(b\)\((\d)\)", re.I | re.M)
_PROXY = re.compile(r"^\W*schedule\s+14A\b", re.I | re.M)
# Its boxes: "☒ Definitive Proxy Statement", printed before or after the box.
_TICKED = r"[☒☑✓✔√þý]|\[\s?x\s?\]"
_PROXY_KINDS = {
    "DEF 14A": re.compile(rf"(?:{_TICKED})\s*definitive\s+proxy\s+statement", re.I),
    "PRE 14A": re.compile(rf"(?:{_TICKED})\s*preliminary\s+proxy\s+statement", re.I),
    "DEFA14A": re.compile(rf"(?:{_TICKED})\s*definitive\s+additional\s+materials", re.I),
}
_OTHER_FORMS = re.compile(
    r"^\W*(?:form\s+)?(?P<form>DEF\s?14A|PRE\s?14A|13F-HR|SC 13[DG])\b", re.I | re.M
)
# A 6-K states the month it is furnished in.
_MONTH_OF = re.compile(r"for\s+the\s+month\s+of\s+([A-Z][a-z]+),?\s+((?:19|20)\d\d)", re.I)
_IN_FILE_NAME = re.compile(rf"(?<![A-Za-z0-9])({_FORM})(?![A-Za-z0-9])", re.I)
_RESULTS = re.compile(
    r"\b(?:results|earnings|quarter|full[- ]year|fiscal(?: year)? \d{4}|net income|revenues?)\b",
    re.I,
)
_PERIOD_WORDING = {
    "year": re.compile(r"\byears?\s+end(?:ed|ing)\W{0,4}", re.I),
    "quarter": re.compile(
        r"\b(?:quarter(?:ly)?|months|weeks)(?:\s+period)?\s+end(?:ed|ing)\W{0,4}", re.I
    ),
    "event": re.compile(r"date\s+of\s+(?:the\s+)?(?:earliest\s+event|report)[^:]{0,60}:?", re.I),
}
_SYMBOL_ROW = re.compile(
    r"\b([A-Z]{1,5}(?:[./-][A-Z])?)\s+(?i:on\s+)?(?i:the\s+)?"
    r"(?i:NYSE|New York Stock|Nasdaq|Chicago|OTC|Cboe)"
)
_SYMBOL_ROW_END = re.compile(
    r"(?i:new york stock exchange|nasdaq[\w ]*|nyse)\W+([A-Z]{1,5})\s*$", re.M
)
_SYMBOL_SAID = re.compile(
    r"(?i:under\s+the\s+(?:ticker\s+|trading\s+|stock\s+)?symbols?)\s*[:“\"'‘]*\s*([A-Z]{1,5}(?:\.[A-Z])?)\b"
)
_NOT_SYMBOLS = frozenset("THE NYSE LLC INC AND NONE A".split()) - {"A"}


def identify(pages: Sequence[Page], dei: Mapping[str, str], file_name: str) -> Identity:
    """Read the identity of a filing from its pages, its iXBRL cover facts and, at last, its name.

    `dei` maps names such as "dei:EntityRegistrantName" to their text; empty where there are none.
    """
    texts = [page.text for page in pages]
    cover = "\n".join(_cover_of(texts))
    whole = " ".join("\n".join(texts)[:_TEXT_CHARACTERS].split())
    headline = _headline(texts)
    stated, form_in_name = _stated_form(dei, cover, headline), _form_in_name(file_name)
    form = stated or form_in_name or _plain_form(cover)
    ticker = _ticker(dei, form, cover, whole)
    company, name = _company(dei, texts, form, headline), name_from_file(file_name)
    end = _period_end(dei, form, cover, whole)
    year, period = _fiscal(dei, form, end, whole, headline)
    year_in_name = _year_in_name(file_name)
    in_name = {
        "company": not company and name,
        "form": not stated and form_in_name,
        "fiscal_year": not year and year_in_name,
    }
    cik = dei.get("dei:EntityCentralIndexKey", "").strip()
    return Identity(
        company=company or name,
        form=form,
        fiscal_year=year or year_in_name,
        fiscal_period=period,
        period_end=end,
        cik=cik.zfill(10) if cik.isdigit() else None,
        ticker=ticker,
        aliases=aliases_of(company, texts),
        guessed=tuple(name for name, told in in_name.items() if told),
    )


def _cover_of(texts: Sequence[str]) -> list[str]:
    """The first pages that say anything; title sheets with a line or two do not count."""
    cover: list[str] = []
    full = 0
    for text in texts[:8]:
        cover.append(text)
        full += len(text) > 400
        if full == _COVER_PAGES:
            break
    return cover


def _headline(texts: Sequence[str]) -> re.Match[str] | None:
    """The headline of a results release: on the first page, or on an 8-K's exhibit 99 page."""
    for n, text in enumerate(texts[:12]):
        if n and not re.match(r"\W*(?:exhibit|ex)[\s-]*99", text, re.I):
            continue
        head = text[:1500]
        for found in HEADLINE.finditer(head):
            if _RESULTS.search(found["what"]) and found.start() < 900:
                return found
    return None


def _stated_form(dei: Mapping[str, str], cover: str, headline: re.Match[str] | None) -> str | None:
    stated = dei.get("dei:DocumentType", "").strip().upper()
    if stated:
        return form_name(stated)
    official = _SEC_COVER.search(cover[:3000])
    found = _FORM_LINE.search(cover[:6000])
    if not found and (filed := _filed_otherwise(cover[:6000])):
        return filed
    if not found and official:
        found = _FORM_ANYWHERE.search(cover[:6000])
    if found:
        amended = found["amended"] or _AMENDED.search(cover[:6000])
        return form_name(found["form"]) + ("/A" if amended else "")
    other = _OTHER_FORMS.search(cover[:4000])
    if other and official:
        return form_name(other["form"])
    return "earnings" if headline else None


def _form_in_name(file_name: str) -> str | None:
    in_name = _IN_FILE_NAME.search(file_name.replace("_", " "))
    if in_name:
        return form_name(in_name[1])
    if re.search(r"earnings|press[ _-]?release", file_name, re.I):
        return "earnings"
    return None


def _plain_form(cover: str) -> str:
    titled = re.search(r"^\W*(?:\d{4}\s+)?annual\s+report\b", cover, re.I | re.M)
    return "ARS" if titled else "other"


def _year_in_name(file_name: str) -> int | None:
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", file_name)
    return int(found[0]) if found else None


def _filed_otherwise(cover: str) -> str | None:
    """The form of a registration statement, a prospectus or a proxy statement, whose covers often
    mention a 10-K."""
    if offering := _OFFERING.search(cover):
        amended = offering["amended"] or offering["slash"]
        return form_name(offering["form"]) + ("/A" if amended else "")
    if rule := _RULE_424.search(cover[:1500]):
        return f"{rule[1]}B{rule[2]}"
    if not (proxy := _PROXY.search(cover)):
        return None
    flat = " ".join(cover[proxy.end() :].split())
    return next((kind for kind, box in _PROXY_KINDS.items() if box.search(flat)), "SCHEDULE 14A")


def _company(
    dei: Mapping[str, str],
    texts: Sequence[str],
    form: str,
    headline: re.Match[str] | None,
) -> str | None:
    stated = tidy_name(dei.get("dei:EntityRegistrantName", ""))
    if stated:
        return as_written(stated, "\n".join(texts)[:_TEXT_CHARACTERS])
    if form in ("earnings", "other"):
        return release_company(texts, headline) or company_name(texts)
    return company_name(texts)


def _period_end(dei: Mapping[str, str], form: str, cover: str, whole: str) -> date | None:
    stated = find_date(dei.get("dei:DocumentPeriodEndDate", ""))
    if stated:
        return stated
    flat = " ".join(cover.split())
    kinds = {"10-Q": ["quarter"], "8-K": ["event"], "6-K": ["event", "quarter", "year"]}
    for kind in kinds.get(form[:4].rstrip("/"), ["year"]):
        for found in _PERIOD_WORDING[kind].finditer(flat):
            if day := find_date(flat[found.end() : found.end() + 30]):
                return day
    if form.startswith("8-K"):
        return find_date(flat)
    if form.startswith("6-K") and (month := _MONTH_OF.search(flat)):
        return _month_end(month)
    return max(ended_dates(whole), default=None)


def _month_end(month: re.Match[str]) -> date | None:
    first = find_date(f"{month[1]} 1, {month[2]}")
    return first.replace(day=monthrange(first.year, first.month)[1]) if first else None


def _fiscal(
    dei: Mapping[str, str],
    form: str,
    end: date | None,
    whole: str,
    headline: re.Match[str] | None,
) -> tuple[int | None, str | None]:
    """Fiscal year and period, by the filer's own naming."""
    focus = dei.get("dei:DocumentFiscalYearFocus", "")
    period = dei.get("dei:DocumentFiscalPeriodFocus", "").upper() or None
    if re.fullmatch(r"(?:19|20)\d\d", focus):
        return int(focus), period
    if form == "earnings" or (form.startswith(("8-K", "6-K")) and headline):
        named, part = release_period(headline["what"] if headline else "")
        return named or (fiscal_year_of(end, whole) if end else None), part
    if end is None:
        return None, None
    if form.startswith("10-Q"):
        year_end = find_date(dei.get("dei:CurrentFiscalYearEndDate", "").replace("--", "2000-"))
        year, quarter = fiscal_quarter_of(end, whole, year_end)
        return year, f"Q{quarter}"
    if form.startswith("6-K") and end in ended_dates(whole[:_COVER_CHARACTERS]):
        year, quarter = fiscal_quarter_of(end, whole, None)  # of an interim report
        return year, f"Q{quarter}"
    if form.startswith(("8-K", "6-K")):
        return end.year, None
    return fiscal_year_of(end, whole), "FY"


def _ticker(dei: Mapping[str, str], form: str, cover: str, whole: str) -> str | None:
    stated = dei.get("dei:TradingSymbol", "").strip()
    if re.fullmatch(r"[A-Za-z]{1,5}(?:[./-][A-Za-z])?", stated) and stated.upper() != "NONE":
        return stated.upper()
    heading = re.search(r"trading\s+symbols?", cover, re.I)
    found: list[str] = []
    if heading:
        table = cover[max(0, heading.start() - 300) : heading.end() + 600]
        found += [*_SYMBOL_ROW.findall(table), *_SYMBOL_ROW_END.findall(table)]
    found += [*_SYMBOL_SAID.findall(whole)]
    found += LISTED.findall(whole if form == "earnings" else whole[:6000])
    return next((symbol for symbol in found if symbol.upper() not in _NOT_SYMBOLS), None)
