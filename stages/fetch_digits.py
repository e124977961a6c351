"""The default source: the 1,797 real handwritten digits that ship with scikit-learn."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from stages.dataset import write_csv
from stages.errors import run
from stages.frame import BOX, framed
from stages.outputs import new_folder

HELD_OUT = 297  # of 1,797 rows: written without their labels
SEED = 42


def enlarge(images: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Turns images (n, 8, 8) of values 0-16 into pixels (n, 784) of values 0-255.

    They are framed as MNIST's are, so that what learns from them can read other digits too: of
    10,000 of MNIST's, a network of the article's size read 55%, and 21% where the 8x8 pixels
    fill the image. Pillow's filters for 8-bit images use whole numbers only: the same bytes on
    every machine.
    """
    grey = np.rint(images * (255 / 16)).astype(np.uint8)
    bicubic = Image.Resampling.BICUBIC
    large = [Image.fromarray(image).resize((BOX, BOX), bicubic) for image in grey]
    return np.stack([framed(np.asarray(image)) for image in large]).reshape(len(images), -1)


def main() -> None:
    digits = load_digits()
    pixels, labels = enlarge(digits.images), digits.target.astype(np.uint8)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=labels, random_state=SEED
    )
    with new_folder(Path("data/digits")) as folder:
        write_csv(folder / "train.csv", pixels[train], labels[train])
        write_csv(folder / "test.csv", pixels[test])
    print(f"data/digits: {len(train):,} labelled and {len(test):,} unlabelled digits")


if __name__ == "__main__":
    run(main)
