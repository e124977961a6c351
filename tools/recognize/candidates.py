"""Lists the ways in which a picture may be read, and draws what may be a digit as MNIST would."""

from typing import NamedTuple

import numpy as np

from stages.formats.task import SIDE
from stages.harness.errors import InputError
from tools.recognize.cutting import Span, find_paths, list_segments, measure_crossings
from tools.recognize.finding import (
    WIDE_GAP,
    Cluster,
    find_clusters,
    find_one,
    measure_usual_height,
)
from tools.recognize.frame import DIGIT_SIZE, place_in_frame
from tools.recognize.images import SEARCH_SIZE, Grey, Mask, bounding_box
from tools.recognize.ink import Ink, cut_sheet, find_ink, is_drawn
from tools.recognize.lines import remove_lines
from tools.recognize.sheet import Sheet, find_bright_sheet
from tools.recognize.strokes import draw_as_mnist

Place = tuple[float, float, float, float]  # left, top, width and height, in pixels


class Segment(NamedTuple):
    """What may be a digit: as MNIST would show it, and where it is in the picture."""

    image: Grey  # (28, 28)
    place: Place
    height: float = 1  # in usual heights of the picture's digits


class Candidates(NamedTuple):
    """What the digits of a cluster may be: segments between paths that cut it."""

    segments: dict[Span, Segment]
    crossings: list[float]  # of each path, see `cutting.measure_crossings`


class Reading(NamedTuple):
    """A way to read a picture: its clusters, after a number of quarter turns to the left."""

    clusters: list[Candidates]
    turns: int = 0


def list_readings(picture: Grey) -> list[Reading]:
    """Lists the most likely ways to read a picture: as one digit, as a sheet of digits, or both.

    Args:
        picture: uint8 (h, w), 0 is black and 255 is white.

    Raises:
        InputError: there is no digit; the text does not name the picture.
    """
    if (image := match_mnist(picture)) is not None:
        rows, columns = bounding_box(image > 0)
        height, width = image[rows, columns].shape
        segment = Segment(image, (columns.start, rows.start, width, height))
        return [Reading([Candidates({(0, 1): segment}, [0, 0])])]
    sheet = cut_sheet(picture)
    ink = find_ink(sheet.picture)
    readings = []
    one = find_single(picture, ink)
    if one is not None:
        readings += _draw_clusters(sheet, ink, [one])
    if one is None or remove_lines(ink.strokes) is not ink.strokes:
        readings += _read_sheet(sheet)
    if is_drawn(sheet, picture):  # there may be more digits outside it
        readings += _read_sheet(Sheet(picture))
    if not readings:
        raise InputError("no digit found: what stands out is scattered")
    return readings


TINY = 32  # pixels: a picture that is no larger has no room for two digits


def find_single(picture: Grey, ink: Ink) -> Cluster | None:
    """Finds the one digit of a picture, see `finding.find_one`; its parts may be apart if tiny."""
    one = find_one(ink.strokes)
    if one is None and max(picture.shape) <= TINY:
        return find_one(ink.strokes, WIDE_GAP)
    return one


FEW = 3  # digits: fewer do not say which way up a picture is


def list_other_readings(picture: Grey) -> list[Reading]:
    """Lists less likely ways: on bright paper in the picture, or turned to either side."""
    if match_mnist(picture) is not None:
        return []
    readings = []
    if (sheet := find_bright_sheet(picture)) is not None:
        readings += _read_sheet(sheet, FEW)
    for turns in (1, 3):
        turned = np.ascontiguousarray(np.rot90(picture, turns))
        sheet = cut_sheet(turned)
        whole = Sheet(turned) if is_drawn(sheet, turned) else sheet
        readings += [Reading(reading.clusters, turns) for reading in _read_sheet(whole, FEW)]
    return readings


FINE = 48  # pixels: the height of digits on a sheet, if it has as many
ENLARGED = 1.2  # times: less is not worth the time


def _read_sheet(sheet: Sheet, least: int = 1) -> list[Reading]:
    """Finds the digits of a sheet once, and again at a size at which they are large enough.

    Gives nothing if there are fewer than `least` clusters.
    """
    try:
        ink = find_ink(sheet.picture)
        strokes = remove_lines(ink.strokes)
        clusters = find_clusters(strokes)
        if len(clusters) < least:
            return []
        size = min(max(sheet.picture.shape), SEARCH_SIZE * FINE / measure_usual_height(clusters))
        if size > ENLARGED * SEARCH_SIZE:
            ink = find_ink(sheet.picture, round(size))
            strokes = remove_lines(ink.strokes)
            clusters = find_clusters(strokes)
    except InputError:
        return []
    return _draw_clusters(sheet, ink._replace(strokes=strokes), clusters)


def _draw_clusters(sheet: Sheet, ink: Ink, clusters: list[Cluster]) -> list[Reading]:
    """Gives a reading, or none if no cluster has strokes."""
    usual = measure_usual_height(clusters)
    scale = max(sheet.picture.shape) / max(ink.strokes.shape)
    masks = [spread(cluster, ink) for cluster in clusters]
    ink = ink._replace(strokes=np.any(masks, axis=0))
    found = []
    for cluster in clusters:
        paths = find_paths(cluster.mask, usual)
        segments = {}
        for span, part in list_segments(cluster.mask, paths, usual).items():
            mask = spread(Cluster(cluster.box, part), ink)
            try:
                image = draw_in_frame(ink, mask)
            except InputError:
                continue
            rows, columns = bounding_box(mask)
            height, width = rows.stop - rows.start, columns.stop - columns.start
            left, top = columns.start * scale + sheet.left, rows.start * scale + sheet.top
            place = (left, top, width * scale, height * scale)
            segments[span] = Segment(image, place, height / usual)
        found.append(Candidates(segments, measure_crossings(cluster.mask, paths)))
    return [Reading(found)] if any(candidates.segments for candidates in found) else []


def spread(cluster: Cluster, ink: Ink) -> Mask:
    """Gives a cluster as part of all of the ink: bool (h, w)."""
    mask = np.zeros(ink.strokes.shape, bool)
    mask[cluster.box] = cluster.mask
    return mask


AROUND = 4  # pixels around strokes that belong to them, at least


def draw_in_frame(ink: Ink, mask: Mask) -> Grey:
    """Draws what a mask selects as MNIST would, without other strokes: uint8 (28, 28).

    Raises:
        InputError: what is selected has no strokes.
    """
    box = tuple(slice(max(0, place.start - AROUND), place.stop + AROUND) for place in
                bounding_box(mask))  # fmt: skip
    others = ink.strokes[box] & ~mask[box]
    contrast = np.where(others, np.float32(0), ink.contrast[box])
    return place_in_frame(draw_as_mnist(contrast, mask[box], ink.threshold))


def match_mnist(picture: Grey) -> Grey | None:
    """Gives the picture, light on dark, if it is framed as MNIST's images are."""
    image = picture if picture[0, 0] < 128 else 255 - picture
    if image.shape != (SIDE, SIDE) or not image.any():
        return None
    digit = image[bounding_box(image > 0)]
    fits = DIGIT_SIZE / 2 < max(digit.shape) <= DIGIT_SIZE
    return image if fits and np.array_equal(place_in_frame(digit), image) else None
