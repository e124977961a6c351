"""Folds: each row is scored by the classifier that never saw it, and all of them predict."""

import numpy as np
import pandas as pd
import pytest

from stages.classifiers.instance_based import Neighbours
from stages.classifiers.saved import list_folds, load
from stages.formats.prepared import read_split, to_images
from stages.formats.task import DIGITS, write_task
from stages.harness import paths
from tests.support.clone import set_params
from tests.support.samples import Pixels, save_array
from tests.support.workplace import Workplace


@pytest.fixture
def trained(place: Workplace, digits: tuple[Pixels, Pixels]) -> Workplace:
    """A folder with 200 digits, of which a fifth has a wrong label, and a `knn` for each fold."""
    knn = {"train.model": "knn", "models.knn.components": 20, "models.knn.neighbours": 1}
    set_params(paths.PARAMS, knn | {"split.folds": 3})
    paths.PREPARED.mkdir(parents=True)
    images, labels = to_images(digits[0][:200]), digits[1][:200].copy()
    labels[::5] = (labels[::5] + 1) % 10
    write_task(paths.PREPARED, DIGITS)
    save_array(paths.TRAIN_IMAGES, images)
    save_array(paths.TEST_IMAGES, images[:30])
    save_array(paths.TRAIN_LABELS, labels)
    for stage in ("split", "train"):
        assert place.run(stage) == (0, "")
    return place


def test_a_row_is_scored_by_the_classifier_that_never_saw_it(trained: Workplace) -> None:
    """A nearest neighbour repeats a wrong label that it has seen."""
    labels = np.load(paths.TRAIN_LABELS)
    expected = np.empty(200, np.int64)
    folds = read_split(paths.SPLIT, 200)
    for part, (rows, own) in zip(list_folds(paths.MODEL), folds, strict=True):
        classifier = Neighbours.load(part, DIGITS)
        np.testing.assert_array_equal(classifier.labels, labels[rows])
        images = np.load(paths.TRAIN_IMAGES)
        assert (classifier.predict_proba(images[rows]).argmax(axis=1) == labels[rows]).all()
        expected[own] = classifier.predict_proba(images[own]).argmax(axis=1)
    assert trained.run("evaluate") == (0, "")
    table = pd.read_csv(paths.VALIDATION_PREDICTIONS)
    assert list(table.row) == list(range(200))
    assert list(table.predicted) == list(expected)
    assert (table.actual[::5] != table.predicted[::5]).mean() > 0.5  # seen ones: 0
    fold = np.load(paths.FOLDS)
    near = pd.read_csv(paths.NEIGHBOURS)
    assert list(near.row) == list(table.row[table.actual != table.predicted])
    assert (fold[near.row] != fold[near.neighbour]).all()
    assert list(labels[near.neighbour]) == list(expected[near.row])


def test_the_test_images_are_predicted_by_the_mean_and_submitted(trained: Workplace) -> None:
    assert trained.run("predict") == (0, "")
    images = np.load(paths.TEST_IMAGES)
    mean = load(paths.MODEL).predict_proba(images)
    each = [load(part).predict_proba(images) for part in list_folds(paths.MODEL)]
    assert len(each) == 3
    assert mean.dtype == np.float32
    assert (each[0] != each[1]).any()
    np.testing.assert_allclose(mean, sum(each) / np.float32(3), atol=1e-6)
    submission = pd.DataFrame({"ImageId": range(1, 31), "Label": mean.argmax(axis=1)})
    pd.testing.assert_frame_equal(pd.read_csv(paths.SUBMISSION), submission)  # as Kaggle expects it
    expected = [range(30), mean.argmax(axis=1), mean.max(axis=1)]
    np.testing.assert_allclose(pd.read_csv(paths.TEST_PREDICTIONS).T, expected, atol=1e-4)
    curves = [pd.read_csv(part / paths.LEARNING_CURVE.name) for part in list_folds(paths.MODEL)]
    mean_curve = pd.read_csv(paths.MODEL / paths.LEARNING_CURVE.name)
    np.testing.assert_allclose(mean_curve, np.mean(curves, axis=0), atol=1e-6)
    assert list(mean_curve) == list(curves[0])


def test_a_sample_is_drawn_from_the_training_part_of_each_fold(trained: Workplace) -> None:
    set_params(paths.PARAMS, {"train.rows": 100})
    for stage in ("train", "evaluate"):
        assert trained.run(stage) == (0, "")
    folds, parts = read_split(paths.SPLIT, 200), list_folds(paths.MODEL)
    drawn = [np.load(part / paths.SAMPLE.name) for part in parts]
    for rows, (all_rows, _) in zip(drawn, folds, strict=True):
        assert len(rows) == 100
        assert set(rows.tolist()) <= set(all_rows.tolist())
    fold = np.load(paths.FOLDS)
    for row, neighbour in pd.read_csv(paths.NEIGHBOURS).to_numpy():
        assert neighbour in drawn[fold[row] - 1]


def test_a_classifier_of_other_folds_is_not_scored(trained: Workplace) -> None:
    set_params(paths.PARAMS, {"split.folds": 2})
    assert trained.run("split") == (0, "")
    trained.refuses("evaluate", "data/model: trained on another split, of 3, not 2 folds;")


def test_a_fold_that_is_changed_or_missing_is_named(trained: Workplace) -> None:
    with (paths.MODEL / "fold_2" / "model.npz").open("ab") as file:
        file.write(b"\n")
    for stage in ("evaluate", "predict"):
        line = "data/model/fold_2/model.npz: not the file that was trained; run python -m tools."
        trained.refuses(stage, line)
    (paths.MODEL / "fold_1" / "manifest.json").unlink()
    trained.refuses("predict", "data/model/fold_1/manifest.json: No such file or directory; run")


def test_a_committee_is_the_mean_of_its_members(trained: Workplace) -> None:
    set_params(paths.PARAMS, {"split.folds": 1, "train.partner": "svm"})
    for stage in ("split", "train"):
        assert trained.run(stage) == (0, "")
    images = np.load(paths.TEST_IMAGES)
    each = [load(paths.MODEL / name).predict_proba(images) for name in ("knn", "svm")]
    mean = load(paths.MODEL).predict_proba(images)
    np.testing.assert_allclose(mean, np.mean(each, axis=0), atol=1e-6)
    rows = np.load(paths.VALIDATION_ROWS)
    first = load(paths.MODEL / "knn").predict_proba(np.load(paths.TRAIN_IMAGES)[rows])
    accuracy = (first.argmax(axis=1) == np.load(paths.TRAIN_LABELS)[rows]).mean()
    curve = pd.read_csv(paths.MODEL / paths.LEARNING_CURVE.name)  # of the first
    assert list(curve.validation_accuracy) == pytest.approx([accuracy], abs=1e-6)
