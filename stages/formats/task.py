"""What the images of a source show: their shape, and the names of their classes.

`fetch` writes it beside the data, and `preprocess` beside the arrays; a trained classifier has it
in its manifest.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stages.harness import paths
from stages.harness.outputs import check_sum
from stages.harness.section import Section, Side, check, read_yaml

Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=100)]


class Task(Section):
    """The task that a classifier learns. A label is a place in `classes`."""

    shape: Annotated[tuple[Side, Side, Literal[1, 3]], Field(strict=False)]
    """Height, width and channels of an image: 1 is grey, 3 is colour."""
    classes: Annotated[tuple[Name, ...], Field(strict=False, min_length=2, max_length=1000)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if twice := [name for name in self.classes if self.classes.count(name) > 1]:
            raise ValueError(f"the class {twice[0]} is there twice")
        return self


DIGITS = Task(shape=(28, 28, 1), classes=tuple("0123456789"))  # of MNIST


def read_card(source: Path) -> Task:
    """Reads `shape` and `classes` in the front matter of a source's data card, or else `DIGITS`.

    Raises an InputError if it is not YAML, or one of the two is not as expected.
    """
    card = source / "README.md"
    if not card.is_file() or not re.match(rb"---\r?\n(.*\n)*?(shape|classes):", card.read_bytes()):
        return DIGITS
    values = read_yaml(card, front_matter=True)
    return check(Task, {key: values[key] for key in ("shape", "classes") if key in values}, card)


def write_task(folder: Path, task: Task) -> None:
    """Writes the task of the data in a folder."""
    path = folder / paths.TASK.name
    path.write_text(task.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")


def read_task(folder: Path) -> Task:
    """Reads what `write_task` wrote; raises an InputError if it has changed."""
    check_sum(folder / paths.TASK.name)
    return Task.model_validate_json((folder / paths.TASK.name).read_bytes())
