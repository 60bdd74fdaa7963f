"""The desk behind the web chat, over a real store, without a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assistant.app.models import Model, Turns
from assistant.app.reply import Reply
from assistant.app.session import Desk
from assistant.engine import AT_ONCE, load_engine
from assistant.errors import EngineError
from index.store import Store
from tests.openai_server import OpenAIServer

ASK = "What was the total revenue of Larkspur Valve Company in fiscal 2024?"
AT_LENGTH = "Tell at length the total revenue of Larkspur Valve Company in fiscal 2024"


def last(replies: Any) -> Any:
    *_, final = replies
    return final


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not condition():
        time.sleep(0.01)
    return condition()


def test_an_answer_streams_and_ends_cited(desk: Desk) -> None:
    replies = list(desk.ask(ASK))
    assert replies[0].phase == "Looking in the filings…"
    final: Reply = replies[-1]
    assert final.phase is None
    assert final.error is None
    assert final.answer is not None
    assert final.answer.answer == "Total revenue 1,284 (Amounts in millions.)"
    assert final.answer.citations[0].quote == "Total revenue 1,284"
    assert final.answer.citations[0].page == 2
    assert final.memory_mb >= 0


def test_text_grows_while_the_model_writes(store: Store, tmp_path: Path, echo: Any) -> None:
    slow = echo("slow", pause_s=0.05)
    desk = Desk(store, {"main": Model("slow", tmp_path, lambda name, models: slow)})
    replies = list(desk.ask(ASK))
    texts = [reply.text for reply in replies if reply.text]
    assert len(set(texts)) > 2
    rate = replies[-1].tokens_per_s
    assert rate is not None
    assert 10 < rate < 40
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))


def test_a_company_not_in_the_library_is_refused(desk: Desk) -> None:
    final = last(desk.ask("What was the revenue of Zzyx Corporation in fiscal 2024?"))
    assert final.answer.refused
    assert "Zzyx" in final.answer.answer


def test_numbers_from_nowhere_are_reported(desk: Desk) -> None:
    final = last(desk.ask(ASK, "other"))
    assert final.answer.unsupported_numbers == ("777",)


def test_stop_ends_the_generation_and_frees_the_model(
    store: Store, tmp_path: Path, echo: Any
) -> None:
    engine = echo("slow", pause_s=0.01)
    desk = Desk(store, {"main": Model("slow", tmp_path, lambda name, models: engine)})
    stop = desk.begin("reader")
    assert stop is not None
    final = None
    for final in desk.ask(AT_LENGTH, stop=stop):
        if len(final.text) > 50:
            desk.stop("reader")
    assert final is not None
    assert final.stopped
    assert final.answer is None
    assert final.text
    assert wait_for(lambda: engine.at_once == 0)
    assert engine.words_said < 500
    assert last(desk.ask(ASK)).answer is not None


def test_a_reader_who_goes_away_stops_the_model(store: Store, tmp_path: Path, echo: Any) -> None:
    engine = echo("slow", pause_s=0.01)
    desk = Desk(store, {"main": Model("slow", tmp_path, lambda name, models: engine)})
    replies = desk.ask(AT_LENGTH)
    while not next(replies).text:
        pass
    replies.close()
    assert wait_for(lambda: engine.at_once == 0)
    assert engine.words_said < 500


def test_one_question_a_reader_at_a_time(desk: Desk) -> None:
    first = desk.begin("reader")
    assert first is not None
    assert desk.begin("reader") is None
    assert desk.begin("someone else") is not None
    first.set()
    assert desk.begin("reader") is not None


def test_readers_take_turns_at_the_model(store: Store, tmp_path: Path, echo: Any) -> None:
    engine = echo("slow", pause_s=0.15)
    desk = Desk(store, {"main": Model("slow", tmp_path, lambda name, models: engine)})
    seen: dict[int, list[Reply]] = {n: [] for n in range(3)}
    threads = [threading.Thread(target=lambda n=n: seen[n].extend(desk.ask(ASK))) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.most_at_once == 1
    assert all(replies[-1].answer is not None for replies in seen.values())
    phases = {reply.phase for replies in seen.values() for reply in replies}
    assert "Waiting: 1 question before yours…" in phases


def test_readers_share_a_model_that_batches(store: Store, tmp_path: Path, echo: Any) -> None:
    engine = echo("batching", pause_s=0.2)
    engine.parallel = AT_ONCE
    desk = Desk(store, {"main": Model("batching", tmp_path, lambda name, models: engine)})
    list(desk.ask(ASK))
    finals: list[Reply] = []
    threads = [
        threading.Thread(target=lambda: finals.append(last(desk.ask(ASK))))
        for _ in range(AT_ONCE + 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.most_at_once == AT_ONCE
    assert all(final.answer is not None for final in finals)


def test_a_model_behind_an_address_answers_in_the_chat(
    store: Store, tmp_path: Path, openai_server: OpenAIServer
) -> None:
    openai_server.words = ["Total ", "revenue ", "1,284"]
    model = Model(openai_server.url, tmp_path, load_engine)
    desk = Desk(store, {"main": model})
    assert model.label == f"Server · {openai_server.url}"
    final = last(desk.ask(ASK))
    assert final.answer is not None
    assert final.answer.citations[0].quote == "Total revenue 1,284"
    assert model.memory_mb == final.memory_mb == 0
    assert "ready (server" in model.status
    openai_server.close()
    assert "again" in last(desk.ask(ASK)).error or "reached" in last(desk.ask(ASK)).error


def test_a_comparison_has_the_machine_to_itself(store: Store, tmp_path: Path, echo: Any) -> None:
    engines = {name: echo(name, pause_s=0.1) for name in ("main", "other")}
    for engine in engines.values():
        engine.parallel = AT_ONCE
    busy: list[int] = []

    def load(name: str, models: Path) -> Any:
        return engines[name]

    models = {name: Model(name, tmp_path, load) for name in engines}
    desk = Desk(store, models)  # type: ignore[arg-type]
    last(desk.compare(ASK))
    asking = threading.Thread(target=lambda: list(desk.ask(ASK)))
    comparison = desk.compare(ASK)
    for so_far in comparison:
        if so_far.left.text and not asking.is_alive() and asking.ident is None:
            asking.start()
        busy.append(sum(engine.at_once for engine in engines.values()))
    asking.join()
    assert max(busy) == 1


def test_a_question_waits_for_the_model_to_load(store: Store, tmp_path: Path, echo: Any) -> None:
    loaded = threading.Event()

    def load(name: str, models: Path) -> Any:
        loaded.wait(5)
        return echo(name)

    desk = Desk(store, {"main": Model("small", tmp_path, load)})
    phases = []
    for reply in desk.ask(ASK):
        phases.append(reply.phase or "")
        if "loading the model" in phases[-1]:
            loaded.set()
    assert any("loading the model" in phase for phase in phases)
    assert reply.answer is not None


def test_a_model_that_cannot_load_says_why_and_is_tried_again(
    store: Store, tmp_path: Path, echo: Any
) -> None:
    there = []

    def load(name: str, models: Path) -> Any:
        if not there:
            raise EngineError("no such model here: make it with `tenq quantize`")
        return echo(name)

    desk = Desk(store, {"main": Model("small", tmp_path, load)})
    final = last(desk.ask(ASK))
    assert "make it with `tenq quantize`" in final.error
    assert desk.models["main"].state == "failed"
    there.append(True)
    assert last(desk.ask(ASK)).answer is not None


def test_an_engine_that_breaks_is_one_line_and_gives_its_turn_back(desk: Desk) -> None:
    final = last(
        desk.ask("Did the Larkspur Valve Company total revenue break down in fiscal 2024?")
    )
    assert final.error is not None
    assert "RuntimeError" in final.error
    assert "\n" not in final.error
    assert last(desk.ask(ASK)).answer is not None


def test_two_models_answer_on_the_same_evidence(desk: Desk) -> None:
    final = last(desk.compare(ASK))
    assert final.left.answer.passages == final.right.answer.passages
    assert final.left.answer.model["scheme"] == "int4"
    assert final.right.answer.model["scheme"] == "full-bf16"
    assert final.agree is False
    assert "only the right answer" in final.verdict


def test_comparing_goes_on_where_one_model_is_missing(
    store: Store, tmp_path: Path, echo: Any
) -> None:
    def load(name: str, models: Path) -> Any:
        if name == "gone":
            raise EngineError("gone is not made yet")
        return echo(name)

    models = {"main": Model("gone", tmp_path, load), "other": Model("there", tmp_path, load)}
    final = last(Desk(store, models).compare(ASK))  # type: ignore[arg-type]
    assert "not made yet" in final.left.error
    assert final.right.answer is not None
    assert final.verdict == ""


def test_stopping_a_comparison_stops_both(desk: Desk) -> None:
    stop = threading.Event()
    comparison = desk.compare(ASK, stop)
    next(comparison)
    stop.set()
    final = last(comparison)
    assert final.left.stopped
    assert final.right.stopped


def test_uploads_are_told_apart_and_deleted(
    desk: Desk, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    new = filing(tmp_path / "a", 2023)
    same = filing(tmp_path / "b", 2024)
    changed = filing(tmp_path / "c", 2024, revenue="1,300")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 no more")
    told: list[float] = []
    files = [new, same, changed, broken]
    outcomes = list(desk.upload(files, lambda fraction, phrase: told.append(fraction)))
    assert [outcome.status for outcome in outcomes] == ["added", "unchanged", "replaced", "failed"]
    assert "Larkspur Valve Company, 10-K, FY 2023, 2 pages" in outcomes[0].text
    assert str(tmp_path) not in outcomes[3].text
    assert not any(path.exists() for path in files)
    assert {document.fiscal_year for document in desk.documents()} == {2023, 2024}
    assert len(desk.documents()) == 2
    assert told == sorted(told)
    final = last(desk.ask(ASK))
    assert "1,300" in final.answer.answer


def test_files_of_one_name_from_two_companies_are_both_kept(
    desk: Desk, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    other = filing(tmp_path / "other", 2024)
    text = other.read_text(encoding="utf-8").replace("Larkspur Valve", "Mistral Hinge")
    other.write_text(text, encoding="utf-8")
    (outcome,) = desk.upload([other])
    assert outcome.status == "added"
    assert len(desk.documents()) == 2


def test_two_reports_of_one_year_under_one_name_are_both_kept(desk: Desk, tmp_path: Path) -> None:
    outcomes = []
    for n, day in enumerate(("March 5, 2024", "July 9, 2024")):
        path = tmp_path / str(n) / "8-K.txt"
        path.parent.mkdir()
        path.write_text(
            "FORM 8-K\nCURRENT REPORT\n"
            f"Date of Report (Date of earliest event reported): {day}\n"
            "Larkspur Valve Company\n(Exact name of registrant as specified in its charter)\n"
            "\fItem 5.02 A director left.\n",
            encoding="utf-8",
        )
        outcomes += desk.upload([path])
    assert [outcome.status for outcome in outcomes] == ["added", "added"]
    assert len(desk.documents()) == 3


def test_what_the_store_rules_out_needs_no_model(store: Store, tmp_path: Path) -> None:
    def load(name: str, models: Path) -> Any:
        raise AssertionError("the model was loaded")

    desk = Desk(store, {"main": Model("small", tmp_path, load)})
    final = last(desk.ask("What was the revenue of Larkspur Valve Company in fiscal 2011?"))
    assert final.error is None
    assert final.answer.refused
    assert "2011" in final.answer.answer


def test_removing(desk: Desk) -> None:
    (document,) = desk.documents()
    gone, missing = desk.remove([document.id, 4711])
    assert gone.status == "removed"
    assert missing.status == "failed"
    assert desk.documents() == []
    assert last(desk.ask(ASK)).answer.refused


def test_correcting(desk: Desk) -> None:
    (document,) = desk.documents()
    done = desk.correct(document.id, "Quillfeather Mills", "", 2019.0, "")
    assert done.status == "corrected"
    assert "Quillfeather Mills" in done.text
    (after,) = desk.documents()
    assert (after.company, after.fiscal_year, after.form) == (
        "Quillfeather Mills",
        2019,
        document.form,
    )
    same = desk.correct(document.id, "Quillfeather Mills", "", 2019.0, "")
    assert same.status == "unchanged"
    assert desk.correct(4711, "Nobody", "", None, "").status == "failed"
    assert "Q1, Q2, Q3 or Q4" in desk.correct(document.id, "", "", None, "H1").text


def test_the_cited_page_is_a_picture(desk: Desk) -> None:
    citation = last(desk.ask(ASK)).answer.citations[0]
    png = desk.page_image(citation.doc_id, citation.page, [citation.quote])
    assert png.startswith(b"\x89PNG")


def test_samples_are_about_what_is_there(
    desk: Desk, tmp_path: Path, filing: Callable[..., Path]
) -> None:
    assert "What was Larkspur Valve Company's revenue in fiscal 2024?" in desk.samples()
    list(desk.upload([filing(tmp_path / "more", 2022)]))
    assert any("2022" in sample for sample in desk.samples())
    assert len(desk.samples(limit=2)) == 2
    desk.remove([document.id for document in desk.documents()])
    assert desk.samples() == []
    assert Desk(desk.store, desk.models, ["What now?"]).samples() == ["What now?"]


def test_as_many_as_a_model_takes_have_their_turn() -> None:
    turns = Turns()
    batched = [turns.take(AT_ONCE) for _ in range(AT_ONCE - 1)]
    alone, late = turns.take(1), turns.take(AT_ONCE)
    assert [turns.wait(ticket, 0) for ticket in batched] == [0] * len(batched)
    assert turns.wait(alone, 0) == AT_ONCE - 1
    assert turns.wait(late, 0) == AT_ONCE  # a place is free, but nobody is overtaken
    for ticket in batched:
        turns.leave(ticket)
    assert turns.wait(alone, 0) == 0
    assert turns.wait(late, 0) == 1
    turns.leave(alone)
    assert turns.wait(late, 0) == 0


def test_turns_go_in_order() -> None:
    turns = Turns()
    first, second, third = turns.take(), turns.take(), turns.take()
    assert turns.wait(first, 0) == 0
    assert turns.wait(third, 0) == 2
    turns.leave(second)
    assert turns.wait(third, 0) == 1
    turns.leave(first)
    assert turns.wait(third, 0) == 0


@pytest.mark.parametrize("question", ["", "   ", "?" * 10_000, "\x00\ud800"])
def test_odd_questions_end_in_an_answer_or_a_line(desk: Desk, question: str) -> None:
    final = last(desk.ask(question))
    assert final.phase is None
    assert final.answer is not None or final.error


def test_a_question_that_is_no_text_is_answered_all_the_same(desk: Desk) -> None:
    *_, last = desk.ask("What was total\0 revenue in fiscal 2024 \ud800" + "?" * 3000)
    assert last.answer and len(last.question) == 2000
    assert last.question.encode("utf-8") and "\0" not in last.question
    desk.close()
