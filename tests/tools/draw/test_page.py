"""The page that reads what one draws: in a real browser, it says what Python says."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from stages.classifiers.saved import FOLDS, load, name_folds, write_mean
from stages.formats.arrays import write_sums
from stages.formats.prepared import Probabilities, to_images
from stages.harness import paths
from stages.harness.outputs import write_table
from tests.support.browser import DESK, IN_BROWSER, PHONE, list_violations, opened
from tests.support.finding import find_digit
from tests.support.samples import mnist
from tests.support.workplace import Workplace, check_refusal, run_main
from tests.tools.draw.networks import build_ensemble, build_residual, build_unknown, save
from tools.draw import __main__ as command
from tools.draw.operations import OPERATIONS
from tools.recognize.images import Grey

Point = tuple[float, float]  # in shares of the drawing's side
Stroke = list[Point]
Draw = Callable[[Page, Stroke], None]

THREE = [(0.3, 0.25), (0.5, 0.15), (0.68, 0.28), (0.5, 0.46), (0.7, 0.62), (0.55, 0.82), (0.3, 0.7)]
SEVEN = [[(0.3, 0.2), (0.7, 0.2), (0.45, 0.9)], [(0.38, 0.52), (0.66, 0.52)]]
TOLERANCE = 1e-3
SCORED = range(50)  # rows of `mnist`, the odd ones read wrong

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders `ensemble`, with scored images, and `folds`: a classifier and its draw.html."""
    folder = tmp_path_factory.mktemp("pages")
    save(folder / "ensemble" / paths.MODEL, build_ensemble(), views=5)
    mean = folder / "folds" / paths.MODEL
    for seed, name in enumerate(name_folds(2)):
        save(mean / name, [build_residual()], seed=seed)
    write_mean(mean, family=FOLDS, model="residual", names=name_folds(2))
    score(folder / "ensemble")
    for name in ("ensemble", "folds"):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder / name)
            patch.setattr("sys.argv", ["draw"])
            command.main()
    return folder


def score(folder: Path) -> None:
    """Writes what the page reads of `preprocess` and `evaluate`."""
    pixels, labels = (part[SCORED] for part in mnist())
    for file in (paths.TRAIN_IMAGES, paths.VALIDATION_PREDICTIONS):
        (folder / file).parent.mkdir()
    np.save(folder / paths.TRAIN_IMAGES, to_images(pixels))
    write_sums(folder / paths.PREPARED)
    predicted = (labels + np.arange(len(SCORED)) % 2) % 10
    confidence = np.full(len(SCORED), 0.5)
    columns = {"row": SCORED, "actual": labels, "predicted": predicted, "confidence": confidence}
    write_table(folder / paths.VALIDATION_PREDICTIONS, pd.DataFrame(columns))


def draw_by_mouse(page: Page, stroke: Stroke) -> None:
    first, *others = list_places(page, stroke)
    page.mouse.move(*first)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=3)
    page.mouse.up()
    wait(page)


