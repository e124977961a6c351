"""What the commands that read many pictures share."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


def list_pictures(
    folder: Path, suffixes: tuple[str, ...], refused: tuple[str, ...], skipped: tuple[str, ...] = ()
) -> list[Path]:
    """Lists the pictures in a folder and below it, without hidden files, in order.

    Files with `suffixes` can be read. Those with `refused` cannot, but are listed, so that nobody
    misses them. Files whose names end with `skipped` are not listed.
    """
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in suffixes + refused
        and not file.name.endswith(skipped)
        and "/." not in f"/{file.relative_to(folder)}"
        and file.is_file()
    ]
    if not files:
        raise InputError(f"{folder}: a folder without pictures; expected {', '.join(suffixes)}")
    return files
