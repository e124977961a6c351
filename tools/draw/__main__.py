"""The command `python -m tools.draw`: writes a page to draw digits on."""

import argparse
from pathlib import Path

from stages.harness.errors import run
from tools.draw.page import write_page


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.draw",
        description="Write a page to draw digits on, where the last network trained reads them.",
    )
    parser.add_argument("--output", type=Path, default="draw.html", help="default: %(default)s")
    output = parser.parse_args().output
    write_page(output)
    print(f"{output}: open it in a browser")


if __name__ == "__main__":
    run(main)
