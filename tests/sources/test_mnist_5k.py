"""The default source: real digits, divided once and for all."""

import re
from pathlib import Path

import numpy as np

from stages.harness.outputs import sha256
from stages.sources.mnist import ARCHIVE, fetch
from tests.support.clone import ROOT
from tests.support.samples import mnist

SOURCE = ROOT / "data" / "sources" / "mnist_5k"


def test_every_digit_is_in_one_file_in_proportion(tmp_path: Path) -> None:
    fetch(SOURCE, tmp_path)
    files = [tmp_path / "train.csv", tmp_path / "test.csv"]
    train, test = (np.loadtxt(path, np.uint8, delimiter=",", skiprows=1) for path in files)
    assert np.bincount(train[:, 0]).tolist() == [420] * 10
    pixels, labels = mnist()
    label_of = {row.tobytes(): label for row, label in zip(pixels, labels, strict=True)}
    assert np.bincount([label_of.pop(row.tobytes()) for row in test]).tolist() == [80] * 10
    assert [label_of.pop(row[1:].tobytes()) for row in train] == train[:, 0].tolist()
    assert not label_of
    assert np.diff(train[:, 0].astype(int)).any()  # not sorted by label
    card = (SOURCE / "README.md").read_text()
    assert re.findall(r"[0-9a-f]{64}", card) == list(map(sha256, (ARCHIVE, *files)))
