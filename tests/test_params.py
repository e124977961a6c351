"""Parameters as they are read; what is refused stands in `test_refuse_params`."""

from pathlib import Path

import pytest

from stages.params import read_params
from tests.clone import ROOT


def test_the_committed_parameters_are_the_articles() -> None:
    params = read_params(ROOT / "params.yaml")
    assert params.data.source == "digits"
    assert (params.split.validation_fraction, params.split.seed) == (0.2, 42)
    mlp = params.models.mlp
    assert (mlp.hidden_units, mlp.epochs, mlp.batch_size) == ([128, 64], 5, 32)


@pytest.mark.parametrize("text", ["1e-05", "1e-5", "1.0e-05", "0.00001"])
def test_every_spelling_of_a_small_number_is_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    committed = (ROOT / "params.yaml").read_text()
    path.write_text(committed.replace("learning_rate: 0.001", f"learning_rate: {text}"))
    assert read_params(path).models.mlp.learning_rate == 1e-5
