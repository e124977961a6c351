"""Refuses wrong parameters in one line, before DVC fails on them; says what else is unusual."""

from stages.harness.errors import run
from stages.harness.params import read_params
from stages.harness.provenance import list_unpinned
from stages.sources.folder import find


def main() -> None:
    source = find(read_params().data.source)
    if unpinned := list_unpinned():
        print(f"warning: installed otherwise than in requirements.txt: {', '.join(unpinned)}")
    print(f"params.yaml is valid; data.source: {source}")


if __name__ == "__main__":
    run(main)
