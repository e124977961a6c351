"""Random bytes in the place of a file that a user gives: they are read or rejected in a line.

`test_competition` does the same with CSV files. A LiteRT model can crash the process instead.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.classifiers.instance_based import SupportVectors
from stages.classifiers.saved import load
from stages.formats.task import DIGITS
from stages.sources.folder import fetch
from stages.sources.mnist import read_idx
from tests.support.archives import GOOD_ZIP, IDX_IMAGES, PACKED_IMAGES
from tests.support.samples import packed
from tests.support.workplace import examples

PATCHES = st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=8)), max_size=4)
MANIFEST = {"model": "svm", "task": DIGITS.model_dump(), "parts": []}
MANIFEST["sha256"] = {"model.npz": "0"}

read_arrays = SupportVectors.load
# By file name: good bytes, and the reader.
READERS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "source.zip": (GOOD_ZIP, lambda path: fetch(path.parent, path.parent.parent)),
    "idx.gz": (PACKED_IMAGES, lambda path: read_idx(path, 3)),
    "idx": (IDX_IMAGES, lambda path: read_idx(path, 3)),
    "model.npz": (packed(zipfile.ZIP_STORED), lambda path: read_arrays(path.parent, DIGITS)),
    "manifest.json": (json.dumps(MANIFEST).encode(), lambda path: load(path.parent)),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@examples
def test_any_file_is_read_or_rejected(tmp_path: Path, name: str, count: int) -> None:
    good, read = READERS[name]
    path = tmp_path / "folder" / name
    path.parent.mkdir()

    @settings(max_examples=count, deadline=None)
    @given(PATCHES, st.integers(0, 10**6))
    def check(patches: list[tuple[int, bytes]], length: int) -> None:
        content = bytearray(good)
        for at, new in patches:
            at %= len(good)
            content[at : at + len(new)] = new
        path.write_bytes(content[: length % (2 * len(good)) or None])
        try:
            read(path)
        except (ValueError, OSError) as error:  # an InputError is a ValueError
            assert str(error)

    check()
