"""What programs may ask: endpoints of the page for `gradio_client` and plain HTTP; `tools.py` has
the same calls as MCP tools.

Names, parameters and docstrings are what clients and their models are shown. Everything else that
the page does, uploads and corrections above all, stays out of their reach.

A call ends where its caller goes or cancels it. Gradio (6.31) then also drops what else the same
`gradio_client.Client` has running at that endpoint: who means to cancel takes a client for each.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.app.models import short_name
from assistant.app.problems import one_line
from assistant.app.reply import Reply
from assistant.app.session import MAX_QUESTION_CHARACTERS, Desk, reader_of
from index.retrieve import search
from quantize.sources import local_path

Json = dict[str, Any]
_MOST_HITS = 100
_MOST_LETTERS = 200  # of a company or form
_YEARS = (1900, 2100)
_SEARCHES_AT_ONCE = 4
# Folders of an absolute path; the last name stays. An address (http://...) is none.
_FOLDERS = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[/\\][^\s/\\:;,'\"()]+)+[/\\]")


class Calls:
    """The calls, on the desk that the page uses: questions wait for their turn like a reader's.

    Long ones are generators, so that whoever asked can go at any moment: they give
    {"question", "phase", "text"} while they work and the result last. A problem is a gr.Error of
    one line. `request` says who asks; clients do not give it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> list[Callable[..., Any]]:
        """Every call, in the order in which they are listed."""
        return [self.ask, self.search, self.filings, self.compare]

    def ask(
        self, question: str, model: str = "main", request: gr.Request | None = None
    ) -> Iterator[Json]:
        """Answer a question from the filings, with citations, or say that they do not state it.

        Args:
            question: One question in English, at its best with company and fiscal year, such as
                "What was Quorvane Pump's revenue in fiscal 2024?"
            model: Which model reads the passages: "main", or "other" where two are served.

        Returns:
            The answer as `tenq ask --json` prints it: "answer" (text), "refused", "value" and
            "unit" of a figure, "citations" ("doc", "page", "quote"), "supported" (false where a
            number stands nowhere in the evidence: do not use it unchecked), "calculation".
        """
        with self._clear():
            asked = _text(question, "question", MAX_QUESTION_CHARACTERS)
            which = next((w for w in self._desk.models if w == model), None)
            if which is None:
                known = ", ".join(self._desk.models)
                raise problem(f"there is no model {str(model)[:40]!r}; there is: {known}")
            for reply in self._desk_of(request).ask(asked, which):
                yield self._answer(reply) if reply.phase is None else _so_far(reply)

    def search(
        self,
        query: str,
        company: str = "",
        year: int = 0,
        form: str = "",
        limit: int = 10,
        request: gr.Request | None = None,
    ) -> list[Json]:
        """Find passages of the filings; no language model is used.

        Args:
            query: What to look for, in words.
            company: Only this company's filings: its ticker, or words of its name.
            year: Only filings of this fiscal year; 0 for all.
            form: Only filings of this form: 10-K, 10-Q, 8-K, …
            limit: The most passages to return, 1 to 100.

        Returns:
            Passages, best first: "doc", "page" (counted from 1), "text", "score", "company",
            "form", "fiscal_year".
        """
        with self._clear():
            asked = _text(query, "query", MAX_QUESTION_CHARACTERS)
            most = _number(limit, "limit", (1, _MOST_HITS))
            hits = search(
                self._desk_of(request).store,
                asked,
                most,
                _text(company, "company", _MOST_LETTERS, may_be_empty=True) or None,
                _number(year, "year", _YEARS, or_zero=True) or None,
                _text(form, "form", _MOST_LETTERS, may_be_empty=True) or None,
            )
            return [asdict(hit) for hit in hits]

    def filings(self, request: gr.Request | None = None) -> list[Json]:
        """List the filings that questions are answered from.

        Returns:
            Filings: "name", "company", "form", "fiscal_year", "fiscal_period", "period_end",
            "pages", "facts" (how many figures were read), "problems" (what could not be read),
            "private" (whether you have added it for yourself).
        """
        with self._clear():
            listed = [asdict(document) for document in self._desk_of(request).documents()]
            # Where a file came from is nobody's business elsewhere.
            return [{k: v for k, v in each.items() if k != "path"} for each in listed]

    def compare(self, question: str, request: gr.Request | None = None) -> Iterator[Json]:
        """Answer one question with both models on the same passages: what quantization changed.

        Args:
            question: One question in English, best with company and fiscal year.

        Returns:
            "left" and "right" (each an answer as `ask` gives it; left is the main model's),
            "agree" (whether their numbers do; null where neither states any) and "verdict" (one
            sentence).
        """
        with self._clear():
            asked = _text(question, "question", MAX_QUESTION_CHARACTERS)
            if "other" not in self._desk.models:
                raise problem(
                    "only one model is served, there is nothing to compare it with; "
                    "start `tenq serve` with --compare-with MODEL"
                )
            last = None
            for last in self._desk_of(request).compare(asked):
                reply = last.left if last.left.phase is not None else last.right
                yield _so_far(reply)
            assert last is not None  # the desk says at least that it began
            left, right = (self._answer(reply) for reply in (last.left, last.right))
            yield {
                "question": asked,
                "left": left,
                "right": right,
                "agree": last.agree,
                "verdict": last.verdict,
            }

    # -- inside ------------------------------------------------------------------------------

    def _desk_of(self, request: gr.Request | None) -> Desk:
        return self._desk.of(reader_of(request.username if request else None))

    def _answer(self, reply: Reply) -> Json:
        """A finished reply's answer; a problem where it has none."""
        if reply.error:
            raise problem(self._without_places(reply.error))
        if reply.answer is None:
            raise problem("stopped before there was an answer")
        return self._told(reply.answer)

    def _told(self, answer: Answer) -> Json:
        out = answer.to_json()
        short = short_name(out["model"]["name"])
        return out | {"model": out["model"] | {"name": self._without_places(short)}}

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """Turns every error into one line that names no place on this machine."""
        try:
            yield
        except gr.Error:
            raise
        except Exception as error:
            raise problem(self._without_places(one_line(error))) from error

    def _without_places(self, text: str) -> str:
        models = self._desk.models.values()
        places = [self._desk.store.path, *(m.models_dir for m in models)]
        places += [local_path(m.name) for m in models]
        for place in sorted(
            places, key=lambda place: -len(str(place))
        ):  # those inside others first
            if place.is_absolute():
                text = text.replace(str(place), place.name)
        return _FOLDERS.sub("", text)


