"""The default source: real digits, divided once and for all."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from stages.harness.errors import InputError
from stages.harness.outputs import sha256
from stages.sources import mnist_5k
from tests.support.clone import ROOT
from tests.support.samples import mnist

SOURCE = ROOT / "data" / "sources" / "mnist_5k"


def rows(path: Path) -> np.ndarray:
    with path.open() as file:
        return np.array(list(csv.reader(file))[1:], np.uint8)


def test_every_digit_is_in_one_file_in_proportion(tmp_path: Path) -> None:
    mnist_5k.fetch(SOURCE, tmp_path)
    train, test = rows(tmp_path / "train.csv"), rows(tmp_path / "test.csv")
    assert np.bincount(train[:, 0]).tolist() == [420] * 10
    pixels, labels = mnist()
    label_of = {row.tobytes(): label for row, label in zip(pixels, labels, strict=True)}
    assert len(label_of) == 5000
    assert np.bincount([label_of.pop(row.tobytes()) for row in test]).tolist() == [80] * 10
    assert [label_of.pop(row[1:].tobytes()) for row in train] == train[:, 0].tolist()
    assert not label_of
    assert np.diff(train[:, 0].astype(int)).any()  # not sorted by label
    card = (SOURCE / "README.md").read_text()
    digests = [
        sha256(path) for path in (mnist_5k.ARCHIVE, *sorted(tmp_path.iterdir(), reverse=True))
    ]
    assert re.findall(r"[0-9a-f]{64}", card) == digests


def test_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mnist_5k.csv.gz").write_bytes(b"others")
    monkeypatch.setattr(mnist_5k, "ARCHIVE", tmp_path / "mnist_5k.csv.gz")
    with pytest.raises(InputError, match=r"mnist_5k.csv.gz: SHA-256 .*; expected 846f6cad587f"):
        mnist_5k.fetch(SOURCE, tmp_path)
