"""The paths of the pipeline's files in the project's folder, as `dvc.yaml` names them."""

from pathlib import Path

PARAMS = Path("params.yaml")
PYPROJECT = Path("pyproject.toml")
REQUIREMENTS = Path("requirements.txt")
SOURCES = Path("data/sources")

SUMS = "SHA256SUMS"  # beside the files of a stage, in the form of the command `sha256sum`

RAW = Path("data/raw")
TRAIN_CSV = RAW / "train.csv"
TEST_CSV = RAW / "test.csv"

PREPARED = Path("data/prepared")
TRAIN_IMAGES = PREPARED / "train_images.npy"
TRAIN_LABELS = PREPARED / "train_labels.npy"
TEST_IMAGES = PREPARED / "test_images.npy"
EQUAL_IMAGES = PREPARED / "equal_images.npy"  # if any are
DATA_WARNINGS = PREPARED / "warnings.txt"  # if there is something to say

SPLIT = Path("data/split")
TRAIN_ROWS = SPLIT / "train.npy"
VALIDATION_ROWS = SPLIT / "validation.npy"
FOLDS = SPLIT / "folds.npy"  # in place of these two, if split.folds is 2 or more

MODEL = Path("data/model")
SAMPLE = MODEL / "train_rows.npy"  # if params.yaml has train.rows
SUBMISSION = Path("data/submission.csv")

METRICS = Path("metrics")
SCORES = METRICS / "evaluate.json"
LEARNING_CURVE = METRICS / "learning_curve.csv"
CLASSES_TABLE = METRICS / "classes.csv"
RELIABILITY = METRICS / "reliability.csv"
NEIGHBOURS = METRICS / "neighbours.csv"
LABEL_ISSUES = METRICS / "suspects.csv"
COVERAGE = METRICS / "coverage.csv"
VALIDATION_PREDICTIONS = METRICS / "validation_predictions.csv"
TEST_PREDICTIONS = METRICS / "test_predictions.csv"
FIGURES = METRICS / "figures"
REPORT = METRICS / "report.html"
MODEL_CARD = METRICS / "model_card.md"
ENVIRONMENT = METRICS / "environment.json"
