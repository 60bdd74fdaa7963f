"""Conversations are kept, found, renamed, deleted, and nobody reaches another reader's."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Answer, Citation
from assistant.app.conversations import Conversations
from assistant.app.reply import Reply
from assistant.errors import AssistantError


def reply(question: str, text: str = "It was $5 million.") -> Reply:
    cited = (Citation("DOC", 2, "Total revenue 5", None, "10-K", 2024, 1),)
    answer = Answer(
        question, text, False, cited, {"name": "m", "scheme": "int4"}, {"total": 1.0}, 9, 3,
        unsupported_numbers=("7",), facts=({"name": "revenue", "citation": 0},),
        calculation={"shape": "plain", "steps": []},
    )  # fmt: skip
    return Reply(question, "m", answer=answer, asked=question, taken=("Acme",), memory_mb=5.0)


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "new" / "conversations.sqlite")


def test_what_was_said_comes_back_as_it_was(kept: Conversations) -> None:
    said = [reply("What was revenue?"), Reply("stopped", stopped=True), Reply("x", error="no")]
    number = kept.save("ann", None, said[:1])
    assert kept.save("ann", number, said) == number
    assert kept.replies("ann", number) == said
    (one,) = kept.listed("ann")
    assert (one.id, one.title) == (number, "What was revenue?")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1), st.text())
def test_any_text_is_kept(kept: Conversations, question: str, text: str) -> None:
    number = kept.save("ann", None, [reply(question, text)])
    assert kept.replies("ann", number) == [reply(question, text)]


def test_nobody_reaches_anothers(kept: Conversations) -> None:
    number = kept.save("ann", None, [reply("secret plans")])
    assert kept.listed("bob") == kept.listed("") == kept.listed("bob", "secret") == []
    with pytest.raises(AssistantError, match="not there"):
        kept.replies("bob", number)
    kept.rename("bob", number, "mine now")
    kept.delete("bob", number)
    kept.save("bob", number, [reply("overwritten")])
    assert kept.replies("ann", number) == [reply("secret plans")]
    assert [each.title for each in kept.listed("ann")] == ["secret plans"]


def test_found_by_words_renamed_and_deleted(kept: Conversations) -> None:
    first = kept.save("ann", None, [reply("What was revenue of Acme?")])
    second = kept.save("ann", None, [reply("100% of_goodwill", "It fell.")])
    assert [each.id for each in kept.listed("ann")] == [second, first]
    assert [each.id for each in kept.listed("ann", "ACME revenue")] == [first]
    assert [each.id for each in kept.listed("ann", "% _")] == [second]
    assert kept.listed("ann", "' OR 1=1 --") == []
    kept.rename("ann", first, "  Quarter   end ")
    assert kept.listed("ann", "quarter")[0].title == "Quarter end"
    with pytest.raises(AssistantError, match="empty"):
        kept.rename("ann", first, " ")
    kept.delete("ann", first)
    assert [each.id for each in kept.listed("ann")] == [second]


def test_saves_at_once_are_all_kept(kept: Conversations) -> None:
    threads = [
        threading.Thread(target=kept.save, args=("ann", None, [reply(f"q{n}")])) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept.listed("ann")) == 12


def test_a_damaged_or_foreign_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(AssistantError, match="move that file away"):
        Conversations(tmp_path / "a.sqlite").listed("ann")
    with sqlite3.connect(tmp_path / "b.sqlite") as database:
        database.execute("PRAGMA user_version = 9")
    with pytest.raises(AssistantError, match="format 9"):
        Conversations(tmp_path / "b.sqlite").save("ann", None, [reply("q")])
    number = Conversations(tmp_path / "c.sqlite").save("ann", None, [reply("q")])
    with sqlite3.connect(tmp_path / "c.sqlite") as database:
        database.execute("UPDATE conversations SET turns = '[{}]'")
    with pytest.raises(AssistantError, match="damaged"):
        Conversations(tmp_path / "c.sqlite").replies("ann", number)
