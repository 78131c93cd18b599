"""How often the verdict on numbers errs: equal models called different, differences missed."""

from __future__ import annotations

import pytest
from regression_simulations import REGRESSORS, share_called_different

SCHEMES = ["1 split", "3 splits", "5 splits", "10 splits", "cv=5"]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["1 split", "cv=5"])
def test_equal_models_in_a_few_tables(scheme):
    """60 tables; 0.13 is 5 % and nearly three standard errors."""
    assert share_called_different("least squares", scheme, 100, 60) <= 0.13


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("family", ["least squares", "5 neighbours", "grown tree"])
def test_equal_models_of_100_samples(family, scheme):
    assert share_called_different(family, scheme, 100, 300) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("family", [name for name in REGRESSORS if name != "forest"])
@pytest.mark.parametrize("scheme", ["1 split", "cv=5"])
def test_equal_models_of_300_samples(family, scheme):
    assert share_called_different(family, scheme, 300, 300) <= 0.06  # 5 % and one standard error


@pytest.mark.slow
@pytest.mark.parametrize("scheme", SCHEMES)
def test_equal_models_of_targets_with_a_long_tail(scheme):
    assert share_called_different("least squares", scheme, 100, 300, kind="skewed") <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "least"), [("1 split", 0.9), ("3 splits", 0.9), ("cv=5", 0.95)])
def test_a_clear_difference_is_found(scheme, least):
    """R² of about 0.78 against 0.51, of 300 samples."""
    assert share_called_different("least squares", scheme, 300, 100, (1.0, 1.8)) >= least
