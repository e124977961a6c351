"""Real pictures, which are not published: DIGIT_PICTURES_ZIP names a zip file of them."""

import csv
import io
import os
import zipfile
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from stages.formats.prepared import to_images
from stages.harness.errors import InputError
from stages.harness.params import read_params
from tests.support.samples import mnist
from tests.support.small import create_small
from tools.recognize.pictures import read_picture
from tools.recognize.reading import Found, read_pictures

EVERY = 24  # pictures: one of so many is read
FLOOR = 0.8  # share that an svm trained on 1,500 digits reads


@pytest.mark.skipif("DIGIT_PICTURES_ZIP" not in os.environ, reason="DIGIT_PICTURES_ZIP not set")
def test_most_real_pictures_of_a_digit_are_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(os.environ["DIGIT_PICTURES_ZIP"]) as archive:
        table = csv.DictReader(io.StringIO(archive.read("pictures/labels.csv").decode()))
        rows = [row for row in table if len(row["digits"]) == 1][::EVERY]
        files = [archive.extract(f"pictures/{row['file']}", tmp_path) for row in rows]
    pixels, labels = mnist()
    images = to_images(pixels.reshape(-1, 28, 28)[:1500])
    machine = create_small("svm", **read_params().section("svm").model_dump())
    machine.fit(images, labels[:1500], (images[:50], labels[:50]))
    answers = read_pictures(
        [read_picture(Path(file)) for file in files], machine.trained.predict_proba
    )
    texts = [
        "" if isinstance(answer, InputError) else "".join(map(name_digit, chain(*answer)))
        for answer in answers
    ]
    assert np.mean([text == row["digits"] for text, row in zip(texts, rows, strict=True)]) > FLOOR


def name_digit(found: Found) -> str:
    return str(found.probabilities.argmax())
