"""Turns the chosen source into train.csv and test.csv, which all other stages start from."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from stages.formats.arrays import write_sums
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.sources.folder import find, list_tables, refuse_unknown_files

MODULES = {"mnist_5k": "mnist_5k", "mnist": "mnist", "fashion_mnist": "mnist"}


def choose_module(source: Path) -> ModuleType:
    """Returns the module that fetches `source`; only that one is imported."""
    has_pictures = any(path.is_dir() for path in source.iterdir()) and not list_tables(source)
    name = MODULES.get(source.name, "images" if has_pictures else "folder")
    return import_module(f"stages.sources.{name}")


def main() -> None:
    source = find(read_params().data.source)
    refuse_unknown_files()
    with new_folder(paths.RAW) as raw:
        choose_module(source).fetch(source, raw)
        write_sums(raw)
    print(f"{paths.RAW}: train.csv and test.csv of {source}")


if __name__ == "__main__":
    run(main)
