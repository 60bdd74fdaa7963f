"""What the web chat does, without any web: ask, compare, show pages, keep the library.

Several readers share one `Desk`. Questions take turns at the models, several at once where the
model's engine batches them; retrieval, pages and uploads go on beside them.
"""

from __future__ import annotations

import copy
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

from assistant.answer import Evidence
from assistant.app.agree import agreement
from assistant.app.conversations import Conversations
from assistant.app.edgar import brought
from assistant.app.models import Model, Turns, growing
from assistant.app.problems import one_line
from assistant.app.reply import POLL_S, Comparison, Ended, Outcome, Pieces, Reply, follow
from assistant.assistant import answer_from, answered_unread
from assistant.errors import EngineError
from assistant.evidence import gather
from assistant.follow_up import complete
from assistant.lineage import rebuilt_from
from assistant.suggest import suggestions
from index.corrections import correct, correction_from
from index.documents import Document
from index.filing import Correction
from index.readers import EVERYBODY
from index.store import Store

_T = TypeVar("_T")
_log = logging.getLogger("tenq.app")
Which = Literal["main", "other"]
SIDES: tuple[Which, Which] = ("main", "other")
MAX_QUESTION_CHARACTERS = 2000
_SAMPLES = (
    "What was {company}'s revenue in fiscal {year}?",
    "How did {company}'s net income in fiscal {year} compare with the year before?",
    "What was {company}'s operating margin in fiscal {year}?",
    "How much cash did {company} hold at the end of fiscal {year}?",
)


