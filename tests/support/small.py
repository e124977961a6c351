"""Small classifiers that are not trained yet."""

from typing import Any

from stages import models
from stages.formats.prepared import Images, Labels
from stages.formats.task import DIGITS, Task
from stages.harness.params import Params, find_type, read_params
from tests.support.clone import ROOT

Data = tuple[Images, Labels]

SMALL: dict[str, dict[str, Any]] = {
    "mlp": {"epochs": 20},
    "cnn": {
        "filters": [8, 16, 16],
        "augmentation": {"rotation": 10, "shift": 2, "zoom": 0.1, "shear": 0.1},
        "batch_size": 32,
        "epochs": 20,
        "members": 1,
        "views": 1,
    },
    "svm": {"components": 40},
    "knn": {"components": 40},
}


def small_params(model: str, **changed: Any) -> Params:
    """The project's parameters with small models; `changed` are of `train` or of `model`."""
    params = read_params(ROOT / "params.yaml").model_dump()
    params["train"]["model"] = model
    for name, settings in SMALL.items():
        params["models"][name] |= settings
    for name, value in changed.items():
        section = params["train"] if name in params["train"] else params["models"][model]
        section[name] = value
    return find_type().model_validate(params)


def create_small(model: str, task: Task = DIGITS, **changed: Any) -> Any:
    """Creates a classifier; see `small_params`."""
    return models.create(model, small_params(model, **changed), task)
