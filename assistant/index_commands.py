"""`tenq index ...`: the store of filings on the terminal."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from assistant.home import open_store
from index.errors import FilingError, IndexingError

if TYPE_CHECKING:
    from index.documents import Document
    from index.store import Progress

app = typer.Typer(help="The store of filings.", no_args_is_help=True)

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of the store (default: under TENQ_HOME).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def index_add(
    paths: Annotated[list[Path] | None, typer.Argument(help="Filings or folders of them.")] = None,
    store: StoreOption = None,
    faiss_factory: Annotated[
        str | None,
        typer.Option(help="Kind of vector index, in FAISS's words; kept. Default: by size."),
    ] = None,
    milvus: Annotated[
        str | None,
        typer.Option(
            help='Search the vectors in Milvus at http://HOST:PORT; kept. "" for FAISS again.'
        ),
    ] = None,
    ocr: Annotated[
        bool,
        typer.Option(
            "--ocr", help="Read pages of PDFs that are images, also of filings added before."
        ),
    ] = False,
) -> None:
    """Add filings (PDF, HTML/iXBRL, text, Markdown); a changed file replaces its old version.

    Exits with 1 where some of the files failed, with 2 where all did.
    """
    from tqdm import tqdm

    from index.contents import doubts_of
    from index.ocr import Ocr
    from index.read import find_filings

    if not paths and milvus is None and faiss_factory is None:
        raise FilingError("no filings given; name files or folders of filings")
    files = find_filings(paths or [])
    if paths and not files:
        raise FilingError(f"no filings (.pdf .html .htm .txt .md) in {', '.join(map(str, paths))}")
    recognise = Ocr() if ocr else None
    failed, pages = 0, 0
    with (
        open_store(store, True, faiss_factory, milvus) as opened,
        tqdm(files, desc="add", unit="file") as bar,
    ):
        for file in bar:
            bar.set_postfix_str(file.name[:40])
            if recognise:
                recognise.tell = partial(_tell_page, bar, file.name[:40])
            try:
                result = opened.add(file, recognise=recognise)
            except IndexingError as error:
                failed += 1
                bar.write(f"failed     {error}", file=sys.stdout)
                continue
            d = result.document
            pages += d.pages if result.status != "unchanged" else 0
            bar.write(
                f"{result.status:<10} {d.name}: {who_of(d)}, {size_of(d)}",
                file=sys.stdout,
            )
            if result.status == "unchanged":
                continue
            doubts = doubts_of(d)
            for problem in d.problems:
                if problem not in doubts:
                    bar.write(f"{'':<10} note: {problem}", file=sys.stdout)
            if doubts:
                bar.write(f"{'':<10} note: {doubt_of(d)}", file=sys.stdout)
        seconds = bar.format_dict["elapsed"]
        if opened.left_behind:
            print(f"note: {opened.left_behind} could not be deleted and is no longer used")
        if milvus is not None or (faiss_factory is not None and not files):
            made_by = opened.fresh_vectors().made_by
            print(f"the vectors are searched in {milvus or f'FAISS ({made_by})'}")
    if not files:
        return
    rate = f", {counted(round(pages / seconds), 'page')}/s" if pages and seconds else ""
    print(f"{len(files) - failed} of {counted(len(files), 'file')} in the store{rate}")
    if failed == len(files):
        raise FilingError("none of the files could be added; see the lines above")
    if failed:
        raise typer.Exit(1)


def _tell_page(bar: Any, name: str, word: str) -> None:
    bar.set_postfix_str(f"{name}: {word}")


@app.command("list")
def index_list(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """The filings in the store."""
    from index.contents import doubts_of

    with open_store(store) as opened:
        documents = opened.documents()
    if as_json:
        print_json([asdict(document) for document in documents])
        return
    for d in documents:
        period = f"{d.fiscal_period or ''} {d.fiscal_year or ''}".strip()
        own = " (a reader's own)" if d.private else ""
        print(
            f"{d.id:>5}  {d.company or '?':<32.32} {d.form or '?':<9} {period:<8} "
            f"{counted(d.pages, 'page'):>10} {counted(d.facts, 'figure'):>14}  {d.name}{own}"
        )
    for d in documents:
        if doubts_of(d):
            print(f"note: {d.name}: {doubt_of(d)}")
    pages = sum(d.pages for d in documents)
    print(f"{counted(len(documents), 'filing')}, {counted(pages, 'page')}")


@app.command("remove")
def index_remove(
    doc_id: Annotated[int, typer.Argument(metavar="ID", help="As `tenq index list` shows.")],
    store: StoreOption = None,
) -> None:
    """Take a filing out of the store."""
    with open_store(store) as opened:
        document = opened.remove(doc_id)
    print(f"removed {document.name}")


@app.command("correct")
def index_correct(
    doc_id: Annotated[int, typer.Argument(metavar="ID", help="As `tenq index list` shows.")],
    company: Annotated[str | None, typer.Option()] = None,
    form: Annotated[str | None, typer.Option(help="10-K, 10-Q, 8-K, …")] = None,
    year: Annotated[int | None, typer.Option(min=1900, max=2100, help="Fiscal year.")] = None,
    period: Annotated[str | None, typer.Option(help="FY, Q1, Q2, Q3 or Q4.")] = None,
    period_end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the period.")
    ] = None,
    ticker: Annotated[str | None, typer.Option(help="As traded: ABC, BRK.B.")] = None,
    cik: Annotated[str | None, typer.Option(help="The SEC's number of the company.")] = None,
    as_read: Annotated[bool, typer.Option("--as-read", help="Take corrections back.")] = False,
    store: StoreOption = None,
) -> None:
    """Correct who filed a document for which period; its passages and figures follow.

    What is corrected is kept by content: adding the same file again finds it.
    """
    from index.corrections import correct, correction_from

    correction = correction_from(
        company, form, year, period, period_end.date() if period_end else None, ticker, cik
    )
    if as_read == bool(correction.given()):
        raise IndexingError("say what to correct (--company, --form, --year, …), or --as-read")
    with open_store(store) as opened, progress_bar("correct") as tell:
        document = correct(opened, doc_id, correction, tell)
    print(f"{document.name}: {who_of(document)}, {counted(document.facts, 'figure')}")


@app.command("verify")
def index_verify(
    store: StoreOption = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every filing again and compare; takes minutes.")
    ] = False,
) -> None:
    """Check the store against itself and mend what can be mended.

    Exits with 1 where something is left to mend by hand.
    """
    from index.verify import verify

    left = 0
    with open_store(store) as opened:
        with progress_bar("verify") as tell:
            findings = list(verify(opened, tell, deep))
        count = len(opened.documents()) if not findings or findings[0].mended else 0
    for each in findings:
        left += not each.mended
        print(f"mended     {each.what}" if each.mended else f"damaged    {each.what}; {each.how}")
    if left:
        raise typer.Exit(1)
    print(f"{counted(count, 'filing')}: everything is {'now ' if findings else ''}as it should be")


@app.command("rebuild")
def index_rebuild(store: StoreOption = None) -> None:
    """Build the store anew from its own copies of the files: for stores of an older version, of
    another embedder, or with a damaged database.

    Stop `tenq serve` on this store first: it would go on with the old one. Exits with 1 where a
    file could not be read.
    """
    from assistant.home import default_store, embedder_of_stores
    from index.rebuild import rebuild

    with progress_bar("rebuild") as tell:
        done = rebuild(store or default_store(), embedder_of_stores(), tell)
    for line in done.failed:
        print(f"failed     {line}")
    print(f"{counted(done.filings, 'filing')} in the store")
    if done.old:
        print(f"the old store is in {done.old}")
        raise typer.Exit(1)


@app.command("facts")
def index_facts(
    doc_id: Annotated[int, typer.Argument(metavar="ID", help="As `tenq index list` shows.")],
    words: Annotated[str, typer.Argument(help="Words of the row's label.")] = "",
    concept: Annotated[
        list[str] | None, typer.Option(help="A us-gaap name, such as Assets; can be repeated.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Fiscal year.")] = None,
    statement: Annotated[
        str | None, typer.Option(help="balance, income or cash_flow: primary statements only.")
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """The numbers read from a filing's tables: period, value, unit, page."""
    from index.statements import Statement

    concepts = concept or []
    if statement is not None and statement not in get_args(Statement):
        known = ", ".join(get_args(Statement))
        raise IndexingError(f"{statement!r} is no statement; there are: {known}")
    with open_store(store) as opened:
        document = opened.document(doc_id)
        years = () if year is None else (year,)
        found = opened.facts([document.id], concepts, years, statement, words)
        stated = {each.fact.concept for each in found}
        every = [d.id for d in opened.documents()]
        for name in concepts:
            if name not in stated and not opened.facts(every, [name]):
                print(f"note: no fact of the store has the concept {name}", file=sys.stderr)
    if as_json:
        print_json([{"doc": document.name, **asdict(each.fact)} for each in found])
        return
    for each in found:
        f = each.fact
        period = f"{f.start} to {f.end}" if f.start else f"at {f.end}"
        part = f" [{', '.join(f.dimensions)}]" if f.dimensions else ""
        print(f"p. {f.page:<4} {f.shown:>14}  {f.value:>20,f} {f.unit:<10} {period:<24} ", end="")
        print(f"{f.label[:60]}{part} ({f.concept or 'no concept'})")
    print(f"{counted(len(found), 'fact')} of {document.name}")


