"""No text of a filing is markup on the page, or a formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from assistant.app.chips import chips_html, next_html, samples_html
from assistant.app.conversations import Conversations
from assistant.app.export import csv_text, markdown, xlsx_bytes
from assistant.app.inside import documents_html, inside_html, statement_sheets
from assistant.app.monitor import Again
from assistant.app.monitor_html import told_html
from assistant.app.quality import Progress
from assistant.app.quality_html import nothing_html, progress_html
from assistant.app.reply import Comparison, Outcome, Reply
from assistant.app.show import (
    caption_html,
    column_html,
    outcomes_html,
    status_html,
    thread_html,
    turn_html,
    verdict_html,
)
from assistant.assistant import answered_unread
from assistant.evidence import gather
from index.contents import Contents, contents_of
from index.store import Store
from tests.hardening.conftest import Tally
from tests.hardening.hostile import CHOSEN, poisoned, text_of

pytestmark = pytest.mark.hardening
Tallied = Callable[[str], Tally]
Tries = Callable[[int], int]
INLINE = {"text", "em_open", "em_close", "strong_open", "strong_close", "softbreak"}
SAFE_NAMES = re.compile(r"^(?!on|href$|src|action$|formaction$|xlink:|style$|http-equiv)")


def skeleton(rendered: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements and the names of their attributes; where text is marked or ends a line makes no
    difference."""
    root = lxml_html.fragment_fromstring(rendered, create_parent="main")
    return [
        (str(each.tag), tuple(sorted(each.attrib)))
        for each in root.iter()
        if each.tag not in ("mark", "br")
    ]


@pytest.fixture(scope="module")
def answered(sample_store: Store) -> Reply:
    """A calculated answer with everything that an answer can have."""
    asked = "What was Quorvane Pump's gross margin in fiscal 2022, 2023 and 2024?"
    evidence = gather(sample_store, asked)
    answer = answered_unread(evidence, {"name": "m", "scheme": ""})
    assert answer is not None and answer.calculation and answer.facts and answer.citations
    told = {"companies": ["x"], "items": ["y"], "years": [2024]}
    return Reply(
        asked, "m", answer=answer, asked=asked, taken=("x",), understood={**told},
        text="so far", error=None,
    )  # fmt: skip


@pytest.fixture(scope="module")
def opened(sample_store: Store) -> Contents:
    """What is inside a filing."""
    document = next(d for d in sample_store.documents() if d.kind != "pdf")
    return contents_of(sample_store, document.id)


def pages(reply: Reply, contents: Contents) -> Iterator[tuple[str, Callable[[Any], str], Any]]:
    """Every function that makes HTML of what a filing, a model or a reader said, and its input."""
    answer = reply.answer
    assert answer is not None
    refused = replace(reply, answer=replace(answer, refused=True, calculation=None, facts=()))
    doubted = replace(reply, answer=replace(answer, unsupported_numbers=("1,234",)))
    failed = replace(reply, answer=None, error="broken")
    yield "answer", lambda r: turn_html(r, 3), reply
    yield "refusal", lambda r: turn_html(r, 3), refused
    yield "doubted", lambda r: turn_html(r, 3), doubted
    yield "failure", lambda r: turn_html(r, 3), failed
    yield (
        "on the way",
        lambda r: turn_html(replace(r, phase=r.text), 3),
        replace(reply, answer=None),
    )
    yield "thread", lambda r: thread_html([r, r], [r.question, r.text]), reply
    yield "column", lambda r: column_html(r, 0), reply
    yield "difference", lambda r: column_html(r[0], 0, r[1]), (reply, answer)
    compared = Comparison(reply.question, reply, reply, agree=False, verdict="x")
    yield "verdict", verdict_html, compared
    yield "outcomes", outcomes_html, (Outcome("n", "failed", "t"),)
    yield "models", lambda lines: status_html([("ready", line) for line in lines]), ("a", "b")
    yield "caption", lambda c: caption_html(c, 0, c[0].quote, c[0].doc), answer.citations
    yield "chips", lambda r: chips_html(r, 3), reply
    yield "next questions", next_html, ["a", "b"]
    yield "first questions", samples_html, ["a", "b"]
    yield "library", documents_html, (contents.document,)
    yield "inside", inside_html, contents
    yield "monitor", told_html, (Again(1.0, "q", "a", "b", "x", "y", 0.5, "differs"),)
    yield "run on its way", progress_html, Progress("failed", "broken")
    yield "problems of runs", nothing_html, ("a", "b")


