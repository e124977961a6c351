"""Progress of long work: in a terminal a bar with the time left, in a log whole lines only."""

import sys

from tqdm import tqdm


class Progress(tqdm):  # type: ignore[misc]
    """A bar to `update`, in a terminal only; it leaves nothing of itself behind.

    Args:
        total: of what is to be done.
        unit: what is counted, in the plural.
        delay: seconds of work that show no bar.
    """

    monitor_interval = 0  # no thread: LiteRT's process splits off, which takes one only

    def __init__(self, total: int, unit: str, *, delay: float = 0) -> None:
        looks = {"unit": f" {unit}", "unit_scale": True, "dynamic_ncols": True, "leave": False}
        super().__init__(total=total, delay=delay, disable=None, **looks)

    def say(self, line: str) -> None:
        """Prints a line, above the bar if there is one, and at once."""
        self.write(line)
        sys.stdout.flush()
