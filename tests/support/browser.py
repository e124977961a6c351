"""Pages in a real browser, and what a test asks of every one of them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next(filter(None, (os.environ.get("CHROMIUM"), *map(shutil.which, NAMES))), None)
PHONE, DESK = {"width": 360, "height": 800}, {"width": 1200, "height": 900}

IN_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium; set CHROMIUM to its path"),
]


@contextmanager
def opened(browser: Browser, file: Path, **options: Any) -> Iterator[Page]:
    """A page; in the end it has asked for nothing and reported no error."""
    page = browser.new_page(**options)
    messages, requests = list[str](), list[str]()
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    yield page
    page.close()
    assert messages == []
    own = ("data:", "blob:")  # parts of the page itself
    assert [url for url in requests if not url.startswith(own)] == [file.as_uri()]


def check_page(page: Page) -> None:
    """Everyone can read it: with enough contrast, a text for each picture, within the window."""
    violations = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in violations] == []
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= window
