"""Bad parameters, as a stage refuses them: one line that names the key."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import yaml

from stages.arrays import write_sums
from stages.dataset import write_csv
from stages.params import Params
from tests.clone import ROOT
from tests.conftest import Pixels, Run
from tests.refusal import Workplace, check_refusal

COMMITTED = (ROOT / "params.yaml").read_text()
NAN, INF = float("nan"), float("inf")
FORBIDDEN, MISSING = "Extra inputs are not permitted", "Field required"

# A key, values that are refused, and what was expected instead.
BAD: list[tuple[str, list[Any], str]] = [
    ("data.source", ["../elsewhere", "", "a/b", "-x", ".git", "x\n"], "String should"),
    ("data.source", [7, None, True, ["digits"], {"a": 1}], "valid string"),
    ("data.source", ["x" * 65], "at most 64 characters"),
    ("data.sauce", ["digits"], FORBIDDEN),
    ("split.validation_fraction", [0, -0.2, -INF], "greater than 0"),
    ("split.validation_fraction", [1.0, 20, INF], "less than 1"),
    ("split.validation_fraction", ["a fifth", "0.2", True, None, []], "valid number"),
    ("split.validation_fraction", [NAN], "Input should be"),
    ("split.seed", [-1], "greater than or equal to 0"),
    ("split.seed", [2**32, 10**40, int("9" * 4299)], "less than 4294967296"),
    ("split.seed", [4.2, "42", True, None, NAN], "valid integer"),
    ("split", [None, [], 7, "text"], "valid dictionary or instance of Split"),
    ("train.model", ["forest", "MLP", 7, None, ["mlp"]], "'mlp', 'cnn', 'svm' or 'knn'"),
    ("train.seed", ["42", 1.5], "valid integer"),
    ("models.mlp.hidden_units", [[]], "at least 1 item"),
    ("models.mlp.hidden_units", [[1] * 9], "at most 8 items"),
    ("models.mlp.hidden_units", [128, "128", {"a": 1}], "valid list"),
    ("models.mlp.hidden_units.1", [0, -3], "greater than or equal to 1"),
    ("models.mlp.hidden_units.1", [10**9], "less than or equal to 8192"),
    ("models.mlp.learning_rate", [0, -1e-3], "greater than 0"),
    ("models.mlp.learning_rate", [1.5, INF, "1e99"], "less than or equal to 1"),
    ("models.mlp.learning_rate", ["1e-", "fast"], "valid number"),
    ("models.mlp.batch_size", [0], "greater than or equal to 1"),
    ("models.mlp.batch_size", [8193], "less than or equal to 8192"),
    ("models.mlp.epochs", [0], "greater than or equal to 1"),
    ("models.mlp.epochs", [True, 1.5], "valid integer"),
    ("models.mlp.threads", [0], "greater than or equal to 1"),
    ("models.mlp.threads", [1000], "less than or equal to 64"),
    ("models.mlp.dropout", [0.5], FORBIDDEN),
    ("models.cnn.filters", [[1] * 6], "at most 5 items"),
    ("models.cnn.filters", [[]], "at least 1 item"),
    ("models.cnn.filters.0", [0], "greater than or equal to 1"),
    ("models.cnn.augmentation.rotation", [-1], "greater than or equal to 0"),
    ("models.cnn.augmentation.rotation", [181, INF], "less than or equal to 180"),
    ("models.cnn.augmentation.zoom", [1], "less than 1"),
    ("models.cnn.augmentation.shift", ["much"], "valid number"),
    ("models.cnn.augmentation.flip", [True], FORBIDDEN),
    ("models.cnn.augmentation", [None, 7, True], "valid dictionary"),
    ("models.cnn.weight_decay", [1], "less than 1"),
    ("models.cnn.label_smoothing", [1, 2], "less than 1"),
    ("models.cnn.members", [0], "greater than or equal to 1"),
    ("models.cnn.views", [10], "less than or equal to 9"),
    ("models.svm.cost", [0], "greater than 0"),
    ("models.svm.gamma", [INF, 1e7], "less than or equal to 1000000"),
    ("models.svm.folds", [1], "greater than or equal to 2"),
    ("models.svm.cells", [15], "less than or equal to 14"),
    ("models.svm.orientations", [1], "greater than or equal to 2"),
    ("models.svm.deskew", ["yes", 1, None], "valid boolean"),
    ("models.knn.neighbours", [0], "greater than or equal to 1"),
    ("models.knn.components", [0], "greater than or equal to 1"),
    ("models.knn.distance", ["cosine"], FORBIDDEN),
    ("models.forest", [{"trees": 100}], FORBIDDEN),
    ("evaluate.interval", [95], "less than 1"),
    ("evaluate.calibration_bins", [1], "greater than or equal to 2"),
    ("report.digits_shown", [0], "greater than or equal to 1"),
    ("report.digits_shown", [10_000], "less than or equal to 200"),
    ("report.mistakes_shown", [1001], "less than or equal to 1000"),
    ("report.digits", [10], FORBIDDEN),
    ("evalaute", [{}], FORBIDDEN),
]  # fmt: skip


def keys(model: Any = Params, prefix: str = "") -> list[str]:
    """Every section and every key that params.yaml must have."""
    found = []
    for name, field in model.model_fields.items():
        found.append(prefix + name)
        if hasattr(field.annotation, "model_fields"):
            found += keys(field.annotation, f"{prefix}{name}.")
    return found


CASES = [(key, value, text) for key, values, text in BAD for value in values]
CASES += [(key, ..., MISSING) for key in keys()]


def write(**changes: object) -> None:
    """Writes params.yaml with keys changed, added, or (value `...`) removed."""
    params = yaml.safe_load(COMMITTED)
    for key, value in changes.items():
        *sections, name = key.split(".")
        section = params
        for part in sections:
            section = section[part]
        if value is ...:
            del section[name]
        else:
            section[int(name) if isinstance(section, list) else name] = value
    Path("params.yaml").write_text(yaml.safe_dump(params))


@pytest.fixture
def place(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> Workplace:
    return Workplace(in_tmp, capsys)


@pytest.mark.parametrize(
    ("key", "value", "expected"), CASES, ids=[f"{key}={value!r:.20}" for key, value, _ in CASES]
)
def test_a_wrong_parameter_is_named(
    place: Workplace, key: str, value: object, expected: str
) -> None:
    write(**{key: value})
    place.refuses("preprocess", f"params.yaml: {key}: ", expected)


LAUGHS = "a0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
BAD_FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "the whole file: Input should be a valid dictionary"),
    "a list": ("- 1", "the whole file: Input should be a valid dictionary"),
    "no such date": ("split: 2020-99-99", "not YAML: month must be in 1..12"),
    "a section twice": (COMMITTED + "split: {}", "not YAML: split: stands more than once"),
    "a key twice": ("split: {seed: 1, seed: 2}", "seed: stands more than once in"),
    "a list as key": ("? [1]\n: 2", "not YAML: while constructing a mapping"),
    "a long number": (COMMITTED.replace("42", "9" * 5000), "not YAML: Exceeds the limit"),
    "a long hexadecimal": (COMMITTED.replace("42", "0x" + "f" * 5000), "far too long"),
    "not closed": ("data: [", "not YAML: while parsing a flow node"),
    "tabs": ("\ttabs: no", "not YAML: while scanning for the next token"),
    "UTF-16": (COMMITTED.encode("utf-16"), "not YAML: 'utf-8' codec can't decode"),
    "latin-1": ("# é".encode("latin-1"), "not YAML: 'utf-8' codec can't decode"),
    "NUL": ("\0", "not YAML: unacceptable character #x0000"),
    "laughs": (LAUGHS, "tags, anchors and aliases are not allowed in"),
    "laughs, in place": ("data: &a [*a, *a]", "aliases are not allowed in"),
    "merged": ("a: &a {}\nb: {<<: *a}", "aliases are not allowed in"),
    "deep": ("[" * 20_000, "not YAML: maximum recursion depth"),
    "large": ("#" * 200_000, "not YAML: more than 100,000 characters"),
    **{
        f"tag {tag}": (f"data: {tag}", "not YAML: tags, anchors and aliases are not allowed in")
        for tag in (
            "!!python/object/apply:os.system ['touch evil']", "!!python/name:os.system",
            "!!python/object/new:os.system ['touch evil']", "!!python/module:evil", "!evil {}",
            "!!timestamp x", "!!bool x", "!!map [1]", "!!binary x", "!!omap 7",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD_FILES.values(), ids=BAD_FILES)
def test_what_is_no_parameter_file_is_refused(
    place: Workplace, text: str | bytes, expected: str
) -> None:
    Path("params.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    place.refuses("preprocess", "params.yaml: ", expected)


def test_a_missing_file_is_named(place: Workplace) -> None:
    Path("params.yaml").unlink()
    place.refuses("preprocess", "params.yaml: No such file", "restore it: git checkout")


@pytest.mark.parametrize("stage", ["split", "evaluate", "report"])
@pytest.mark.usefixtures("prepared")
def test_every_stage_reads_them_so(place: Workplace, stage: str) -> None:
    write(**{"report.digits_shown": 0})
    place.refuses(stage, "params.yaml: report.digits_shown: Input should be greater than")


@pytest.fixture
def prepared(place: Workplace, source: Path, digits: tuple[Pixels, Pixels]) -> None:
    """A folder where `train` can run, with 160 rows to train on and 40 to be scored on."""
    pixels, labels = digits
    write_csv(source / "train.csv", pixels[:200], labels[:200])
    for stage in ("preprocess", "split"):
        assert place.run(stage) == (0, "")


# What is fine alone but not with these rows: each where it shows.
TOGETHER: dict[str, tuple[str, dict[str, object], str]] = {
    "validation too small": (
        "split", {"split.validation_fraction": 0.01},
        "split.validation_fraction: 0.01 of 200 rows is 2; expected at least 10 rows",
    ),
    "training too small": (
        "split", {"split.validation_fraction": 0.99},
        "split.validation_fraction: 0.99 of 200 rows is 198; expected at least 10 rows",
    ),
    "more neighbours than rows": (
        "train", {"train.model": "knn", "models.knn.neighbours": 160},
        "models.knn.neighbours: 160 of 160 training rows; expected fewer",
    ),
    "more components than rows": (
        "train", {"train.model": "knn", "models.knn.components": 161},
        "models.knn.components: 161; expected at most 160",
    ),
    "more components than features": (
        "train", {"train.model": "svm", "models.svm.cells": 2},
        "models.svm.components: 150; expected at most 32",
    ),
    "more folds than rows of a digit": (
        "train", {"train.model": "svm", "models.svm.folds": 20},
        "models.svm.folds: 20; expected at most 1",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(("stage", "changes", "expected"), TOGETHER.values(), ids=TOGETHER)
def test_what_the_rows_do_not_allow_is_named(
    place: Workplace, stage: str, changes: dict[str, object], expected: str
) -> None:
    write(**changes)
    place.refuses(stage, expected)


@pytest.mark.usefixtures("prepared")
def test_a_digit_with_one_row_is_named(place: Workplace) -> None:
    path = Path("data/prepared/train_labels.npy")
    labels = np.load(path)
    np.save(path, np.where((labels == 7) & (np.cumsum(labels == 7) > 1), 8, labels))
    write_sums(path.parent)
    place.refuses("split", "digit 7 has 1 of 200 rows; expected at least 2")


def test_aliases_end_fast_in_a_process_of_its_own(place: Workplace, run_python: Run) -> None:
    """Within 2 GB; what they stand for would be 9**12 numbers."""
    Path("params.yaml").write_text(LAUGHS)
    limited = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31));"
        "runpy.run_module('stages.preprocess', run_name='__main__')"
    )
    started, before = perf_counter(), place.files()
    done = run_python("-c", limited, cwd=place.folder)
    check_refusal(done.returncode, done.stderr, "params.yaml: ", "aliases are not allowed")
    assert perf_counter() - started < 5
    assert place.files() == before
