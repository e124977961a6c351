"""params.yaml: what is read, and what a stage refuses in one line that names the key."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from stages.harness.params import list_used, read_params
from tests.support.clone import ROOT
from tests.support.workplace import Workplace

COMMITTED = (ROOT / "params.yaml").read_text()
REFERENCE = {"name": "the article", "accuracy": 0.9, "source": "kaggle"}  # a copy may have none

# A parameter, a value and what the error says of it.
BAD = """
data.source                       7              valid string, found 7
data.source                       ../elsewhere   String should match
data.sauce                        kaggle         Extra inputs are not permitted, found 'kaggle'
split                             null           valid dictionary, found None
split.folds                       0              greater than or equal to 1
split.folds                       2.0            valid integer
split.validation_fraction         .nan           Input should be
split.validation_fraction         '0.2'          valid number, found '0.2'
split.seed                        4294967296     less than 4294967296
train.model                       forest         'cnn', 'knn', 'mlp' or 'svm', found 'forest'
train.partner                     mlp            expected another model than train.model, or none
models.mlp.hidden_units           128            valid list, found 128
models.mlp.hidden_units.1         0              greater than or equal to 1
models.mlp.learning_rate          1e-            valid number
models.mlp.epochs                 true           valid integer
models.cnn.augmentation.rotation  181            less than or equal to 180
models.svm.deskew                 yes            valid boolean, found 'yes'
models.forest                     {trees: 9}     Extra inputs are not permitted
report.reference.name             a name of 25 characters..  at most 24 characters
"""


CASES = [tuple(re.split(" {2,}", line, maxsplit=2)) for line in BAD.strip().splitlines()]


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(in_tmp, capsys)


@pytest.mark.parametrize(("key", "value", "expected"), CASES)
def test_a_wrong_parameter_is_named(place: Workplace, key: str, value: str, expected: str) -> None:
    params = section = yaml.safe_load(COMMITTED)
    params["report"]["reference"] = REFERENCE
    *sections, name = key.split(".")
    for part in sections:
        section = section[part]
    section[int(name) if isinstance(section, list) else name] = "VALUE"
    Path("params.yaml").write_text(yaml.safe_dump(params).replace("VALUE", value))
    place.refuses("check", f"params.yaml: {key}: ", expected)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the whole file: Input should be a valid dictionary, found None"),
    "latin-1": ("# é".encode("latin-1"), "not YAML: 'utf-8' codec can't decode"),
    "a key twice": (b"data: 1\ndata: 2", "not YAML: while constructing a mapping"),
    "code": (b"data: !!python/name:os.system", "not YAML: could not determine a constructor"),
}


@pytest.mark.parametrize(("content", "expected"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_without_parameters_is_refused(
    place: Workplace, content: bytes, expected: str
) -> None:
    Path("params.yaml").write_bytes(content)
    place.refuses("check", "params.yaml: ", expected)


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("models.mlp.learning_rate=1e-05", "1e-05"),
        ('data.source="7"', "7"),
        ("data.source=yes", "yes"),
        ("models.mlp.hidden_units=[64]", "[64]"),
        ("report.reference=null", "None"),
    ],
)
def test_what_dvc_writes_is_read(tmp_path: Path, override: str, value: str) -> None:
    """DVC writes YAML 1.2 with `-S`; PyYAML reads YAML 1.1."""
    path = Path(shutil.copy(ROOT / "params.yaml", tmp_path))
    apply_overrides(path, [override])
    used = list_used(read_params(path).model_dump())
    assert used[override.partition("=")[0]] == value
    assert "models.cnn.epochs" not in used


def test_a_number_is_the_one_that_dvc_records(place: Workplace) -> None:
    """To YAML 1.1, 010 is 8."""
    Path("params.yaml").write_text(COMMITTED.replace("seed: 42", "seed: 010", 1))
    assert read_params().split.seed == 10
