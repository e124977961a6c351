"""Turns the chosen source into train.csv and test.csv, which all other stages start from."""

from pathlib import Path
from types import ModuleType

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.sources import folder


def choose_module(source: Path) -> ModuleType:
    """Returns the module that fetches `source`; each is imported only when it is needed."""
    if source.name == "mnist_5k":
        from stages.sources import mnist_5k

        return mnist_5k
    if source.name in ("mnist", "fashion_mnist"):
        from stages.sources import mnist

        return mnist
    if any(path.is_dir() for path in source.iterdir()) and not folder.list_tables(source):
        from stages.sources import images

        return images
    return folder


def main() -> None:
    source = folder.find(read_params().data.source)
    folder.reject_unknown_files()
    with new_folder(paths.RAW) as raw:
        choose_module(source).fetch(source, raw)
    print(f"{paths.RAW}: train.csv and test.csv of {source}")


if __name__ == "__main__":
    run(main)
