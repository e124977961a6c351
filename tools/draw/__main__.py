"""The command `python -m tools.draw`: writes a page to draw digits on."""

import argparse
from pathlib import Path

from stages.harness.errors import run
from tools.draw.page import write_page

PAGE = Path("draw.html")  # git ignores it


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.draw",
        description="Write a page to draw digits on, where the last network trained reads them.",
    )
    parser.add_argument("--output", type=Path, default=PAGE, help=f"default: {PAGE}")
    output = parser.parse_args().output
    write_page(output)
    print(f"{output}: open it in a browser")


if __name__ == "__main__":
    run(main)
