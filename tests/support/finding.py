"""What `tools.recognize` finds in a picture of one digit, without a classifier."""

from stages.harness.errors import InputError
from tools.recognize.candidates import list_readings
from tools.recognize.images import Grey


def find_digit(picture: Grey) -> Grey:
    """Gives the uncut digit of the first reading, uint8 (28, 28).

    Raises:
        InputError: there is no digit, or there may be several.
    """
    clusters = list_readings(picture)[0].clusters
    if len(clusters) > 1:
        raise InputError("no digit found: several are")
    segments, crossings = clusters[0]
    return segments[0, len(crossings) - 1].image
