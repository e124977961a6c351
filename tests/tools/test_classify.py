"""`python -m tools.classify` as it is typed, with a classifier of small colour images."""

import json
from functools import partial
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest
from PIL import Image

from stages.classifiers.saved import load, save_classifier
from stages.formats.task import Task
from stages.harness import paths
from tests.support.small import create_small
from tests.support.workplace import Ask, Workplace, check_refusal
from tools import classify

TASK = Task(shape=(4, 6, 3), classes=("noise", "π", "NA"))


@pytest.fixture
def ask(place: Workplace) -> Ask:
    """Runs the command in a folder with a classifier, and pictures of another size and mode."""
    save_classifier(create_small("mlp", TASK, hidden_units=[2]), "mlp", paths.MODEL)
    random = np.random.default_rng(0)
    for name in ("a.png", "sub/b.jpg", "sub/deep/c.tif"):
        Path("photos", name).parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 256, (9, 9) if "c" in name else (4, 6, 3), np.uint8)
        Image.fromarray(pixels).save(Path("photos", name))
    Path("photos/notes.txt").touch()
    Path("photos/.hidden").mkdir()
    Path("photos/.hidden/d.png").touch()
    return partial(place.ask, "classify")


def test_each_picture_has_a_line_with_its_two_best_classes(ask: Ask) -> None:
    status, lines, faults = ask("photos", "photos/a.png")
    assert (status, faults) == (0, [])
    names = [line.split(": ")[0] for line in lines]
    assert names == [f"photos/{name}" for name in ("a.png", "sub/b.jpg", "sub/deep/c.tif", "a.png")]
    image = np.asarray(Image.open("photos/a.png"))[None]
    (probabilities,) = load(paths.MODEL).predict_proba(image)
    second, first = np.argsort(probabilities)[-2:]
    found = json.loads(ask("--json", "photos/a.png")[1][0])
    assert (found["class"], found["next_class"]) == (TASK.classes[first], TASK.classes[second])
    assert found["probability"] == pytest.approx(probabilities[first], abs=1e-4)
    assert f"{found['class']} {100 * probabilities[first]:.0f}"[:-1] in lines[0]


def test_a_bad_picture_does_not_hide_the_others(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classify, "CHUNKS", 1)
    monkeypatch.setattr(classify, "count_chunk", lambda _: 2)  # pictures at a time
    Path("photos/b.png").write_bytes(b"not a picture")
    Path("empty").mkdir()
    status, printed, faults = ask("photos", "missing.png", "empty", "--csv", "all.csv")
    assert not printed
    header, *rows = Path("all.csv").read_text().splitlines()
    assert header == "file,class,probability,next_class,next_probability"
    names = ["photos/a.png", "photos/sub/b.jpg", "photos/sub/deep/c.tif"]
    assert [row.split(",")[0] for row in rows] == names
    bad = ("empty: a", "missing.png: ", "photos/b.png")
    for fault, name in zip(sorted(faults), bad, strict=True):
        check_refusal(status, f"{fault}\n", f"error: {name}", "expected")


def test_digits_are_sent_to_the_tool_that_finds_them(ask: Ask) -> None:
    rmtree(paths.MODEL)
    save_classifier(create_small("mlp", hidden_units=[2]), "mlp", paths.MODEL)
    (note,) = ask("photos/a.png")[2]
    assert note.startswith("note: a picture is taken for one digit")
    assert ask("photos", "--csv", "photos/a.png")[0] == 2, "it would write over a picture"
    assert ask("--csv")[0] == ask("--json", "--csv", "x.csv", "photos")[0] == 2
