"""Galleries: which images are shown, and their captions."""

import pytest

from stages.reporting import galleries
from tests.support.report import RESULTS, with_results


@pytest.mark.parametrize(
    ("rows", "count", "title", "captions"),
    [
        (slice(5), 3, "2 of 5 ", ["0 80% (4)", "0 60% (2)", "3 50%"]),
        (slice(5), 1, "2 of 5 ", ["0 80% (4)"]),
        (slice(0, 3, 2), 9, "0 of 2 ", ["3 50%", "1 90%"]),
    ],
)
def test_mistakes_come_first(rows: slice, count: int, title: str, captions: list[str]) -> None:
    results = with_results(validation=RESULTS.validation[rows])
    gallery = galleries.show_validation(results, count)
    assert gallery.captions == captions
    assert gallery.marked == ["(" in caption for caption in captions]
    assert gallery.title.startswith(title)
