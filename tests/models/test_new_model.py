"""A model is one file: with it, and its section of params.yaml, all stages run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stages.harness import paths
from tests.support.clone import Clone, ran

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).with_name("examples")
SECTIONS: dict[str, dict[str, Any]] = {
    "regression": {"iterations": 100},
    "shallow": {
        "units": 64,
        "dropout": 0.2,
        "learning_rate": 0.01,
        "batch_size": 64,
        "epochs": 10,
        "threads": 1,
    },
}


@pytest.mark.parametrize("model", SECTIONS)
def test_one_new_file_is_a_model(clone: Clone, model: str) -> None:
    for name, section in SECTIONS.items():
        shutil.copy(EXAMPLES / f"{name}.py", clone.folder / "stages/models")
        clone.set(f"models.{name}", section)
    clone.dvc("repro", "check", "split")
    assert ran(clone.dvc("repro")) == [], "a model that is not used reruns no stage"
    clone.set("train.model", model)
    assert ran(clone.dvc("repro"))[1:] == ["train", "evaluate", "predict", "report", "record"]
    assert clone.metrics()["accuracy"] > 0.8  # measured: 0.88 and 0.86
    manifest = json.loads((clone.folder / "data/model/manifest.json").read_text())
    assert manifest["model"] == model
    card = (clone.folder / paths.MODEL_CARD).read_text()
    assert f"# Model card: {model} on mnist_5k" in card
    assert all(f"models.{model}.{name}: " in card for name in SECTIONS[model])
    assert f"<h1>{model} on" in (clone.folder / paths.REPORT).read_text()
