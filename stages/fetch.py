"""Turns the chosen source into train.csv and test.csv, which all other stages start from."""

from types import ModuleType

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.sources import folder


def reader(name: str) -> ModuleType:
    """Returns the module that fetches source `name`; each is imported only when it is needed."""
    if name == "mnist_5k":
        from stages.sources import mnist_5k

        return mnist_5k
    if name == "mnist":
        from stages.sources import mnist

        return mnist
    return folder


def main() -> None:
    name = read_params().data.source
    source = folder.find(name)
    with new_folder(paths.RAW) as raw:
        reader(name).fetch(source, raw)
    print(f"{paths.RAW}: train.csv and test.csv of {source}")


if __name__ == "__main__":
    run(main)
