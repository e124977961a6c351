"""Reads digits in pictures with the trained classifier: `python -m tools.recognize`, `recognize`.

A picture is read (`pictures`) and cut out to the sheet of paper in it (`sheet`, `regions`). Its
ink is what differs from the background (`contrast`, `ink`), without ruled lines (`lines`). In it,
digits are found (`finding`), cut where they touch (`cutting`), drawn and framed as MNIST's
(`strokes`, `frame`, `candidates`), classified all together (`reading`), refused if they are none
(`refusal`), and put in order (`order`).
No stage imports it. It never trains, never changes the pictures, and imports neither TensorFlow
nor matplotlib.
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
        InputError: a picture cannot be read, or no digit is found in it; of a list, the text
            says in which one. Or there is no classifier: see `chunks.predict`.
    """
    check_task()
    if not isinstance(picture, list):
        (answer,) = answer_pictures([load_picture(picture)], Path(model))
        if isinstance(answer, InputError):
            raise answer
        return answer
    loaded = []
    for number, one in enumerate(picture, 1):
        try:
            loaded.append(load_picture(one))
        except InputError as error:
            raise InputError(f"picture {number} of {len(picture)}: {error}") from None
    answers = []
    for number, answer in enumerate(answer_pictures(loaded, Path(model)), 1):
        if isinstance(answer, InputError):
            raise InputError(f"picture {number} of {len(picture)}: {answer}")
        answers.append(answer)
    return answers
