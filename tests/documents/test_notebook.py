"""The notebook runs from top to bottom in a fresh copy, and is committed without its results."""

import re
import sys
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.clone import ROOT, SAME_BYTES, Clone

PATH = "notebooks/digits.ipynb"


def test_it_is_committed_without_results() -> None:
    notebook = nbformat.read(ROOT / PATH, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)


def read_output(cell: Any) -> str:
    """Returns the text that a cell printed or returned, and its pictures by their type."""
    texts = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        texts += [output.get("text") or data.get("text/plain", ""), *data]
    return "\n".join(texts)


@pytest.mark.slow
def test_it_runs_in_a_fresh_copy(clone: Clone) -> None:
    """The kernel is this Python, and so is what `make` finds as the project's environment."""
    (clone.folder / ".venv").symlink_to(sys.prefix)
    for name in ("requirements.txt", "pyproject.toml", "uv.lock"):
        clone.run("touch", "-t", "200001010000", name)
    notebook = nbformat.read(clone.folder / PATH, as_version=4)
    place = {"metadata": {"path": str(clone.folder / "notebooks")}}
    NotebookClient(notebook, timeout=600, resources=place).execute(env=clone.env)
    texts = [read_output(cell) for cell in notebook.cells]
    printed = "\n".join(texts).replace("\r\n", "\n")  # of a terminal
    assert "ERROR" not in printed
    assert "error: " not in printed
    assert "\r" not in printed  # no bar
    assert printed.count("image/png") == 2  # ten digits, and one
    assert "docs/images/digit.png: 4 (" in printed
    if SAME_BYTES:
        assert re.search(r"^accuracy +0\.9262$", printed, re.MULTILINE)
        assert re.search(r" accuracy +0\.9262 +0\.9905 +0\.0643$", printed, re.MULTILINE)
    assert clone.changes() == ""
