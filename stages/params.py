"""The typed and bounded form of `params.yaml`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from stages.errors import InputError

PARAMS = Path("params.yaml")
LARGEST = 100_000  # characters
EXPONENTIAL = re.compile(r"[0-9]+(\.[0-9]*)?e[+-]?[0-9]{1,3}", re.ASCII | re.IGNORECASE)


def _number(value: Any) -> Any:
    """Reads `1e-05`, which DVC writes for 0.00001 and YAML 1.1 takes for a text."""
    exponential = isinstance(value, str) and EXPONENTIAL.fullmatch(value)
    return float(value) if exponential else value


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but a key that stands twice is an error, and so are tags and aliases.

    Neither has a use here; some tags raise any error, and a few aliases make a value of gigabytes.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise yaml.YAMLError(f"tags, anchors and aliases are not allowed{event.start_mark}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.YAMLError(f"{twice[0]}: stands more than once{node.start_mark}")
        return super().construct_mapping(node, deep)


Number = Annotated[float, BeforeValidator(_number)]
Fraction = Annotated[Number, Field(gt=0, lt=1)]
Rate = Annotated[Number, Field(gt=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """A part of `params.yaml`: no key more, no key less, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Data(Section):
    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]


class Split(Section):
    validation_fraction: Fraction
    seed: Seed


class Train(Section):
    model: Literal["mlp", "cnn", "svm", "knn"]
    seed: Seed


class Network(Section):
    learning_rate: Rate
    batch_size: Annotated[int, Field(ge=1, le=8192)]
    epochs: Annotated[int, Field(ge=1, le=1000)]
    threads: Annotated[int, Field(ge=1, le=64)]


class Mlp(Network):
    hidden_units: Annotated[
        list[Annotated[int, Field(ge=1, le=8192)]], Field(min_length=1, max_length=8)
    ]


class Augmentation(Section):
    rotation: Annotated[Number, Field(ge=0, le=180)]
    shift: Annotated[Number, Field(ge=0, le=14)]
    zoom: Annotated[Number, Field(ge=0, lt=1)]
    shear: Annotated[Number, Field(ge=0, le=2)]


class Cnn(Network):
    filters: Annotated[
        list[Annotated[int, Field(ge=1, le=1024)]], Field(min_length=1, max_length=5)
    ]
    augmentation: Augmentation
    weight_decay: Annotated[Number, Field(ge=0, lt=1)]
    label_smoothing: Annotated[Number, Field(ge=0, lt=1)]
    members: Annotated[int, Field(ge=1, le=20)]
    views: Annotated[int, Field(ge=1, le=9)]


class Encoding(Section):
    deskew: bool
    orientations: Annotated[int, Field(ge=2, le=32)]
    cells: Annotated[int, Field(ge=1, le=14)]
    components: Annotated[int, Field(ge=1, le=1024)]


class Svm(Encoding):
    cost: Annotated[Number, Field(gt=0, le=1e6)]
    gamma: Annotated[Number, Field(gt=0, le=1e6)]
    folds: Annotated[int, Field(ge=2, le=20)]


class Knn(Encoding):
    neighbours: Annotated[int, Field(ge=1, le=1000)]


class Models(Section):
    mlp: Mlp
    cnn: Cnn
    svm: Svm
    knn: Knn


class Evaluate(Section):
    interval: Fraction
    calibration_bins: Annotated[int, Field(ge=2, le=100)]


class Report(Section):
    digits_shown: Annotated[int, Field(ge=1, le=200)]
    mistakes_shown: Annotated[int, Field(ge=1, le=1000)]


class Params(Section):
    data: Data
    split: Split
    train: Train
    models: Models
    evaluate: Evaluate
    report: Report


def read_params(path: Path = PARAMS) -> Params:
    """Reads and checks the parameters of all stages.

    Raises:
        InputError: the file is not YAML, or a key is unknown, missing, of a wrong type or out
            of range; the text names the key, what arrived and what is allowed.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"more than {LARGEST:,} characters")
        return Params.model_validate(yaml.load(text, Loader))  # noqa: S506
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "the whole file"
        found = "" if first["type"] == "missing" else f", found {_shown(first['input'])}"
        raise InputError(f"{path}: {key}: {first['msg']}{found}") from None
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; expected the parameters of all stages; "
            "restore it: git checkout params.yaml"
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # no UTF-8, no such date, ...
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}; mend it") from None


def used(params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that a run uses, by their path: of `models`, only its model's section."""
    model = params["train"]["model"]
    return _flat({**params, "models": {model: params["models"].get(model, {})}})


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    leaves: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            leaves |= _flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = str(value)
    return leaves


def _shown(value: Any) -> str:
    try:
        return f"{value!r:.80}"
    except ValueError:  # thousands of digits
        return "a number that is far too long"