def test_no_text_of_a_filing_is_markup(
    answered: Reply, opened: Contents, tally: Tallied, tries: Tries
) -> None:
    counts = tally("hostile: texts on the page")
    for place, render, given in pages(answered, opened):
        benign = skeleton(render(given))
        many = max(1, tries(2000) // (20 if place == "inside" else 1))
        for seed in range(many):
            chance = random.Random(f"{place} {seed}")
            hostile = poisoned(given, chance, CHOSEN)
            rendered = render(hostile)
            assert skeleton(rendered) == benign, (place, seed)
            # What Markdown, LaTeX or a template would take for its own is no plain character.
            shown = re.sub(r"<[^<>]*>", "", rendered)
            assert not re.search(r"[`$\\{}\[\]]", shown), (place, seed)
            counts.add("renderings, none moved")


def test_the_allowed_attributes_run_and_fetch_nothing(answered: Reply, opened: Contents) -> None:
    for place, render, given in pages(answered, opened):
        for tag, names in skeleton(render(given)):
            assert all(SAFE_NAMES.match(name) for name in names), (place, tag, names)
            assert tag not in ("script", "a", "img", "iframe", "form", "object", "link", "meta")


def test_conversations_keep_text_as_text(answered: Reply, tmp_path: Path, tries: Tries) -> None:
    kept = Conversations(tmp_path / "kept.sqlite")
    for seed in range(tries(500)):
        asked = text_of(random.Random(seed)).encode("utf-8", "replace").decode()
        number = kept.save("local", None, [replace(answered, question=asked)])
        (back,) = kept.replies("local", number)
        assert back.question == asked
        assert skeleton(turn_html(back, 0)) == skeleton(turn_html(answered, 0))


# -- what is taken away -----------------------------------------------------------------------


def test_nothing_taken_away_is_formula_or_markup(
    answered: Reply, opened: Contents, tally: Tallied, tries: Tries
) -> None:
    from markdown_it import MarkdownIt
    from openpyxl import load_workbook

    counts, reader = tally("hostile: files taken away"), MarkdownIt("commonmark").enable("table")
    benign = [token.type for token in reader.parse(markdown([answered]))]
    for seed in range(tries(1000)):
        hostile = poisoned(answered, random.Random(seed), CHOSEN)
        parsed = reader.parse(clean(markdown([hostile])))
        assert [token.type for token in parsed] == benign, seed
        inner = [child.type for token in parsed for child in token.children or ()]
        assert {*inner} <= {
            "text",
            "em_open",
            "em_close",
            "strong_open",
            "strong_close",
            "softbreak",
        }
        for row in csv.reader(io.StringIO(clean(csv_text([hostile])), newline="")):
            for cell in row:
                for part in re.split(r"[;|\t\r\n]", cell):
                    assert not re.match(r"\s*[=+@＝＋－＠-]", part) or is_number(part), (seed, part)
        counts.add("answers as Markdown and CSV")
        if seed % 10 == 0:
            book = load_workbook(io.BytesIO(xlsx_bytes([hostile])))
            kinds = {c.data_type for sheet in book for row in sheet.iter_rows() for c in row}
            assert kinds <= {"s", "n"}, seed
            counts.add("workbooks")
    sheets = statement_sheets(poisoned(opened, random.Random(0), CHOSEN))
    assert sheets


def clean(text: str) -> str:
    """As it is written to a file."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", text, re.I))