def draw_by_touch(page: Page, stroke: Stroke) -> None:
    """Draws with one finger, while a second one lies on the drawing."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, *places: Point) -> None:
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    (first, *others), (second,) = list_places(page, stroke), list_places(page, [(0.9, 0.9)])
    send("touchStart", first)
    send("touchStart", first, second)
    for place in others:
        send("touchMove", place, second)
    send("touchEnd")
    wait(page)


def list_places(page: Page, stroke: Stroke) -> list[Point]:
    box = page.locator("#drawing").bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]


def wait(page: Page) -> None:
    """Waits until what is drawn has been read."""
    page.wait_for_selector("#answer[aria-busy=false]")


def read_canvas(page: Page, canvas: str) -> Grey:
    """The grey levels of a canvas, given as JavaScript."""
    url = page.evaluate(f"{canvas}.toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        return np.asarray(image.convert("L"), np.uint8)


def read_shares(page: Page) -> list[float]:
    bars = page.locator("#bars > li").all()
    return [float(bar.evaluate("bar => bar.style.getPropertyValue('--share')")) for bar in bars]


def check_against_python(page: Page, folder: Path) -> Probabilities:
    """Asks that the page frames as `tools.recognize` does, and reads as `predict` does."""
    picture, seen = read_canvas(page, "plain.canvas"), 255 - read_canvas(page, "byId('seen')")
    np.testing.assert_array_equal(seen, find_digit(picture))
    probabilities: Probabilities = load(folder / paths.MODEL).predict_proba(to_images(seen[None]))[
        0
    ]
    np.testing.assert_allclose(read_shares(page), probabilities, atol=TOLERANCE)
    assert page.locator("#digit").inner_text() == str(probabilities.argmax())
    assert probabilities.max() - probabilities.min() > 100 * TOLERANCE, "says little"
    return probabilities


@pytest.fixture(params=[("light", DESK, False), ("dark", PHONE, True)], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser, pages: Path) -> Iterator[Page]:
    scheme, size, touch = request.param
    file = pages / "ensemble" / "draw.html"
    with opened(browser, file, color_scheme=scheme, viewport=size, has_touch=touch) as page:
        yield page


@pytest.fixture
def draw(request: pytest.FixtureRequest, window: Page) -> Draw:
    return draw_by_touch if window.evaluate("navigator.maxTouchPoints") else draw_by_mouse


def test_it_frames_and_reads_as_python_does(window: Page, draw: Draw, pages: Path) -> None:
    draw(window, THREE)
    three = check_against_python(window, pages / "ensemble")
    assert window.locator("#copies > li").count() == 5
    window.get_by_role("button", name="Clear").click()
    wait(window)
    assert read_shares(window) == [0] * 10
    assert window.locator("#digit").inner_text() == "?"
    for stroke in SEVEN:
        draw(window, stroke)
    seven = check_against_python(window, pages / "ensemble")
    assert abs(three - seven).max() > 10 * TOLERANCE
    assert window.evaluate("scrollY") == 0  # a finger draws, and does not scroll


def test_it_shows_the_mistakes_most_like_the_drawing(browser: Browser, pages: Path) -> None:
    pixels, labels = (part[1 : len(SCORED) : 2].astype(int) for part in mnist())
    with opened(browser, pages / "ensemble" / "draw.html") as page:
        assert page.locator("#mistaken").is_hidden()
        draw_by_mouse(page, THREE)
        seen = 255 - read_canvas(page, "byId('seen')").astype(int)
        nearest = ((pixels - seen.ravel()) ** 2).sum(axis=1).argsort()[:5]
        said = [f"{(label + 1) % 10}, not {label}" for label in labels[nearest]]
        assert page.locator("#mistakes > li").all_inner_texts() == said
        first = 255 - read_canvas(page, "document.querySelector('#mistakes canvas')")
        np.testing.assert_array_equal(first.ravel(), pixels[nearest[0]])
    with opened(browser, pages / "folds" / "draw.html") as page:
        draw_by_mouse(page, THREE)
        assert page.locator("#mistaken").is_hidden()


def test_a_speck_is_left_out_and_a_stroke_can_be_undone(browser: Browser, pages: Path) -> None:
    folder = pages / "ensemble"
    with opened(browser, folder / "draw.html") as page:
        draw_by_mouse(page, SEVEN[0])
        before = check_against_python(page, folder)
        draw_by_mouse(page, [(0.9, 0.9)])
        with_speck = check_against_python(page, folder)
        np.testing.assert_allclose(with_speck, before, atol=TOLERANCE)
        draw_by_mouse(page, [(0.36, 0.1), (0.6, 0.1)])  # near the digit, but not connected
        assert abs(check_against_python(page, folder) - before).max() > TOLERANCE
        for _ in range(2):
            page.keyboard.press("Control+z")
        wait(page)
        np.testing.assert_array_equal(check_against_python(page, folder), before)


def test_everyone_can_use_it_and_it_fits_the_window(window: Page, draw: Draw) -> None:
    assert list_violations(window) == []
    draw(window, THREE)
    assert list_violations(window) == []
    width = window.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.id") == "undo"


def test_the_mean_of_networks_with_other_layers_runs(browser: Browser, pages: Path) -> None:
    with opened(browser, pages / "folds" / "draw.html") as page:
        draw_by_mouse(page, THREE)
        check_against_python(page, pages / "folds")
        assert page.locator("#shifted").is_hidden()


def test_these_networks_have_every_layer_that_it_knows(pages: Path) -> None:
    used = set[str]()
    for name in ("ensemble", "folds"):
        html = (pages / name / "draw.html").read_text(encoding="utf-8")
        model = re.search(r'id="model">(.*)</script>', html)
        assert model
        for network in json.loads(model[1])["networks"]:
            used |= {operation["name"] for operation in network["operations"]}
    assert used == OPERATIONS.keys()


def test_an_unknown_layer_is_named(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    save(paths.MODEL, [build_unknown()])
    monkeypatch.setattr("sys.argv", ["draw"])
    status, _, said = run_main(command.main, capsys)
    check_refusal(status, said, "data/model/model.tflite", "AVERAGE_POOL_2D")
    assert not Path("draw.html").exists()


def test_a_classifier_that_is_no_network_is_refused(
    with_classifier: Workplace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["draw"])
    status, _, said = run_main(command.main, capsys)
    check_refusal(status, said, "data/model", "no network", "train.model", "dvc repro")
    assert not Path("draw.html").exists()
