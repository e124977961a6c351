"""Turns the chosen source into data/raw, which all other stages start from."""

from importlib import import_module
from pathlib import Path

from stages.formats.pictures import SUFFIXES
from stages.formats.task import Task, read_card, write_task
from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder, write_sums
from stages.harness.params import Data, read_params
from stages.sources.folder import WANTED, find, list_tables, refuse_unknown_files


def fetch(source: Path, raw: Path, settings: Data) -> Task:
    """Writes the data of a source to `raw`; only the module that does it is imported."""
    names = [path.name.lower() for path in list_tables(source)]
    is_table = any(name in WANTED or name.endswith(".zip") for name in names)
    if not is_table and any(path.suffix.lower() in SUFFIXES for path in source.glob("*/**/*")):
        from stages.sources import images

        return images.fetch(source, raw, settings)
    if settings.size or settings.groups:
        print("data.size and data.groups: not used; they are for folders of pictures")
    name = "mnist" if source.name in ("mnist_5k", "mnist", "fashion_mnist") else "folder"
    import_module(f"stages.sources.{name}").fetch(source, raw)
    return read_card(source)


def main() -> None:
    settings = read_params().data
    source = find(settings.source)
    refuse_unknown_files()
    with new_folder(paths.RAW) as raw:
        task = fetch(source, raw, settings)
        write_task(raw, task)
        write_sums(raw)
    height, width, channels = task.shape
    kind = "grey" if channels == 1 else "colour"
    print(f"{source}: {len(task.classes)} classes, {kind} images of {height} x {width} pixels")


if __name__ == "__main__":
    run(main)
