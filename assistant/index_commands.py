"""`tenq index ...` and `tenq search`: the store of filings on the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from index.errors import FilingError, IndexingError

if TYPE_CHECKING:
    from index.store import Store

app = typer.Typer(help="The store of filings.", no_args_is_help=True)

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of the store (default: under TENQ_HOME).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add")
def index_add(
    paths: Annotated[list[Path], typer.Argument(help="Filings or folders of filings.")],
    store: StoreOption = None,
) -> None:
    """Add filings (PDF, HTML/iXBRL, text, Markdown); a changed file replaces its old version.

    Exits with 1 where some of the files failed, with 2 where all did.
    """
    from tqdm import tqdm

    from index.read import find_filings

    files = find_filings(paths)
    if not files:
        raise FilingError(f"no filings (.pdf .html .htm .txt .md) in {', '.join(map(str, paths))}")
    failed, pages = 0, 0
    with open_store(store, create=True) as opened, tqdm(files, desc="add", unit="file") as bar:
        for file in bar:
            bar.set_postfix_str(file.name[:40])
            try:
                result = opened.add(file)
            except IndexingError as error:
                failed += 1
                bar.write(f"failed     {error}", file=sys.stdout)
                continue
            d = result.document
            period = f"{d.fiscal_period or ''} {d.fiscal_year or '?'}".strip()
            who = f"{d.company or '?'}, {d.form or '?'}, {period}"
            pages += d.pages if result.status != "unchanged" else 0
            bar.write(
                f"{result.status:<10} {d.name}: {who}, {d.pages} pages, {d.facts:,} figures",
                file=sys.stdout,
            )
            for problem in d.problems if result.status != "unchanged" else ():
                bar.write(f"{'':<10} note: {problem}", file=sys.stdout)
        seconds = bar.format_dict["elapsed"]
    rate = f", {pages / seconds:.0f} pages/s" if pages and seconds else ""
    print(f"{len(files) - failed} of {len(files)} files in the store{rate}")
    if failed == len(files):
        raise FilingError("none of the files could be added; see the lines above")
    if failed:
        raise typer.Exit(1)


@app.command("list")
def index_list(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """The filings in the store."""
    with open_store(store) as opened:
        documents = opened.documents()
    if as_json:
        print_json([asdict(document) for document in documents])
        return
    for d in documents:
        period = f"{d.fiscal_period or ''} {d.fiscal_year or ''}".strip()
        print(
            f"{d.id:>5}  {d.company or '?':<32.32} {d.form or '?':<9} {period:<8} "
            f"{d.pages:>4} pages {d.facts:>6,} figures  {d.name}"
        )
    print(f"{len(documents)} filings, {sum(d.pages for d in documents)} pages")


@app.command("remove")
def index_remove(
    doc_id: Annotated[int, typer.Argument(metavar="ID", help="As `tenq index list` shows.")],
    store: StoreOption = None,
) -> None:
    """Take a filing out of the store."""
    with open_store(store) as opened:
        document = opened.remove(doc_id)
    print(f"removed {document.name}")


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
    with open_store(store) as opened:
        document = opened.document(doc_id)
        years = () if year is None else (year,)
        found = opened.facts([document.id], concept or (), years, statement, words)
    if as_json:
        print_json([{"doc": document.name, **asdict(each.fact)} for each in found])
        return
    for each in found:
        f = each.fact
        period = f"{f.start} to {f.end}" if f.start else f"at {f.end}"
        part = f" [{', '.join(f.dimensions)}]" if f.dimensions else ""
        print(f"p. {f.page:<4} {f.shown:>14}  {f.value:>20,f} {f.unit:<10} {period:<24} ", end="")
        print(f"{f.label[:60]}{part} ({f.concept or 'no concept'})")
    print(f"{len(found)} facts of {document.name}")


def search_command(
    query: Annotated[str, typer.Argument()],
    store: StoreOption = None,
    company: Annotated[str | None, typer.Option()] = None,
    year: Annotated[int | None, typer.Option(help="Fiscal year.")] = None,
    form: Annotated[str | None, typer.Option(help="10-K, 10-Q, 8-K, …")] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=200)] = 10,
    as_json: JsonOption = False,
) -> None:
    """Find passages; no language model is used."""
    from index.retrieve import search

    with open_store(store) as opened:
        hits = search(opened, query, top_k, company, year, form)
    if as_json:
        print_json([asdict(hit) for hit in hits])
        return
    for hit in hits:
        print(
            f"{hit.score:.3f}  {hit.company or hit.doc}, {hit.form}, {hit.fiscal_year}: "
            f"{hit.doc} page {hit.page}"
        )
        print(f"       {' '.join(hit.text.split())[:160]}")
    if not hits:
        print("nothing found")


def open_store(path: Path | None, create: bool = False) -> Store:
    """The store in `path`, or the default one, with the packaged embedder."""
    from assistant.home import default_store, embedder_path, models_dir
    from index.embed import Embedder
    from index.store import Store
    from quantize.packaged import DEFAULT_EMBEDDER

    embedder = Embedder(models_dir() / DEFAULT_EMBEDDER / "source", fetch=embedder_path)
    return Store.open(path or default_store(), embedder, create)


def print_json(value: Any) -> None:
    """On stdout, readable; dates and paths as text."""
    print(json.dumps(value, indent=1, ensure_ascii=False, default=str))