def add_api(desk: Desk, limits: dict[str, Any]) -> None:
    """Offer the calls inside the page that is being built; `limits` are the model's concurrency
    settings, which its readers share."""
    calls = Calls(desk)
    looks = {"concurrency_id": "look", "concurrency_limit": _SEARCHES_AT_ONCE}
    for call in calls.all():
        settings = limits if call.__name__ in ("ask", "compare") else looks
        # With parameters and result: Gradio itself would show the first lines only.
        shown = inspect.getdoc(call)
        gr.api(call, api_name=call.__name__, api_description=shown, **settings)


def problem(text: str) -> gr.Error:
    """One line for the caller; nothing in the log."""
    return gr.Error(text, print_exception=False)


def _so_far(reply: Reply) -> Json:
    return {"question": reply.question, "phase": reply.phase, "text": reply.text}


def _text(value: Any, name: str, most: int, may_be_empty: bool = False) -> str:
    """What was sent as text, fit for the store and the model: no NUL, no half characters."""
    if not isinstance(value, str):
        raise problem(f"{name} must be text")
    text = value.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip()
    if len(text) > most:
        raise problem(f"{name} has {len(text):,} characters; at most {most:,} are read")
    if not text and not may_be_empty:
        raise problem(f"{name} is empty")
    return text


def _number(value: Any, name: str, among: tuple[int, int], or_zero: bool = False) -> int:
    low, high = among
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    if whole and (low <= value <= high or (or_zero and value == 0)):
        return int(value)
    raise problem(f"{name} must be a whole number from {low} to {high}")
