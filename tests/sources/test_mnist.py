"""MNIST and Fashion-MNIST: small IDX files, given or downloaded over the loopback interface."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from stages.formats.competition import write_csv
from stages.harness.errors import InputError
from stages.sources import mnist
from tests.support.archives import IDX_IMAGES, IDX_LABELS, PACKED_IMAGES, idx
from tests.support.samples import Pixels

NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def published(tmp_path: Path, digits: tuple[Pixels, Pixels]) -> Path:
    """A folder with small files of MNIST's form, beside one with the CSV files they should give."""
    pixels, labels = digits
    for name in ("published", "mnist", "raw", "expected"):
        (tmp_path / name).mkdir()
    images = pixels.reshape(-1, 28, 28)
    for name, array in zip(mnist.FILES, (images[:300], labels[:300], images[300:]), strict=True):
        (tmp_path / "published" / name).write_bytes(gzip.compress(idx(array), mtime=0))
    write_csv(tmp_path / "expected" / "train.csv", pixels[:300], labels[:300])
    write_csv(tmp_path / "expected" / "test.csv", pixels[300:])
    return tmp_path / "published"


@pytest.fixture
def mirror(published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    md5 = [hashlib.md5((published / name).read_bytes()).hexdigest() for name in mnist.FILES]
    monkeypatch.setattr(mnist, "CACHE", published.with_name("cache"))
    handler = partial(SimpleHTTPRequestHandler, directory=str(published))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setitem(mnist.PUBLISHED, "mnist", ([NOWHERE, url + "missing/", url], md5))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield url
        server.shutdown()
        thread.join()


def check(folder: Path) -> None:
    mnist.fetch(folder / "mnist", folder / "raw")
    for path in (folder / "expected").iterdir():
        assert (folder / "raw" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.usefixtures("mirror")
def test_the_files_are_downloaded_once_from_the_first_mirror_that_has_them(tmp_path: Path) -> None:
    check(tmp_path)
    mnist.PUBLISHED["mnist"][0][:] = [NOWHERE]
    check(tmp_path)


@pytest.mark.parametrize("unpacked", [False, True])
def test_files_that_are_given_are_used(published: Path, tmp_path: Path, unpacked: bool) -> None:
    for path in published.iterdir():
        content = path.read_bytes()
        given = tmp_path / "mnist" / (path.stem if unpacked else path.name)
        given.write_bytes(gzip.decompress(content) if unpacked else content)
    check(tmp_path)


@pytest.mark.parametrize("fault", ["no network", "another file"])
def test_what_cannot_be_downloaded_whole_ends_in_one_line(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    _, md5 = mnist.PUBLISHED["mnist"]
    changed = ([NOWHERE], md5) if fault == "no network" else ([mirror], ["0" * 32] * 3)
    monkeypatch.setitem(mnist.PUBLISHED, "mnist", changed)
    source = tmp_path / "mnist"
    with pytest.raises(InputError, match=f"no mirror sent it whole: .* put the file into {source}"):
        mnist.find(source, mnist.FILES[0])
    assert not list(mnist.CACHE.rglob("*.gz"))


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (PACKED_IMAGES[:-20], "train-images-idx3-ubyte.gz: not a whole file"),
        (gzip.compress(IDX_LABELS), "starts with 00000801; expected an IDX file"),
        (gzip.compress(IDX_IMAGES[:9]), "starts with 00000803; expected an IDX file"),
        (gzip.compress(IDX_IMAGES[:-1]), "2,351 bytes after the header; expected 2,352"),
        (gzip.compress(idx(np.zeros((4, 28, 28), np.uint8))), "4 images; expected 3, as in"),
        (gzip.compress(idx(np.zeros((3, 27, 28), np.uint8))), "of 756 numbers; expected 784"),
    ],
    ids=range(6),  # a name with compressed bytes, which hold the time, would differ by worker
)
def test_a_bad_idx_file_is_rejected(tmp_path: Path, images: bytes, expected: str) -> None:
    for name in mnist.FILES:
        content = images if "images" in name else gzip.compress(IDX_LABELS)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        mnist.fetch(tmp_path, tmp_path)
