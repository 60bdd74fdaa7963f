"""A process that reads spoilt files one after another, and who asks it: what a reader in native
code does to a process must not happen to the tests.

A line in, {"kind", "args"}; a line out, {"outcome", "said", "rss_mb"}. "read" and "refused" (by an
error of the packages' own) are good; "broken" is any other exception, with its traceback.
"""

from __future__ import annotations

import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60
_MEMORY_BYTES = 12 << 30  # of addresses: libraries reserve many


class Reply(NamedTuple):
    """What came of one file."""

    outcome: str
    said: str
    rss_mb: int

    @property
    def wrong(self) -> str | None:
        """What is wrong about it, if anything."""
        if self.outcome == "refused":
            if "\n" in self.said or not self.said.strip():
                return f"not one line: {self.said!r}"
            return f"endless line: {self.said[:300]!r}" if len(self.said) > 1200 else None
        return None if self.outcome == "read" else f"{self.outcome}: {self.said}"


class Reader:
    """Asks a process of its own; begins another one where that has died or hangs."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end()

    def ask(self, kind: str, *args: str, timeout_s: float = TIMEOUT_S) -> Reply:
        """Let it read."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"kind": kind, "args": args}).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], timeout_s)[0]:
            self._end()
            return Reply("hung", f"no answer in {timeout_s:.0f} s", 0)
        line = process.stdout.readline()
        if not line:
            status = process.wait()
            self._end()
            name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
            return Reply("died", name, 0)
        return Reply(**json.loads(line))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.hardening.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


# -- in the other process ------------------------------------------------------------------------


class _Place:
    """A store to add to, another one every so often, each verified at its end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tenq-reader-"))
        self._store: Any = None
        self._added = 0

    def add(self, path: str) -> str:
        from index.store import Store
        from tests.hardening.plain_embedder import PlainEmbedder

        if self._store is None:
            self._store = Store.open(self._folder / "store", PlainEmbedder())
        status = self._store.add(Path(path)).status
        self._added += 1
        if self._added % 10 == 0:
            _asked_of(self._store, "What were total assets and net sales in fiscal 2023 and 2022?")
        if self._added % 100 == 0:
            self.verify()
        return str(status)

    def verify(self) -> str:
        """What the store has taken is sound."""
        from index.verify import verify

        if self._store is None:
            return "nothing"
        found = list(verify(self._store))
        self._store.close()
        self._store = None
        shutil.rmtree(self._folder / "store")
        if found:
            raise AssertionError(f"a store of what was read is unsound: {found}")
        return "sound"

    def end(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self._folder, ignore_errors=True)


class _Parrot:
    """A model that repeats the end of what it was shown, the filings' words and the question."""

    name, scheme, parallel, usage = "parrot", "int4", 1, None

    def stream(self, messages: Any, max_new_tokens: int, stop: Any = None) -> Any:
        yield messages[-1]["content"][-400:]

    def count_tokens(self, text: str) -> int:
        return len(text) // 3


def _asked_of(store: Any, question: str) -> str:
    """Everything from the question to the answer as a program gets it."""
    from assistant.assistant import answer_from
    from assistant.evidence import gather

    *_, answer = answer_from(_Parrot(), gather(store, question))
    answer.notes()
    return f"{answer.refused} {len(json.dumps(answer.to_json()))}"


def _question(path: str, folder: str) -> str:
    from index.store import Store
    from tests.hardening.plain_embedder import PlainEmbedder

    with Store.open(Path(folder), PlainEmbedder(), create=False) as store:
        return _asked_of(store, Path(path).read_bytes().decode("utf-8", "replace"))


def _questions(path: str) -> str:
    from eval.questions import read_questions

    questions = read_questions(Path(path))
    return f"{len({q.sha256 for q in questions})} {[len(q.right_pages) for q in questions][:3]}"


def _plan(path: str) -> str:
    from eval.run_plan import read_plan

    return str(len(read_plan(Path(path))[0].models))


def _limits(path: str) -> str:
    from eval.run_plan import read_limits

    return str(read_limits(Path(path)).confidence)


def _precision(path: str) -> str:
    from quantize.plan import read_plan

    return str(len(read_plan(Path(path)).layers))


def _losses(path: str) -> str:
    from quantize.sensitivity import read

    return str(len(read(Path(path))))


def _model(path: str, models_dir: str) -> str:
    from quantize.sources import bring

    return str(bring(path, Path(models_dir)).sha256)


def _manifest(folder: str) -> str:
    from quantize.checkpoint import read_manifest

    return f"{read_manifest(Path(folder)).ratio:.2f}"


def _records(path: str) -> str:
    from eval.records import Records

    return str(len(Records(Path(path))))


def _run(folder: str) -> str:
    from eval.run_folder import RunFolder
    from eval.run_summary import summarize

    return str(summarize(RunFolder(Path(folder)))["finished"])


def _store(folder: str) -> str:
    """Open, verify, mend, search, close; and once more."""
    from index.store import Store
    from index.verify import verify
    from tests.hardening.plain_embedder import PlainEmbedder

    for _ in range(2):
        with Store.open(Path(folder), PlainEmbedder(), create=False) as store:
            left = [finding for finding in verify(store) if not finding.mended]
            documents = store.documents()
            pages = [store.page_texts(document.id) for document in documents]
            facts = [fact.fact for d in documents for fact in store.facts([d.id])]
            found = store.hits(dict(store.dense("total assets", None, 5)))
            found += store.hits(dict(store.words(["assets"], None, 5)))
    assert all(finding.how for finding in left)
    return f"{len(documents)} {len(pages)} {len(facts)} {len(found)} {len(left)}"


def _rebuild(folder: str) -> str:
    from index.rebuild import rebuild
    from tests.hardening.plain_embedder import PlainEmbedder

    return str(rebuild(Path(folder), PlainEmbedder()).filings)


def _answer(kinds: dict[str, Callable[..., str]], line: str) -> dict[str, Any]:
    from assistant.errors import AssistantError
    from assistant.memory import peak_rss_mb
    from eval.errors import EvaluationError
    from index.errors import IndexingError
    from quantize.errors import QuantizationError

    asked = json.loads(line)
    try:
        outcome, said = "read", kinds[asked["kind"]](*asked["args"])
    except (AssistantError, EvaluationError, IndexingError, QuantizationError) as error:
        outcome, said = "refused", str(error)
    except BaseException:
        outcome, said = "broken", traceback.format_exc()[-3000:]
    rss_mb = round(peak_rss_mb())
    return {"outcome": outcome, "said": said, "rss_mb": rss_mb}


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    os.dup2(2, 1)  # what libraries print is no reply
    place = _Place()
    kinds: dict[str, Callable[..., str]] = {
        "filing": place.add,
        "verify": place.verify,
        "question": _question,
        "questions": _questions,
        "plan": _plan,
        "limits": _limits,
        "precision": _precision,
        "losses": _losses,
        "model": _model,
        "manifest": _manifest,
        "records": _records,
        "run": _run,
        "store": _store,
        "rebuild": _rebuild,
    }
    try:
        for line in sys.stdin:
            replies.write(json.dumps(_answer(kinds, line)) + "\n")
    finally:
        place.end()


if __name__ == "__main__":
    _serve()
