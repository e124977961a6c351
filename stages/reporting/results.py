"""What the other stages wrote, read for the report."""

from dataclasses import dataclass

import pandas as pd

from stages.formats.prepared import ImageRows, Labels, StoredImages, read_labels
from stages.harness import paths
from stages.reporting.confusion import Counts
from stages.scoring.tables import read_scores, read_table


@dataclass(frozen=True)
class Results:
    """Scores by name; images of train.csv and test.csv, labels of the former; tables."""

    scores: dict[str, float]
    train_images: ImageRows
    labels: Labels
    test_images: ImageRows
    curve: pd.DataFrame
    classes: pd.DataFrame
    reliability: pd.DataFrame
    coverage: pd.DataFrame
    neighbours: pd.DataFrame
    label_issues: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame

    @property
    def counts(self) -> Counts:
        """The confusion matrix of the validation rows."""
        return self.classes.filter(like="as_").to_numpy()

    @property
    def mistakes(self) -> pd.DataFrame:
        """The validation rows that are predicted wrong, the most confident first."""
        wrong = self.validation[self.validation["actual"] != self.validation["predicted"]]
        return wrong.sort_values("confidence", ascending=False, kind="stable")

    @property
    def ranked(self) -> pd.DataFrame:
        """The validation rows: the mistakes, then the correct ones, the least confident first."""
        correct = self.validation[self.validation["actual"] == self.validation["predicted"]]
        return pd.concat([self.mistakes, correct.sort_values("confidence", kind="stable")])


def read_results() -> Results:
    """Reads what `evaluate` and `predict` wrote.

    Raises:
        InputError: a file is damaged.
    """
    return Results(
        scores=read_scores(paths.SCORES),
        train_images=StoredImages(paths.TRAIN_IMAGES),
        labels=read_labels(paths.TRAIN_LABELS),
        test_images=StoredImages(paths.TEST_IMAGES),
        curve=read_table(paths.LEARNING_CURVE),
        classes=read_table(paths.CLASSES_TABLE),
        reliability=read_table(paths.RELIABILITY),
        coverage=read_table(paths.COVERAGE),
        neighbours=read_table(paths.NEIGHBOURS),
        label_issues=read_table(paths.LABEL_ISSUES),
        validation=read_table(paths.VALIDATION_PREDICTIONS),
        test=read_table(paths.TEST_PREDICTIONS),
    )
