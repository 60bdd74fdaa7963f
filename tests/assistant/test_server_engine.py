"""Models behind an address, on a real HTTP server: streaming, stopping, counting, every failure."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

import assistant.server_engine
from assistant.assistant import answer_from
from assistant.engine import Engine, load_engine
from assistant.errors import EngineError
from assistant.evidence import gather
from assistant.server_address import read_address
from index.store import Store
from tests.openai_server import WORDS, OpenAIServer

MESSAGES = [{"role": "user", "content": "What were net sales?"}]


def load(address: str) -> Engine:
    return load_engine(address, Path())


def said(engine: Engine, most: int = 100) -> str:
    return "".join(engine.stream(MESSAGES, most))


def test_an_answer_streams_greedily_and_is_counted(openai_server: OpenAIServer) -> None:
    engine = load(openai_server.url)
    assert (engine.name, engine.scheme) == (f"{openai_server.url}#tiny-chat", "server")
    assert list(engine.stream(MESSAGES, 100)) == WORDS
    usage = engine.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (31, len(WORDS))
    assert 0 < usage.first_token_s <= usage.total_s
    (body,) = openai_server.bodies
    assert body["messages"] == MESSAGES
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("tiny-chat", 0, 100)


def test_pieces_come_while_the_server_writes(openai_server: OpenAIServer) -> None:
    engine = load(openai_server.url)
    openai_server.pause_s = 0.1
    began = time.perf_counter()
    pieces = engine.stream(MESSAGES, 100)
    next(pieces)
    assert time.perf_counter() - began < 0.4
    list(pieces)
    usage = engine.usage
    assert usage is not None
    assert usage.first_token_s < 0.4 < usage.total_s


def test_a_model_is_chosen_by_its_name(openai_server: OpenAIServer) -> None:
    engine = load(f"{openai_server.url}/#other-chat")
    said(engine)
    assert openai_server.bodies[0]["model"] == "other-chat"
    assert engine.name == f"{openai_server.url}#other-chat"
    with pytest.raises(EngineError, match="serves tiny-chat, other-chat"):
        load(f"{openai_server.url}#third-chat")


def test_stop_closes_the_connection(openai_server: OpenAIServer) -> None:
    openai_server.words, openai_server.pause_s = ["word "] * 2000, 0.01
    engine = load(openai_server.url)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    text = "".join(engine.stream(MESSAGES, 2000, stop))
    assert 0 < len(text) < 2000
    assert openai_server.cut_short.wait(5)
    usage = engine.usage
    assert usage is not None
    assert usage.completion_tokens == text.count("word")


def test_stop_does_not_wait_for_a_server_that_thinks(openai_server: OpenAIServer) -> None:
    openai_server.pause_s = 2.0
    engine = load(openai_server.url)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.perf_counter()
    assert list(engine.stream(MESSAGES, 100, stop)) == []
    assert time.perf_counter() - began < 1.0


def test_a_reader_who_goes_away_closes_the_connection(openai_server: OpenAIServer) -> None:
    openai_server.words, openai_server.pause_s = ["word "] * 2000, 0.01
    pieces = load(openai_server.url).stream(MESSAGES, 2000)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert openai_server.cut_short.wait(5)


def test_several_readers_at_once_get_their_own_counts(openai_server: OpenAIServer) -> None:
    openai_server.pause_s = 0.05
    engine = load(openai_server.url)
    counts: dict[int, int] = {}

    def read(most: int) -> None:
        said(engine, most)
        assert engine.usage is not None
        counts[most] = engine.usage.completion_tokens

    threads = [threading.Thread(target=read, args=(most,)) for most in (2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == {2: 2, 3: 3, 4: 4, 5: 5}
    assert openai_server.most_at_once == 4
    assert engine.usage is None  # this thread has read nothing


@pytest.mark.parametrize("kind", ["vllm", "llama.cpp"])
def test_tokens_are_counted_by_the_server(openai_server: OpenAIServer, kind: str) -> None:
    openai_server.tokenize = kind
    assert load(openai_server.url).count_tokens("one two three four") == 4


def test_tokens_are_estimated_where_the_server_does_not_count(openai_server: OpenAIServer) -> None:
    openai_server.mode = "no usage"
    engine = load(openai_server.url)
    assert engine.count_tokens("1,284.5 ") == 3
    said(engine)
    usage = engine.usage
    assert usage is not None
    assert usage.prompt_tokens == -(-len(MESSAGES[0]["content"]) // 3)
    assert usage.completion_tokens == len(WORDS)


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("500", r"500 \(CUDA out of memory\)"),
        ("404", "404 .*`tiny-chat` does not exist"),
        ("dies", "broke off"),
        ("garbage", r"does not speak the OpenAI protocol.*oh dear"),
        ("error", "the engine died"),
        ("not a stream", "does not speak the OpenAI protocol"),
        ("silent", "nothing for 1 s"),
    ],
)
def test_a_failing_answer_is_one_line(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, mode: str, says: str
) -> None:
    monkeypatch.setattr(assistant.server_engine, "SILENCE_S", 1.0)
    engine = load(openai_server.url)
    openai_server.mode = mode
    with pytest.raises(EngineError, match=says) as caught:
        said(engine)
    assert "\n" not in str(caught.value)
    assert openai_server.url in str(caught.value)
    openai_server.mode = ""
    assert said(engine) == "".join(WORDS)


def test_a_server_that_cannot_be_used_is_one_line(openai_server: OpenAIServer) -> None:
    with pytest.raises(EngineError, match="end in /v1"):
        load(openai_server.root)
    openai_server.mode = "html"
    with pytest.raises(EngineError, match=r"does not speak the OpenAI protocol.*DOCTYPE"):
        load(openai_server.url)
    openai_server.mode = "redirect"
    openai_server.elsewhere.clear()
    with pytest.raises(EngineError, match=r"redirects to .*elsewhere"):
        load(openai_server.url)
    assert openai_server.elsewhere == []
    openai_server.mode, openai_server.models = "", []
    with pytest.raises(EngineError, match="serves no model"):
        load(openai_server.url)


def test_nobody_there(openai_server: OpenAIServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EngineError, match=r"no server can be reached.*start it"):
        load(address)
    engine = load(openai_server.url)
    openai_server.close()
    with pytest.raises(EngineError, match=r"no server can be reached|broke off"):
        said(engine)


def test_the_key_comes_from_the_environment_and_is_never_shown(
    openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai_server.key = "sk-right"
    with pytest.raises(EngineError, match="TENQ_API_KEY"):
        load(openai_server.url)
    monkeypatch.setenv("TENQ_API_KEY", "sk-wrong")
    with pytest.raises(EngineError, match="refuses the key") as caught:
        load(openai_server.url)
    assert "sk-" not in str(caught.value)
    monkeypatch.setenv("TENQ_API_KEY", "sk-right")
    assert said(load(openai_server.url)) == "".join(WORDS)
    monkeypatch.setenv("TENQ_API_KEY", "sk-\nright")
    with pytest.raises(EngineError, match="characters that no key has"):
        load(openai_server.url)


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http://host:port/v1",
        "http://a b/v1",
        "https://me:sk-1@host/v1",
        "http://h/v1?k=sk-1",
    ],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(EngineError) as caught:
        read_address(address)
    assert "sk-1" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_dtype_is_for_full_models(openai_server: OpenAIServer) -> None:
    with pytest.raises(EngineError, match="full models only"):
        load_engine(openai_server.url, Path(), "fp32")


def test_a_question_is_answered_with_citations(openai_server: OpenAIServer, store: Store) -> None:
    openai_server.words = ["Total ", "revenue ", "1,284"]
    question = "What was the total revenue of Larkspur Valve Company in fiscal 2024?"
    evidence = gather(store, question, figures=False)
    *_, answer = answer_from(load(openai_server.url), evidence)
    assert not isinstance(answer, str)
    assert answer.citations[0].quote == "Total revenue 1,284"
    assert answer.model == {"name": f"{openai_server.url}#tiny-chat", "scheme": "server"}
    assert answer.prompt_tokens == 31
