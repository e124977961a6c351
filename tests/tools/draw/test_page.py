"""The page that reads what one draws: in a real browser, it says what Python says."""

import base64
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from stages.classifiers.saved import load, write_manifest
from stages.formats.prepared import to_images
from stages.formats.task import DIGITS
from stages.harness import paths
from stages.harness.outputs import write_table
from tests.support.browser import DESK, IN_BROWSER, PHONE, check_page, opened
from tests.support.finding import find_digit
from tests.support.samples import mnist, save_array
from tests.support.small import create_small
from tests.support.workplace import Workplace
from tests.tools.draw.networks import build_residual, save
from tools.draw import __main__ as command
from tools.draw.operations import OPERATIONS
from tools.recognize.images import Grey

Stroke = list[tuple[float, float]]  # in shares of the drawing's side

THREE = [(0.3, 0.25), (0.5, 0.15), (0.68, 0.28), (0.5, 0.46), (0.7, 0.62), (0.55, 0.82), (0.3, 0.7)]
SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.9)], [(0.38, 0.52), (0.66, 0.52)]]
SPECK = [(0.8, 0.9)]
TOLERANCE = 1e-3
SCORED = range(50)  # rows of `mnist`, the odd ones misread

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders `ensemble`, with scored images, and `folds`: a classifier and its draw.html."""
    folder = tmp_path_factory.mktemp("pages")
    ensemble = create_small("cnn", filters=[4, 8, 8], members=2)
    save(folder / "ensemble" / paths.MODEL, ensemble.members, views=5)
    mean = folder / "folds" / paths.MODEL
    for seed, name in enumerate(("fold_1", "fold_2")):
        save(mean / name, [build_residual()], seed=seed)
    write_manifest(mean, DIGITS, "cnn", "fold_1", "fold_2")
    for name in ("ensemble", "folds"):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder / name)
            patch.setattr("sys.argv", ["draw"])
            if name == "ensemble":
                score()
            command.main()
    return folder


def score() -> None:
    """Writes what the page reads of `preprocess` and `evaluate`."""
    pixels, labels = (part[SCORED] for part in mnist())
    save_array(paths.TRAIN_IMAGES, to_images(pixels))
    save_array(paths.TRAIN_LABELS, labels)
    predicted = (labels + np.arange(len(SCORED)) % 2) % 10
    confidence = np.full(len(SCORED), 0.5)
    columns = {"row": SCORED, "actual": labels, "predicted": predicted, "confidence": confidence}
    write_table(paths.VALIDATION_PREDICTIONS, pd.DataFrame(columns))


@pytest.fixture(scope="module", params=[("light", DESK, False), ("dark", PHONE, True)], ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, pages: Path) -> Iterator[Page]:
    """The ensemble's page on a desk, with a mouse, and on a phone, with a finger."""
    scheme, size, touch = request.param
    options = {"color_scheme": scheme, "viewport": size, "has_touch": touch}
    with opened(browser, pages / "ensemble" / "draw.html", **options) as page:
        yield page


def draw(page: Page, *strokes: Stroke) -> None:
    """Draws on the cleared page, and waits until that is read."""
    page.get_by_role("button", name="Clear").click()
    add = add_by_touch if page.evaluate("navigator.maxTouchPoints") else add_by_mouse
    for stroke in strokes:
        add(page, list_places(page, stroke))
    page.wait_for_selector("#answer[aria-busy=false]")


def list_places(page: Page, stroke: Stroke) -> Stroke:
    box = page.locator("#drawing").bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]


