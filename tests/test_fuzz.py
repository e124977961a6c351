"""Any bytes at all, in place of what the pipeline reads: read or refused, never more than that.

CSV files stand in `test_dataset`, networks in `test_refuse_networks`.
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

from stages.arrays import open_array, read_arrays
from stages.classifier import load
from stages.exemplars import SupportVectors
from stages.fetch_kaggle import unpack
from stages.fetch_mnist import read_idx
from tests.test_refuse_archives import GOOD_ZIP, IMAGES, PACKED
from tests.test_refuse_arrays import saved
from tests.test_refuse_classifiers import RIGHT, packed

PATCHES = st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=8)), max_size=4)
NPZ, NPY = packed(zipfile.ZIP_STORED), saved(np.zeros(5, np.int64))
MANIFEST = json.dumps(RIGHT).encode()

# A name, the bytes that are good, what becomes of them before they are read, and the reader.
READERS: dict[str, tuple[bytes, Callable[[bytes], bytes], Callable[[Path], object]]] = {
    "zip": (GOOD_ZIP, bytes, lambda path: unpack(path, path.parent)),
    "idx": (PACKED, bytes, lambda path: read_idx(path, 3)),
    "packed idx": (IMAGES, gzip.compress, lambda path: read_idx(path, 3)),
    "npy": (NPY, bytes, lambda path: open_array(path, "int64", (), stage="split")),
    "npz": (NPZ, bytes, lambda path: read_arrays(path, SupportVectors.SHAPES)),
    "manifest.json": (MANIFEST, bytes, lambda path: load(path.parent)),
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=250, deadline=2000)
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
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(pack(bytes(content[: length % (2 * len(good)) or None])))
    try:
        read(path)
    except ValueError as error:  # an InputError is one
        assert str(error)
