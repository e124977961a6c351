"""Refuses an unknown `data.source` and names the nearest, before DVC looks for its folder."""

from stages.harness.errors import run
from stages.harness.params import read_params
from stages.sources.folder import find


def main() -> None:
    print(f"data.source: {find(read_params().data.source)}")


if __name__ == "__main__":
    run(main)
