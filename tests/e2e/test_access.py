"""The page for everyone: checked by axe-core, used by keyboard alone, narrow and large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.test_chat import REVENUE, WAIT_MS, answered, ask

pytestmark = pytest.mark.e2e
TABS = ("Ask", "Compare", "Library", "Quality", "Monitor")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, chat: Any, browser: Any) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": 1400, "height": 900}, color_scheme=request.param
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(chat.address)
    page.wait_for_selector("#question textarea")
    yield page
    context.close()


def test_axe_finds_nothing_serious(page: Any) -> None:
    ask(page, REVENUE)
    answered(page)
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        if tab == "Compare":
            page.fill("#compare-question textarea", REVENUE)
            page.keyboard.press("Enter")
            page.locator("#votes").wait_for()
        page.wait_for_timeout(500)
        assert (tab, serious_findings(page)) == (tab, [])


def serious_findings(page: Any) -> list[str]:
    """What axe-core finds on the page as it is."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in axe.run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def test_keyboard_alone_asks_cites_and_changes_tabs(page: Any) -> None:
    page.keyboard.type(REVENUE)  # the question has the focus from the start
    page.keyboard.press("Enter")
    answered(page)
    focused = "document.activeElement"
    for wanted in ("tq-chip", "tq-cite"):
        page.evaluate("document.querySelector('#thread').scrollTop = 0")
        page.locator(f".{wanted}").first.focus()
        assert page.evaluate(f"{focused}.classList.contains('{wanted}')")
        page.keyboard.press("Enter")
        if wanted == "tq-chip":  # the question is given back, to be changed
            page.wait_for_function(f"{focused}.matches('#question textarea')")
    page.locator("#ask-page img").wait_for()
    page.get_by_role("tab", name="Ask").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#compare-question").wait_for()


@pytest.mark.parametrize("width", [390, 700])  # a phone; 1400 pixels at 200%
def test_nothing_is_wider_than_the_screen(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    ask(page, REVENUE)
    answered(page)
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
