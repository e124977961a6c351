"""Rejects wrong parameters in one line, before DVC fails on them."""

from stages.harness.errors import run
from stages.harness.params import read_params
from stages.sources.folder import find


def main() -> None:
    source = find(read_params().data.source)
    print(f"params.yaml is valid; data.source: {source}")


if __name__ == "__main__":
    run(main)
