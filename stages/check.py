"""Refuses wrong parameters in one line, before DVC fails on them; says what else is unusual."""

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import read_lines
from stages.harness.params import read_params
from stages.harness.provenance import list_unpinned
from stages.sources.folder import find


def main() -> None:
    source = find(read_params().data.source)
    if unpinned := list_unpinned():
        print(f"warning: installed otherwise than in requirements.txt: {', '.join(unpinned)}")
    for line in read_lines(paths.DATA_WARNINGS):  # by the last `preprocess`
        print(f"warning: {line}")
    print(f"params.yaml is valid; data.source: {source}")


if __name__ == "__main__":
    run(main)
