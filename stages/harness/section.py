"""YAML that a user writes: sections, with types and bounds, and what reads and checks them.

Every reader makes the same values of it: DVC reads YAML 1.2, PyYAML YAML 1.1. `010` is 10 to DVC
and 8 to PyYAML, `1:30` is a text or 90. Such a value is refused, and so are anchors, tags and equal
keys, which no parameter needs.
"""

import difflib
import errno
import re
import reprlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stages.harness.errors import InputError

HINTS = {  # added to an error's text, by key or kind
    "train.model": "; a committee is two of them: train.partner names the second",
    "extra_forbidden": "; correct its spelling, or declare it in stages/harness/params.py",
    "data.size": "; expected height and width, as in -S 'data.size=[64,64]'",
    "data.source": "; expected the name of a folder of data/sources; put a name such as 7, nan "
    """or true in quotes: -S 'data.source="7"'""",
}

Share = Annotated[float, Field(ge=0, le=1)]
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

    learning_rate: Annotated[float, Field(gt=0, le=1)]
    batch_size: Units
    epochs: Annotated[int, Field(ge=1, le=1000)]


class Encoding(Section):
    """The parameters of the vectors that `svm` and `knn` compare."""

    deskew: bool  # of grey images of 28 x 28; nothing else is made upright
    orientations: Annotated[int, Field(ge=2, le=32)]
    cells: Annotated[int, Field(ge=1, le=14)]
    components: Annotated[int, Field(ge=1, le=1024)]


Kind = TypeVar("Kind", bound=BaseModel)


def check(kind: type[Kind], values: Any, path: Path, fix: str = "") -> Kind:
    """Checks the values of a file, or its bytes if it is JSON.

    Raises an InputError if one is unknown, missing, of a wrong type or out of range. The text names
    the file, the key, its value and what is expected, and ends with `fix`.
    """
    try:
        is_json = isinstance(values, bytes)
        return kind.model_validate_json(values) if is_json else kind.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_url=False)[:3]
        raise InputError(f"{path}: {'; '.join(map(_describe, errors))}{fix}") from None


def _describe(error: Mapping[str, Any]) -> str:
    key = ".".join(map(str, error["loc"])) or "the whole file"
    expected = error["msg"].partition(" or instance of")[0]
    value = "" if error["type"] == "missing" else f", found {reprlib.repr(error['input'])}"
    names = re.findall(r"'(.+?)'", error.get("ctx", {}).get("expected", ""))
    nearest = difflib.get_close_matches(str(error["input"]), names, n=1)
    hint = HINTS.get(key, HINTS.get(error["type"], ""))
    return f"{key}: {expected}{value}{f'; did you mean {nearest[0]}?' if nearest else hint}"


TYPES = {  # the plain values that are no text
    "bool": "true|True|TRUE|false|False|FALSE",
    "null": "~|null|Null|NULL|",
    "int": "-?(0|[1-9][0-9]*)",
    "float": r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
}
# What else one of the two readers takes for a number, a date or an instruction.
DOUBTFUL = re.compile(
    r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|\.(inf|Inf|INF|nan|NaN|NAN))"
    r"|[-+.0-9][0-9_.]*([eE][-+]?[0-9]+)?|[0-9]{4}-[0-9][0-9]?-.*|<<|="
)


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader with fewer types; it refuses what is doubtful."""

    yaml_implicit_resolvers = dict[Any, Any]()  # noqa: RUF012 in place of PyYAML's

    def get_event(self: Any) -> Any:
        event = super().get_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            _refuse(event, "a line that begins with %: remove it")
        if getattr(event, "anchor", None):
            _refuse(event, "an anchor or an alias: write the value out")
        if getattr(event, "tag", None):
            _refuse(event, f"the tag {event.tag:.40}: remove it")
        if isinstance(event, yaml.ScalarEvent) and event.style is None:
            is_text = self.resolve(yaml.ScalarNode, event.value, event.implicit).endswith(":str")
            if is_text and DOUBTFUL.fullmatch(event.value):
                fault = f"{event.value:.40}, which not all programs read alike: write a number as "
                _refuse(event, f"{fault}in 10, 0.5 or 1e-05, and a text in quotes")
        return event

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) < len(node.value):
            keys = Counter(key.value for key, _ in node.value)
            _refuse(node, f"{keys.most_common(1)[0][0]:.40} twice in one section: remove one")
        return mapping


for name, pattern in TYPES.items():
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(f"({pattern})\\Z"), [None])


def _refuse(place: Any, fault: str) -> NoReturn:
    mark = place.start_mark
    raise InputError(f"{mark.name}: line {mark.line + 1}: {fault}")


def read_yaml(path: Path, *, front_matter: bool = False) -> Any:
    """Reads YAML, or raises an InputError that names what is wrong.

    The file is one document; or, with `front_matter`, the first one of a file of any text.
    """
    try:
        if path.exists() and not path.is_file():  # such as a pipe, which would be waited for
            raise OSError(errno.EINVAL, "not a file")
        with path.open(encoding="utf-8") as file:
            loader = Loader(file)
            return loader.get_data() if front_matter else loader.get_single_data()
    except InputError:
        raise
    except OSError as error:
        fault = f"{path}: {error.strerror}"
    except RecursionError:
        fault = f"{path}: nested too deep"
    except (yaml.YAMLError, ValueError) as error:  # not UTF-8; a number of 5,000 digits
        fault = f"{path}: not YAML: {' '.join(str(error).split())}"
    raise InputError(f"{fault}; correct it, or restore it: git restore {path}")
