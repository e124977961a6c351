"""Draws the results of the other stages; writes a page that needs no other file, and a card."""

from matplotlib.figure import Figure

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import read_params
from stages.reporting import charts, galleries
from stages.reporting.page import build_context, write_page
from stages.reporting.results import Results


def draw_charts(results: Results) -> dict[str, Figure]:
    """Draws the charts by name; the page holds the confusion matrix in another form."""
    return {
        "loss": charts.draw_loss(results.curve),
        "accuracy": charts.draw_accuracy(results.curve),
        "reliability": charts.draw_reliability(results.reliability),
        "coverage": charts.draw_coverage(results.coverage),
        "confusion": charts.draw_confusion(results.counts, results.task),
    }


def main() -> None:
    params = read_params()
    results = Results()
    shown = params.report.images_shown
    files = {name: charts.to_svg(figure) for name, figure in draw_charts(results).items()}
    pictures = {
        "samples": galleries.show_samples(results),
        "validation_images": galleries.show_validation(results, shown),
        "test_images": galleries.show_test(results, shown),
    }
    with new_folder(paths.FIGURES) as folder:
        for name, svg in files.items():
            # Legible wherever the file is shown; the page has a background of its own.
            text = svg.replace("<svg ", '<svg style="background: white" ', 1)
            (folder / f"{name}.svg").write_text(text, encoding="utf-8", newline="\n")
        for name, gallery in pictures.items():
            galleries.draw(gallery).save(folder / f"{name}.png")
    context = build_context(results, files, params)
    for path in (paths.REPORT, paths.MODEL_CARD):
        write_page(path, context)
    print(f"{paths.REPORT}: open it in a browser")


if __name__ == "__main__":
    run(main)
