"""What became of questions is counted without their words; second answers are asked when idle."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer
from assistant.app.agree import difference
from assistant.app.feedback import Feedback
from assistant.app.models import Model
from assistant.app.monitor import Again, Monitor
from assistant.app.monitor_tab import shown
from assistant.app.reply import Ended, Reply
from assistant.app.session import Desk
from assistant.app.watched import Watched, watch
from assistant.assistant import CALCULATED
from assistant.errors import AssistantError
from eval.questions import read_questions
from index.store import Store

# Words, so that the model answers and not the figures.
ASK = "Describe the total revenue that Larkspur Valve Company states for fiscal 2024."


@pytest.fixture
def watching(desk: Desk, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    begun: list[Watched] = []

    def begin(share: float = 0.0, texts: bool = True, allowed: float = 0.2) -> Watched:
        paths = (tmp_path / "monitor.sqlite", tmp_path / "evaluations")
        begun.append(watch(desk, *paths, share, allowed, keeps=True, texts=texts))
        return begun[-1]

    yield begin
    for each in begun:
        each.close()


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.02)
    return bool(condition())


def endings(watched: Watched) -> dict[str, int]:
    now = time.time() + 1
    found = watched.monitor.summary(now - 3600, now, 4, 1.0).whole.endings
    return {ending: n for ending, n in found.items() if n}


def test_every_way_a_question_ends_is_counted(desk: Desk, watching: Callable[..., Watched]) -> None:
    watched = watching()
    assert endings(watched) == {}
    list(desk.ask(ASK))
    calculated = replied("$142 million", CALCULATED)
    watched.monitor.answered(Ended(calculated, None, 0.1, 0.1))
    list(desk.ask("What was the revenue of Larkspur Valve Company in fiscal 1931?"))
    list(desk.ask(f"{ASK} break down"))
    left = desk.ask(f"{ASK} at length")
    next(left)
    next(left)
    left.close()  # the reader has gone
    assert endings(watched) == {"model": 1, "figures": 1, "refused": 1, "failed": 1, "stopped": 1}


def test_no_words_are_kept_of_what_was_asked(
    desk: Desk, watching: Callable[..., Watched], tmp_path: Path
) -> None:
    watching()
    list(desk.ask(ASK))
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("monitor.sqlite*"))
    assert b"Describe" not in kept and b"1,284" not in kept


def test_a_file_that_cannot_be_written_costs_no_answer(
    desk: Desk, watching: Callable[..., Watched], tmp_path: Path
) -> None:
    (tmp_path / "monitor.sqlite").write_text("not a database" * 100)
    watched = watching()
    *_, last = desk.ask(ASK)
    assert last.answer and last.error is None
    assert "cannot be kept" in shown(watched, "24 hours")[0]


def test_seconds_are_the_readers(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "monitor.sqlite")
    for seconds in range(1, 101):
        monitor.answered(Ended(replied("yes"), None, seconds / 10, float(seconds)))
    monitor.answered(Ended(Reply("q", "m", error="broken"), None, None, 9999.0))
    now = time.time() + 1
    summary = monitor.summary(now - 60, now, 3, 1.0)
    assert summary.whole.total.n == 100
    assert summary.whole.total.p50 == pytest.approx(50.5)
    assert summary.whole.total.p95 == pytest.approx(95.05)
    assert summary.whole.first.p50 == pytest.approx(5.05)
    assert [sum(span.endings.values()) for span in summary.spans] == [0, 0, 101]


def test_answers_that_differ_are_asked_again_kept_and_told(
    desk: Desk, watching: Callable[..., Watched], tmp_path: Path
) -> None:
    watched = watching(share=1.0)
    assert watched.shadow
    watched.shadow._idle_s = 0.0
    list(desk.ask(ASK))
    calculated = Ended(replied("$142 million", CALCULATED), desk.retrieve(ASK), 0.1, 0.1)
    watched.shadow.offer(calculated)  # there is nothing to ask again
    assert wait_for(lambda: "1 of 1 differ" in shown(watched, "24 hours")[2])
    page = shown(watched, "24 hours")[2]
    assert "It was 142 or 1,284 too" in page
    (question,) = read_questions(
        tmp_path / "evaluations" / "disagreements" / "disagreements.questions.jsonl"
    )
    assert question.type == "disagreement, unchecked" and question.question == ASK
    assert wait_for(lambda: watched.shadow and watched.shadow.waiting == 0)
    hidden = Watched(tmp_path, watched.monitor, watched.feedback, watched.shadow, texts=False)
    assert "too" not in shown(hidden, "24 hours")[2]


def test_a_reader_goes_before_a_second_answer(store: Store, tmp_path: Path, echo: Any) -> None:
    small, slow = echo("small"), echo("slow", aside="again " * 400)
    engines = {"small": small, "slow": slow}

    def load(name: str, models_dir: Path) -> Any:
        return engines[name]

    models = {
        name: Model(engine, tmp_path, load)
        for name, engine in (("main", "small"), ("other", "slow"))
    }
    desk = Desk(store, models)  # type: ignore[arg-type]
    watched = watch(desk, tmp_path / "m.sqlite", tmp_path / "e", 1.0, keeps=True, texts=True)
    assert watched.shadow
    watched.shadow._idle_s = 0.3
    desk.models["other"].start()
    assert wait_for(lambda: desk.models["other"].state == "ready")
    slow.pause_s, slow.words_said = 0.02, 0
    try:
        list(desk.ask(ASK))
        assert wait_for(lambda: slow.words_said > 5)
        began = time.monotonic()
        *_, last = desk.ask(ASK)
        assert last.answer and time.monotonic() - began < 3  # the second answer takes 8 s
        assert wait_for(lambda: slow.at_once == 0, 3)
        assert watched.shadow.waiting == 2  # both are to be asked again
    finally:
        watched.close()


def test_a_share_of_the_answers_is_taken(desk: Desk, tmp_path: Path) -> None:
    watched = watch(desk, tmp_path / "m", tmp_path / "e", 0.25, keeps=True, texts=True)
    assert watched.shadow
    watched.shadow._chance = random.Random(7)
    watched.shadow._idle_s = 1e9
    *_, last = desk.ask(ASK)
    ended = Ended(last, desk.retrieve(ASK), 0.1, 0.2)
    for _ in range(200):
        watched.shadow.offer(ended)
    assert 25 <= watched.shadow.waiting <= 75
    watched.close()


def test_second_answers_need_a_second_model(store: Store, tmp_path: Path, echo: Any) -> None:
    desk = Desk(store, {"main": Model("small", tmp_path, lambda name, models: echo("small"))})
    with pytest.raises(AssistantError, match="--compare-with"):
        watch(desk, tmp_path / "m", tmp_path / "e", 0.1, keeps=True, texts=True)


def test_a_comparison_that_disagrees_is_kept_unless_nobody_may_be_known(
    desk: Desk, tmp_path: Path
) -> None:
    for keeps in (False, True):
        desk.compared.clear()
        watch(desk, tmp_path / "m", tmp_path / "e", keeps=keeps, texts=True)
        *_, last = desk.compare(ASK)
        assert last.agree is False
        kept = tmp_path / "e" / "disagreements" / "disagreements.questions.jsonl"
        assert kept.is_file() == keeps


def test_opinions_and_hostile_words_are_shown_as_text(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "m.sqlite")
    feedback = Feedback(tmp_path / "f", monitor.judged)
    (judged,) = feedback.judge([replied("$5 million")], 0, "should-refuse")
    feedback.judge([judged], 0, "wrong-number")
    evil = "<script>alert(1)</script>"
    monitor.asked_again(Again(time.time(), evil, "a", "b", evil, evil, 1.0, evil))
    watched = Watched(tmp_path, monitor, feedback, None, texts=True)
    answers, opinions, again = shown(watched, "7 days")
    assert "Wrong number" in opinions and "Should have refused" not in opinions
    assert "Nobody has asked" in answers and "--shadow" in again
    from assistant.app.monitor_html import told_html

    now = time.time() + 1
    page = told_html(monitor.summary(now - 60, now, 1, 0.5).told)
    assert "<script>" not in page and "alert" in page


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Revenue was $1,284 million.", "It was 1,284 million in 2024.", 0.0),
        ("Revenue was $1.284 billion.", "1,284", 0.0),
        ("Revenue was $1,284 million.", "Revenue was $1,300 million.", 1.0),
        ("1,284, up from 1,200", "1,284", 1 / 3),
        ("The chief executive is Ann Lee.", "Ann Lee", 0.0),
        ("Ann Lee", "Bob Ray", 1.0),
        ("Not in the filings", "5", 1.0),
        ("Not in the filings", "Not in the filings: no such year", 0.0),
    ],
)
def test_how_far_answers_are_apart(one: str, other: str, apart: float) -> None:
    first, second = (replied(text).answer for text in (one, other))
    assert first and second
    assert difference(first, second) == pytest.approx(apart)
    assert difference(second, first) == pytest.approx(apart)


def replied(text: str, scheme: str = "int4") -> Reply:
    model = {"name": "m", "scheme": scheme}
    refused = text.startswith("Not in")
    return Reply("q", "m", answer=Answer("q", text, refused, (), model, {"total": 1.0}, 1, 1))
