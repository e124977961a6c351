"""Lists the ways in which a picture may be read, and draws what may be a digit as MNIST would."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Probabilities
from tools.recognize.cutting import Span, find_paths, list_segments, measure_crossings
from tools.recognize.finding import GAP, WIDE_GAP, find_clusters, find_one, measure_usual_height
from tools.recognize.images import SEARCH_SIZE, SIDE, Box, Grey, Mask, bounding_box
from tools.recognize.ink import WIDE, Ink, Look, find_ink
from tools.recognize.lines import find_lines
from tools.recognize.regions import Region
from tools.recognize.strokes import DIGIT_SIZE, draw_as_mnist, place_in_frame

Place = tuple[float, ...]  # left, top, width and height, in pixels


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


SMALL = 32  # pixels: a picture that is no larger has no room for two digits
LOOKS = (  # the most likely ones first
    (Look(WIDE, light=None), Look()),
    (Look(WIDE, light=None, sheet=True), Look(sheet=True), Look(light=True)),
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
    """Reads a picture as one digit or as a sheet; again without lines, if there are some."""
    ink = find_ink(picture, look)
    if ink is None:
        return []
    rest, gap = ink.strokes.copy(), WIDE_GAP if max(picture.shape) <= SMALL else GAP
    one = None if look.sheet else find_one(ink.strokes, gap)
    if one:
        rest[one.box] &= ~one.mask
    if one and look.window == WIDE:
        readings = _draw_clusters(picture, ink, [one])
    else:
        readings = _read_sheet(picture, ink)
    if find_lines(rest, TALL).any():
        readings += _read_sheet(picture, ink, TALL)
    return readings


TALL = 0.6 * SEARCH_SIZE  # pixels: digits of a sheet are no taller
FINE = 48  # pixels: the height of digits on a sheet, if it has as many
ENLARGED = 1.2  # times: less is not worth the time
LARGEST = 2.5  # times: where no digits are found at first, they may be small


def _read_sheet(picture: Grey, ink: Ink, tall: float | None = None) -> list[Reading]:
    """Finds the digits of a sheet once, and again at a size at which they are large enough."""
    clusters = find_clusters(ink.strokes, tall)
    usual = measure_usual_height(clusters) if clusters else FINE / LARGEST
    size = min(round(SEARCH_SIZE * FINE / usual), max(picture.shape))
    if size > ENLARGED * SEARCH_SIZE:
        ink = find_ink(picture, ink.look, size) or ink
    elif not tall:
        return _draw_clusters(picture, ink, clusters)
    scale = max(ink.strokes.shape) / SEARCH_SIZE
    clusters = find_clusters(ink.strokes, tall and min(2 * usual, tall) * scale)
    return _draw_clusters(picture, ink, clusters)


MARGIN = 4  # pixels around strokes that belong to them, at least


def _draw_clusters(picture: Grey, ink: Ink, regions: list[Region]) -> list[Reading]:
    """Returns a reading, or none if there are no strokes."""
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
                place = tuple(scale * length for length in _to_place(box))
                segments[span] = Segment(image, place, len(mask[box]) / usual)
        clusters.append(Cluster(segments, measure_crossings(region.mask, paths)))
    return [Reading(clusters, ink.look)] if any(cluster.segments for cluster in clusters) else []


def _draw_in_frame(ink: Ink, strokes: Mask, mask: Mask, box: Box) -> Grey | None:
    """Draws a part of the strokes as MNIST would, without the others; None if it has no strokes."""
    around = tuple(slice(max(0, place.start - MARGIN), place.stop + MARGIN) for place in box)
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
