"""Small colour pictures in four classes: `python -m tests.support.tiles data/sources/tiles`."""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (20, 24, 3)
NAMES = ("water", "forest", "field", "road")
COLOURS = ((60, 90, 160), (40, 110, 50), (170, 150, 70), (120, 120, 120))


def draw(label: int, rng: np.random.Generator) -> Image.Image:
    """Draws noise in the colour of a class; a road has a light stripe."""
    tile = rng.normal(COLOURS[label], 50, SIZE)
    if NAMES[label] == "road":
        row = rng.integers(3, 17)
        tile[row - 2 : row + 2] += 90
    return Image.fromarray(tile.clip(0, 255).astype(np.uint8))


def main(folder: Path) -> None:
    """Writes 100 pictures of each class, and as many without a class to `test`."""
    rng = np.random.default_rng(0)
    for number in range(500):
        name = (*NAMES, "test")[number % 5]
        label = number % 4 if name == "test" else NAMES.index(name)
        path = folder / name / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(label, rng).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
