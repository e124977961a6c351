"""`python -m tools.recognize` as it is typed."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stages.formats.competition import write_csv
from tests.conftest import Run
from tests.support import reader
from tests.support.drawings import DIGITS, draw
from tests.support.finding import find_digit
from tests.support.samples import ARRAYS, classifier_arrays, sign
from tests.support.workplace import check_refusal, run_main
from tools.recognize import Answer, Digit, answer
from tools.recognize import __main__ as command
from tools.recognize.inputs import PICTURES, Input

SLOW = ("tensorflow", "keras", "matplotlib", "pandas", "sklearn")
# Runs the command, and says on the last line which of the slow modules it has loaded.
WATCHED = f"""
import atexit, runpy, sys
atexit.register(lambda: print("loaded:", *(set({SLOW}) & set(sys.modules))))
sys.argv[0] = "recognize"
runpy.run_module("tools.recognize", run_name="__main__", alter_sys=True)
"""
Recognize = Callable[..., tuple[int, str, str]]  # arguments to status, stdout and stderr


@pytest.fixture
def recognize(
    in_tmp: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Recognize:
    """Runs the command in a folder with a classifier, a folder of pictures, and a CSV file."""
    for name in ("data/model", "photos/inside.png", "nothing.png"):
        Path(name).mkdir(parents=True)
    np.savez(ARRAYS, **classifier_arrays())
    sign("support_vectors", ARRAYS)
    Image.fromarray(DIGITS[0]).save("photos/b.png")
    Image.fromarray(255 - DIGITS[1]).resize((300, 300)).save("photos/a.JPG", "JPEG")
    Image.fromarray(DIGITS[2]).save("photos/old.png.seen.png")
    Path("photos/notes.txt").write_text("not a picture")
    Path("photos/.hidden.png").write_text("not a picture")
    write_csv(Path("rows.csv"), DIGITS[:4].reshape(-1, 784))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["recognize", *arguments])
        return run_main(command.main, capsys)

    return run


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_picture_a_folder_and_a_csv_file(recognize: Recognize, run_python: Run) -> None:
    before = files()
    done = run_python("-c", WATCHED, "photos/b.png", "photos", "rows.csv", cwd=Path.cwd())
    assert (done.returncode, done.stderr) == (0, "")
    *lines, loaded = done.stdout.splitlines()
    assert loaded == "loaded:"
    names, results = zip(*(line.split(": ") for line in lines), strict=True)
    rows = [f"rows.csv row {row}" for row in range(1, 5)]
    assert list(names) == ["photos/b.png", "photos/a.JPG", "photos/b.png", *rows]
    assert all(result[0].isdigit() and "%)" in result for result in results)
    assert results[0] == results[2] == results[3]  # the first row is that picture
    assert files() == before


def test_the_framed_image_is_saved_next_to_its_picture(recognize: Recognize) -> None:
    before = files()
    status, printed, faults = recognize("--seen", "photos", "rows.csv")
    assert (status, faults) == (0, "")
    new = {name for name, content in files().items() if before.get(name) != content}
    ends = (".seen.png", ".boxes.png")
    assert new == {f"photos/{name}{end}" for name in ("a.JPG", "b.png") for end in ends}
    framed = np.asarray(Image.open("photos/b.png.seen.png"))
    np.testing.assert_array_equal(framed, find_digit(np.asarray(Image.open("photos/b.png"))))
    assert recognize("--seen", "photos", "rows.csv")[1] == printed  # they are skipped
    assert set(files()) == set(before) | new


def test_json_says_the_same_to_a_program(recognize: Recognize) -> None:
    _, printed, _ = recognize("--json", "photos/b.png", "rows.csv")
    results = [json.loads(line) for line in printed.splitlines()]
    assert [result["file"] for result in results] == ["photos/b.png", *["rows.csv"] * 4]
    assert [result["row"] for result in results] == [None, 1, 2, 3, 4]
    for result in results:
        probabilities = result["probabilities"]
        assert result["digits"] == str(np.argmax(probabilities))
        assert result["confidence"] == max(probabilities)
        assert sum(probabilities) == pytest.approx(1, abs=1e-3)


def test_a_bad_input_does_not_hide_the_others(recognize: Recognize) -> None:
    Image.new("L", (90, 90), 200).save("photos/blank.png")
    Path("photos/cut.png").write_bytes(Path("photos/b.png").read_bytes()[:150])
    Path("photos/iphone.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    Path("bad.csv").write_text("a,b\n1,2\n")
    status, printed, faults = recognize("missing.png", "photos", "nothing.png", "bad.csv")
    names = [line.split(":")[0] for line in printed.splitlines()]
    assert names == ["photos/a.JPG", "photos/b.png"]
    expected = ["missing.png: no such file", "photos/blank.png: no digit found", "photos/cut.png: ",
                "photos/iphone.HEIC: HEIC", "nothing.png: a folder without pictures",
                "bad.csv"]  # fmt: skip
    for line, text in zip(faults.splitlines(), expected, strict=True):
        check_refusal(status, f"{line}\n", f"error: {text}")
    assert status == 1


def test_without_a_classifier_it_says_what_to_do(recognize: Recognize) -> None:
    shutil.rmtree("data/model")
    status, _, faults = recognize("photos")
    check_refusal(status, faults, "data/model/manifest.json", "run dvc repro")


def test_any_file_name_can_be_printed(recognize: Recognize) -> None:
    odd, bad = os.fsdecode(b"photos/b\xff\n\x1b[31m.png"), "photos/\x1b[2J.png"
    shutil.copy("photos/b.png", odd)
    Path(bad).touch()
    status, printed, faults = recognize(odd, bad)
    assert printed.startswith("photos/b\\udcff \\x1b[31m.png: ")
    check_refusal(status, faults, "error: photos/\\x1b[2J.png: an empty file")
    for_program = recognize("--json", odd)[1]
    assert "\x1b" not in for_program
    assert json.loads(for_program)["file"] == odd


def test_a_batch_is_printed_before_the_next_is_read(
    recognize: Recognize, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_inputs(_: object) -> Iterator[Input]:
        for _number in range(PICTURES):
            yield Input(DIGITS[0], Path("a.png"))
        assert capsys.readouterr().out.count("a.png: ") == PICTURES

    monkeypatch.setattr(command, "read_inputs", read_inputs)
    assert recognize("photos") == (0, "", "")


def test_a_confidence_is_rounded_down() -> None:
    source = Input(DIGITS[0], Path("a.png"))

    def of(*digits: dict[int, float]) -> Answer:
        return Answer((tuple(describe(probabilities) for probabilities in digits),))

    def describe(some: dict[int, float]) -> Digit:
        best = max(some, key=some.__getitem__)
        all_ten = tuple(some.get(number, 0.0) for number in range(10))
        return Digit(best, some[best], all_ten, 0, 0, 28, 28, DIGITS[0])

    sure, unsure = {9: 0.996, 0: 0.004}, {0: 0.599, 1: 0.401}
    assert command.format_line(source, of(sure)) == "a.png: 9 (99%)"
    assert command.format_line(source, of(unsure)) == "a.png: 0 (59%), or 1 (40%)"
    assert command.format_line(source, of(sure, unsure)) == "a.png: 90 (each at least 59%)"


def test_several_digits_are_read_in_rows(
    recognize: Recognize, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "predict", lambda _, images: reader.predict(images))
    rows = (0, 1, 2), (3, 4, 5)
    sheet = np.vstack([np.hstack([draw(row, 100) for row in line]) for line in rows])
    Image.fromarray(sheet).save("sheet.png")
    _, line, _ = recognize("--seen", "sheet.png")
    result = json.loads(recognize("--json", "sheet.png")[1])
    assert line.startswith(f"sheet.png: {result['digits']} (each at least ")
    assert [len(row) for row in result["digits"].split("/")] == [3, 3]
    read = "".join(str(digit["digit"]) for digit in result["found"])
    assert read == result["digits"].replace("/", "")
    for number, digit in enumerate(result["found"]):
        row, column = divmod(number, 3)
        assert 100 * column < digit["x"] < digit["x"] + digit["width"] < 100 * (column + 1)
        assert 100 * row < digit["y"] < digit["y"] + digit["height"] < 100 * (row + 1)
    assert np.asarray(Image.open("sheet.png.seen.png")).shape == (2 * 28, 3 * 28)
    boxed = np.asarray(Image.open("sheet.png.boxes.png"))
    assert boxed.shape == (200, 300, 3)
    assert (boxed[..., 0] > boxed[..., 1] + 100).any()  # red


def test_help_and_usage(recognize: Recognize) -> None:
    status, shown, faults = recognize("--help")
    assert (status, faults) == (0, "")
    for text in ("PATH", "--seen", "--json", "examples:", "my_digit.png"):
        assert text in shown
    for wrong in (["--show"], ["--seen"], ["--seen", "rows.csv"]):
        status, _, faults = recognize(*wrong)
        check_refusal(status, faults, "--help")
        assert status == 2
