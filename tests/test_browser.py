"""The page in a real browser: it is quiet, the filters work, and everyone can read it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from stages.tables import VALIDATION_PREDICTIONS
from tests.test_figures import table
from tests.test_report import COMMITTED, FOUND, made

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next(filter(None, (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES))), None)
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1200, "height": 900}

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium; install it, or name it in the variable CHROMIUM"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


class Opened:
    """The committed page in a window, and what it said and asked for while it was open."""

    def __init__(self, browser: Browser, scheme: str, size: dict[str, int]) -> None:
        self.page: Page = browser.new_page(color_scheme=scheme, viewport=size)  # type: ignore[arg-type]
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(COMMITTED.as_uri())

    def shown(self) -> list[tuple[str | None, str | None]]:
        """The true and the predicted digit of each mistake that can be seen."""
        items = self.page.locator("#mistakes > li:visible").all()
        return [(i.get_attribute("data-actual"), i.get_attribute("data-predicted")) for i in items]


@pytest.fixture(params=list(product(("light", "dark"), (DESK, PHONE))), ids=str)
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Opened]:
    window = Opened(browser, *request.param)
    yield window
    window.page.close()
    assert window.said == []
    assert [url for url in window.asked if not url.startswith("data:")] == [COMMITTED.as_uri()]


def test_everyone_can_read_it(opened: Opened) -> None:
    """No text of too little contrast, no picture without words: what axe-core finds."""
    found = Axe().run(opened.page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_it_fits_the_window(opened: Opened) -> None:
    width = opened.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    for image in opened.page.locator("img").all()[:20]:
        assert image.evaluate("image => image.naturalWidth") == 28


def test_the_filters_show_what_they_say(opened: Opened) -> None:
    everything = opened.shown()
    assert len(everything) > 5
    actual, predicted = everything[0]
    form = opened.page.locator("#filter")
    form.get_by_label("true digit").select_option(actual)
    assert opened.shown() == [one for one in everything if one[0] == actual]
    form.get_by_label("predicted digit").select_option(predicted)
    expected = [one for one in everything if one == (actual, predicted)]
    assert opened.shown() == expected
    said = opened.page.locator("#shown").inner_text()
    assert said == f"{len(expected)} of {len(everything)} shown"
    form.get_by_role("button").click()
    assert opened.shown() == everything


def test_a_cell_of_the_confusion_matrix_shows_its_mistakes(opened: Opened) -> None:
    cell = opened.page.locator("#confusion button").last
    pair = (cell.get_attribute("data-actual"), cell.get_attribute("data-predicted"))
    cell.focus()
    opened.page.keyboard.press("Enter")  # as without a mouse
    assert opened.shown() == [pair] * int(cell.inner_text())
    assert opened.page.locator("#filter").is_visible()


def test_a_cell_leads_to_the_filter(opened: Opened) -> None:
    opened.page.locator("#confusion button").first.click()
    assert opened.page.evaluate("document.activeElement.name") == "actual"
    assert opened.page.locator("#mistakes > li:visible").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_a_bad_classifiers_page_can_be_read(
    browser: Browser, tmp_path: Path, scheme: str, media: str
) -> None:
    """Where every digit is taken for every other, and on paper."""
    pairs = [(i, j) for i in range(10) for j in range(10) for _ in range(1 + i * j % 7)]
    rows = [(row, i, j, 0.5) for row, (i, j) in enumerate(pairs)]
    labels = np.array([i for i, _ in pairs], np.uint8)
    validation = table(VALIDATION_PREDICTIONS, *rows)
    made(tmp_path, replace(FOUND, labels=labels, validation=validation))
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto((tmp_path / "report.html").as_uri())
    page.emulate_media(media=media)  # type: ignore[arg-type]
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    page.close()


def test_without_scripts_all_is_shown(browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(COMMITTED.as_uri())
    assert page.locator("#mistakes > li").count() == page.locator("#mistakes > li:visible").count()
    assert not page.locator("#filter").is_visible()
    page.close()


def test_an_unreadable_page_is_noticed(browser: Browser) -> None:
    """So that the checks above can fail."""
    page = browser.new_page()
    page.set_content("<p style='color: #ccc'>pale</p><img src='http://example.org/x.png'>")
    found = {one["id"] for one in Axe().run(page).response["violations"]}
    assert {"color-contrast", "image-alt"} <= found
    page.close()
