"""Saves what the classifier saw of a picture, and where: two files next to the picture."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stages.harness.outputs import new_file
from tools.recognize.answer import Answer
from tools.recognize.images import SIDE
from tools.recognize.pictures import FORMATS, turn_upright

CROPS = ".crops.png"  # added to a picture's name: the 28x28 images that the classifier saw
BOXES = ".boxes.png"  # added to a picture's name: the picture with a box around each digit
MAX_SIDE = 1600  # pixels: the longer side of the picture with boxes
LINE, COLOUR = 400, (220, 30, 30)  # a box's line is this part of the picture's longer side


def save_crops(path: Path, answer: Answer) -> None:
    """Saves both files; raises an OSError if one cannot be written."""
    for suffix, image in ((CROPS, lay_out(answer)), (BOXES, draw_boxes(path, answer))):
        with new_file(path.with_name(path.name + suffix)) as part:
            image.save(part, "PNG")


def lay_out(answer: Answer) -> Image.Image:
    """Lays the images of a picture's digits out as they are read, 28 pixels for each."""
    page = Image.new("L", (SIDE * max(map(len, answer.rows)), SIDE * len(answer.rows)))
    for number, row in enumerate(answer.rows):
        line = np.concatenate([digit.image for digit in row], axis=1)
        page.paste(Image.fromarray(line), (0, SIDE * number))
    return page


def draw_boxes(path: Path, answer: Answer) -> Image.Image:
    """Draws a box around each digit of an upright picture, and the digit at the box."""
    with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        upright = turn_upright(image).convert("RGB")
    width = upright.width
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    scale = upright.width / width
    draw = ImageDraw.Draw(upright)
    line = max(1, max(upright.size) // LINE)
    for digit in (digit for row in answer.rows for digit in row):
        left, top = digit.x * scale - line, digit.y * scale - line
        right, bottom = (digit.x + digit.width) * scale, (digit.y + digit.height) * scale
        draw.rectangle((left, top, right + line, bottom + line), outline=COLOUR, width=line)
        font = ImageFont.load_default(max(10, (bottom - top) / 3))
        draw.text((right + 2 * line, top), str(digit.digit), COLOUR, font)
    return upright
