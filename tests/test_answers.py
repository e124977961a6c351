"""`python -m stages.predict` with pictures and CSV files of one's own, as it is typed."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages import answers
from stages.dataset import write_csv
from stages.ink import digit
from stages.questions import PICTURES, Question
from tests.conftest import Pixels, Run
from tests.refusal import check_refusal
from tests.test_refuse_classifiers import ARRAYS, sign, whole

SLOW = ("tensorflow", "keras", "matplotlib", "pandas", "sklearn")
# Runs the command, and says on the last line which of the slow modules it has loaded.
WATCHED = f"""
import atexit, runpy, sys
atexit.register(lambda: print("loaded:", *(set({SLOW}) & set(sys.modules))))
sys.argv[0] = "predict"
runpy.run_module("stages.predict", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def place(in_tmp: Path, digits: tuple[Pixels, Pixels]) -> Path:
    """A folder with a classifier, some pictures in a folder, and a CSV file."""
    for name in ("data/model", "photos/inside.png", "nothing.png"):
        Path(name).mkdir(parents=True)
    np.savez(ARRAYS, **whole())
    sign("support_vectors", ARRAYS)
    images = digits[0][:3].reshape(-1, 28, 28)
    Image.fromarray(images[0]).save("photos/b.png")
    Image.fromarray(255 - images[1]).resize((300, 300)).save("photos/a.JPG", "JPEG")
    Image.fromarray(images[2]).save("photos/old.png.seen.png")
    Path("photos/notes.txt").write_text("not a picture")
    Path("photos/.hidden.png").write_text("not a picture")
    write_csv(Path("rows.csv"), digits[0][:4])
    return in_tmp


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_picture_a_folder_and_a_csv_file(place: Path, run_python: Run) -> None:
    before = files()
    done = run_python("-c", WATCHED, "photos/b.png", "photos", "rows.csv", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    *lines, loaded = done.stdout.splitlines()
    names = ["photos/b.png", "photos/a.JPG", "photos/b.png"]
    names += [f"rows.csv row {row}" for row in range(1, 5)]
    assert [line.split(": ")[0] for line in lines] == names
    said = [line.split(": ")[1] for line in lines]
    assert all(answer[0].isdigit() and "%)" in answer for answer in said)
    assert said[0] == said[2] == said[3]  # the first row is that picture
    assert loaded == "loaded:"
    assert files() == before


def test_what_was_seen_is_written_beside_it(place: Path, run_python: Run) -> None:
    before = files()
    done = run_python("-m", "stages.predict", "--seen", "photos", "rows.csv", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    new = {name for name, content in files().items() if before.get(name) != content}
    assert new == {"photos/a.JPG.seen.png", "photos/b.png.seen.png"}
    seen = np.asarray(Image.open("photos/b.png.seen.png"))
    np.testing.assert_array_equal(seen, digit(np.asarray(Image.open("photos/b.png"))))
    again = run_python("-m", "stages.predict", "--seen", "photos", "rows.csv", cwd=place)
    assert again.stdout == done.stdout  # what was written is not asked about
    assert set(files()) == set(before) | new


def test_json_says_the_same_to_a_program(place: Path, run_python: Run) -> None:
    done = run_python("-m", "stages.predict", "--json", "photos/b.png", "rows.csv", cwd=place)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["row"] for answer in said] == [None, 1, 2, 3, 4]
    for answer in said:
        probabilities = answer["probabilities"]
        assert answer["digit"] == int(np.argmax(probabilities))
        assert answer["confidence"] == max(probabilities)
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)


def test_one_bad_picture_does_not_hide_the_others(place: Path, run_python: Run) -> None:
    Image.new("L", (90, 90), 200).save("photos/blank.png")
    Path("photos/cut.png").write_bytes(Path("photos/b.png").read_bytes()[:150])
    Path("photos/iphone.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    done = run_python("-m", "stages.predict", "missing.png", "photos", "nothing.png", cwd=place)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "photos/a.JPG",
        "photos/b.png",
    ]
    said = done.stderr.splitlines()
    expected = ["missing.png: no such file", "photos/blank.png: no digit found", "photos/cut.png: ",
                "photos/iphone.HEIC: HEIC", "nothing.png: a folder without pictures"]  # fmt: skip
    for line, text in zip(said, expected, strict=True):
        check_refusal(done.returncode, f"{line}\n", f"error: {text}")


def test_a_bad_csv_file_is_refused(place: Path, run_python: Run) -> None:
    text = Path("rows.csv").read_text()
    Path("rows.csv").write_text(text.replace("pixel0", "label", 1))
    done = run_python("-m", "stages.predict", "rows.csv", cwd=place)
    check_refusal(done.returncode, done.stderr, "rows.csv line 1, column 1: 'label'", "'pixel0'")
    assert done.stdout == ""


def test_without_a_classifier_it_says_what_to_do(place: Path, run_python: Run) -> None:
    shutil.rmtree("data/model")
    done = run_python("-m", "stages.predict", "photos", cwd=place)
    check_refusal(done.returncode, done.stderr, "data/model/manifest.json", "run dvc repro")


def test_any_file_name_can_be_printed(place: Path, run_python: Run) -> None:
    odd, bad = os.fsdecode(b"photos/b\xff\n\x1b[31m.png"), "photos/\x1b[2J.png"
    shutil.copy("photos/b.png", odd)
    Path(bad).touch()
    done = run_python("-m", "stages.predict", odd, bad, cwd=place)
    assert done.stdout.startswith("photos/b\\udcff \\x1b[31m.png: ")
    check_refusal(done.returncode, done.stderr, "error: photos/\\x1b[2J.png: an empty file")
    for_program = run_python("-m", "stages.predict", "--json", odd, cwd=place)
    assert "\x1b" not in for_program.stdout
    assert json.loads(for_program.stdout)["file"] == odd


def test_a_first_batch_is_answered_before_the_next_is_read(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*_: object, **__: object) -> Iterator[Question]:
        for _number in range(PICTURES):
            yield Question(np.zeros((28, 28), np.uint8), Path("a.png"))
        assert capsys.readouterr().out.count("a.png: ") == PICTURES
        raise KeyboardInterrupt

    monkeypatch.setattr(answers, "questions", asked)
    monkeypatch.setattr("sys.argv", ["predict", "photos"])
    with pytest.raises(KeyboardInterrupt):
        answers.main()


def test_a_confidence_is_rounded_down() -> None:
    question = Question(np.zeros((28, 28), np.uint8), Path("a.png"))
    sure = np.array([0.004, *[0] * 8, 0.996], np.float32)
    assert answers.line(question, sure) == "a.png: 9 (99%)"
    torn = np.array([0.599, 0.401, *[0] * 8], np.float32)
    assert answers.line(question, torn) == "a.png: 0 (59%), or 1 (40%)"


def test_help_and_usage(place: Path, run_python: Run) -> None:
    helped = run_python("-m", "stages.predict", "--help", cwd=place)
    assert (helped.returncode, helped.stderr) == (0, "")
    for text in ("PATH", "--seen", "--json", "examples:", "my_digit.png"):
        assert text in helped.stdout
    for wrong in (["--show"], ["--seen"], ["--seen", "rows.csv"]):
        done = run_python("-m", "stages.predict", *wrong, cwd=place)
        check_refusal(done.returncode, done.stderr, "--help")
