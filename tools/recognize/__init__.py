"""Reads digits in pictures with the trained classifier: `python -m tools.recognize`, `recognize`.

The steps: read a picture (`pictures`), look at it in several ways (`candidates`) for ink (`ink`,
`lines`) and digits (`finding`, `regions`, `cutting`), draw them as MNIST's (`strokes`), classify
them (`reading`, `refusal`), order them (`order`). `training` is no part of it: it makes the network
of `refusal`.
It never trains, never changes the pictures, and imports neither TensorFlow nor matplotlib.
"""

from pathlib import Path
from typing import Any, overload

from stages.harness import paths
from stages.harness.errors import InputError
from tools.recognize.answer import Answer, Digit, answer_pictures, check_task
from tools.recognize.pictures import load_picture

__all__ = ["Answer", "Digit", "InputError", "recognize"]


@overload
def recognize(picture: list[Any], model: Path = ...) -> list[Answer]: ...
@overload
def recognize(picture: Any, model: Path = ...) -> Answer: ...
def recognize(picture: Any, model: Path = paths.MODEL) -> Answer | list[Answer]:
    """Reads the digits in a picture, or in a list of pictures in one batch.

    Args:
        picture: a path, a PIL image, or an array uint8 (h, w), (h, w, 3) or (h, w, 4), of any
            size up to 64 megapixels; or a list of them.
        model: a folder with a trained classifier.

    Returns:
        Of a list, an answer for each picture.

    Raises:
        InputError: a picture cannot be read, or no digit is found in it; or there is no
            classifier: see `chunks.predict`.
    """
    check_task(Path(model))
    pictures = picture if isinstance(picture, list) else [picture]
    answers = answer_pictures([load_picture(one) for one in pictures], Path(model))
    for number, answer in enumerate(answers, 1):
        if isinstance(answer, InputError):
            where = f"picture {number} of {len(pictures)}: " if picture is pictures else ""
            raise InputError(f"{where}{answer}")
    return answers if picture is pictures else answers[0]  # type: ignore[return-value]
