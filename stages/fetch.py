"""Turns the chosen source into train.csv and test.csv, which all other stages start from."""

from importlib import import_module
from pathlib import Path

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.sources import folder

MODULES = {"mnist_5k": "mnist_5k", "mnist": "mnist", "fashion_mnist": "mnist"}


def choose_module(source: Path) -> str:
    """Returns the name of the module in stages/sources that fetches `source`."""
    has_folders = any(path.is_dir() for path in source.iterdir())
    by_content = "images" if has_folders and not folder.holds_tables(source) else "folder"
    return MODULES.get(source.name, by_content)


def main() -> None:
    source = folder.find(read_params().data.source)
    folder.reject_unknown_files()
    module = import_module(
        f"stages.sources.{choose_module(source)}"
    )  # alone: each has its packages
    with new_folder(paths.RAW) as raw:
        module.fetch(source, raw)
    print(f"{paths.RAW}: train.csv and test.csv of {source}")


if __name__ == "__main__":
    run(main)
