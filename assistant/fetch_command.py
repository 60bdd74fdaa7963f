"""`tenq index fetch`: a company's newest filings from EDGAR, on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.home import open_store
from assistant.index_commands import StoreOption, counted, progress_bar, size_of, who_of
from index.errors import FetchError, UnreachableError
from index.readers import EVERYBODY

if TYPE_CHECKING:
    from index.fetch import Fetched


def fetch_command(
    companies: Annotated[
        list[str], typer.Argument(metavar="TICKER...", help="Tickers or CIKs of companies.")
    ],
    form: Annotated[str, typer.Option(help="10-K, 10-Q, 20-F, …; 10-K/A for amendments.")] = "10-K",
    years: Annotated[
        int, typer.Option(min=1, max=50, help="How many years, back from the newest filing.")
    ] = 3,
    store: StoreOption = None,
    identity: Annotated[
        str | None,
        typer.Option(help='Who asks EDGAR: "Name email" (default: EDGAR_IDENTITY, or asked once).'),
    ] = None,
) -> None:
    """Bring a company's newest filings from the SEC's EDGAR into the store.

    What is there already is not downloaded again, so a call that was cut short is run again.
    Exits with 1 where some of it failed, with 2 where all did.
    """
    from tqdm import tqdm

    from assistant.edgar_identity import edgar_folder, filings_folder
    from index.edgar import Edgar
    from index.fetch import fetch

    who = _identity(identity)
    counts = dict.fromkeys(("added", "replaced", "unchanged", "failed"), 0)
    problem = ""
    with open_store(store, create=True).seen_by(EVERYBODY) as opened, progress_bar("fetch") as tell:
        tell(0.0, "getting ready")
        edgar = Edgar(who, edgar_folder())
        try:
            for each in fetch(edgar, opened, companies, form, years, filings_folder(), tell):
                counts[each.status] += 1
                tqdm.write(_line(each), file=sys.stdout)
                if each.document and each.status != "unchanged":
                    for note in each.document.problems:
                        tqdm.write(f"{'':<10} note: {note}", file=sys.stdout)
        except UnreachableError as error:
            problem = str(error)
    there = sum(counts.values()) - counts["failed"]
    if problem and not there:
        raise UnreachableError(problem)
    if problem:
        print(f"stopped    {problem}")
    new = counts["added"] + counts["replaced"]
    print(f"{counted(there, 'filing')} in the store, {new} of them new")
    if not there:
        raise FetchError("nothing was fetched; see the lines above")
    if problem or counts["failed"]:
        raise typer.Exit(1)


def _line(each: Fetched) -> str:
    d = each.document
    if d is None:
        return f"failed     {each.name}: {each.problem}"
    said = f"{each.status:<10} {each.name}: {who_of(d)}, {size_of(d)}"
    return f"{said}, in the store already" if each.status == "unchanged" else said


def _identity(given: str | None) -> str:
    """Who asks, asked for on a terminal and kept; FetchError where nobody can be asked."""
    from assistant.edgar_identity import WHY, keep_identity, known_identity

    known = known_identity(given)
    if known is not None:
        return known
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise FetchError(f"{WHY}; give it with --identity or in EDGAR_IDENTITY")
    print(f"{WHY}. It is kept for the next time.", file=sys.stderr)
    return keep_identity(typer.prompt("Name and e-mail address", err=True))
