"""A model is one file: with it, and its section of params.yaml, all stages run."""

import json
from pathlib import Path
from typing import Any

import pytest

from stages.harness import paths
from tests.support.clone import ROOT, Clone, ran

FOREST = Path(__file__).with_name("examples") / "forest.py"
# A third network is mlp.py with another name, dropout and another optimizer.
CHANGES = {
    '"mlp"': '"dropped"',
    "layers.Dense(CLASS_COUNT": "layers.Dropout(params.dropout), layers.Dense(CLASS_COUNT",
    "class Params(Network):": "class Params(Network):\n    dropout: Share",
    "import Network, Units": "import Network, Share, Units",
    "optimizer=Adam(params.learning_rate)": 'optimizer="rmsprop"',
}
NETWORK = {"learning_rate": 0.001, "batch_size": 64, "epochs": 5, "threads": 1}
SECTIONS: dict[str, dict[str, Any]] = {
    "forest": {"trees": 20, "depth": 12},
    "dropped": {"hidden_units": [64], "dropout": 0.2} | NETWORK,
}


@pytest.mark.slow
@pytest.mark.parametrize("model", SECTIONS)
def test_one_new_file_is_a_model(clone: Clone, model: str) -> None:
    text = FOREST.read_text() if model == "forest" else (ROOT / "stages/models/mlp.py").read_text()
    for old, new in CHANGES.items() if model == "dropped" else ():
        assert old in text
        text = text.replace(old, new)
    (clone.folder / "stages/models" / f"{model}.py").write_text(text)
    clone.set(f"models.{model}", SECTIONS[model])
    assert ran(clone.dvc("repro")) == ["check"], "a model that is not used reruns no other stage"
    clone.set("train.model", model)
    assert ran(clone.dvc("repro"))[1:] == ["train", "evaluate", "predict", "report", "record"]
    assert clone.metrics()["accuracy"] > 0.8
    manifest = json.loads((clone.folder / "data/model/manifest.json").read_text())
    assert manifest["model"] == model
    card = (clone.folder / paths.MODEL_CARD).read_text()
    assert f"# Model card: {model} on mnist_5k" in card
    assert all(f"models.{model}.{name}: {value}" in card for name, value in SECTIONS[model].items())
