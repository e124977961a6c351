"""Reads the digits of pictures: all of them are classified together, then put in order."""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Images, Probabilities, to_images
from stages.harness.errors import InputError
from tools.recognize.candidates import (
    FEW,
    Place,
    Reading,
    Segment,
    list_other_readings,
    list_readings,
)
from tools.recognize.cutting import ALONE, AMONG, choose_segments, measure_cost
from tools.recognize.images import Grey
from tools.recognize.order import order_rows
from tools.recognize.refusal import check_digits

Predict = Callable[[Images], Probabilities]  # (n, 28, 28, 1), each value in [0, 1], to (n, 10)
Rows = list[list[Segment]]  # the digits of a picture, from the top; each row from the left


class Guess(NamedTuple):
    """The digits of a picture in no order, after a number of quarter turns to the left."""

    digits: list[Segment]
    turns: int = 0


def read_pictures(pictures: Sequence[Grey], predict: Predict) -> list[Rows | InputError]:
    """Reads pictures, and classifies what was found in all of them together.

    Returns for each picture its digits, or why there are none; the text does not name the picture.
    """
    answers: dict[int, Rows | InputError] = {}
    readers = {number: _read(picture) for number, picture in enumerate(pictures)}
    while readers:
        segments: list[Segment] = []
        for number, reader in readers.items():
            try:
                segments += next(reader)
            except StopIteration as stop:
                answers[number] = stop.value
            except InputError as error:
                answers[number] = error
        if segments:
            images = to_images(np.stack([segment.image for segment in segments]))
            for segment, probabilities in zip(segments, predict(images), strict=True):
                segment.probabilities = probabilities
        readers = {number: reader for number, reader in readers.items() if number not in answers}
    return [answers[number] for number in range(len(pictures))]


MIN_LOG_PROB = -0.1  # mean over the digits: several digits are then no accident
RETRY_LOG_PROB = -0.15  # the same: with less, the picture may be turned


def _read(picture: Grey) -> Generator[list[Segment], None, Rows]:
    """Reads a picture. It yields segments, and goes on when they are classified.

    Raises:
        InputError: there is no digit.
    """
    fault = InputError("no digit found: no digit-shaped strokes")
    readings: list[Reading] = []
    try:
        readings = list_readings(picture)
    except InputError as error:
        fault = error
    yield _list_segments(readings)
    guess = _choose(_solve(readings))
    if _mean_log_prob(guess) < RETRY_LOG_PROB:
        readings = list_other_readings(picture)
        yield _list_segments(readings)
        best = max(_solve(readings), key=_mean_log_prob, default=guess)
        # A 1 does not show which way up a picture is: any line is one.
        upright = sum(digit.probabilities.argmax() != 1 for digit in best.digits)
        if upright >= FEW and _mean_log_prob(best) > MIN_LOG_PROB:
            guess = best
    if not guess.digits:
        raise fault
    check_digits([digit.image for digit in guess.digits])
    return _put_in_order(guess, picture.shape)


def _list_segments(readings: list[Reading]) -> list[Segment]:
    clusters = [cluster for reading in readings for cluster in reading.clusters]
    return [segment for cluster in clusters for segment in cluster.segments.values()]


MIN_PROB = 0.25  # of a digit among several; what has less is dirt or a drawing
CLEAR_PROB = 0.9  # of a digit that is no accident
CLEAR_SHARE = 0.5  # of a sheet's digits: more are clear


def _solve(readings: list[Reading]) -> list[Guess]:
    """Chooses where each cluster is cut; leaves out what is no digit, and readings without one."""
    guesses = []
    for clusters, turns in readings:
        cut = ALONE if len(clusters) == 1 else AMONG
        digits = []
        for segments, crossings in clusters:
            costs = {
                span: measure_cost(one.probabilities, one.place[2] / one.place[3], one.height)
                for span, one in segments.items()
            }
            digits += [segments[span] for span in choose_segments(costs, crossings, cut)]
        if len(digits) >= FEW:
            best = np.array([digit.probabilities.max() for digit in digits])
            clear = (best > CLEAR_PROB).mean() > CLEAR_SHARE
            digits = [digits[number] for number in np.flatnonzero(clear & (best > MIN_PROB))]
        if digits:
            guesses.append(Guess(digits, turns))
    return guesses


def _choose(guesses: list[Guess]) -> Guess:
    """Chooses the first guess, or the last one if it surely has several digits."""
    if not guesses:
        return Guess([])
    first, last = guesses[0], guesses[-1]
    more = len(last.digits) > max(1, len(first.digits))
    return last if more and _mean_log_prob(last) > MIN_LOG_PROB else first


def _mean_log_prob(guess: Guess) -> float:
    """Returns the mean logarithm of the digits' probabilities, of no digit minus infinity."""
    if not guess.digits:
        return -np.inf
    return float(np.mean([np.log(digit.probabilities.max()) for digit in guess.digits]))


def _put_in_order(guess: Guess, shape: tuple[int, int]) -> Rows:
    """Sorts digits into rows, and turns their places back to those in the picture (h, w)."""
    rows = order_rows(np.array([digit.place for digit in guess.digits]))
    for digit in guess.digits:
        digit.place = _turn_back(digit.place, guess.turns, shape)
    return [[guess.digits[number] for number in row] for row in rows]


def _turn_back(place: Place, turns: int, shape: tuple[int, int]) -> Place:
    left, top, width, height = place
    if turns == 1:
        return shape[1] - top - height, left, height, width
    if turns == 3:
        return top, shape[0] - left - width, height, width
    return place
