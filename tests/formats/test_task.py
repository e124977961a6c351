"""What a source's data card says of its images."""

from pathlib import Path

import pytest

from stages.formats.task import DIGITS, Task, read_card
from stages.harness.errors import InputError

FRONT = "---\nlicence: mit\nshape: [4, 6, 3]\nclasses: [x, 'no']\n---\n# any: [text\n"
BAD = {
    "no classes": (FRONT.replace("classes", "kinds"), "classes: Field required"),
    "two channels": (FRONT.replace("3]", "2]"), "shape.2: Input should be 1 or 3, found 2"),
    "twice": (FRONT.replace("'no'", "x"), "the class x is there twice"),
    "not YAML": (FRONT.replace("'no'", "'no"), "not YAML"),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_is_read(tmp_path: Path, end: str) -> None:
    assert read_card(tmp_path) == DIGITS
    card = tmp_path / "README.md"
    card.write_text("# a card\n\n---\n\nclasses: none\n", newline=end)
    assert read_card(tmp_path) == DIGITS
    card.write_text(FRONT, newline=end)
    assert read_card(tmp_path) == Task(shape=(4, 6, 3), classes=("x", "no"))


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_bad_front_matter_is_named(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "README.md").write_text(text)
    with pytest.raises(InputError, match=r"README\.md: ") as raised:
        read_card(tmp_path)
    assert expected in str(raised.value)
