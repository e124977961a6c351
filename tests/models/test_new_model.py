"""A model is one file: with it, and its section of params.yaml, all stages run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stages.harness import paths
from tests.support.clone import Clone, ran

EXAMPLES = Path(__file__).with_name("examples")
NETWORK = {"learning_rate": 0.01, "batch_size": 32, "epochs": 1}
SECTIONS: dict[str, dict[str, Any]] = {
    "forest": {"trees": 20, "depth": 12},
    "pretrained": NETWORK | {"weights": None},
}


@pytest.mark.slow
@pytest.mark.parametrize(("model", "least"), [("forest", 0.8), ("pretrained", 0.05)])
def test_one_new_file_is_a_model(clone: Clone, model: str, least: float) -> None:
    section = SECTIONS[model]
    shutil.copy(EXAMPLES / f"{model}.py", clone.folder / "stages/models")
    clone.set(f"models.{model}", section)
    assert ran(clone.dvc("repro")) == ["check"], "a model that is not used reruns no other stage"
    clone.set("train.model", model)
    clone.set("train.rows", 1000 if model == "forest" else 100)
    assert ran(clone.dvc("repro"))[1:] == ["train", "evaluate", "predict", "report", "record"]
    assert clone.metrics()["accuracy"] > least
    manifest = json.loads((clone.folder / "data/model/manifest.json").read_text())
    assert manifest["model"] == model
    card = (clone.folder / paths.MODEL_CARD).read_text()
    assert f"# Model card: {model} on mnist_5k" in card
    assert all(f"models.{model}.{name}: {value}" in card for name, value in section.items())
