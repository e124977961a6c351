"""Lists the ways in which a picture may be read, and draws what may be a digit as MNIST would."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stages.formats.prepared import Probabilities
from stages.harness.errors import InputError
from tools.recognize.cutting import Span, find_paths, list_segments, measure_crossings
from tools.recognize.finding import WIDE_GAP, find_clusters, find_one, measure_usual_height
from tools.recognize.frame import DIGIT_SIZE, place_in_frame
from tools.recognize.images import SEARCH_SIZE, SIDE, Box, Grey, Mask, bounding_box
from tools.recognize.ink import Ink, find_ink
from tools.recognize.regions import Region
from tools.recognize.sheet import Sheet, cut_sheet, find_bright_sheet
from tools.recognize.strokes import draw_as_mnist

Place = tuple[float, float, float, float]  # left, top, width and height, in pixels


@dataclass
class Segment:
    """What may be a digit: as MNIST would show it, where it is, and what the classifier says."""

    image: Grey  # (28, 28)
    place: Place  # in the picture
    height: float = 1  # in usual heights of the picture's digits
    probabilities: Probabilities = field(init=False)  # (10,), set once it is classified


class Cluster(NamedTuple):
    """What the digits of a cluster may be: segments between paths that cut it."""

    segments: dict[Span, Segment]
    crossings: list[float]  # of each path, see `cutting.measure_crossings`


class Reading(NamedTuple):
    """A way to read a picture: its clusters, after a number of quarter turns to the left."""

    clusters: list[Cluster]
    turns: int = 0


TINY = 32  # pixels: a picture that is no larger has no room for two digits


def list_readings(picture: Grey) -> list[Reading]:
    """Lists the most likely ways to read a picture: as one digit, as a sheet of digits, or both.

    Raises:
        InputError: there is no digit; the text does not name the picture.
    """
    if (image := match_mnist(picture)) is not None:
        segment = Segment(image, _to_place(bounding_box(image > 0)))
        return [Reading([Cluster({(0, 1): segment}, [0, 0])])]
    sheet = cut_sheet(picture)
    ink = find_ink(sheet.picture)
    one = find_one(ink.strokes)
    if one is None and max(picture.shape) <= TINY:
        one = find_one(ink.strokes, WIDE_GAP)
    readings = _draw_clusters(sheet, ink, [one]) if one else []
    if one is None or ink.unruled is not ink.strokes:
        readings += _read_sheet(sheet, ink)
    if sheet.is_drawn_box(picture):  # there may be more digits outside it
        readings += _read_sheet(Sheet(picture))
    if not readings:
        raise InputError("no digit found: no digit-shaped strokes")
    return readings


FEW = 3  # digits: fewer do not show which way up a picture is


def list_other_readings(picture: Grey) -> list[Reading]:
    """Lists less likely ways: on bright paper in the picture, or turned to either side."""
    bright = find_bright_sheet(picture)
    readings = _read_sheet(bright, least=FEW) if bright else []
    for turns in (1, 3):
        turned = np.ascontiguousarray(np.rot90(picture, turns))
        sideways = _read_sheet(cut_sheet(turned), least=FEW)
        readings += [reading._replace(turns=turns) for reading in sideways]
    return readings


FINE = 48  # pixels: the height of digits on a sheet, if it has as many
ENLARGED = 1.2  # times: less is not worth the time


def _read_sheet(sheet: Sheet, ink: Ink | None = None, *, least: int = 1) -> list[Reading]:
    """Finds the digits of a sheet once, and again at a size at which they are large enough.

    Returns one reading, or none if there are fewer than `least` clusters.
    """
    try:
        ink = ink or find_ink(sheet.picture)
        clusters = find_clusters(ink.unruled)
        if len(clusters) < least:
            return []
        size = min(max(sheet.picture.shape), SEARCH_SIZE * FINE / measure_usual_height(clusters))
        if size > ENLARGED * SEARCH_SIZE:
            ink = find_ink(sheet.picture, round(size))
            clusters = find_clusters(ink.unruled)
    except InputError:
        return []
    return _draw_clusters(sheet, ink, clusters)


AROUND = 4  # pixels around strokes that belong to them, at least


def _draw_clusters(sheet: Sheet, ink: Ink, regions: list[Region]) -> list[Reading]:
    """Returns a reading, or none if no cluster has strokes."""
    usual = measure_usual_height(regions)
    scale = max(sheet.picture.shape) / max(ink.strokes.shape)
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
                place = (left + sheet.left, top + sheet.top, width, height)
                segments[span] = Segment(image, place, len(mask[box]) / usual)
        clusters.append(Cluster(segments, measure_crossings(region.mask, paths)))
    return [Reading(clusters)] if any(cluster.segments for cluster in clusters) else []


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
