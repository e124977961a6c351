"""Progress of long work: a bar with the time left in a terminal, nothing in a log."""

from functools import partial

from tqdm import tqdm

# `total` and `unit` say of what; after `delay` seconds of work; cleared at the end.
Progress = partial(tqdm, unit_scale=True, dynamic_ncols=True, leave=False, disable=None)
