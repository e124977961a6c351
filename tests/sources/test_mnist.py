"""MNIST: small IDX files, given or downloaded over the loopback interface."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stages.formats.competition import write_csv
from stages.harness.errors import InputError
from stages.sources import mnist
from tests.support.archives import idx
from tests.support.samples import Pixels


@pytest.fixture
def published(
    tmp_path: Path, digits: tuple[Pixels, Pixels], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with four small files of MNIST's form, whose MD5 the source expects."""
    folder = tmp_path / "published"
    folder.mkdir()
    pixels, labels = digits
    images = pixels.reshape(-1, 28, 28)
    arrays = (images[:300], labels[:300], images[300:], labels[300:])
    known = {}
    for name, array in zip(mnist.MD5, arrays, strict=True):
        content = gzip.compress(idx(array), mtime=0)
        (folder / name).write_bytes(content)
        known[name] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(mnist, "MD5", known)
    monkeypatch.setattr(mnist, "CACHE", tmp_path / "cache")
    for name in ("source", "raw"):
        (tmp_path / name).mkdir()
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
def server(published: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(published)
    monkeypatch.setattr(mnist, "MIRRORS", (server.url,))
    thread = threading.Thread(target=server.http.serve_forever)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def check(raw: Path, digits: tuple[Pixels, Pixels]) -> None:
    pixels, labels = digits
    write_csv(raw / "expected_train.csv", pixels[:300], labels[:300])
    write_csv(raw / "expected_test.csv", pixels[300:])
    for name in ("train.csv", "test.csv"):
        assert (raw / name).read_bytes() == (raw / f"expected_{name}").read_bytes()


def test_the_files_are_downloaded_once_and_become_csv(
    server: Server, tmp_path: Path, digits: tuple[Pixels, Pixels]
) -> None:
    for _ in range(2):
        mnist.fetch(tmp_path / "source", tmp_path / "raw")
    assert len(server.requests) == 4
    check(tmp_path / "raw", digits)


@pytest.mark.parametrize("unpacked", [False, True])
def test_files_that_are_given_are_used(
    published: Path, tmp_path: Path, digits: tuple[Pixels, Pixels], unpacked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(mnist, "MIRRORS", ())
    for path in published.iterdir():
        content = path.read_bytes()
        if unpacked:
            (tmp_path / "source" / path.stem).write_bytes(gzip.decompress(content))
        else:
            (tmp_path / "source" / path.name).write_bytes(content)
    mnist.fetch(tmp_path / "source", tmp_path / "raw")
    check(tmp_path / "raw", digits)


def test_a_second_mirror_helps(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrors = ("http://127.0.0.1:9/", server.url + "missing/", server.url)
    monkeypatch.setattr(mnist, "MIRRORS", mirrors)
    name, md5 = next(iter(mnist.MD5.items()))
    path = mnist.download(name, Path("source"))
    assert hashlib.md5(path.read_bytes()).hexdigest() == md5
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("fault", ["no network", "another file"])
def test_what_cannot_be_downloaded_whole_ends_in_one_line(
    server: Server, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    name = next(iter(mnist.MD5))
    if fault == "no network":
        monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    else:
        monkeypatch.setitem(mnist.MD5, name, "0" * 32)
    with pytest.raises(InputError, match=r"no mirror sent it whole: .* put the file into source"):
        mnist.download(name, Path("source"))
    assert not list(mnist.CACHE.glob("*"))
