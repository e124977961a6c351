"""The paths of the pipeline's files in the project's folder, as `dvc.yaml` names them."""

from pathlib import Path

PARAMS = Path("params.yaml")
PYPROJECT = Path("pyproject.toml")
REQUIREMENTS = Path("requirements.txt")
SOURCES = Path("data/sources")

SUMS = "SHA256SUMS"  # beside the files of a stage, in the form of the command `sha256sum`

RAW = Path("data/raw")

PREPARED = Path("data/prepared")
TASK = PREPARED / "task.json"
TRAIN_IMAGES = PREPARED / "train_images.npy"
TRAIN_LABELS = PREPARED / "train_labels.npy"
TEST_IMAGES = PREPARED / "test_images.npy"
TEST_LABELS = PREPARED / "test_labels.npy"  # if they are known
TRAIN_FILES = PREPARED / "train_files.csv"  # if the source is a folder of pictures
TEST_FILES = PREPARED / "test_files.csv"
GROUPS = PREPARED / "groups.npy"  # if some images stay together in a split
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
