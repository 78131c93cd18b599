"""How often the verdict errs: equal models called different, and a difference of 0.05 missed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from test_statistics import pair_of
from verdict_simulations import (
    FAMILIES,
    SCHEMES,
    share_called_different,
    share_found,
)

from qmlplay.compare.evidence.statistics import LEVEL, difference


def test_the_simulation_knows_which_model_is_better():
    share, mean = share_found("least squares", 0.90, 0.85, "cv=5", 5)
    assert share >= 0.4
    assert mean == pytest.approx(0.05, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["1 split", "3 splits", "cv=5"])
def test_equal_models_are_rarely_called_different(scheme):
    """200 tables; 9 % is 5 % and more than two standard errors."""
    assert share_called_different("naive Bayes", scheme, 100, 200) <= 0.09


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("family", ["least squares", "grown tree", "5 neighbours"])
def test_equal_models_of_1000_tables(family, scheme):
    """Trees and neighbours change most with their training part."""
    assert share_called_different(family, scheme, 100, 1000) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_equal_models_of_larger_tables(family):
    assert share_called_different(family, "cv=5", 300, 400) <= 0.06  # 5 % and one standard error


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["3 splits", "5 splits", "10 splits", "cv=5", "2 × cv=5"])
@pytest.mark.parametrize("accuracies", [(0.90, 0.85), (0.85, 0.80)])
def test_a_difference_of_five_points_of_stable_models_is_found(accuracies, scheme):
    assert share_found("least squares", *accuracies, scheme, 500)[0] >= 0.78  # 80 % less an error


def share_of_made_up_found(n_splits, n_tables, *, folds=False):
    """Return how often 0.90 against 0.85 is found, with 1,000 test samples in each split."""
    n = 1000 if folds else 3333
    found = 0
    for seed in range(n_tables):
        generator = np.random.default_rng(seed)
        if folds:
            splits = np.array_split(generator.permutation(n), n_splits)
        else:
            splits = [generator.permutation(n)[:1000] for _ in range(n_splits)]
        # Seven tenths of what makes a sample hard is the sample's, the rest the training's.
        own = generator.normal(size=(2, n)) * np.sqrt(0.7)
        drawn = [
            own[:, rows] + np.sqrt(0.3) * generator.normal(size=(2, len(rows))) for rows in splits
        ]
        first, second = ([d[m] < norm.ppf(p) for d in drawn] for m, p in enumerate((0.90, 0.85)))
        p_value = difference(*pair_of(splits, first, second, n - len(splits[0]))).p_value
        found += p_value < LEVEL
    return found / n_tables


@pytest.mark.parametrize("n_splits", [1, 3, 5, 10])
def test_a_difference_of_five_points_is_found(n_splits):
    assert share_of_made_up_found(n_splits, 50) >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("n_splits", [1, 3, 5, 10])
def test_a_difference_of_five_points_is_found_in_500_tables(n_splits):
    assert share_of_made_up_found(n_splits, 500) >= 0.8


@pytest.mark.slow
def test_a_difference_of_five_points_is_found_by_five_folds():
    assert share_of_made_up_found(5, 500, folds=True) >= 0.8
