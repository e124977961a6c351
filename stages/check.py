"""Refuses wrong parameters and misplaced files in one line, before DVC stumbles on them."""

from stages.harness.errors import run
from stages.harness.outputs import touch_tracked
from stages.harness.params import read_params
from stages.sources.folder import find, refuse_foreign


def main() -> None:
    touch_tracked()
    source = find(read_params().data.source)
    refuse_foreign()
    print(f"params.yaml is valid; data.source: {source}")


if __name__ == "__main__":
    run(main)