def counted(number: int, thing: str) -> str:
    """ "1 filing", "1,204 pages"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_of(document: Document) -> str:
    """ "1 page, 1,204 figures"."""
    return f"{counted(document.pages, 'page')}, {counted(document.facts, 'figure')}"


def doubt_of(document: Document) -> str:
    """What of a filing's identity is in doubt, and how to correct it."""
    from index.contents import doubts_of

    mend = f"tenq index correct {document.id} --company C --form F --year Y"
    return f"{'; '.join(doubts_of(document))}; if that is wrong or missing: {mend}"


def who_of(document: Document) -> str:
    """ "Company, 10-K, FY 2023", with question marks for what is not known."""
    period = f"{document.fiscal_period or ''} {document.fiscal_year or '?'}".strip()
    return f"{document.company or '?'}, {document.form or '?'}, {period}"


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A progress bar for what takes a fraction and a word; it appears with the first of them."""
    from tqdm import tqdm

    shape = "{percentage:3.0f}%|{bar:30}| {desc}"
    with contextlib.ExitStack() as shown:
        bars: list[Any] = []

        def tell(fraction: float, word: str) -> None:
            if not bars:
                bars.append(shown.enter_context(tqdm(total=100, bar_format=shape)))
            bars[0].set_description_str(f"{what}: {word[-60:]}", refresh=False)
            bars[0].update(100 * fraction - bars[0].n)

        yield tell


def print_json(value: Any) -> None:
    """On stdout, readable; dates and paths as text."""
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))
