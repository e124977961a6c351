"""`python -m tools.recognize` as it is typed, and `recognize` from Python."""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.formats.competition import CHUNK_PIXELS, write_csv
from tests.support.clone import ROOT, run_python
from tests.support.finding import DIGITS, LABELS, draw, predict
from tests.support.samples import save_model
from tests.support.workplace import Ask, Workplace, check_refusal
from tools.recognize import InputError, answer, recognize
from tools.recognize.pictures import read_picture

ROWS = CHUNK_PIXELS // 784  # of a CSV file that are read at a time
NAMES = [str(label) for label in LABELS]
# Runs the command, and prints on the last line which of the slow modules it has loaded.
WATCHED = """
import atexit, runpy, sys
slow = {"tensorflow", "keras", "matplotlib", "pandas", "sklearn"}
atexit.register(lambda: print("loaded:", *(slow & set(sys.modules))))
sys.argv[0] = "recognize"
runpy.run_module("tools.recognize", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def ask(place: Workplace) -> Ask:
    """Runs the command in a folder with a classifier, a folder of pictures, and a CSV file."""
    for name in ("data/model", "photos/inside.png", "nothing.png"):
        Path(name).mkdir(parents=True)
    save_model()
    Image.fromarray(DIGITS[0]).save("photos/b.png")
    Image.fromarray(255 - DIGITS[1]).resize((300, 300)).save("photos/a.JPG", "JPEG")
    for name in ("notes.txt", ".hidden.png", "old.png.crops.png"):
        Path("photos", name).write_text("not a picture")
    write_csv(Path("rows.csv"), DIGITS[:4].reshape(-1, 784))
    return partial(place.ask, "recognize.__main__")


def files() -> set[str]:
    return {str(path) for path in Path().rglob("*") if path.is_file()}


def test_a_picture_a_folder_and_a_csv_file(ask: Ask) -> None:
    before = files()
    done = run_python(WATCHED, "photos/b.png", "photos", "rows.csv", cwd=Path.cwd())
    assert (done.returncode, done.stderr) == (0, "")
    *lines, loaded = done.stdout.splitlines()
    assert loaded == "loaded:"
    names, results = zip(*(line.split(": ") for line in lines), strict=True)
    rows = [f"rows.csv row {row}" for row in range(1, 5)]
    assert list(names) == ["photos/b.png", "photos/a.JPG", "photos/b.png", *rows]
    assert results[0] == results[2] == results[3]  # the first row is that picture
    assert files() == before


def test_crops_and_json_of_a_sheet(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "predict", lambda _, images: predict(images))
    rows = (0, 1, 2), (3, 4, 5)
    sheet = np.vstack([np.hstack([draw(row, 100) for row in line]) for line in rows])
    Image.fromarray(sheet).save("sheet.png")
    before = files()
    status, (line,), _ = ask("--save-crops", "sheet.png")
    expected = f"{''.join(NAMES[:3])}/{''.join(NAMES[3:6])}"
    assert (status, line) == (0, f"sheet.png: {expected} (each at least 99%)")
    assert files() - before == {"sheet.png.crops.png", "sheet.png.boxes.png"}
    assert read_picture(Path("sheet.png.crops.png")).size == (3 * 28, 2 * 28)
    boxes = read_picture(Path("sheet.png.boxes.png")).pixels
    assert ((boxes > 80) & (boxes < 120)).any()  # red lines, in grey
    _, (line,), _ = ask("--json", "sheet.png", "sheet.png.boxes.png")  # it is skipped
    result = json.loads(line)
    assert (result["digits"], result["skipped"]) == (expected, [])
    for (row, column), digit in zip(np.ndindex(2, 3), result["found"], strict=True):
        assert 100 * column < digit["x"] < digit["x"] + digit["width"] < 100 * (column + 1)
        assert 100 * row < digit["y"] < digit["y"] + digit["height"] < 100 * (row + 1)


def test_standard_input(ask: Ask) -> None:
    (expected,) = ask("photos/b.png")[1]
    command = f"{sys.executable} -m tools.recognize - <photos/b.png"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    printed = subprocess.check_output(command, shell=True, env=env, text=True)
    assert printed == expected.replace("photos/b.png", "-") + "\n"
    status, _, (fault,) = ask("--save-crops", "-")
    check_refusal(status, f"{fault}\n", "standard input has no folder")


def test_json_has_the_probabilities_of_one_digit(ask: Ask) -> None:
    results = [json.loads(line) for line in ask("--json", "photos/b.png", "rows.csv")[1]]
    assert [result["row"] for result in results] == [None, 1, 2, 3, 4]
    for result in results:
        assert result["digits"] == str(np.argmax(result["probabilities"]))
        assert sum(result["probabilities"]) == pytest.approx(1, abs=1e-3)


def test_a_bad_input_does_not_hide_the_others(ask: Ask) -> None:
    Image.new("L", (90, 90), 200).save("photos/blank.png")
    Path("photos/cut.png").write_bytes(Path("photos/b.png").read_bytes()[:150])
    Path("photos/more").mkdir()
    Path("photos/more/iphone.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    write_csv(Path("rows.csv"), np.tile(DIGITS.reshape(-1, 784), (ROWS // 60 + 1, 1)))
    with Path("rows.csv").open("a") as file:
        file.write("1,2,3\n")
    long = "x" * 300 + ".png"
    status, printed, faults = ask("missing.png", "photos", "nothing.png", "rows.csv", long)
    assert [line.split(":")[0] for line in printed[:2]] == ["photos/a.JPG", "photos/b.png"]
    assert len(printed) == 2 + ROWS  # the rows before the bad one are not lost
    expected = ["missing.png: no such file", "photos/blank.png: no digit", "photos/cut.png: ",
                "photos/more/iphone.HEIC: not a", "nothing.png: a folder without pictures",
                "rows.csv", f"{long}: File name too long"]  # fmt: skip
    for text in expected:
        (line,) = [line for line in faults if line.startswith(f"error: {text}")]
        check_refusal(status, f"{line}\n")
    assert len(faults) == len(expected)
    shutil.rmtree("data/model")
    status, _, (fault,) = ask("photos/b.png")
    check_refusal(status, f"{fault}\n", "data/model/manifest.json", "run dvc repro")


def test_any_file_name_can_be_printed(ask: Ask) -> None:
    odd, bad = os.fsdecode(b"photos/b\xff\n\x1b[31m.png"), "photos/\x1b[2J.png"
    shutil.copy("photos/b.png", odd)
    Path(bad).touch()
    status, (line,), (fault,) = ask(odd, bad)
    assert line.startswith("photos/b\\udcff \\x1b[31m.png: ")
    check_refusal(status, f"{fault}\n", "error: photos/\\x1b[2J.png: not a whole picture")
    (for_program,) = ask("--json", odd)[1]
    assert "\x1b" not in for_program
    assert json.loads(for_program)["file"] == odd


def test_help_and_usage(ask: Ask) -> None:
    assert ask("--help")[0] == 0
    address = ["https://example.org/a.png"]
    for wrong in (["--show"], ["--save-crops"], ["--save-crops", "rows.csv"], address):
        status, _, (fault,) = ask(*wrong)
        check_refusal(status, f"{fault}\n", "--help")
        assert status == 2


@pytest.mark.usefixtures("ask")
def test_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "predict", lambda _, images: predict(images))
    picture = np.hstack([draw(1, 100), draw(2, 100)])
    Image.fromarray(picture).save("a.png")
    colour, blank = np.repeat(picture[..., None], 3, axis=2), np.full((90, 90), 200, np.uint8)
    given = [Path("a.png"), "a.png", Image.fromarray(colour), picture, colour]
    answers = recognize(given)
    assert [one.digits for one in answers] == [NAMES[1] + NAMES[2]] * len(given)
    assert recognize(picture) == answers[0]
    wrong = {
        "picture 2 of 2: no digit found: ": [draw(1), blank],
        r"missing\.png: no such file": "missing.png",
        r"an array float64 .*; expected uint8 \(h, w\)": blank / 255,
        "int; expected a path": 3,
    }
    for message, one in wrong.items():
        with pytest.raises(InputError, match=message):
            recognize(one)
