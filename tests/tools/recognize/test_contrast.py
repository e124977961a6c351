"""What differs from the background: faint strokes too."""

import numpy as np

from tools.recognize.contrast import find_threshold, raise_faint


def draw_stroke(faintest: float, gap: int) -> np.ndarray:
    """A stroke that fades from a contrast of 0.8, and after 50 pixels may have a gap."""
    contrast = np.zeros((60, 200), np.float32)
    contrast[25:33, 20:180] = np.r_[np.full(40, 0.8), np.linspace(0.8, faintest, 120)]
    contrast[:, 110 : 110 + gap] = 0
    return contrast


def select(contrast: np.ndarray) -> np.ndarray:
    threshold = find_threshold(contrast)
    return np.asarray((raise_faint(contrast, threshold) > threshold)[29])


def test_the_faint_end_of_a_stroke_belongs_to_it() -> None:
    contrast = draw_stroke(faintest=0.3, gap=0)
    assert contrast[29, 179] < find_threshold(contrast)
    np.testing.assert_array_equal(select(contrast), contrast[29] > 0)


def test_what_is_too_faint_or_apart_is_paper() -> None:
    assert not select(draw_stroke(faintest=0, gap=0))[170:].any()
    assert not select(draw_stroke(faintest=0.3, gap=60))[110:].any()