class Desk:
    """A store, a model and perhaps a second one to compare with, for all readers of the page: as
    it is, with what everybody may see; `of` one reader, also with their own filings.

    `questions` are shown to begin with; none: some about the newest filings. `conversations` keeps
    what readers asked; None: it is forgotten when the page is closed.
    """

    def __init__(
        self,
        store: Store,
        models: Mapping[Which, Model],
        questions: Sequence[str] = (),
        conversations: Conversations | None = None,
    ) -> None:
        self._whole = store
        self.store = store.seen_by(EVERYBODY)
        self.conversations = conversations
        self.questions = tuple(questions)
        self.models = dict(models)
        self.turns = Turns()
        # Each is told of every question that ends, and of every comparison that has both sides.
        self.ended: list[Callable[[Ended], None]] = []
        self.compared: list[Callable[[Comparison], None]] = []
        self._reading = threading.Lock()
        self._stops: dict[str, threading.Event] = {}
        self._stops_lock = threading.Lock()

    # -- readers -----------------------------------------------------------------------------

    def of(self, reader: str) -> Desk:
        """The same desk for one reader (see `reader_of`); EVERYBODY: for one without a name."""
        desk = copy.copy(self)
        desk.store = self._whole.seen_by(reader)
        return desk

    def begin(self, session: str) -> threading.Event | None:
        """A fresh event with which `stop(session)` ends what this reader asks now; None while
        something of theirs is still running."""
        with self._stops_lock:
            for ended in [key for key, event in self._stops.items() if event.is_set()]:
                del self._stops[ended]
            if session in self._stops:
                return None
            self._stops[session] = threading.Event()
            return self._stops[session]

    def stop(self, session: str) -> None:
        """End what this reader has running: the stop button, or the reader has gone."""
        with self._stops_lock:
            event = self._stops.pop(session, None)
        if event is not None:
            event.set()

    def prepare(self) -> None:
        """Load embedder and main model in the background, ready for the first question."""
        self.models["main"].start(first=self._warm)

    def close(self) -> None:
        """Stop all that runs and close the store."""
        for session in list(self._stops):
            self.stop(session)
        ticket = self.turns.take()
        self.turns.wait(ticket, seconds=5.0)
        self.turns.leave(ticket)
        self._whole.close()

    # -- questions ---------------------------------------------------------------------------

    def ask(
        self,
        question: str,
        which: Which = "main",
        stop: threading.Event | None = None,
        before: str | None = None,
    ) -> Iterator[Reply]:
        """Answer `question`, which may leave out what the question `before` it says; the last
        Reply is finished. Closing this iterator, like setting `stop`, ends the generation."""
        stop = stop or threading.Event()
        question = _as_text(question)
        model = self.models[which]
        watch = _Watch(self.ended)
        reply = Reply(question, model.label, phase="Looking in the filings…")
        try:
            yield reply
            whole = complete(question, before, self.documents())
            watch.evidence = evidence = self.retrieve(whole.question)
            told = evidence.understood
            asked = replace(reply, asked=whole.question, taken=whole.taken, understood=told)
            for reply in self._answer(asked, model, evidence, stop):
                watch.see(reply)
                yield reply
        except Exception as error:
            reply = replace(reply, phase=None, error=one_line(error))
            watch.see(reply)
            yield reply
        finally:
            watch.see(replace(reply, phase=None, stopped=True))  # the reader has gone, unless over
            stop.set()

    def compare(self, question: str, stop: threading.Event | None = None) -> Iterator[Comparison]:
        """Both models on the same evidence, one after the other."""
        stop = stop or threading.Event()
        question = _as_text(question)
        left, right = (Reply(question, self.models[w].label) for w in SIDES)
        so_far = Comparison(question, replace(left, phase="Looking in the filings…"), right)
        try:
            yield so_far
            evidence = self.retrieve(question, figures=False)  # the models are compared
            so_far = replace(so_far, right=replace(right, phase="Answers second."))
            for reply in self._answer(left, self.models["main"], evidence, stop, alone=True):
                so_far = replace(so_far, left=reply)
                yield so_far
            for reply in self._answer(right, self.models["other"], evidence, stop, alone=True):
                so_far = replace(so_far, right=reply)
                yield so_far
            if so_far.left.answer and so_far.right.answer:
                agree, verdict = agreement(so_far.left.answer, so_far.right.answer)
                so_far = replace(so_far, agree=agree, verdict=verdict)
                _tell(self.compared, so_far)
                yield so_far
        except Exception as error:
            failed = replace(so_far.left, phase=None, error=one_line(error))
            yield replace(so_far, left=failed, right=replace(right, phase=None))
        finally:
            stop.set()

    def retrieve(self, question: str, figures: bool = True) -> Evidence:
        """The passages for a question and, with `figures`, the figure it asks for."""
        with self._reading:
            return gather(self.store, question, figures)

    def samples(self, limit: int = 4) -> list[str]:
        """Questions to start with: those given, else about the library, newest years first."""
        if self.questions:
            return list(self.questions[:limit])
        known = [d for d in self.documents() if d.company and d.fiscal_year]
        annual = [d for d in known if d.fiscal_period in (None, "FY")] or known
        pairs = {(d.company, d.fiscal_year): None for d in annual}
        newest = sorted(pairs, key=lambda pair: -(pair[1] or 0))
        # Different companies before further years of the same one.
        seen: dict[str | None, int] = {}
        order = []
        for company, year in newest:
            seen[company] = seen.get(company, 0) + 1
            order.append((seen[company], company, year))
        order.sort(key=lambda item: item[0])
        chosen = order * limit if order else []
        return [
            template.format(company=company, year=year)
            for template, (_, company, year) in zip(_SAMPLES[:limit], chosen, strict=False)
        ]

    def next_questions(self, reply: Reply) -> list[str]:
        """What could be asked after this answer."""
        return suggestions(reply.asked, self.documents()) if reply.answer else []

    def rebuilt_note(self) -> str | None:
        """What must be said of a full model that was itself rebuilt from a quantized file."""
        known = (rebuilt_from(model.name, model.models_dir) for model in self.models.values())
        rebuilt = next(filter(None, known), None)
        if rebuilt is None:
            return None
        return (
            f"The full model was itself rebuilt from a quantized file ({rebuilt}): differences "
            "shown here are against the rebuilt weights, not the original ones."
        )

    # -- library -----------------------------------------------------------------------------

    def documents(self) -> list[Document]:
        """The filings in the store."""
        return self.store.documents()

    def upload(
        self, paths: Sequence[Path], tell: Callable[[float, str], None] | None = None
    ) -> Iterator[Outcome]:
        """Add files one by one, for the reader whose desk this is; each is deleted afterwards (the
        store keeps its own copy).

        A file of the same name that tells of the same company, form and period, to the day,
        replaces the one in the store. `tell` gets a fraction of the whole and a phrase.
        """
        told = tell or (lambda fraction, phrase: None)
        for n, path in enumerate(paths):

            def step(fraction: float, word: str, n: int = n, path: Path = path) -> None:
                told((n + min(fraction, 1.0)) / len(paths), f"{path.name}: {word}")

            try:
                yield self._add(path, step)
            except Exception as error:
                # A temporary path says nothing to the reader.
                text = one_line(error).replace(str(path), path.name)
                yield Outcome(path.name, "failed", text)
            finally:
                path.unlink(missing_ok=True)

    def fetch(
        self,
        companies: str,
        form: str,
        years: float | None,
        identity: str = "",
        tell: Callable[[float, str], None] | None = None,
    ) -> Iterator[Outcome]:
        """Bring the newest filings of companies, tickers with blanks or commas between them, from
        EDGAR. A new `identity` is kept; a failure is the last Outcome, and what came before stays.
        """
        try:
            for each in brought(self.store, companies, form, years, identity, tell):
                text = _said(each.document) if each.document else each.problem
                yield Outcome(each.name, each.status, text)
        except Exception as error:
            yield Outcome(companies.strip() or "EDGAR", "failed", one_line(error))

    def remove(self, doc_ids: Sequence[int]) -> list[Outcome]:
        """Take filings out of the library."""
        outcomes = []
        for doc_id in doc_ids:
            try:
                name = self.store.remove(doc_id).name
                outcomes.append(Outcome(name, "removed", "no longer in the library"))
            except Exception as error:
                outcomes.append(Outcome(f"filing {doc_id}", "failed", one_line(error)))
        return outcomes

    def correct(
        self, doc_id: int, company: str, form: str, year: float | None, period: str
    ) -> Outcome:
        """Correct who filed a filing for which period; what is blank or as it was is left alone."""
        try:
            wanted = correction_from(company, form, int(year) if year else None, period)
            before = self.store.document(doc_id)
            changed = {k: v for k, v in wanted.given().items() if v != getattr(before, k)}
            if not changed:
                return Outcome(before.name, "unchanged", _said(before))
            document = correct(self.store, doc_id, Correction(**changed))
        except Exception as error:
            return Outcome(f"filing {doc_id}", "failed", one_line(error))
        return Outcome(document.name, "corrected", _said(document))

    def page_image(self, doc_id: int, page: int, quotes: Sequence[str]) -> bytes:
        """A page as PNG with the quotes marked."""
        return self.store.page_image(doc_id, page, quotes)

    # -- inside ------------------------------------------------------------------------------

    def _warm(self) -> None:
        try:
            with self._reading:
                self.store.embedder.embed(["ready"])
        except Exception as error:
            one_line(error)  # in the log where unexpected; the first question will say it again

    def _add(self, path: Path, step: Callable[[float, str], None]) -> Outcome:
        result = self.store.add(path, step)
        new, status = result.document, result.status
        if status == "added" and new.company:
            for old in self.documents():
                if old.id != new.id and old.private == new.private and _same_filing(old, new):
                    self.store.remove(old.id)
                    status = "replaced"
        return Outcome(new.name, status, _said(new))

    def _answer(
        self,
        reply: Reply,
        model: Model,
        evidence: Evidence,
        stop: threading.Event,
        alone: bool = False,
    ) -> Iterator[Reply]:
        """Wait for the model, then for one's turn (`alone`: until nobody else is answered), then
        stream; the last Reply is finished."""
        ticket: object | None = None
        try:
            unread = answered_unread(evidence, {"name": model.name, "scheme": ""})
            if unread:
                yield replace(reply, phase=None, answer=unread)
                return
            if not stop.is_set():
                model.start()
            while not stop.is_set() and not model.wait(POLL_S):
                yield replace(reply, phase=model.status)
            if model.state == "failed":
                raise EngineError(f"the model {model.name} {model.failure}")
            if not stop.is_set():
                ticket = self.turns.take(1 if alone else model.engine.parallel)
            while not stop.is_set() and (ahead := self.turns.wait(ticket, POLL_S)) > 0:
                before = "1 question" if ahead == 1 else f"{ahead} questions"
                yield replace(reply, phase=f"Waiting: {before} before yours…")
            if stop.is_set():
                yield replace(reply, phase=None, stopped=True)
                return
            pieces = self._generate(model, evidence, stop, ticket)
            ticket = None  # the generation's to give back
            yield from follow(reply, evidence, pieces, stop)
        except Exception as error:
            yield replace(reply, phase=None, error=one_line(error))
        finally:
            if ticket is not None:
                self.turns.leave(ticket)

    def _generate(
        self, model: Model, evidence: Evidence, stop: threading.Event, ticket: object
    ) -> Pieces:
        """Answer in a thread of its own, which gives the turn back only when the model is free."""
        pieces: Pieces = queue.Queue()

        def work() -> None:
            try:
                with growing() as growth:
                    for piece in answer_from(model.engine, evidence, stop):
                        pieces.put(piece)
                # A model on a server takes no memory here.
                pieces.put(model.memory_mb + growth.mb if model.memory_mb else 0.0)
            except Exception as error:
                pieces.put(error)
            finally:
                self.turns.leave(ticket)

        threading.Thread(target=work, name="answer", daemon=True).start()
        return pieces


