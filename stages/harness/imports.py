"""Imports in less time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_imported(*names: str) -> Iterator[None]:
    """Hides packages that are not imported yet, as if they were not installed.

    Libraries import these if they are installed, for features that nothing here uses.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
