"""Small classifiers that are not trained yet, and digits to train them on."""

from typing import Any

import pytest

from stages.classifiers.saved import MEMBERS
from stages.formats.prepared import Images, Labels, to_images
from stages.harness.params import Params, read_params
from stages.train import create
from tests.support.clone import ROOT
from tests.support.samples import Pixels

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
        "threads": 1,
    },
    "svm": {"components": 40},
    "knn": {"components": 40},
}


def create_small(model: str, *, seed: int = 42, device: str = "cpu", **changed: Any) -> Any:
    """Creates a classifier from the project's parameters, some of them changed."""
    params = read_params(ROOT / "params.yaml").model_dump()
    params["train"] |= {"model": model, "seed": seed, "device": device}
    committee = {name: params["models"]["committee"][name] | SMALL[name] for name in MEMBERS}
    params["models"][model] |= (SMALL | {"committee": committee})[model] | changed
    return create(Params.model_validate(params))


@pytest.fixture(scope="session")
def parts(digits: tuple[Pixels, Pixels]) -> tuple[Data, Data]:
    """200 digits to train on and 200 to score."""
    images, labels = to_images(digits[0]), digits[1]
    return (images[:200], labels[:200]), (images[200:], labels[200:])
