"""MNIST and Fashion-MNIST: small IDX files, given or downloaded over the loopback interface."""

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


@pytest.fixture(params=["mnist", "fashion_mnist"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / request.param).mkdir()
    return tmp_path / str(request.param)


@pytest.fixture
def published(
    source: Path,
    tmp_path: Path,
    digits: tuple[Pixels, Pixels],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with four small files of MNIST's form, whose MD5 the source expects."""
    folder = tmp_path / "published"
    folder.mkdir()
    pixels, labels = digits
    images = pixels.reshape(-1, 28, 28)
    arrays = (images[:300], labels[:300], images[300:], labels[300:])
    contents = [gzip.compress(idx(array), mtime=0) for array in arrays]
    for name, content in zip(mnist.FILES, contents, strict=True):
        (folder / name).write_bytes(content)
    digests = tuple(hashlib.md5(content).hexdigest() for content in contents)
    change(monkeypatch, source, md5=digests, mirrors=())
    monkeypatch.setattr(mnist, "CACHE", tmp_path / "cache")
    return folder


def change(patch: pytest.MonkeyPatch, source: Path, **changes: tuple[str, ...]) -> None:
    known = mnist.PUBLISHED[source.name]._replace(**changes)  # type: ignore[arg-type]
    patch.setitem(mnist.PUBLISHED, source.name, known)


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
def server(published: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(published)
    change(monkeypatch, source, mirrors=(server.url,))
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
    server: Server, source: Path, tmp_path: Path, digits: tuple[Pixels, Pixels]
) -> None:
    for _ in range(2):
        mnist.fetch(source, tmp_path / "raw")
    assert len(server.requests) == 4
    check(tmp_path / "raw", digits)


@pytest.mark.parametrize("unpacked", [False, True])
def test_files_that_are_given_are_used(
    published: Path, source: Path, tmp_path: Path, digits: tuple[Pixels, Pixels], unpacked: bool
) -> None:
    for path in published.iterdir():
        content = path.read_bytes()
        if unpacked:
            (source / path.stem).write_bytes(gzip.decompress(content))
        else:
            (source / path.name).write_bytes(content)
    mnist.fetch(source, tmp_path / "raw")
    check(tmp_path / "raw", digits)


def test_a_second_mirror_helps(
    server: Server, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrors = ("http://127.0.0.1:9/", server.url + "missing/", server.url)
    change(monkeypatch, source, mirrors=mirrors)
    path = mnist.download(mnist.FILES[0], source)
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    assert digest == mnist.PUBLISHED[source.name].md5[0]
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("fault", ["no network", "another file"])
def test_what_cannot_be_downloaded_whole_ends_in_one_line(
    server: Server, source: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "no network":
        change(monkeypatch, source, mirrors=("http://127.0.0.1:9/",))
    else:
        change(monkeypatch, source, md5=("0" * 32,) * 4)
    with pytest.raises(InputError, match=f"no mirror sent it whole: .* put the file into {source}"):
        mnist.download(mnist.FILES[0], source)
    assert not list(mnist.CACHE.rglob("*.gz"))


def test_the_two_have_a_download_each_under_the_same_names() -> None:
    first, second = mnist.PUBLISHED.values()
    assert not {*first.mirrors, *first.md5} & {*second.mirrors, *second.md5}
    assert first.folder != second.folder
    assert {len(digest) for digest in first.md5 + second.md5} == {32}
