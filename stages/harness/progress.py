"""Progress of long work: a bar with the time left in a terminal, whole lines in a log."""

import sys

from tqdm import tqdm


class Progress(tqdm):  # type: ignore[misc]
    """A bar to `update`, of `total` units named in the plural, such as "images".

    It is shown in a terminal only, after `delay` seconds of work, and cleared at the end.
    """

    def __init__(self, total: int, unit: str, *, delay: float = 0) -> None:
        style = {"unit": f" {unit}", "unit_scale": True, "dynamic_ncols": True, "leave": False}
        super().__init__(total=total, delay=delay, disable=None, **style)

    def say(self, line: str) -> None:
        """Prints a line at once, above the bar if there is one."""
        self.write(line)
        sys.stdout.flush()
