"""What the children of a nursery do until they are killed. Each tells what it has finished."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.records import Records
from eval.run import run_plan
from eval.run_plan import read_plan
from index.corrections import correct, correction_from
from index.embed import Embedder
from index.errors import IndexingError
from index.rebuild import rebuild
from index.store import Store
from tests.eval.conftest import RowReader
from tests.hardening.plain_embedder import PlainEmbedder
from tests.index.test_store import write_filing

Tell = Callable[[str], None]
Step = Sequence[str | int]


def embedder(folder: str) -> Embedder:
    """The one in the folder, or the plain one where none is named."""
    return Embedder(Path(folder)) if folder else PlainEmbedder()


def change_store(
    tell: Tell, store: str, filings: str, steps: Sequence[Step], model: str = ""
) -> None:
    """Steps are ("add", company, inventories), ("remove", company) and ("correct", company, name),
    each told by its number once it has returned; a company has one filing."""
    with Store.open(Path(store), embedder(model)) as opened:
        tell("opened")
        for n, step in enumerate(steps):
            take_step(opened, Path(filings), step)
            if opened.vectors.waits:  # what was changed is sent to the server now, not at the end
                opened.fresh_vectors()
            tell(str(n))


def take_step(
    store: Store, filings: Path, step: Step, ready: Callable[[], None] = lambda: None
) -> None:
    """One change of the store; `ready` is called when there is nothing else to write."""
    what, company, *more = step
    if what == "add":
        filing = put_filing(filings, str(company), int(more[0]))
        ready()
        store.add(filing)
        return
    ready()
    held = {document.name: document.id for document in store.documents()}
    doc_id = held[f"{str(company).lower()}-2023"]
    if what == "remove":
        store.remove(doc_id)
    else:
        correct(store, doc_id, correction_from(company=str(more[0])))


def put_filing(filings: Path, company: str, inventories: int) -> Path:
    """The company's filing, at its place at once."""
    beside = filings / f"beside-{os.getpid()}"
    beside.mkdir(exist_ok=True)
    made = write_filing(beside, f"{company} Works Inc", 2023, inventories)
    return made.replace(filings / made.name)


def rebuild_store(tell: Tell, store: str) -> None:
    """Build it anew from its copies."""
    tell("begun")
    tell(str(rebuild(Path(store), PlainEmbedder()).filings))


def add_under_limit(tell: Tell, store: str, filings: str, limit: int, step: Step) -> None:
    """Add while no file may become larger than `limit`: a disk that is full for this process."""
    with Store.open(Path(store), PlainEmbedder()) as opened:
        try:
            take_step(opened, Path(filings), step, lambda: _limit_files(limit))
            tell("done")
        except IndexingError as error:
            tell(f"refused {error}")


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def answer_records(tell: Tell, file: str, first: int, count: int) -> None:
    """Append answers, each told once it is on disk."""
    records = Records(Path(file))
    tell("opened")
    for n in range(first, first + count):
        records.add({"key": str(n), "id": f"q{n}", "answer": "é" * (n % 700)})
        tell(str(n))


def carry_out_run(tell: Tell, plan: str, out: str) -> None:
    """The plan, by readers of rows."""
    path = Path(plan)
    read, text = read_plan(path)
    tell("begun")
    run_plan(read, text, path.parent, Path(out), None, path.parent, _row_reader)
    tell("done")


def quantize_model(tell: Tell, model: str, scheme: str, out: str, memory_bytes: int = 0) -> None:
    """Quantize, within so many bytes of addresses more than now, if given."""
    from quantize.errors import QuantizationError
    from quantize.quantize import quantize

    if memory_bytes:
        held = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limit = held + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    tell("begun")
    try:
        quantize(model, scheme, Path(out), Path(out).parent, check=False)
        tell("done")
    except QuantizationError as error:
        tell(f"refused {error}")


def _row_reader(model: str, models_dir: Path, dtype: str | None) -> RowReader:
    return RowReader(Path(model).name)
