"""Reads the digits of pictures: all of them are classified together, then put in order."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Images, Probabilities, to_images
from stages.harness.errors import InputError
from tools.recognize.candidates import (
    FEW,
    Place,
    Reading,
    list_other_readings,
    list_readings,
)
from tools.recognize.cutting import ALONE, AMONG, choose_segments, measure_cost
from tools.recognize.images import Grey
from tools.recognize.order import order_rows
from tools.recognize.refusal import check_digits

Predict = Callable[[Images], Probabilities]  # (n, 28, 28, 1) to (n, 10)


class Found(NamedTuple):
    """A digit that was found: see `candidates.Segment`."""

    image: Grey  # (28, 28)
    place: Place
    probabilities: Probabilities  # (10,)


Rows = list[list[Found]]  # of a picture, from the top; each from the left
Guess = tuple[list[Found], int]  # the digits of a picture in no order, and its turns

SURE = -0.1  # mean logarithm of the digits' probabilities: several digits are then no accident
POOR = -0.15  # the same: the picture may be turned


def read_pictures(pictures: Sequence[Grey], predict: Predict) -> list[Rows | InputError]:
    """Reads pictures, and classifies what was found in all of them together.

    Args:
        pictures: each uint8 (h, w), 0 is black and 255 is white.
        predict: gives float (n, 10) for images float32 (n, 28, 28, 1), each value in [0, 1].

    Returns:
        For each picture its digits, or why there are none; the text does not name the picture.
    """
    answers: list[Guess | InputError] = [
        guesses if isinstance(guesses, InputError) else _choose(guesses)
        for guesses in _read(pictures, list_readings, predict)
    ]
    poor = [number for number, answer in enumerate(answers) if _measure_sureness(answer) < POOR]
    others = _read([pictures[number] for number in poor], list_other_readings, predict)
    for number, guesses in zip(poor, others, strict=True):
        if isinstance(guesses, list):
            best = max(guesses, key=_measure_sureness)
            # A 1 does not say which way up a picture is: any line is one.
            upright = sum(digit.probabilities.argmax() != 1 for digit in best[0])
            enough = upright >= FEW and _measure_sureness(best) > SURE
            answers[number] = best if enough else answers[number]
    return [
        answer if isinstance(answer, InputError) else _finish(*answer, picture.shape)
        for answer, picture in zip(answers, pictures, strict=True)
    ]


def _read(
    pictures: Sequence[Grey], list_ways: Callable[[Grey], list[Reading]], predict: Predict
) -> list[list[Guess] | InputError]:
    """Reads each picture in each way, and leaves out the ways that find no digit."""
    ways: list[list[Reading] | InputError] = []
    for picture in pictures:
        try:
            ways.append(list_ways(picture))
        except InputError as error:
            ways.append(error)
    segments = [
        segment
        for readings in ways
        if isinstance(readings, list)
        for reading in readings
        for candidates in reading.clusters
        for segment in candidates.segments.values()
    ]
    if not segments:
        return [way if isinstance(way, InputError) else NOTHING for way in ways]
    images = to_images(np.stack([segment.image for segment in segments]))
    classified = {id(s): p for s, p in zip(segments, predict(images), strict=True)}
    answers: list[list[Guess] | InputError] = []
    for way in ways:
        if isinstance(way, InputError):
            answers.append(way)
        else:
            guesses = [guess for reading in way if (guess := _solve(reading, classified))[0]]
            answers.append(guesses or NOTHING)
    return answers


NOTHING = InputError("no digit found: what stands out is no digit")
LEAST = 0.25  # probability of a digit among several; what has less is dirt or a drawing
CLEAR = 0.9  # the same, of what is no accident
MOST_CLEAR = 0.5  # share of a sheet's digits that are clear, at least


def _solve(reading: Reading, classified: dict[int, Probabilities]) -> Guess:
    """Chooses where each cluster is cut, and leaves out what is no digit."""
    cut = ALONE if len(reading.clusters) == 1 else AMONG
    found = []
    for segments, crossings in reading.clusters:
        costs = {
            span: measure_cost(classified[id(it)], it.place[2] / it.place[3], it.height)
            for span, it in segments.items()
        }
        chosen = [segments[span] for span in choose_segments(costs, crossings, cut)]
        found += [Found(it.image, it.place, classified[id(it)]) for it in chosen]
    if len(found) >= FEW:
        clear = np.mean([digit.probabilities.max() > CLEAR for digit in found]) > MOST_CLEAR
        found = [it for it in found if clear and it.probabilities.max() > LEAST]
    return found, reading.turns


def _choose(guesses: list[Guess]) -> Guess:
    """Chooses the first guess, or the last one if it surely has several digits."""
    first, last = guesses[0], guesses[-1]
    more = len(last[0]) > max(1, len(first[0]))
    return last if more and _measure_sureness(last) > SURE else first


def _measure_sureness(guess: Guess | InputError) -> float:
    """Gives the mean logarithm of the probabilities of the digits that were found."""
    if isinstance(guess, InputError):
        return -np.inf
    return float(np.mean([np.log(digit.probabilities.max()) for digit in guess[0]]))


def _finish(found: list[Found], turns: int, shape: tuple[int, int]) -> Rows | InputError:
    """Refuses what is no digit, and puts digits in order."""
    try:
        check_digits([digit.image for digit in found])
    except InputError as error:
        return error
    return _put_in_order(found, turns, shape)


def _put_in_order(found: list[Found], turns: int, shape: tuple[int, int]) -> Rows:
    """Sorts digits into rows, and turns their places back to those in the picture (h, w)."""
    rows = order_rows(np.array([digit.place for digit in found]))
    turned = [digit._replace(place=_turn_back(digit.place, turns, shape)) for digit in found]
    return [[turned[number] for number in row] for row in rows]


def _turn_back(place: Place, turns: int, shape: tuple[int, int]) -> Place:
    left, top, width, height = place
    if turns == 1:
        return shape[1] - top - height, left, height, width
    if turns == 3:
        return top, shape[0] - left - width, height, width
    return place
