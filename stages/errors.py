"""How a stage ends when something is wrong: one line, and a status that is not 0."""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn


class InputError(ValueError):
    """A file or a parameter is not what it should be; its text is the one line the user sees."""


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def run(main: Callable[[], None]) -> None:
    """Calls a stage's `main`; what a user can mend ends in one line instead of a traceback."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        main()
    except KeyboardInterrupt:
        print("stopped: run it again to finish", file=sys.stderr)
        sys.exit(130)
    except MemoryError:
        sys.exit("error: out of memory")
    except (InputError, OSError) as error:
        sys.exit(f"error: {' '.join(str(error).split())}")
