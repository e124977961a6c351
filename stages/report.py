"""Draws the results of the other stages; writes a page that needs no other file, and a card."""

from collections.abc import Iterator

from matplotlib.figure import Figure

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.reporting import charts, galleries
from stages.reporting.context import build_context
from stages.reporting.page import write_page
from stages.reporting.results import Results, Selection, read_results, select
from stages.scoring.metrics import confusion_matrix


def draw_charts(results: Results) -> dict[str, Figure]:
    """Draws the charts that the page holds, by name."""
    return {
        "loss": charts.draw_loss(results.curve),
        "accuracy": charts.draw_accuracy(results.curve),
        "reliability": charts.draw_reliability(results.reliability),
        "coverage": charts.draw_coverage(results.coverage),
    }


def draw_pictures(results: Results, selection: Selection) -> Iterator[tuple[str, Figure]]:
    """Draws, by name, what DVC and a README can show; the page has it in another form."""
    counts = confusion_matrix(results.validation["actual"], results.validation["predicted"])
    yield "confusion", charts.draw_confusion(counts)
    yield "samples", galleries.draw_samples(*selection.samples)
    yield "validation_images", galleries.draw_validation(*selection.validation, counts=counts)
    confidence = float(results.test["confidence"].mean())
    yield "test_images", galleries.draw_test(*selection.first, mean_confidence=confidence)


def main() -> None:
    params = read_params()
    results = read_results()
    selection = select(results, **params.report.model_dump(exclude={"reference"}))
    drawn = draw_charts(results)
    with new_folder(paths.FIGURES) as folder:
        for name, figure in (*drawn.items(), *draw_pictures(results, selection)):
            charts.write_png(figure, folder / f"{name}.png")
    context = build_context(results, selection, drawn, params)
    for path in (paths.REPORT, paths.MODEL_CARD):
        write_page(path, context)
    print(f"{paths.REPORT}: open it in a browser")


if __name__ == "__main__":
    run(main)
