"""The web chat in a real browser: what a reader sees and can do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.read import find_filings
from index.samples import write_samples
from tests.edgar_server import EdgarServer
from tests.index.test_store import write_filing

pytestmark = pytest.mark.e2e

REVENUE = "What was the total revenue of Larkspur Valve Company in fiscal 2024?"
# Not asked for in a way that a printed row answers: the model reads.
READ = "Describe the total revenue of Larkspur Valve Company in fiscal 2024."
WAIT_MS = 20_000


@pytest.fixture
def elsewhere() -> list[str]:
    """Addresses that pages asked for outside this machine."""
    return []


@pytest.fixture
def open_page(browser: Any, elsewhere: list[str]) -> Iterator[Callable[..., Any]]:
    contexts = []

    def open_it(address: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
                else elsewhere.append(request.url)
            ),
        )
        page.goto(address)
        page.wait_for_selector("#question textarea")
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def page(chat: Any, open_page: Callable[..., Any]) -> Any:
    return open_page(chat.address)


def ask(page: Any, question: str) -> None:
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")


def answered(page: Any, count: int = 1) -> Any:
    """The last answer, once there are `count` finished ones."""
    turns = page.locator("#past .tq-turn")
    turns.nth(count - 1).wait_for()
    return turns.nth(count - 1)


def test_an_answer_streams_is_cited_and_shows_its_page(page: Any) -> None:
    ask(page, READ)
    growing = "document.querySelector('#now .tq-text')?.innerText"
    first = page.wait_for_function(growing).json_value()
    answer = answered(page)
    text = answer.locator(".tq-text").inner_text()
    assert text.startswith(first.strip())
    assert len(first.strip()) < len(text)
    assert "1,284" in text
    assert "page 2" in answer.locator(".tq-source").first.inner_text()
    assert re.search(r"small-int4\s+int4\s+[\d.]+ s\s+[\d.]+ tokens/s", answer.inner_text())
    image = page.locator("#ask-page img")
    image.wait_for()
    assert "page 2" in page.inner_text(".tq-caption")
    page.wait_for_function("document.querySelector('#ask-page img').naturalWidth > 500")
    assert "Total revenue" in image.get_attribute("alt")


def test_several_turns_and_back_to_an_earlier_page(page: Any) -> None:
    ask(page, REVENUE)
    answered(page, 1)
    ask(page, "What capital spending does Larkspur Valve Company expect in fiscal 2024?")
    second = answered(page, 2)
    assert "$5 million to $6 million" in second.locator(".tq-text").inner_text()
    page.wait_for_function("document.querySelector('.tq-caption').innerText.includes('page 3')")
    page.locator('[data-cite="0/0"]').click()
    page.wait_for_function("document.querySelector('.tq-caption').innerText.includes('page 2')")
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".tq-welcome")
    assert page.locator(".tq-turn").count() == 0


def test_a_follow_up_is_completed_shown_and_taken_away(page: Any) -> None:
    ask(page, REVENUE)
    answered(page, 1)
    ask(page, "And operating income?")
    second = answered(page, 2)
    assert "201" in second.locator(".tq-text").inner_text()
    chips = second.locator(".tq-chip").all_inner_texts()
    assert {"Larkspur Valve Company", "fiscal 2024", "operating income"} <= set(chips)
    assert "Taken from the question before" in second.inner_text()
    second.locator(".tq-chip").first.click()
    page.wait_for_function(
        "document.querySelector('#question textarea').value.includes('Larkspur Valve Company')"
    )
    with page.expect_download() as taken:
        page.locator("#take-csv").click()
    text = Path(taken.value.path()).read_text("utf-8-sig")
    assert text.startswith("Question,") and "And operating income?" in text
    page.get_by_role("button", name="New conversation").click()
    page.locator("#take-csv").wait_for(state="hidden")


def test_an_answer_is_copied_with_its_sources(page: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, REVENUE)
    answered(page)
    for old_way in (False, True):
        page.evaluate("navigator.clipboard.writeText('nothing')")
        if old_way:  # as where the page is neither on this machine nor over TLS
            page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
        page.locator(".tq-copy").click()
        page.get_by_role("button", name="Copied").wait_for()
        page.wait_for_function("async () => await navigator.clipboard.readText() !== 'nothing'")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert REVENUE in copied and "1,284" in copied and "page 2" in copied, copied
        assert "\n\n" in copied


def test_a_sample_question_asks_itself(page: Any) -> None:
    sample = page.locator(".tq-sample").first
    asked = sample.inner_text()
    sample.click()
    assert answered(page).locator(".tq-question").inner_text() == asked


def test_stop_ends_the_answer(page: Any, chat: Any) -> None:
    ask(page, f"A long story: {REVENUE}")
    page.wait_for_selector("#now .tq-text")
    page.click("#stop")
    answer = answered(page)
    assert "Stopped" in answer.inner_text()
    engine = chat.desk.models["main"].engine
    time.sleep(0.3)
    said = engine.words_said
    time.sleep(0.5)
    assert engine.words_said == said
    ask(page, REVENUE)
    assert "1,284" in answered(page, 2).locator(".tq-text").inner_text()


def test_closing_the_tab_ends_the_answer(chat: Any, open_page: Callable[..., Any]) -> None:
    page = open_page(chat.address)
    ask(page, f"A long story: {REVENUE}")
    page.wait_for_selector("#now .tq-text")
    page.close()
    engine = chat.desk.models["main"].engine
    deadline = time.monotonic() + 10
    said = -1
    while said != engine.words_said and time.monotonic() < deadline:
        said = engine.words_said
        time.sleep(1)
    assert engine.words_said == said
    page = open_page(chat.address)
    ask(page, REVENUE)
    answered(page)


def test_two_readers_wait_for_each_other(chat: Any, open_page: Callable[..., Any]) -> None:
    one, two = open_page(chat.address), open_page(chat.address)
    ask(one, f"A long story: {READ}")
    one.wait_for_selector("#now .tq-text")
    ask(two, READ)
    two.get_by_text("Waiting: 1 question before yours").wait_for()
    one.click("#stop")
    assert "1,284" in answered(two).inner_text()


def test_a_refusal_is_marked_as_one(page: Any) -> None:
    ask(page, "What was the revenue of Zzyx Corporation in fiscal 2024?")
    answer = answered(page)
    assert answer.locator(".tq-refused .tq-flag").inner_text() == "Not in the filings"
    assert "CLOSEST EVIDENCE" in answer.inner_text().upper()


def test_the_other_model_loads_on_first_use_and_its_odd_number_is_left_out(page: Any) -> None:
    page.locator("#which label").nth(1).click()
    ask(page, READ)
    answer = answered(page)
    assert "777" not in answer.locator(".tq-text").inner_text()
    assert "777" in answer.locator(".tq-warning").inner_text()
    assert "full-bf16" in answer.inner_text()


def test_hostile_text_is_inert(page: Any, elsewhere: list[str]) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    hostile = "<img src=x onerror=window.pwned=1><b>hi</b> ${alert(1)} {{value}}"
    for n, question in enumerate(
        (
            "What is the hostile line 17 of Larkspur Valve Company?",
            "What is risk 99 of template text and maths of Larkspur Valve Company?",
            f"{REVENUE} {hostile}",
        ),
        1,
    ):
        ask(page, question)
        answer = answered(page, n)
    texts = page.inner_text("#past")
    assert '<img src=x onerror="window.pwned=1">' in texts
    assert "![p](https://evil.test/p.png)" in texts
    assert "${alert(1)} {{value}}" in texts
    assert "$x^2$" in texts
    assert hostile in answer.locator(".tq-question").inner_text()
    assert page.evaluate("window.pwned") is None
    assert page.locator("#past img, #past a, #past .katex, #past b").count() == 0
    assert dialogs == []
    assert elsewhere == []


def test_comparing_two_models(page: Any) -> None:
    page.get_by_role("tab", name="Compare").click()
    page.fill("#compare-question textarea", REVENUE)
    page.keyboard.press("Enter")
    page.wait_for_selector(".tq-verdict")
    assert "only the right answer" in page.inner_text(".tq-verdict")
    for column, scheme in (("#compare-main", "int4"), ("#compare-other", "full-bf16")):
        text = page.inner_text(column)
        assert scheme in text
        for measure in ("Retrieval", "First token", "Total", "tokens/s", "Memory"):
            assert measure in text
    page.locator("#compare-page img").wait_for()
    assert page.locator("#compare").is_visible()
    assert page.locator("#compare-other mark.tq-diff").inner_text() == "It was 142 or 1,284 too."


def test_a_blind_vote_is_kept_and_then_tells_the_models(page: Any, chat: Any) -> None:
    page.get_by_role("tab", name="Compare").click()
    page.locator("#blind input").check()
    page.fill("#compare-question textarea", REVENUE)
    page.keyboard.press("Enter")
    page.locator("#votes").wait_for()
    columns = page.locator("#compare-main, #compare-other").all_inner_texts()
    assert not any("int4" in text or "full-bf16" in text for text in columns)
    assert [text.split("\n")[0] for text in columns] == ["Answer A", "Answer B"]
    page.click("#vote-both")
    page.locator("#voted").get_by_text("question for evaluations").wait_for()
    columns = page.locator("#compare-main, #compare-other").all_inner_texts()
    assert all(any(scheme in text for text in columns) for scheme in ("int4", "full-bf16"))
    kept = chat.watched.folder / "votes" / "votes.questions.jsonl"
    assert "1,284" in kept.read_text()


def test_a_cited_page_is_shown_larger_and_smaller(page: Any) -> None:
    ask(page, REVENUE)
    answered(page)
    image = page.locator("#ask-page img")
    image.wait_for()
    width = "document.querySelector('#ask-page img').getBoundingClientRect().width"
    at_first = page.evaluate(width)
    for _ in range(9):
        page.click("#ask-larger")
    assert page.evaluate(width) == pytest.approx(3 * at_first, rel=0.05)
    pane = page.evaluate("document.querySelector('#ask-page .image-frame').scrollWidth")
    assert pane >= 2.9 * at_first  # and can be moved about
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for _ in range(9):
        page.click("#ask-smaller")
    assert page.evaluate(width) == pytest.approx(at_first, rel=0.05)


def test_an_opinion_becomes_data_and_is_counted(page: Any, chat: Any) -> None:
    ask(page, REVENUE)
    answered(page)
    kept = chat.watched.folder / "feedback"
    page.get_by_role("button", name="Wrong number").click()
    page.locator("#correction").wait_for()
    assert page.locator('[data-judge="0/wrong-number"]').get_attribute("aria-pressed") == "true"
    assert "1,284" in (kept / "feedback.calibration.jsonl").read_text()
    page.fill("#right-answer textarea", "It was $1,300 million")
    page.click("#mend-answer")
    page.locator("#correction").wait_for(state="hidden")
    assert "1,300" in (kept / "feedback.questions.jsonl").read_text()
    assert (kept / "feedback.calibration.jsonl").read_text() == ""
    page.get_by_role("tab", name="Monitor").click()
    page.locator("#monitor-opinions").get_by_text("Wrong number").wait_for()
    tiles = page.locator("#monitor-answers .tq-tile").all_inner_texts()
    asked = next(text for text in tiles if text.startswith("Questions"))
    assert int(asked.split()[1]) >= 1
    page.get_by_label("7 days").check()
    page.locator("#monitor-answers svg").first.wait_for()


def test_the_library_takes_files_and_gives_them_back(
    page: Any, chat: Any, tmp_path: Path, larkspur: Path
) -> None:
    page.get_by_role("tab", name="Library").click()
    page.get_by_text("Filings: 1").wait_for()
    new = tmp_path / "<b>MISTRAL_2023_10K.txt"
    new.write_text(
        "Mistral Hinge Company\nFORM 10-K\nANNUAL REPORT for the fiscal year ended "
        "December 31, 2023\n\f\nTotal revenue 512\n",
        encoding="utf-8",
    )
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing")
    page.set_input_files("#upload input[type=file]", [new, larkspur, broken])
    page.wait_for_function("document.querySelectorAll('#outcomes li').length == 3")
    outcomes = page.inner_text("#outcomes")
    assert [word for word in outcomes.split() if word in ("added", "unchanged", "failed")] == [
        "added",
        "unchanged",
        "failed",
    ]
    assert page.locator("#outcomes b, #filings b").count() == 0
    page.get_by_text("Filings: 2").wait_for()
    assert not [f for f in chat.folder.rglob("*") if f.suffix in (".txt", ".pdf")]
    page.get_by_text("Correct a filing").click()
    page.click("#wrong input")
    page.locator("#wrong [role=option]", has_text="MISTRAL").click()
    company = page.locator("#correct").get_by_role("textbox", name="Company")
    page.wait_for_function("document.querySelector('#correct input[type=number]').value == '2023'")
    company.fill("Mistral Latch Company")
    page.click("#mend")
    page.locator("#corrected").get_by_text("corrected").wait_for()
    page.locator("#filings").get_by_text("Mistral Latch Company").wait_for()
    page.click("#chosen input")
    page.locator("#chosen [role=option]", has_text="MISTRAL").click()
    page.keyboard.press("Escape")
    page.click("#remove")
    page.click("#yes")
    page.get_by_text("Filings: 1").wait_for()
    assert len(chat.desk.documents()) == 1


# These serve pages of their own. Gradio takes uploads for the last page of a process only, so what
# uploads to the shared one stands above.


def test_filings_are_fetched_from_edgar(
    serve_chat: Callable[..., Any],
    open_page: Callable[..., Any],
    edgar_server: EdgarServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("TENQ_HOME", str(tmp_path))  # where EDGAR's answers and its files go
    page = open_page(serve_chat().address)
    page.get_by_role("tab", name="Library").click()
    page.get_by_role("button", name="Fetch from EDGAR").click()
    page.get_by_label("Ticker or CIK").fill("LRKS")
    page.get_by_label("Years").fill("1")
    page.click("#fetch")
    page.locator("#fetched", has_text="name and an e-mail address").wait_for()
    page.fill("#edgar-identity input, #edgar-identity textarea", "Ann Example ann@example.com")
    page.click("#fetch")
    page.locator("#fetched", has_text="Larkspur Valve Company, 10-K, FY 2024").wait_for()
    page.get_by_text("Filings: 2").wait_for()
    page.locator("#edgar-identity").wait_for(state="hidden")


def test_conversations_are_kept_found_and_opened_again(
    serve_chat: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    chat = serve_chat()
    page = open_page(chat.address)
    ask(page, REVENUE)
    answered(page, 1)
    ask(page, "And operating income?")
    answered(page, 2)
    again = open_page(chat.address)
    again.get_by_text("Earlier conversations").click()
    kept = again.locator("#history-list label")
    kept.get_by_text(REVENUE).click()
    again.click("#history-open")
    assert "201" in answered(again, 2).inner_text()
    ask(again, "And net income?")
    third = answered(again, 3)
    assert "fiscal 2024" in third.locator(".tq-chip").all_inner_texts()
    kept.get_by_text(REVENUE).click()
    again.fill("#history-title textarea, #history-title input", "Larkspur review")
    again.click("#history-rename")
    kept.get_by_text("Larkspur review").wait_for()
    again.fill("#history-words textarea, #history-words input", "nothing like it")
    again.get_by_text("0 conversations").wait_for()
    again.fill("#history-words textarea, #history-words input", "review larkspur")
    kept.get_by_text("Larkspur review").click()
    again.click("#history-delete")
    again.get_by_text("0 conversations").wait_for()


def test_a_chosen_conversation_stays_chosen_when_another_is_kept(
    serve_chat: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    page = open_page(serve_chat().address)
    page.get_by_text("Earlier conversations").click()
    ask(page, REVENUE)
    answered(page)
    page.get_by_text("One conversation").wait_for()
    kept = page.locator("#history-list label")
    kept.get_by_text(REVENUE).click()
    page.get_by_text("New conversation").click()
    page.locator(".tq-turn").wait_for(state="detached")
    ask(page, "What was net income in fiscal 2024?")
    answered(page)
    page.get_by_text("2 conversations").wait_for()
    assert kept.filter(has_text=REVENUE).locator("input").is_checked()
    page.click("#history-open")
    page.locator(".tq-turn").get_by_text(REVENUE).wait_for()


def test_the_quality_tab_evaluates_the_chats_models(
    serve_chat: Callable[..., Any],
    open_page: Callable[..., Any],
    elsewhere: list[str],
    tmp_path: Path,
) -> None:
    chat = serve_chat()
    page, late = open_page(chat.address), open_page(chat.address)
    for reader in (page, late):
        reader.get_by_role("tab", name="Quality").click()
        reader.get_by_text("No evaluation run yet").wait_for()
    page.click("#short")  # the filing of this chat has no statement with facts
    page.locator("#short-progress .tq-error").get_by_text("no statements").wait_for()
    write_samples(tmp_path)
    chat.desk.store.add(find_filings([tmp_path / "filings"])[0])
    page.fill("#short-count input", "10")
    page.click("#short")
    late.click("#short")
    late.get_by_text("An evaluation is running already").wait_for()
    late.locator("#short-progress", has_text="One at a time").wait_for()
    assert not late.locator("#short").is_visible()
    for reader in (page, late):
        reader.locator("#short-progress", has_text="Done: ").wait_for(timeout=60_000)
        reader.locator(".tq-gate-pass").first.wait_for()  # the other model adds numbers, and loses
    summary = page.inner_text("#quality-summary")
    assert "models/small-odd" in summary
    assert "20 answers" in page.inner_text("#short-progress")
    assert "Kind of question" in summary
    report = page.frame_locator("iframe.tq-report")
    report.get_by_role("heading", name="Short evaluation, up to 10 questions").wait_for()
    assert page.locator("iframe.tq-report").get_attribute("sandbox") == ""
    assert "12. The answers that changed" in report.locator("body").inner_text()
    # What is gone to may lie half a pixel above: pages scroll by whole ones.
    shown = "e => { const { top } = e.getBoundingClientRect(); return top > -1 && top < 300 }"
    changed = report.get_by_role("heading", name="12. The answers that changed").element_handle()
    assert not changed.evaluate(shown)
    report.get_by_role("link", name="The answers that changed").click()
    changed.owner_frame().wait_for_function(shown, arg=changed)
    with page.expect_download() as download:
        page.click("#report-file")
    assert "<h1>Short evaluation" in Path(download.value.path()).read_text(encoding="utf-8")
    assert "finished" in page.input_value("#runs input")
    assert elsewhere == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(chat: Any, open_page: Callable[..., Any], scheme: str) -> None:
    page = open_page(chat.address, viewport={"width": 400, "height": 800}, color_scheme=scheme)
    ask(page, REVENUE)
    answered(page)
    for tab in ("Ask", "Compare", "Library", "Quality"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_nothing_leaves_this_machine(page: Any, elsewhere: list[str]) -> None:
    ask(page, REVENUE)
    answered(page)
    for tab in ("Compare", "Library", "Quality", "Ask"):
        page.get_by_role("tab", name=tab).click()
        time.sleep(0.3)
    assert elsewhere == []
    fonts = page.evaluate("[...document.fonts].map(font => font.family)")
    assert fonts == [] or all("http" not in font for font in fonts)


def test_signing_in(
    serve_chat: Callable[..., Any], browser: Any, tmp_path: Path, elsewhere: list[str]
) -> None:
    from assistant.app.auth import hash_password

    users = tmp_path / "users"
    users.write_text(f"ada:{hash_password('correct horse')}\n", encoding="utf-8")
    running = serve_chat(auth=users)
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.on(
        "request",
        lambda r: None if "127.0.0.1" in r.url or r.url[:4] == "data" else elsewhere.append(r.url),
    )
    page.goto(running.address)
    page.get_by_label("username").fill("ada")
    page.get_by_label("password").fill("correct horse")
    page.get_by_role("button", name=re.compile("log ?in", re.I)).click()
    page.wait_for_selector("#question textarea")
    ask(page, REVENUE)
    answered(page)
    assert elsewhere == []
    context.close()


def test_a_readers_own_filing_is_seen_by_nobody_else(
    serve_chat: Callable[..., Any], browser: Any, tmp_path: Path
) -> None:
    from assistant.app.auth import hash_password

    users = tmp_path / "users"
    words = {"ada": "correct horse", "bob": "battery staple"}
    users.write_text("".join(f"{name}:{hash_password(word)}\n" for name, word in words.items()))
    running = serve_chat(auth=users)
    own = write_filing(tmp_path, "Kestrel Looms Inc", 2023)
    question = "What were Kestrel Looms' inventories in fiscal 2023?"
    pages = {name: signed_in(browser, running.address, name, word) for name, word in words.items()}
    ada, bob = pages["ada"], pages["bob"]
    ada.get_by_role("tab", name="Library").click()
    assert ada.get_by_label("Only for me").is_checked()
    ada.set_input_files("#upload input[type=file]", own)
    ada.locator("#filings", has_text="only for you").wait_for()
    ada.get_by_role("tab", name="Ask").click()
    ask(ada, question)
    answered(ada)
    ada.locator("#ask-page img").wait_for()
    image = ada.locator("#ask-page img").get_attribute("src")
    bob.reload()
    bob.wait_for_selector("#question textarea")
    ask(bob, question)
    bob.get_by_text("No filing of Kestrel Looms is in the store").first.wait_for()
    bob.get_by_role("tab", name="Library").click()
    bob.get_by_text("Filings: 1").wait_for()
    assert "Kestrel" not in bob.inner_text("#filings")
    # As if the page had been opened with another filing's number.
    bob.locator("#filings button[data-open]").evaluate("b => { b.dataset.open = '2' }")
    bob.locator("#filings button[data-open]").click()
    bob.locator("#inside .tq-error").get_by_text("no document 2").wait_for()
    assert image and "/pages/" in image
    for page in pages.values():
        page.context.close()


def signed_in(browser: Any, address: str, name: str, word: str) -> Any:
    page = browser.new_context().new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(address)
    page.get_by_label("username").fill(name)
    page.get_by_label("password").fill(word)
    page.get_by_role("button", name=re.compile("log ?in", re.I)).click()
    page.wait_for_selector("#question textarea")
    return page


def test_the_command_prints_where_and_ends_cleanly(tmp_path: Path, embedder_folder: Path) -> None:
    code = f"""
from pathlib import Path
from assistant.app import serve
from index.embed import Embedder
from index.store import Store
def load(name, models):
    raise SystemError("not in this test")
serve(Path({str(tmp_path / "store")!r}), "small", None, Path({str(tmp_path)!r}), port=0,
      load_engine=load,
      open_store=lambda path: Store.open(path, Embedder(Path({str(embedder_folder)!r}))))
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert running.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", running.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(address[0], timeout=20) as response:
            assert b"Tenq" in response.read()
        running.terminate()
        assert running.wait(30) == 0
        assert running.stdout.read() == ""
        assert not list(tmp_path.glob("tenq-*"))
    finally:
        running.kill()
        running.wait()
