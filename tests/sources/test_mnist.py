"""MNIST and Fashion-MNIST: small IDX files, given or downloaded; and the default source."""

import gzip
import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pooch
import pytest

from stages.formats.competition import write_csv
from stages.harness.errors import InputError
from stages.harness.outputs import sha256
from stages.sources import mnist
from tests.support import samples
from tests.support.archives import IDX_IMAGES, IDX_LABELS, PACKED_IMAGES, idx
from tests.support.clone import ROOT


@pytest.fixture
def published(tmp_path: Path, digits: tuple[samples.Pixels, samples.Pixels]) -> Path:
    """A folder with small files of MNIST's form, beside one for the source."""
    pixels, labels = digits
    for name in ("published", "mnist", "raw", "expected"):
        (tmp_path / name).mkdir()
    images = pixels.reshape(-1, 28, 28)
    for name, array in zip(mnist.FILES, (images[:300], labels[:300], images[300:]), strict=True):
        (tmp_path / "published" / name).write_bytes(gzip.compress(idx(array), mtime=0))
    write_csv(tmp_path / "expected" / "train.csv", pixels[:300], labels[:300])
    write_csv(tmp_path / "expected" / "test.csv", pixels[300:])
    return tmp_path / "published"


def check(folder: Path) -> None:
    mnist.fetch(folder / "mnist", folder / "raw")
    for path in (folder / "expected").iterdir():
        assert (folder / "raw" / path.name).read_bytes() == path.read_bytes()


def test_the_files_are_downloaded_once_and_checked(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(url: str, file: str, _: object) -> None:
        shutil.copy(published / Path(url).name, file)

    digests = {
        path.name: hashlib.md5(path.read_bytes()).hexdigest() for path in published.iterdir()
    }
    monkeypatch.setattr(mnist, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(pooch, "HTTPDownloader", lambda **_: download)
    monkeypatch.setattr(mnist, "PUBLISHED", tmp_path)
    registry = tmp_path / "mnist.txt"
    registry.write_text("".join(f"{name} md5:{'0' * 32} http://x/{name}\n" for name in mnist.FILES))
    source = tmp_path / "mnist"
    with pytest.raises(InputError, match=f"not downloaded .* or put the file into {source}"):
        mnist.find(source, mnist.FILES[0])
    lines = [f"{name} md5:{md5} http://x/{name}\n" for name, md5 in digests.items()]
    registry.write_text("".join(lines))
    check(tmp_path)
    shutil.rmtree(published)
    check(tmp_path)


@pytest.mark.parametrize("unpacked", [False, True])
def test_files_that_are_given_are_used(published: Path, tmp_path: Path, unpacked: bool) -> None:
    for path in published.iterdir():
        content = path.read_bytes()
        given = tmp_path / "mnist" / (path.stem if unpacked else path.name)
        given.write_bytes(gzip.decompress(content) if unpacked else content)
    check(tmp_path)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (PACKED_IMAGES[:-20], "train-images-idx3-ubyte.gz: not a whole IDX file"),
        (gzip.compress(IDX_LABELS), "not a whole IDX file: starts with 00000801, not 00000803"),
        (gzip.compress(IDX_IMAGES[:9]), "not a whole IDX file"),
        (gzip.compress(IDX_IMAGES[:-1]), "not a whole IDX file: cannot reshape .* 2351"),
        (gzip.compress(idx(np.zeros((4, 28, 28), np.uint8))), "4 images; expected 3, as in"),
    ],
    ids=range(5),  # a name with compressed bytes, which hold the time, would differ by worker
)
def test_a_bad_idx_file_is_rejected(tmp_path: Path, images: bytes, expected: str) -> None:
    for name in mnist.FILES:
        content = images if "images" in name else gzip.compress(IDX_LABELS)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        mnist.fetch(tmp_path, tmp_path)


def test_every_digit_of_the_default_source_is_in_one_file_in_proportion(tmp_path: Path) -> None:
    source = ROOT / "data" / "sources" / "mnist_5k"
    mnist.fetch(source, tmp_path)
    files = [tmp_path / "train.csv", tmp_path / "test.csv"]
    train, test = (np.loadtxt(path, np.uint8, delimiter=",", skiprows=1) for path in files)
    assert np.bincount(train[:, 0]).tolist() == [420] * 10
    pixels, labels = samples.mnist()
    label_of = {row.tobytes(): label for row, label in zip(pixels, labels, strict=True)}
    assert np.bincount([label_of.pop(row.tobytes()) for row in test]).tolist() == [80] * 10
    assert [label_of.pop(row[1:].tobytes()) for row in train] == train[:, 0].tolist()
    assert not label_of
    assert np.diff(train[:, 0].astype(int)).any()  # not sorted by label
    card = (source / "README.md").read_text()
    assert re.findall(r"[0-9a-f]{64}", card) == list(map(sha256, (mnist.ARCHIVE, *files)))
