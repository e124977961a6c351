"""What the commands that read many pictures share."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from stages.harness.errors import InputError, describe, escape


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Prints in one line what is wrong with the arguments."""
        self.exit(2, f"error: {escape(message)}; see {self.prog} --help\n")


class Faults:
    """What is wrong with single inputs: printed in a line each, while the rest goes on."""

    found = False

    @contextmanager
    def reported(self) -> Iterator[None]:
        try:
            yield
        except (InputError, OSError) as fault:
            print(describe(fault), file=sys.stderr)
            self.found = True
