"""A model is one file: with it, and its section of params.yaml, all stages run."""

import json
import shutil
from pathlib import Path

import pytest

from stages.harness import paths
from tests.support.clone import Clone, ran

FOREST = Path(__file__).with_name("examples") / "forest.py"
SECTION = {"trees": 20, "depth": 12}


@pytest.mark.slow
def test_one_new_file_is_a_model(clone: Clone) -> None:
    shutil.copy(FOREST, clone.folder / "stages/models")
    clone.set("models.forest", SECTION)
    assert ran(clone.dvc("repro")) == ["check"], "a model that is not used reruns no other stage"
    clone.set("train.model", "forest")
    assert ran(clone.dvc("repro"))[1:] == ["train", "evaluate", "predict", "report", "record"]
    assert clone.metrics()["accuracy"] > 0.8
    manifest = json.loads((clone.folder / "data/model/manifest.json").read_text())
    assert manifest["model"] == "forest"
    card = (clone.folder / paths.MODEL_CARD).read_text()
    assert "# Model card: forest on mnist_5k" in card
    assert all(f"models.forest.{name}: {value}" in card for name, value in SECTION.items())
