"""What a section of params.yaml is made of: types with bounds, and the check of unknown keys."""

import difflib
import re
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stages.harness.errors import InputError

HINTS = {  # added to an error's text, by key or kind
    "train.model": "; a committee is two of them: train.partner names the second",
    "extra_forbidden": "; correct its spelling, or declare it in stages/harness/params.py",
    "data.source": "; expected the name of a folder of data/sources; put a name such as 7, nan "
    """or true in quotes: -S 'data.source="7"'""",
}

Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
MOST_SIDE = 512
Side = Annotated[int, Field(ge=2, le=MOST_SIDE)]  # pixels
Units = Annotated[int, Field(ge=1, le=8192)]


class Section(BaseModel):
    """A part of `params.yaml`. Unknown or missing keys and other types are errors."""

    # Deferred: each section would be built alone, and then again as a part of `Params`.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Network(Section):
    """The parameters that the Keras networks have in common."""

    learning_rate: Rate
    batch_size: Units
    epochs: Annotated[int, Field(ge=1, le=1000)]
    threads: Annotated[int, Field(ge=1, le=64)]


Kind = TypeVar("Kind", bound=Section)


def check(kind: type[Kind], values: Any, path: Path) -> Kind:
    """Checks values that a user wrote in a file.

    Raises:
        InputError: one is unknown, missing, of a wrong type or out of range. The text names the
            file, the key, its value and what is expected.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_url=False)[:3]
        raise InputError(f"{path}: {'; '.join(map(_describe, errors))}") from None


def _describe(error: Mapping[str, Any]) -> str:
    key = ".".join(map(str, error["loc"])) or "the whole file"
    expected = error["msg"].partition(" or instance of")[0]
    value = "" if error["type"] == "missing" else f", found {reprlib.repr(error['input'])}"
    names = re.findall(r"'(.+?)'", error.get("ctx", {}).get("expected", ""))
    nearest = difflib.get_close_matches(str(error["input"]), names, n=1)
    hint = HINTS.get(key, HINTS.get(error["type"], ""))
    return f"{key}: {expected}{value}{f'; did you mean {nearest[0]}?' if nearest else hint}"
