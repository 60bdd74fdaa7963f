"""What the page shows is text, whatever it says."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Citation
from assistant.app.agree import agreement
from assistant.app.inside import documents_html
from assistant.app.markup import escape
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
from index.documents import Document

HOSTILE = (
    '<img src=x onerror="alert(1)"> <script>alert(1)</script> [a](javascript:alert(1)) '
    "![p](http://evil.test/p.png) $5 million to $6 million ${alert(1)} {{value}} `x` **b** \\(x\\)"
    "\n\n# head\n\u202edesrever"
)


class Tags(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def answered(text: str, quote: str = "Total revenue 1,284", **more: object) -> Answer:
    citation = Citation("doc", 2, quote, "Larkspur", "10-K", 2024, 1)
    values: dict[str, object] = {
        "question": "q",
        "answer": text,
        "refused": False,
        "citations": (citation,),
        "model": {"name": "small", "scheme": "int4"},
        "timings_s": {"retrieve": 0.1, "first_token": 1.0, "total": 3.0},
        "prompt_tokens": 900,
        "completion_tokens": 21,
        **more,
    }
    return Answer(**values)  # type: ignore[arg-type]


@given(st.text())
def test_escaped_text_has_no_meaning_left(text: str) -> None:
    shown = escape(text)
    assert not re.search(r"[\"'$`{}\\*_\[\]~|!@:\n]", shown)
    assert Tags(shown).tags <= {"br"}
    kept = html.unescape(shown.replace("<br>", "\n"))
    same = text.replace("\r\n", "\n").replace("\t", " ")
    assert kept == re.sub("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\ufffd", same)


def test_hostile_text_stays_text_everywhere() -> None:
    answer = answered(HOSTILE, HOSTILE, model={"name": HOSTILE, "scheme": HOSTILE})
    done = Reply(HOSTILE, HOSTILE, answer=answer)
    growing = Reply(HOSTILE, HOSTILE, phase=HOSTILE, text=HOSTILE)
    failed = Reply(HOSTILE, HOSTILE, error=HOSTILE)
    comparison = Comparison(HOSTILE, done, done, False, HOSTILE)
    document = Document(
        *(1, HOSTILE, "path", "pdf", "sha", HOSTILE, HOSTILE, 2024, HOSTILE, None, None, None),
        *(3, 4, 5, "2025-01-01", (HOSTILE,)),
    )
    parts = [
        documents_html([document]),
        *(turn_html(reply, 0) for reply in (done, growing, failed)),
        *(column_html(reply, 1) for reply in (done, growing, failed)),
        thread_html([], [HOSTILE]),
        verdict_html(comparison),
        outcomes_html([Outcome(HOSTILE, "failed", HOSTILE)]),
        status_html([("failed", HOSTILE)]),
        caption_html(answer.citations, 0, HOSTILE),
    ]
    for part in parts:
        seen = Tags(part)
        assert not seen.tags & {"img", "script", "a", "h1", "b", "code"}, part
        assert not any(name.startswith("on") for name in seen.attributes)
        assert "${" not in part
        assert "{{" not in part


def test_an_answer_shows_its_figures_and_sources() -> None:
    shown = " ".join(Tags(turn_html(Reply("q", "m", answer=answered("It was 1,284.")), 3)).words)
    for piece in ("It was 1,284.", "int4", "3.0 s", "10.0 tokens/s", "Sources", "page 2"):
        assert piece in shown
    assert 'data-cite="3/0"' in turn_html(Reply("q", "m", answer=answered("x")), 3)


def test_doubtful_numbers_are_marked_and_named() -> None:
    answer = answered("It was 77, not 1,77 or 777.", unsupported_numbers=("77", "777"))
    shown = turn_html(Reply("q", "m", answer=answer), 0)
    assert shown.count('<mark class="tq-doubt">') == 2
    assert '<mark class="tq-doubt">777</mark>' in shown
    assert "Check before use" in shown


def test_a_refusal_looks_different() -> None:
    answer = answered("Not in the filings. No filing of Acme is there.", refused=True)
    shown = turn_html(Reply("q", "m", answer=answer), 0)
    assert "tq-refused" in shown
    assert "Closest evidence" in shown
    assert "Sources" not in shown
    seen = re.sub(' data-copy="[^"]*"', "", shown)
    assert seen.count("Not in the filings") == 1


@given(st.text())
def test_what_is_copied_is_the_answer_and_stays_text(said: str) -> None:
    shown = turn_html(Reply("q", "m", answer=answered(said)), 0)
    (copied,) = re.findall(' data-copy="([^"]*)"', shown)
    assert not set(copied) & set("<>{}$`\\\n")
    heading, *rest = html.unescape(copied).splitlines()
    assert heading == "## q" and any("page" in line for line in rest)


def test_a_stopped_answer_says_that_it_was_not_checked() -> None:
    shown = turn_html(Reply("q", "m", text="It was", stopped=True), 0)
    assert "It was" in shown
    assert "not checked" in shown


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Revenue was $1,284 million.", "It was 1,284 million in fiscal 2024.", True),
        ("Revenue was $1,284 million.", "Revenue was $1.284 billion.", True),
        ("Revenue was $1,284 million.", "Revenue was $1.3 billion.", True),
        ("The margin was 15.65%.", "The margin was 15.7%.", True),
        ("It fell by 5.", "It was (5).", True),
        ("Revenue was 1,284.", "Revenue was 1,285.", False),
        ("Revenue was 1,284.", "Revenue was 1,284, up 16%.", False),
        ("It was 777.", "It was 1.", False),
        ("It was 5%.", "It was 5.", False),
        ("It rose.", "It increased.", None),
    ],
)
def test_numbers_agree(one: str, other: str, agree: bool | None) -> None:
    assert agreement(answered(one), answered(other))[0] is agree
    assert agreement(answered(other), answered(one))[0] is agree


def test_refusals_agree_with_each_other_only() -> None:
    refusal = answered("Not in the filings.", refused=True)
    assert agreement(refusal, refusal)[0] is True
    assert agreement(refusal, answered("It was 5."))[0] is False
