"""Measures seconds and peak memory of each stage of `mlp` against the number of rows.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.scale 42000 420000

Larger data repeat the competition's rows. Every stage runs in a process of its own, without DVC,
in a temporary folder below --folder; 4,200,000 labelled rows take 35 GB there.
"""

import argparse
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from benchmarks.copies import clone_project, measure
from stages.harness.outputs import write_sums

STAGES = ("preprocess", "split", "train", "evaluate", "predict", "report", "record")
TEST_SHARE = 28_000 / 42_000  # unlabelled rows for each labelled one, as in the competition


def repeat_lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yields a table's header once, and its rows again and again."""
    for number in count():
        with archive.open(name) as file:
            yield from islice(file, min(number, 1), None)


def measure_stages(project: Path, rows: int, archive: zipfile.ZipFile) -> dict[str, str]:
    """Runs every stage on so many labelled rows; returns what each one took."""
    raw, took = project / "data" / "raw", {}
    measure(project, "python", "-m", "stages.fetch")  # writes what the data is, too
    for name, number in (("train.csv", rows), ("test.csv", round(rows * TEST_SHARE))):
        with (raw / name).open("wb") as file:
            file.writelines(islice(repeat_lines(archive, name), 1 + number))
    write_sums(raw)
    for stage in STAGES:
        row, _ = measure(project, "python", "-m", f"stages.{stage}")
        took[stage] = f"{row['seconds']:.1f} s, {row['cpu']:.1f} CPU s, {row['peak']:.0f} MB"
        print(rows, stage, took[stage], file=sys.stderr, flush=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, nargs="+", help="labelled rows of each data set")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the path of Kaggle's digit-recognizer.zip")
    with (
        zipfile.ZipFile(os.environ["DIGIT_RECOGNIZER_ZIP"]) as archive,
        tempfile.TemporaryDirectory(prefix="scale-", dir=options.folder) as folder,
    ):
        project = Path(folder, "project")
        clone_project(project)
        columns = {rows: measure_stages(project, rows, archive) for rows in options.rows}
    print("| labelled rows |", *(f" {rows:,} |" for rows in columns), sep="")
    print("|---" * (1 + len(columns)) + "|")
    for stage in STAGES:
        print(f"| `{stage}` |", *(f" {took[stage]} |" for took in columns.values()), sep="")


if __name__ == "__main__":
    main()
