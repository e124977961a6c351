"""Zip and IDX files, good and changed."""

import gzip
import io
import struct
import zipfile

import numpy as np

TEXTS = {"train.csv": "label,pixel0\n1,2\n" * 500, "test.csv": "pixel0\n3\n" * 500}


def archive(texts: dict[str, str] = TEXTS) -> bytes:
    """A zip like Kaggle's."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in texts.items():
            made.writestr(name, text)
    return file.getvalue()


def patched(content: bytes, *patches: tuple[bytes, int, bytes]) -> bytes:
    """Overwrites bytes, each so far after the first place of a signature."""
    data = bytearray(content)
    for signature, offset, new in patches:
        at = content.index(signature) + offset
        data[at : at + len(new)] = new
    return bytes(data)


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"  # the headers of a zip
GOOD_ZIP = archive()


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


IDX_IMAGES = idx(np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28))
IDX_LABELS = idx(np.array([1, 2, 3], np.uint8))
PACKED_IMAGES = gzip.compress(IDX_IMAGES, mtime=0)
