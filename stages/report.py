"""Draws the results of the other stages; writes a page that needs no other file, and a card."""

from matplotlib.figure import Figure

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.reporting import charts, galleries
from stages.reporting.context import build_context
from stages.reporting.galleries import Gallery
from stages.reporting.page import write_page
from stages.reporting.results import Results, Selection, read_results, select
from stages.scoring.metrics import confusion_matrix


def draw_charts(results: Results) -> dict[str, Figure]:
    """Draws the charts by name; the page holds the confusion matrix in another form."""
    counts = confusion_matrix(results.validation["actual"], results.validation["predicted"])
    return {
        "loss": charts.draw_loss(results.curve),
        "accuracy": charts.draw_accuracy(results.curve),
        "reliability": charts.draw_reliability(results.reliability),
        "coverage": charts.draw_coverage(results.coverage),
        "confusion": charts.draw_confusion(counts),
    }


def list_galleries(results: Results, selection: Selection) -> dict[str, Gallery]:
    """Lists, by name, the images that DVC and a README can show."""
    counts = confusion_matrix(results.validation["actual"], results.validation["predicted"])
    confidence = float(results.test["confidence"].mean())
    return {
        "samples": galleries.list_samples(*selection.samples),
        "validation_images": galleries.list_validation(*selection.validation, counts=counts),
        "test_images": galleries.list_test(*selection.first, mean_confidence=confidence),
    }


def main() -> None:
    params = read_params()
    results = read_results()
    selection = select(results, **params.report.model_dump(exclude={"reference"}))
    files = {name: charts.to_svg(figure) for name, figure in draw_charts(results).items()}
    with new_folder(paths.FIGURES) as folder:
        for name, svg in files.items():
            text = charts.add_background(svg)
            (folder / f"{name}.svg").write_text(text, encoding="utf-8", newline="\n")
        for name, gallery in list_galleries(results, selection).items():
            galleries.draw(gallery).save(folder / f"{name}.png")
    context = build_context(results, selection, files, params)
    for path in (paths.REPORT, paths.MODEL_CARD):
        write_page(path, context)
    print(f"{paths.REPORT}: open it in a browser")


if __name__ == "__main__":
    run(main)
