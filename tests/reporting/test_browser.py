"""The page in a real browser: it loads nothing, its filters work, and everyone can read it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from stages.harness.paths import VALIDATION_PREDICTIONS
from tests.support.browser import DESK, IN_BROWSER, PHONE, check_page, opened
from tests.support.report import COMMITTED, make_page, table

pytestmark = IN_BROWSER


@pytest.fixture(params=[("light", DESK), ("dark", PHONE)], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme, size = request.param
    with opened(browser, COMMITTED, color_scheme=scheme, viewport=size) as page:
        yield page


def list_shown(page: Page) -> list[tuple[str | None, str | None]]:
    """The true and the predicted class of each mistake that is visible."""
    items = page.locator("#listed > li:visible").all()
    return [(i.get_attribute("data-actual"), i.get_attribute("data-predicted")) for i in items]


def test_everyone_can_read_it_and_its_filters_work(window: Page) -> None:
    check_page(window)
    everything = list_shown(window)
    actual, predicted = pair = everything[0]
    form, shown = window.locator("#filter"), window.locator("#shown")
    form.get_by_label("true class").select_option(actual)
    assert list_shown(window) == [one for one in everything if one[0] == actual]
    form.get_by_label("predicted class").select_option(predicted)
    count = everything.count(pair)
    assert list_shown(window) == [pair] * count
    assert shown.inner_text() == f"{count} of {len(everything)} shown"
    form.get_by_role("button").click()
    assert list_shown(window) == everything
    cell = window.locator("#confusion button").last
    cell.focus()
    window.keyboard.press("Enter")  # as without a mouse
    assert 0 < len(list_shown(window)) == int(cell.inner_text()) < len(everything)


def test_a_bad_classifiers_page_can_be_read(browser: Browser, tmp_path: Path) -> None:
    """If every digit is taken for every other; also on paper."""
    pairs = [(i, j) for i in range(10) for j in range(10) for _ in range(1 + i * j % 7)]
    rows = [(row, *pair, 0.5) for row, pair in enumerate(pairs)]
    labels, images = np.array(pairs, np.uint8)[:, 0], np.zeros((len(pairs), 28, 28, 1), np.float32)
    validation = table(VALIDATION_PREDICTIONS, *rows)
    make_page(tmp_path, labels=labels, train_images=images, validation=validation)
    with opened(browser, tmp_path / "report.html", color_scheme="dark") as page:
        check_page(page)
        page.emulate_media(media="print", color_scheme="light")
        check_page(page)


def test_without_scripts_all_is_shown(browser: Browser) -> None:
    with opened(browser, COMMITTED, java_script_enabled=False) as page:
        assert page.locator("#listed > li").count() == len(list_shown(page)) > 5
        assert not page.locator("#filter").is_visible()
