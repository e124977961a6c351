"""The page in a real browser: it loads nothing, its filters work, and everyone can read it."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from stages.formats.task import SHAPE
from stages.scoring.tables import VALIDATION_PREDICTIONS
from tests.support.browser import DESK, IN_BROWSER, PHONE, list_violations, opened
from tests.support.report import COMMITTED, make_page
from tests.support.samples import table

pytestmark = IN_BROWSER


@pytest.fixture(params=list(product(("light", "dark"), (DESK, PHONE))), ids=str)
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """The committed page, in a window of each kind."""
    scheme, size = request.param
    with opened(browser, COMMITTED, color_scheme=scheme, viewport=size) as page:
        yield page


def list_shown(page: Page) -> list[tuple[str | None, str | None]]:
    """The true and the predicted class of each mistake that is visible."""
    items = page.locator("#listed > li:visible").all()
    return [(i.get_attribute("data-actual"), i.get_attribute("data-predicted")) for i in items]


def test_everyone_can_read_it_and_it_fits_the_window(window: Page) -> None:
    assert list_violations(window) == []
    width = window.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    for image in window.locator("img").all()[:20]:
        assert image.evaluate("image => image.naturalWidth") == SHAPE[1]


def test_the_filters_show_what_they_say(window: Page) -> None:
    everything = list_shown(window)
    assert len(everything) > 5
    actual, predicted = everything[0]
    form = window.locator("#filter")
    form.get_by_label("true class").select_option(actual)
    assert list_shown(window) == [pair for pair in everything if pair[0] == actual]
    form.get_by_label("predicted class").select_option(predicted)
    expected = [pair for pair in everything if pair == (actual, predicted)]
    assert list_shown(window) == expected
    shown = window.locator("#shown").inner_text()
    assert shown == f"{len(expected)} of {len(everything)} shown"
    form.get_by_role("button").click()
    assert list_shown(window) == everything


def test_a_cell_of_the_confusion_matrix_shows_its_mistakes(window: Page) -> None:
    cell = window.locator("#confusion button").last
    pair = (cell.get_attribute("data-actual"), cell.get_attribute("data-predicted"))
    cell.focus()
    window.keyboard.press("Enter")  # as without a mouse
    assert list_shown(window) == [pair] * int(cell.inner_text())
    window.locator("#confusion button").first.click()
    assert window.evaluate("document.activeElement.name") == "actual"
    assert window.locator("#listed > li:visible").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_a_bad_classifiers_page_can_be_read(
    browser: Browser, tmp_path: Path, scheme: str, media: str
) -> None:
    """If every digit is taken for every other; also on paper."""
    pairs = [(i, j) for i in range(10) for j in range(10) for _ in range(1 + i * j % 7)]
    validation = table(VALIDATION_PREDICTIONS, *((0, i, j, 0.5) for i, j in pairs))
    make_page(tmp_path, labels=np.array([i for i, _ in pairs], np.uint8), validation=validation)
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto((tmp_path / "report.html").as_uri())
    page.emulate_media(media=media)  # type: ignore[arg-type]
    assert list_violations(page) == []
    page.close()


def test_without_scripts_all_is_shown(browser: Browser) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(COMMITTED.as_uri())
    assert page.locator("#listed > li").count() == len(list_shown(page)) > 5
    assert not page.locator("#filter").is_visible()
    page.close()


def test_an_unreadable_page_is_noticed(browser: Browser) -> None:
    """So that the checks above can fail."""
    page = browser.new_page()
    page.set_content("<p style='color: #ccc'>pale</p><img src='http://example.org/x.png'>")
    assert {"color-contrast", "image-alt"} <= {name for name, _ in list_violations(page)}
    page.close()
