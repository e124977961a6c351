"""Random bytes in the place of a file that the pipeline reads: they are read or refused in a line.

`test_competition` does the same with CSV files. A LiteRT model can crash the process instead.
"""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.classifiers.exemplars import SupportVectors
from stages.classifiers.saved import load
from stages.formats.arrays import open_array, read_arrays, write_sums
from stages.sources.folder import fetch
from stages.sources.mnist import read_idx
from tests.support.archives import GOOD_ZIP, IDX_IMAGES, PACKED_IMAGES
from tests.support.samples import npy, packed

PATCHES = st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=8)), max_size=4)
NPZ = packed(zipfile.ZIP_STORED)
MANIFEST = {"family": "support_vectors", "model": "svm", "sha256": {"model.npz": "0"}}


def unzip(path: Path) -> None:
    (path.parent / "raw").mkdir(exist_ok=True)
    fetch(path.parent, path.parent / "raw")


def open_rows(path: Path) -> None:
    write_sums(path.parent)
    open_array(path, "int64", (), stage="split")


# By file name: good bytes, what becomes of them after the change, and the reader.
READERS: dict[str, tuple[bytes, Callable[[bytes], bytes], Callable[[Path], object]]] = {
    "source.zip": (GOOD_ZIP, bytes, unzip),
    "packed-idx.gz": (PACKED_IMAGES, bytes, lambda path: read_idx(path, 3)),
    "idx.gz": (IDX_IMAGES, gzip.compress, lambda path: read_idx(path, 3)),
    "train.npy": (npy(np.zeros(5, np.int64)), bytes, open_rows),
    "model.npz": (NPZ, bytes, lambda path: read_arrays(path, SupportVectors.SHAPES)),
    "manifest.json": (json.dumps(MANIFEST).encode(), bytes, lambda path: load(path.parent)),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=250, deadline=None)
@given(patches=PATCHES, length=st.integers(0, 10**6))
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, patches: list[tuple[int, bytes]],
    length: int,
) -> None:  # fmt: skip
    good, pack, read = READERS[name]
    content = bytearray(good)
    for at, new in patches:
        at %= len(good)
        content[at : at + len(new)] = new
    path = tmp_path_factory.getbasetemp() / f"fuzz {name}" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pack(bytes(content[: length % (2 * len(good)) or None])))
    try:
        read(path)
    except ValueError as error:  # an InputError is one
        assert str(error)
