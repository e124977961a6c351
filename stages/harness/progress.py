"""Progress of long work: a bar with the time left in a terminal, nothing in a log."""

from functools import partial

from tqdm import tqdm

# A bar has a `total` and a `unit`. It appears after `delay` seconds, and goes at the end.
Progress = partial(tqdm, unit_scale=True, dynamic_ncols=True, leave=False, disable=None)
