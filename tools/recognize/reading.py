"""Reads the digits of pictures: all of them are classified together, then put in order."""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Images, Probabilities, to_images
from stages.harness.errors import InputError
from tools.recognize.candidates import LOOKS, Place, Reading, Segment, list_readings
from tools.recognize.cutting import ALONE, AMONG, choose_segments, measure_costs
from tools.recognize.images import Grey
from tools.recognize.ink import Look
from tools.recognize.order import order_rows
from tools.recognize.refusal import non_digit_log_odds

Predict = Callable[[Images], Probabilities]  # (n, 28, 28, 1), each value in [0, 1], to (n, 10)


class Found(NamedTuple):
    """What was found in a picture."""

    rows: list[list[Segment]]  # its digits, from the top; each row from the left
    skipped: list[Segment]  # letters, signs and dirt, in no order


def read_pictures(pictures: Sequence[Grey], predict: Predict) -> list[Found | InputError]:
    """Reads pictures, and classifies what was found in all of them together.

    Returns for each picture what was found, or why there is no digit; the text does not name the
    picture.
    """
    answers: dict[int, Found | InputError] = {}
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
            _classify(segments, predict)
        readers = {number: reader for number, reader in readers.items() if number not in answers}
    return [answers[number] for number in range(len(pictures))]


def _classify(segments: list[Segment], predict: Predict) -> None:
    images = to_images(np.stack([segment.image for segment in segments]))
    rows, odds = predict(images), non_digit_log_odds(images)
    for segment, probabilities, no_digit in zip(segments, rows, odds.tolist(), strict=True):
        segment.probabilities, segment.no_digit = probabilities, no_digit


LEAST = 1 / 3  # evidence for each thing that is found, if there are several
LINE = 0.5  # of a digit: what a 1 among several counts for at most, because any line is one


class Guess(NamedTuple):
    """The digits of a picture in no order."""

    digits: list[Segment]
    skipped: list[Segment]
    cost: float  # the sum of the negative log probabilities
    look: Look

    def measure_evidence(self, line: float = 0) -> float:
        """Returns what speaks for a guess: each digit counts 1, but a 1 only `line`.

        A single 1 counts 1 too, unless the look is unusual.
        """
        ones = sum(digit.probabilities.argmax() == 1 for digit in self.digits)
        lines = 0 if len(self.digits) == 1 and self.look in LOOKS[0] else ones
        return len(self.digits) - (1 - line) * lines - self.cost

    def is_likely(self) -> bool:
        """Returns whether there are digits and, if several things were found, enough evidence."""
        found = len(self.digits + self.skipped)
        return bool(self.digits) and (found == 1 or self.measure_evidence(LINE) > LEAST * found)


LOWEST = -0.9  # evidence: a guess has more
BETTER = 0.5  # more evidence: then a less likely way to read a picture is preferred
CLEAR = 0.25  # cost of a digit: with less, no other way is tried


def _read(picture: Grey) -> Generator[list[Segment], None, Found]:
    """Reads a picture. It yields segments, and goes on when they are classified.

    Raises:
        InputError: there is no digit.
    """
    best, evidence = None, LOWEST
    for readings in list_readings(picture):
        if not readings:
            continue
        yield [segment for reading in readings for segment in reading.list_segments()]
        for guess in map(_solve, readings):
            if guess.is_likely() and guess.measure_evidence() > evidence:
                best, evidence = guess, guess.measure_evidence() + BETTER
        if best and best.cost < CLEAR * len(best.digits):
            break
    if best is None:
        raise InputError("no digit found: nothing that stands out looks like one")
    return _put_in_order(best, picture.shape)


LEFT_OUT = 0.3  # what it costs a guess to leave something out, at most
TURNED, UNUSUAL = 3.0, 1.0  # what it costs to turn a picture, or to look at it in an unusual way


def _solve(reading: Reading) -> Guess:
    """Chooses where each cluster is cut, and leaves out what is no digit."""
    digits: list[Segment] = []
    skipped: list[Segment] = []
    cut = ALONE if len(reading.clusters) == 1 else AMONG
    cost = TURNED if reading.look.turns else UNUSUAL if reading.look not in LOOKS[0] else 0.0
    for segments, crossings in reading.clusters:
        costs = {
            span: measure_costs(one.probabilities, one.no_digit, one.height, cut.even)
            for span, one in segments.items()
        }
        least = {span: min(both) for span, both in costs.items()}
        for span in choose_segments(least, crossings, cut):
            as_digit, as_none = costs[span]
            is_digit = as_digit <= as_none
            (digits if is_digit else skipped).append(segments[span])
            cost += as_digit if is_digit else min(LEFT_OUT, as_none)
    return Guess(digits, skipped, cost, reading.look)


def _put_in_order(guess: Guess, shape: tuple[int, int]) -> Found:
    """Sorts digits into rows, and turns all places back to those in the picture (h, w)."""
    rows = order_rows(np.array([digit.place for digit in guess.digits]))
    for segment in guess.digits + guess.skipped:
        segment.place = _turn_back(segment.place, guess.look.turns, shape)
    return Found([[guess.digits[number] for number in row] for row in rows], guess.skipped)


def _turn_back(place: Place, turns: int, shape: tuple[int, int]) -> Place:
    left, top, width, height = place
    if turns == 1:
        return shape[1] - top - height, left, height, width
    if turns == 3:
        return top, shape[0] - left - width, height, width
    return place
