"""Exemplars: votes become probabilities, and what is saved is read."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import KNeighborsClassifier

from stages.errors import InputError
from stages.exemplars import FIRST, PAIRS, SECOND, SupportVectors, coupled, voted
from stages.features import Floats

DECISIONS = arrays(np.float32, (6, PAIRS), elements=st.floats(-4, 4, width=32))


def test_the_pairs_are_scikit_learns() -> None:
    expected = list(itertools.combinations(range(10), 2))
    assert list(zip(FIRST.tolist(), SECOND.tolist(), strict=True)) == expected


@given(decisions=DECISIONS, slope=st.floats(0.1, 100), power=st.floats(0.01, 10))
def test_coupled_decisions_are_probabilities(decisions: Floats, slope: float, power: float) -> None:
    probabilities = coupled(decisions, slope, power)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-9)
    assert (probabilities >= 0).all()


@given(decisions=DECISIONS)
def test_who_wins_most_pairs_is_most_probable(decisions: Floats) -> None:
    # No draws: a decision is clear.
    decisions = np.where(decisions >= 0, 1 + decisions, -1 + decisions).astype(np.float32)
    wins = np.zeros((6, 10))
    for pair, (first, second) in enumerate(zip(FIRST, SECOND, strict=True)):
        wins[:, first] += decisions[:, pair] > 0
        wins[:, second] += decisions[:, pair] < 0
    # All nine: no other digit can come near.
    best = wins.argmax(axis=1)
    clear = wins.max(axis=1) == 9
    assert (coupled(decisions, 20, 1).argmax(axis=1) == best)[clear].all()


def test_coupling_by_hand() -> None:
    """0 beats 1 with odds of 3 to 1 and all other decisions are even."""
    decisions = np.zeros((1, PAIRS), np.float32)
    decisions[0, 0] = np.log(3)
    found = coupled(decisions, 1, 1)[0]
    assert found[0] / found[1] == pytest.approx(3)
    assert found[0] / found[2] == pytest.approx(1.5)
    assert coupled(decisions, 1, 2)[0][0] / found[1] == pytest.approx(
        9 * coupled(decisions, 1, 2)[0][1] / found[1]
    )


def test_votes_are_scikit_learns_but_for_the_prior() -> None:
    rng = np.random.default_rng(0)
    kept, labels = rng.normal(size=(200, 5)), rng.integers(0, 10, 200).astype(np.uint8)
    labels[:10] = range(10)
    index = KNeighborsClassifier(
        7, weights=lambda d: np.exp((d[:, :1] ** 2 - d**2) / 0.7), algorithm="brute"
    ).fit(kept, labels)
    asked = rng.normal(size=(50, 5))
    distances, rows = index.kneighbors(asked)
    found = voted(distances.astype(np.float32), labels[rows], 0.7, 0)
    np.testing.assert_allclose(found, index.predict_proba(asked), atol=1e-5)


def test_a_prior_leaves_no_digit_without_a_chance() -> None:
    distances, labels = np.array([[1, 1]], np.float32), np.array([[3, 3]], np.uint8)
    found = voted(distances, labels, 1, 0.25)[0]
    assert found[3] == pytest.approx(2.25 / 4.5)
    assert found[0] == pytest.approx(0.25 / 4.5)


@pytest.fixture
def whole() -> dict[str, Any]:
    """The arrays of a support vector machine with 6 vectors of 4 components."""
    rng = np.random.default_rng(0)
    shapes = {"mean": (18,), "axes": (4, 18), "vectors": (6, 4), "coefficients": (6, PAIRS)}
    numbers = {"upright": True, "orientations": 2, "cells": 3, "gamma": 0.5, "slope": 1.0}
    drawn = {name: rng.normal(size=size).astype(np.float32) for name, size in shapes.items()}
    return {**drawn, **numbers, "power": 1.0, "intercepts": np.zeros(PAIRS, np.float32)}


def test_what_is_saved_is_read(whole: dict[str, Any], tmp_path: Path) -> None:
    images = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
    machine = SupportVectors(**whole)
    machine.save(tmp_path)
    read = SupportVectors.load(tmp_path)
    assert read.cells == 3
    assert read.upright is True
    np.testing.assert_array_equal(read.predict_proba(images), machine.predict_proba(images))


def test_an_archive_cut_short_is_refused(whole: dict[str, Any], tmp_path: Path) -> None:
    SupportVectors(**whole).save(tmp_path)
    content = (tmp_path / "model.npz").read_bytes()
    for length in range(0, len(content), len(content) // 40):
        (tmp_path / "model.npz").write_bytes(content[:length])
        with pytest.raises(InputError):
            SupportVectors.load(tmp_path)
