"""Measures seconds and peak memory of each stage against the number of rows.

    DIGIT_RECOGNIZER_ZIP=.../digit-recognizer.zip python -m benchmarks.scale 42000 420000

Larger data are made of the competition's: each further copy of an image is distorted at random
(seeded). Every stage runs in a process of its own, without DVC, in a temporary folder below
--folder; 4,200,000 labelled rows take 35 GB there. Writes docs/images/scale.csv and draws
docs/images/scale.png.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from stages.cluster.tasks import VARIABLE
from stages.formats.competition import read_chunks
from stages.formats.forms import list_columns
from stages.formats.prepared import to_images
from stages.harness import paths
from stages.training.augmentation import Affine
from tests.support.clone import ROOT, set_params

MEASURE = [sys.executable, "-S", str(ROOT / "benchmarks" / "measure.py")]
STAGES = ("preprocess", "split", "train", "evaluate", "predict", "report", "record")
TABLE = ROOT / "docs" / "images" / "scale.csv"
TEST_SHARE = 28_000 / 42_000  # unlabelled rows for each labelled one, as in the competition
BLOCK_ROWS = 2_000  # divides 42,000 and 28,000
DISTORT = Affine(rotation=10, shift=2, zoom=0.1, shear=0.1)

Block = npt.NDArray[np.uint8]  # (rows, 784), or with the label first (rows, 785)


def make_blocks(table: Block, rows: int, *, labelled: bool) -> Iterator[Block]:
    """Gives the rows of a table, then distorted copies of them, until there are `rows`."""
    for start in range(0, rows, BLOCK_ROWS):
        block = table[np.arange(start, min(start + BLOCK_ROWS, rows)) % len(table)]
        if start >= len(table):
            images = DISTORT(to_images(block[:, labelled:]), (0, start)).numpy()
            block[:, labelled:] = np.rint(255 * images).reshape(len(block), -1)
        yield block


def write(path: Path, table: Block, rows: int, *, labelled: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = [str(number).encode() for number in range(256)]
    with path.open("wb") as file:
        file.write(",".join(list_columns(labelled=labelled)).encode() + b"\n")
        for block in make_blocks(table, rows, labelled=labelled):
            lines = (b",".join(map(numbers.__getitem__, row.tobytes())) for row in block)
            file.write(b"\n".join(lines) + b"\n")


def read_archive(archive: Path, folder: Path) -> dict[str, Block]:
    """Reads the competition's tables, by the name of the file."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    blocks = {
        path.name: list(read_chunks(folder / path.name, labelled=path == paths.TRAIN_CSV))
        for path in (paths.TRAIN_CSV, paths.TEST_CSV)
    }
    return {name: np.concatenate(parts) for name, parts in blocks.items()}


def measure(folder: Path, tables: dict[str, Block], rows: int) -> Iterator[dict[str, float | str]]:
    """Makes data of so many labelled rows in `folder` and runs every stage on them."""
    for path, share in ((paths.TRAIN_CSV, 1.0), (paths.TEST_CSV, TEST_SHARE)):
        labelled = path == paths.TRAIN_CSV
        write(folder / path, tables[path.name], round(rows * share), labelled=labelled)
    lines = folder / "lines"
    for stage in STAGES:
        command = [*MEASURE, str(lines), sys.executable, "-m", f"stages.{stage}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        took = json.loads(lines.read_text().splitlines()[-1])
        yield {
            "rows": rows,
            "stage": stage,
            "seconds": round(took["seconds"], 2),
            "peak_mb": round(took["peak"]),
        }


def draw(rows: Sequence[dict[str, str]]) -> Figure:
    """Draws seconds and peak memory of each stage against the labelled rows, both axes as logs."""
    figure = Figure((11, 3.6), layout="constrained")
    panels = zip(figure.subplots(1, 2), ("seconds", "peak_mb"), ("seconds", "MB"), strict=True)
    for axes, name, unit in panels:
        for stage in STAGES:
            points = [(int(row["rows"]), float(row[name])) for row in rows if row["stage"] == stage]
            x, y = np.array(sorted(points)).T
            slope = f" ({np.polyfit(np.log(x), np.log(y), 1)[0]:.2f})" if len(x) > 1 else ""
            axes.plot(x, y, marker="o", markersize=3, label=stage + slope)
        axes.set(xscale="log", yscale="log", xlabel="labelled rows", ylabel=unit)
        axes.yaxis.set_major_formatter(FuncFormatter("{:,g}".format))
        axes.grid(alpha=0.3)
        axes.legend(title="stage (slope)", fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    figure.axes[1].set_ylim(10, 2000)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="+", help="labelled rows of each data set")
    parser.add_argument("--model", default="mlp", choices=("mlp", "cnn"))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    if "DIGIT_RECOGNIZER_ZIP" not in os.environ:
        sys.exit("set DIGIT_RECOGNIZER_ZIP to the competition's digit-recognizer.zip")
    os.environ.pop(VARIABLE, None)  # this machine is measured
    results = []
    with tempfile.TemporaryDirectory(prefix="scale-", dir=options.folder) as name:
        tables = read_archive(Path(os.environ["DIGIT_RECOGNIZER_ZIP"]), Path(name))
        for count in options.rows:
            folder = Path(name, str(count))
            folder.mkdir()
            for part in ("stages", "params.yaml", "pyproject.toml", "requirements.txt"):
                copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
                copy(ROOT / part, folder / part)
            set_params(folder / "params.yaml", {"train.model": options.model})
            for row in measure(folder, tables, count):
                print(*row.values(), flush=True)
                results.append({key: str(value) for key, value in row.items()})
            shutil.rmtree(folder)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, results[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(results)
    draw(results).savefig(TABLE.with_suffix(".png"), dpi=120)


if __name__ == "__main__":
    main()
