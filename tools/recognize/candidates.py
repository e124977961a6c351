"""Lists the ways in which a picture may be read, and draws what may be a digit as MNIST would."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Probabilities
from stages.harness.errors import InputError
from tools.recognize.contrast import MIDDLE, QUARTER, WIDE, Look
from tools.recognize.cutting import Span, find_paths, list_segments, measure_crossings
from tools.recognize.finding import GAP, WIDE_GAP, find_clusters, find_one, measure_usual_height
from tools.recognize.frame import DIGIT_SIZE, place_in_frame
from tools.recognize.images import SEARCH_SIZE, SIDE, Box, Grey, Mask, bounding_box
from tools.recognize.ink import Ink, find_ink
from tools.recognize.regions import Region
from tools.recognize.strokes import draw_as_mnist

Place = tuple[float, float, float, float]  # left, top, width and height, in pixels


@dataclass
class Segment:
    """What may be a digit: as MNIST would show it, where it is, and what the classifier says."""

    image: Grey  # (28, 28)
    place: Place  # in the picture
    height: float = 1  # in usual heights of the picture's digits
    probabilities: Probabilities = field(init=False)  # (10,), set once it is classified
    no_digit: float = field(init=False)  # log odds that it is none, set at the same time


class Cluster(NamedTuple):
    """What the digits of a cluster may be: segments between paths that cut it."""

    segments: dict[Span, Segment]
    crossings: list[float]  # of each path, see `cutting.measure_crossings`


class Reading(NamedTuple):
    """A way to read a picture."""

    clusters: list[Cluster]
    look: Look

    def list_segments(self) -> list[Segment]:
        return [segment for cluster in self.clusters for segment in cluster.segments.values()]


TINY = 32  # pixels: a picture that is no larger has no room for two digits
SMALL = 64  # pixels: a picture that is no larger has no table around a sheet
LOOKS = (  # the most likely ones first
    (Look(WIDE, light=None), Look()),
    (Look(light=True), Look(MIDDLE), Look(share=QUARTER), Look(share=QUARTER, light=True)),
    tuple(Look(light=light, turns=turns) for turns in (1, 3) for light in (False, True)),
)


def list_readings(picture: Grey) -> Iterator[list[Reading]]:
    """Lists ways to read a picture, the most likely ones first."""
    if (image := match_mnist(picture)) is not None:
        segment = Segment(image, _to_place(bounding_box(image > 0)))
        yield [Reading([Cluster({(0, 1): segment}, [0, 0])], LOOKS[0][0])]
        return
    for looks in [LOOKS[0][:1]] if max(picture.shape) <= SMALL else LOOKS:
        yield [reading for look in looks for reading in _look(picture, look)]


def _look(picture: Grey, look: Look) -> list[Reading]:
    """Reads a picture as a sheet; with a wide window as one digit, if there is nothing else."""
    try:
        ink = find_ink(picture, look)
        if look.window < WIDE:
            return _read_sheet(picture, ink, look)
        one = find_one(ink.strokes, WIDE_GAP if max(picture.shape) <= TINY else GAP)
    except InputError:
        return []
    readings = _draw_clusters(picture, ink, [one], look) if one else []
    if one is None or ink.unruled is not ink.strokes:
        readings += _read_sheet(picture, ink, look)
    return readings


FINE = 48  # pixels: the height of digits on a sheet, if it has as many
ENLARGED = 1.2  # times: less is not worth the time
LARGEST = 2.5  # times: where no digits are found at first, they may be small


def _read_sheet(picture: Grey, ink: Ink, look: Look) -> list[Reading]:
    """Finds the digits of a sheet once, and again at a size at which they are large enough."""
    size = LARGEST * SEARCH_SIZE
    with suppress(InputError):
        clusters = find_clusters(ink.unruled)
        size = SEARCH_SIZE * FINE / measure_usual_height(clusters)
    size = min(size, max(picture.shape))
    try:
        if size > ENLARGED * SEARCH_SIZE:
            ink = find_ink(picture, look, round(size))
        return _draw_clusters(picture, ink, find_clusters(ink.unruled), look)
    except InputError:
        return []


AROUND = 4  # pixels around strokes that belong to them, at least


def _draw_clusters(picture: Grey, ink: Ink, regions: list[Region], look: Look) -> list[Reading]:
    """Returns a reading, or none if no cluster has strokes."""
    usual = measure_usual_height(regions)
    scale = max(picture.shape) / max(ink.strokes.shape)
    strokes = np.zeros(ink.strokes.shape, bool)  # of all clusters
    for region in regions:
        strokes[region.box] |= region.mask
    clusters = []
    for region in regions:
        paths = find_paths(region.mask, usual)
        segments = {}
        for span, part in list_segments(region.mask, paths, usual).items():
            mask = np.zeros(strokes.shape, bool)
            mask[region.box] = part
            box = bounding_box(mask)
            if (image := _draw_in_frame(ink, strokes, mask, box)) is not None:
                left, top, width, height = (scale * length for length in _to_place(box))
                place = left, top, width, height
                segments[span] = Segment(image, place, len(mask[box]) / usual)
        clusters.append(Cluster(segments, measure_crossings(region.mask, paths)))
    return [Reading(clusters, look)] if any(cluster.segments for cluster in clusters) else []


def _draw_in_frame(ink: Ink, strokes: Mask, mask: Mask, box: Box) -> Grey | None:
    """Draws a part of the strokes as MNIST would, without the others; None if it has no strokes."""
    around = tuple(slice(max(0, place.start - AROUND), place.stop + AROUND) for place in box)
    alone = mask[around]
    contrast = np.where(strokes[around] & ~alone, np.float32(0), ink.contrast[around])
    drawn = draw_as_mnist(contrast, alone, ink.threshold)
    return None if drawn is None else place_in_frame(drawn)


def _to_place(box: Box) -> Place:
    rows, columns = box
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start


def match_mnist(picture: Grey) -> Grey | None:
    """Returns the picture, light on dark, if it is framed as MNIST's images are."""
    image = picture if picture[0, 0] < 128 else 255 - picture
    if image.shape != (SIDE, SIDE) or not image.any():
        return None
    digit = image[bounding_box(image > 0)]
    fits = DIGIT_SIZE / 2 < max(digit.shape) <= DIGIT_SIZE
    return image if fits and np.array_equal(place_in_frame(digit), image) else None
