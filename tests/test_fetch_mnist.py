"""MNIST: small IDX files, and a download over the loopback interface."""

import gzip
import hashlib
import struct
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from stages import fetch_mnist
from stages.dataset import read_blocks
from stages.errors import InputError
from tests.conftest import Pixels


def idx(array: Pixels) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


@pytest.fixture
def published(
    tmp_path: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with four small files of MNIST's form, whose md5 the stage expects."""
    folder = tmp_path / "published"
    folder.mkdir()
    pixels, labels = digits
    images = pixels.reshape(-1, 28, 28)
    arrays = (images[:300], labels[:300], images[300:], labels[300:])
    known = {}
    for name, array in zip(fetch_mnist.MD5, arrays, strict=True):
        (folder / name).write_bytes(idx(array))
        known[name] = hashlib.md5((folder / name).read_bytes()).hexdigest()
    monkeypatch.setattr(fetch_mnist, "MD5", known)
    monkeypatch.setattr(fetch_mnist, "CACHE", tmp_path / "cache")
    return folder


class Server:
    def __init__(self, folder: Path) -> None:
        self.requests: list[str] = []
        requests = self.requests

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                requests.append(self.path)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.http.server_port}/"


@pytest.fixture
def server(published: Path) -> Iterator[Server]:
    server = Server(published)
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@pytest.mark.usefixtures("in_tmp")
def test_the_files_are_downloaded_once_and_become_csv(
    server: Server, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_mnist, "MIRRORS", (server.url,))
    fetch_mnist.main()
    fetch_mnist.main()
    assert len(server.requests) == 4
    pixels, labels = digits
    train = np.concatenate(list(read_blocks(Path("data/mnist/train.csv"), labelled=True)))
    test = np.concatenate(list(read_blocks(Path("data/mnist/test.csv"), labelled=False)))
    np.testing.assert_array_equal(train, np.column_stack([labels[:300], pixels[:300]]))
    np.testing.assert_array_equal(test, pixels[300:])


@pytest.mark.usefixtures("in_tmp")
def test_files_that_are_there_are_used(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_mnist, "MIRRORS", ())
    fetch_mnist.GIVEN.parent.mkdir()
    published.rename(fetch_mnist.GIVEN)
    fetch_mnist.main()
    assert not fetch_mnist.CACHE.exists()
    assert sorted(path.name for path in Path("data/mnist").iterdir()) == ["test.csv", "train.csv"]


def test_a_second_mirror_helps(server: Server, tmp_path: Path) -> None:
    name, md5 = next(iter(fetch_mnist.MD5.items()))
    mirrors = ("http://127.0.0.1:9/", server.url + "missing/", server.url)
    path = fetch_mnist.download(name, tmp_path / "new", mirrors, md5)
    assert hashlib.md5(path.read_bytes()).hexdigest() == md5
    assert len(list(path.parent.iterdir())) == 1


def test_without_network_it_ends_in_one_line(published: Path, tmp_path: Path) -> None:
    name, md5 = next(iter(fetch_mnist.MD5.items()))
    with pytest.raises(InputError, match=r"no mirror sent it whole: .*:9/ .*put the file into"):
        fetch_mnist.download(name, tmp_path / "new", ("http://127.0.0.1:9/",), md5)
    assert not list((tmp_path / "new").glob("*"))


def test_a_file_with_another_md5_is_refused(server: Server, tmp_path: Path) -> None:
    name = next(iter(fetch_mnist.MD5))
    with pytest.raises(InputError, match="no mirror sent it whole"):
        fetch_mnist.download(name, tmp_path / "new", (server.url,), "0" * 32)
    assert not list((tmp_path / "new").glob("*"))


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("folder", ["GIVEN", "CACHE"])
def test_a_file_that_is_there_but_wrong_is_refused(server: Server, folder: str) -> None:
    name, md5 = next(iter(fetch_mnist.MD5.items()))
    path = Path(getattr(fetch_mnist, folder), name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else")
    with pytest.raises(InputError, match=f"{name}: md5 is not {md5}"):
        fetch_mnist.find(name, md5)
    assert path.read_bytes() == b"something else"
    assert not server.requests
