"""The style of every figure and image, and the four colours, which the page replaces."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.font_manager import get_font
from matplotlib.rcsetup import cycler

from stages.formats.prepared import Images, Shape

SIDE = 128  # pixels of an image that is shown: of a larger one, every second, third or fourth
INK, FAINT = "#1f2328", "#6a737d"
MOST = 40  # classes whose names, counts and samples are shown: with more, no text would fit
# Okabe and Ito (2008): colour-blind people can tell these two apart.
BLUE, ORANGE = "#0072b2", "#d55e00"

STYLE = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"), INK),
    **dict.fromkeys(("axes.edgecolor", "grid.color", "xtick.color", "ytick.color"), FAINT),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
    **dict.fromkeys(("axes.grid", "axes.axisbelow"), True),
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE]),
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.titlesize": 11,
    # Fixed places: to compute them, matplotlib would lay out all text once more.
    "axes.titley": 1,
    "figure.subplot.left": 0.15,
    "figure.subplot.right": 0.96,
    "figure.subplot.bottom": 0.15,
    "grid.alpha": 0.3,
    "lines.markersize": 5,
    "text.parse_math": False,  # a dollar sign is one
    "svg.hashsalt": "digits",  # the same names within an SVG file in every run
}
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
