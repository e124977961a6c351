"""The parameters of all stages: the types and bounds of what `params.yaml` holds."""

import difflib
import re
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stages.harness import paths
from stages.harness.errors import InputError

HINTS = {  # added to an error's text, by key or kind
    "extra_forbidden": "; correct its spelling, or declare it in stages/harness/params.py",
    "data.source": "; expected the name of a folder of data/sources; put a name such as 7, nan "
    """or true in quotes: -S 'data.source="7"'""",
}


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader (YAML 1.1) with two rules of YAML 1.2, by which DVC reads and writes.

    `1e-05` is a number, and only `true` and `false` are booleans: `yes` and `on` are text.
    """


EXPONENTIAL = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
Loader.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENTIAL, list("-+0123456789"))
for letter in "yYnNoO":
    resolvers = Loader.yaml_implicit_resolvers[letter]
    resolvers[:] = [pair for pair in resolvers if not pair[0].endswith(":bool")]

Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Source = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]


class Section(BaseModel):
    """A part of `params.yaml`. Unknown or missing keys and other types are errors."""

    # Deferred: each section would be built alone, and then again as a part of `Params`.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Data(Section):
    source: Source


class Split(Section):
    folds: Annotated[int, Field(ge=1, le=20)]
    validation_fraction: Fraction
    seed: Seed


class Train(Section):
    model: Literal["mlp", "cnn", "svm", "knn", "committee"]
    seed: Seed
    rows: Annotated[int, Field(ge=1)] | None
    device: Literal["cpu", "gpu"]


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
    rotation: Annotated[float, Field(ge=0, le=180)]
    shift: Annotated[float, Field(ge=0)]  # `training.networks` checks it, and how many filters fit
    zoom: Annotated[float, Field(ge=0, lt=1)]
    shear: Annotated[float, Field(ge=0, le=2)]


class Cnn(Network):
    filters: Annotated[
        list[Annotated[int, Field(ge=1, le=1024)]], Field(min_length=1, max_length=16)
    ]
    augmentation: Augmentation
    weight_decay: Annotated[float, Field(ge=0, lt=1)]
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    members: Annotated[int, Field(ge=1, le=20)]
    views: Annotated[int, Field(ge=1, le=9)]
    strokes: Share


class Encoding(Section):
    deskew: bool
    orientations: Annotated[int, Field(ge=2, le=32)]
    cells: Annotated[int, Field(ge=1, le=14)]
    components: Annotated[int, Field(ge=1, le=1024)]


class Svm(Encoding):
    cost: Annotated[float, Field(gt=0, le=1e6)]
    gamma: Annotated[float, Field(gt=0, le=1e6)]
    folds: Annotated[int, Field(ge=2, le=20)]
    strokes: Share


class Knn(Encoding):
    neighbours: Annotated[int, Field(ge=1, le=1000)]


class Committee(Section):
    cnn: Cnn
    svm: Svm


class Models(Section):
    mlp: Mlp
    cnn: Cnn
    svm: Svm
    knn: Knn
    committee: Committee


class Evaluate(Section):
    interval: Fraction
    calibration_bins: Annotated[int, Field(ge=2, le=100)]


class Reference(Section):
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=24)]
    accuracy: Annotated[float, Field(ge=0, le=1)]
    source: Source


class Report(Section):
    images_shown: Annotated[int, Field(ge=1, le=200)]
    mistakes_shown: Annotated[int, Field(ge=1, le=1000)]
    reference: Reference | None


class Params(Section):
    data: Data
    split: Split
    train: Train
    models: Models
    evaluate: Evaluate
    report: Report


def read_params(path: Path = paths.PARAMS) -> Params:
    """Reads and checks the parameters of all stages.

    Raises:
        InputError: the file is not YAML, or a key is unknown, missing, of a wrong type or out
            of range. The text names the key, its value and what is expected.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return Params.model_validate(yaml.load(file, Loader))  # noqa: S506
    except ValidationError as error:
        errors = error.errors(include_url=False)[:3]
        raise InputError(f"{path}: {'; '.join(map(_describe, errors))}") from None
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}; expected the parameters of all stages; "
            "restore it: git checkout params.yaml"
        ) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, no such date, ...
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}; mend it") from None


def _describe(error: Mapping[str, Any]) -> str:
    key = ".".join(map(str, error["loc"])) or "the whole file"
    expected = error["msg"].partition(" or instance of")[0]
    value = "" if error["type"] == "missing" else f", found {reprlib.repr(error['input'])}"
    names = re.findall(r"'(.+?)'", error.get("ctx", {}).get("expected", ""))
    nearest = difflib.get_close_matches(str(error["input"]), names, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else HINTS.get(error["type"], "")
    return f"{key}: {expected}{value}{HINTS.get(key, hint)}"


def list_used(params: Mapping[str, Any]) -> dict[str, str]:
    """Lists the parameters that a run uses by their path: of `models`, only the chosen one's."""
    model = params["train"]["model"]
    return _flatten({**params, "models": {model: params["models"].get(model, {})}})


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    leaves: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            leaves |= _flatten(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = str(value)
    return leaves