def reader_of(username: str | None) -> str:
    """Who is signed in under this name, as stores and conversations know them."""
    return f"user:{username}" if username else EVERYBODY


class _Watch:
    """Times one question as its reader sees it, and tells once how it ended."""

    def __init__(self, ended: Sequence[Callable[[Ended], None]]) -> None:
        self.evidence: Evidence | None = None
        self._ended = ended
        self._began = time.perf_counter()
        self._first_s: float | None = None
        self._over = False

    def see(self, reply: Reply) -> None:
        """The reader is about to see this."""
        now = time.perf_counter() - self._began
        if self._first_s is None and (reply.text or reply.answer):
            self._first_s = now
        if reply.phase is not None or self._over:
            return
        self._over = True
        _tell(self._ended, Ended(reply, self.evidence, self._first_s, now))


def _as_text(question: str) -> str:
    """What a reader typed, fit for files and the store: no NUL, no half characters, not endless."""
    whole = question.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return whole.strip()[:MAX_QUESTION_CHARACTERS]


def _tell(listeners: Sequence[Callable[[_T], None]], news: _T) -> None:
    """Nothing that listens may cost a reader the answer."""
    for listener in listeners:
        try:
            listener(news)
        except Exception as error:
            _log.warning("%s", one_line(error))


def _said(document: Document) -> str:
    """Who filed it for which period, as read, and what was wrong with it."""
    d = document
    period = " ".join(str(part) for part in (d.fiscal_period, d.fiscal_year) if part)
    parts = [
        d.company or "company not recognised",
        d.form,
        period,
        f"{d.pages} page{'s' * (d.pages != 1)}",
    ]
    return "; ".join([", ".join(part for part in parts if part), *d.problems])


def _same_filing(old: Document, new: Document) -> bool:
    """Whether `new` is a later version of `old`. Two reports of one company and name are the same
    only where both say that they are of one form and one period."""

    def who(d: Document) -> tuple[object, ...]:
        return d.form, d.fiscal_year, d.fiscal_period, d.period_end

    same = (old.name, old.company, *who(old)) == (new.name, new.company, *who(new))
    return same and None not in who(new)