def add_by_mouse(page: Page, places: Stroke) -> None:
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def add_by_touch(page: Page, places: Stroke) -> None:
    """Draws with one finger, while a second one lies on the drawing."""
    session, second = page.context.new_cdp_session(page), list_places(page, [(0.9, 0.9)])
    starts = [("touchStart", places[:1]), ("touchStart", [places[0], *second])]
    moves = [("touchMove", [place, *second]) for place in places[1:]]
    for kind, fingers in [*starts, *moves, ("touchEnd", [])]:
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def read_canvas(page: Page, canvas: str) -> Grey:
    """Returns the grey levels of a canvas, given as JavaScript."""
    url = page.evaluate(f"{canvas}.toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("L"), np.uint8)


def check_against_python(page: Page, folder: Path) -> None:
    """Asserts that the page frames as `tools.recognize` does, and classifies as `predict` does."""
    picture, seen = read_canvas(page, "plain.canvas"), 255 - read_canvas(page, "byId('seen')")
    np.testing.assert_array_equal(seen, find_digit(picture))
    [expected] = load(folder / paths.MODEL).predict_proba(to_images(seen[None]))
    bars = page.locator("#bars > li").all()
    shown = [float(bar.evaluate("bar => bar.style.getPropertyValue('--share')")) for bar in bars]
    np.testing.assert_allclose(shown, expected, atol=TOLERANCE)
    assert page.locator("#digit").inner_text() == str(expected.argmax())
    assert np.ptp(expected) > 100 * TOLERANCE, "the network says nothing about this drawing"


def test_it_frames_and_classifies_as_python_does(page: Page, pages: Path) -> None:
    for strokes in ([THREE], SEVEN, [*SEVEN, SPECK]):
        draw(page, *strokes)
        check_against_python(page, pages / "ensemble")
    page.keyboard.press("Control+z")
    assert page.evaluate("strokes.length") == len(SEVEN)
    assert page.locator("#copies > li").count() == 5
    assert page.evaluate("scrollY") == 0  # a finger draws, and does not scroll


def test_it_shows_the_mistakes_most_like_the_drawing(page: Page) -> None:
    pixels, labels = (part[1 : len(SCORED) : 2].astype(int) for part in mnist())
    draw(page, THREE)
    seen = 255 - read_canvas(page, "byId('seen')").astype(int)
    nearest = ((pixels - seen.ravel()) ** 2).sum(axis=1).argsort()[:5]
    said = [f"{(label + 1) % 10}, not {label}" for label in labels[nearest]]
    assert page.locator("#mistakes > li").all_inner_texts() == said


def test_everyone_can_use_it_and_it_fits_the_window(page: Page) -> None:
    for strokes in ([], [THREE]):
        draw(page, *strokes)
        check_page(page)


def test_the_mean_of_networks_with_other_layers_runs(browser: Browser, pages: Path) -> None:
    with opened(browser, pages / "folds" / "draw.html") as page:
        draw(page, THREE)
        check_against_python(page, pages / "folds")
        assert page.locator("#shifted").is_hidden()
        assert page.locator("#mistaken").is_hidden()


def test_these_networks_have_every_layer_that_it_knows(pages: Path) -> None:
    html = "".join(path.read_text("utf-8") for path in pages.glob("*/draw.html"))
    assert set(re.findall('"name": "([A-Z0-9_]+)"', html)) == OPERATIONS.keys()


def test_what_the_page_cannot_run_is_named(
    with_classifier: Workplace,
    pages: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.argv", ["draw", "--output", "new.html"])
    tool = "tools.draw.__main__"
    with_classifier.refuses(tool, "data/model", "no network", "train.model", "dvc repro")
    other = shutil.copytree(pages / "ensemble", tmp_path / "other")
    monkeypatch.chdir(other)
    save_array(paths.TRAIN_LABELS, np.zeros(len(SCORED), np.uint8))
    fault = "validation_predictions.csv: of other data; run dvc repro"
    Workplace(other, capsys).refuses(tool, fault)
    monkeypatch.chdir(pages / "folds")
    monkeypatch.delitem(OPERATIONS, "CONV_2D")
    fault = "data/model/fold_1/model.tflite"
    Workplace(pages / "folds", capsys).refuses(tool, fault, "CONV_2D")
