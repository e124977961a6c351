"""Parameters: typed, bounded, and one line for what is wrong."""

import re
from pathlib import Path

import pytest
import yaml

from stages.errors import InputError
from stages.params import read_params
from tests.clone import ROOT


def changed(folder: Path, key: str, value: object) -> Path:
    """Writes params.yaml with one key changed, added, or (value `...`) removed."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    *sections, name = key.split(".")
    section = params
    for part in sections:
        section = section[part]
    section.pop(name, None)
    if value is not ...:
        section[name] = value
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(params))
    return path


def test_the_committed_parameters_are_the_articles() -> None:
    params = read_params(ROOT / "params.yaml")
    assert params.data.source == "digits"
    assert (params.split.validation_fraction, params.split.seed) == (0.2, 42)
    mlp = params.models.mlp
    assert (mlp.hidden_units, mlp.epochs, mlp.batch_size) == ([128, 64], 5, 32)


@pytest.mark.parametrize("text", ["1e-05", "1e-5", "1.0e-05", "0.00001"])
def test_every_spelling_of_a_small_number_is_read(tmp_path: Path, text: str) -> None:
    path = changed(tmp_path, "models.mlp.learning_rate", "RATE")
    path.write_text(path.read_text().replace("RATE", text))
    assert read_params(path).models.mlp.learning_rate == 1e-5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data.source", "../elsewhere"),
        ("data.source", ""),
        ("data.source", 7),
        ("data.sauce", "digits"),
        ("split.validation_fraction", 0),
        ("split.validation_fraction", 1.0),
        ("split.validation_fraction", "a fifth"),
        ("split.validation_fraction", float("nan")),
        ("split.validation_fraction", True),
        ("split.validation_fraction", "0.2"),
        ("split.validation_fraction", ...),
        ("split.seed", -1),
        ("split.seed", 2**32),
        ("split.seed", 4.2),
        ("split", None),
        ("train.model", "forest"),
        ("train.seed", "42"),
        ("train.model", ...),
        ("models.mlp.hidden_units", []),
        ("models.mlp.hidden_units", [128, 0]),
        ("models.mlp.hidden_units", 128),
        ("models.mlp.learning_rate", 0),
        ("models.mlp.learning_rate", "1e-"),
        ("models.mlp.learning_rate", float("inf")),
        ("models.mlp.batch_size", 0),
        ("models.mlp.batch_size", 32.5),
        ("models.mlp.epochs", 0),
        ("models.mlp.epochs", True),
        ("models.mlp.threads", 0),
        ("models.mlp.dropout", 0.5),
        ("models.forest", {"trees": 100}),
        ("evaluate.interval", 95),
        ("evaluate.calibration_bins", 1),
        ("evaluate.digits_shown", 0),
        ("predict.digits_shown", 10_000),
        ("predict.digits", 10),
        ("evalaute", {}),
    ],
)
def test_a_wrong_parameter_is_named_in_one_line(tmp_path: Path, key: str, value: object) -> None:
    path = changed(tmp_path, key, value)
    with pytest.raises(InputError) as caught:
        read_params(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: {key}")
    assert "\n" not in text
    if value is not ... and isinstance(value, int | float | str):
        assert repr(value) in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "split: 2020-99-99",
        "data: 1\ndata: 2",
        "? [1]\n: 2",
        "x: " + "9" * 5000,
        "data: [",
        "\ttabs: no",
        "data: !!python/object:x {}",
    ],
)
def test_what_is_no_parameter_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(str(path))):
        read_params(path)
