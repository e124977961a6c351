"""The style of every figure and image, and the four colours, which the page replaces."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import get_font

from stages.formats.prepared import Images, Shape

SIDE = 128  # pixels of an image that is shown: of a larger one, every second, third or fourth
MOST = 40  # classes whose names, counts and samples are shown: with more, no text would fit

STYLE = Path(__file__).with_name("charts.mplstyle")
SETTINGS = matplotlib.rc_params_from_file(STYLE, use_default_template=False)
INK, FAINT = SETTINGS["text.color"], SETTINGS["grid.color"]
BLUE, ORANGE = SETTINGS["axes.prop_cycle"].by_key()["color"]
# Decorates each function that draws or writes a figure. `default` comes first, because the user's
# matplotlibrc must not change the bytes.
in_style = matplotlib.style.context(["default", STYLE])


def to_colours(images: Images) -> npt.NDArray[np.uint8]:
    """Returns images as they are shown, in 0-255: grey ones, (n, h, w), as dark ink on white."""
    step = -(-max(images.shape[1:3]) // SIDE)
    images = images[:, ::step, ::step]
    shown = 1 - images[..., 0] if images.shape[3] == 1 else images
    return np.rint(255 * shown).astype(np.uint8)


def choose_zoom(shape: Shape) -> float:
    """Returns how many pixels on the screen show a pixel of an image: of digits 2."""
    return min(max(56 // max(shape[:2]), 1), SIDE / max(shape[:2]))


# Of charts and galleries; it has the letters of many languages.
FONT = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
LONGEST = 20  # letters of a name in them


def shorten(names: Sequence[str]) -> list[str]:
    """Returns names of classes as charts can show them: a number for letters that FONT lacks."""
    letters = get_font(FONT).get_charmap().keys()
    drawn = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names]
    return [name if letters >= {*map(ord, name)} else f"#{i}" for i, name in enumerate(drawn)]
