"""Looking inside a filing in a real browser: found by typing, its rows beside their page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.read import find_filings
from index.samples import write_samples
from tests.e2e.test_access import serious_findings
from tests.e2e.test_chat import WAIT_MS

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def library(serve_chat: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A page over the hostile filing and a PDF and an inline XBRL sample."""
    chat = serve_chat()
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    for file in find_filings([folder / "filings"])[1:3]:
        chat.desk.store.add(file)
    return chat


@pytest.fixture(params=[("light", 1400), ("dark", 390)], ids=["desk, light", "phone, dark"])
def page(request: pytest.FixtureRequest, library: Any, browser: Any) -> Iterator[Any]:
    scheme, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(library.address)
    page.get_by_role("tab", name="Library").click()
    page.locator(".tq-shelf tbody tr").first.wait_for()
    yield page
    context.close()


def find(page: Any, words: str) -> None:
    page.get_by_label("Find a filing").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement?.matches('#inside h2')")


def marked(png: bytes) -> int:
    """How many pixels the marker has coloured."""
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGB")
    colours = image.getcolors(1 << 24) or ()
    return sum(count for count, (red, green, blue) in colours if min(red, green) > blue + 60)


@pytest.mark.parametrize("words", ["quorvane 2024", "tansy 2023"])
def test_a_row_opens_its_page_with_the_row_marked(page: Any, words: str) -> None:
    width = page.viewport_size["width"]
    find(page, words)  # by keyboard alone
    assert page.inner_text(".tq-found") == "1 of 3"
    panel = page.locator("#inside-panel")
    row = panel.get_by_role("button", name="Total assets", exact=True)
    row.focus()
    page.keyboard.press("Enter")
    image = panel.locator("#inside-page img")
    image.wait_for()
    page.wait_for_function("document.querySelector('#inside-page img').naturalWidth > 500")
    assert "marked: " in image.get_attribute("alt")
    assert "Total assets" in image.get_attribute("alt").replace("\n", " ")
    assert row.get_attribute("aria-current") == "true"
    before = panel.locator(".tq-caption").inner_text()
    png = page.request.get(image.get_attribute("src")).body()
    assert marked(png) > 1000
    panel.get_by_role("button", name="Next").click()
    page.wait_for_function(
        "before => document.querySelector('#inside-panel .tq-caption').innerText !== before",
        arg=before,
    )
    section = page.locator("#inside").get_by_role("button", name="Item 1A. Risk Factors")
    section.click()
    number = section.inner_text().split("page")[-1].strip("s ").split(" ")[0]
    page.wait_for_function(
        "wanted => document.querySelector('#inside-panel .tq-caption').innerText"
        ".includes(`page ${wanted}`)",
        arg=number,
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as taken:
        page.locator("#inside-csv").click()
    text = Path(taken.value.path()).read_text("utf-8-sig")
    assert "Total assets" in text or "TOTAL ASSETS" in text


def test_a_filing_without_statements_says_so_and_stays_text(page: Any) -> None:
    find(page, "larkspur")
    page.locator("#inside").get_by_text("no primary statements were found").wait_for()
    assert page.locator("#inside-csv").is_hidden()
    find(page, "quorvane")  # and another one after it
    page.locator("#inside-csv").wait_for()


def test_axe_finds_nothing_serious_inside(page: Any) -> None:
    find(page, "quorvane")
    page.locator("#inside-csv").wait_for()
    assert serious_findings(page) == []


def test_programs_cannot_ask_for_it(library: Any) -> None:
    names = library.page.get_api_info()["named_endpoints"]
    assert set(names) == {"/ask", "/search", "/filings", "/compare"}
