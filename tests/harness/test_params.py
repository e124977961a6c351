"""params.yaml: what is read, and what a stage refuses in one line that names the key."""

import contextlib
import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import YAMLFileCorruptedError, parse_yaml
from hypothesis import given
from hypothesis import strategies as st

from stages.harness.errors import InputError
from stages.harness.params import list_used, read_params
from stages.harness.section import read_yaml
from tests.support.clone import ROOT
from tests.support.workplace import Workplace

COMMITTED = (ROOT / "params.yaml").read_text()
REFERENCE = {"name": "the article", "accuracy": 0.9, "source": "kaggle"}  # a copy may have none

# A parameter, a value and what the error says of it.
BAD = """
data.source                       7              valid string, found 7; expected the name
data.source                       true           -S 'data.source="7"'
data.source                       ../elsewhere   String should match
data.size                         [64]           at least 2 items
data.groups                       '('            valid regular expression
data.sauce                        kaggle         Extra inputs are not permitted, found 'kaggle'
split                             null           valid dictionary, found None
split.folds                       0              greater than or equal to 1
split.folds                       21             less than or equal to 20
split.folds                       2.0            valid integer
split.validation_fraction         0              greater than 0, found 0
split.validation_fraction         '0.2'          valid number, found '0.2'
split.seed                        4294967296     less than 4294967296
train.model                       committee      train.partner names the second
train.class_weight                equal          'balanced', found 'equal'
train.patience                    0              greater than or equal to 1
train.partner                     mlp            expected another model than train.model, or none
train.model                       svmm           'mlp' or 'svm', found 'svmm'; did you mean svm?
models.mlp.hidden_units.1         0              greater than or equal to 1
models.mlp.learning_rate          1e99           less than or equal to 1, found 1e+99
models.mlp.epochs                 true           valid integer
models.cnn.augmentation.rotation  181            less than or equal to 180
models.cnn.augmentation.shift     257            less than or equal to 256
models.cnn.filters                []             at least 1 item
models.mlp.optimizer              Adam           found 'Adam'; did you mean adam?
models.mlp.dropout                1.5            less than 1
models.svm.deskew                 yes            valid boolean, found 'yes'
models.forest                     {trees: 9}     'trees': 9}; correct its spelling, or
report.reference.name             ''             String should match
report.reference.name             a name of 25 characters..  at most 24 characters
report.reference.source           a/b            String should match
"""


CASES = [tuple(re.split(" {2,}", line, maxsplit=2)) for line in BAD.strip().splitlines()]


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
    "a misspelt key": (
        COMMITTED.replace("epochs:", "epcohs:", 1).encode(),
        "models.mlp.epochs: Field required; models.mlp.epcohs: Extra inputs",
    ),
    "a date": (b"split:\n seed: 2020-99-99", "line 2: 2020-99-99, which not all programs"),
    "octal": (b"epochs: 010", "line 1: 010, which not all programs read alike: write a number as"),
    "twice": (b"a: 1\nb: 2\na: 1", "line 1: a twice in one section: remove one"),
    "aliases": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "line 1: an anchor or an alias"),
    "an old version": (b"%YAML 1.1\n---\na: 1", "line 1: a line that begins with %: remove it"),
    "nested": (b"[" * 3000, "nested too deep"),
    "not closed": (b"data: [", "not YAML: while parsing a flow node"),
    "latin-1": ("# é".encode("latin-1"), "not YAML: 'utf-8' codec can't decode"),
    "code": (b"a: !!python/name:os.system", "line 1: the tag tag:yaml.org,2002:python/name:os."),
}


@pytest.mark.parametrize(("content", "expected"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_without_parameters(place: Workplace, content: bytes, expected: str) -> None:
    Path("params.yaml").write_bytes(content)
    place.refuses("check", "params.yaml: ", expected)


VALUES = ["yes", "Null", ".inf", "2020-01-01", "0x1f", "1_0", "!!int 3", "&a", "*a"]
FORMS = ["a: {}", "{}: 1", "a:\n- {}\n- {}", "a: {}\na: 1", "<<: {}", "'{}'", "--- {}"]


@given(
    st.recursive(
        st.text("0123456789+-._:eExobtTfFnN~<='\"", max_size=6)
        | st.floats().map(str)
        | st.sampled_from(VALUES),
        lambda items: st.lists(items, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
    ),
    st.sampled_from(FORMS),
)
def test_two_readers_read_the_same_or_one_refuses(text: str, form: str) -> None:
    """DVC records what it reads in dvc.lock, and the stages use what they read."""
    yaml_text = form.replace("{}", text)
    with TemporaryDirectory() as folder:
        path = Path(folder, "params.yaml")
        path.write_text(yaml_text)
        try:
            ours = read_yaml(path)
        except InputError as error:
            assert "\n" not in str(error)
            return
    with contextlib.suppress(YAMLFileCorruptedError):
        assert repr(parse_yaml(yaml_text, "params.yaml")) == repr(ours or {})


def test_a_missing_file_and_what_is_no_file_are_named(place: Workplace) -> None:
    Path("params.yaml").unlink()
    place.refuses("check", "params.yaml: No such file", "restore it: git restore")
    os.mkfifo("params.yaml")
    place.refuses("check", "params.yaml: not a file; correct it, or restore it: git restore")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("models.mlp.learning_rate=1e-05", "1e-05"),
        ('data.source="7"', "7"),
        ('data.source="nan"', "nan"),
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
