"""The kernel estimators among scikit-learn's tools."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from qmlplay import (
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    list_backends,
    load_dataset,
)

ESTIMATORS = (QuantumKernelClassifier, QuantumKernelRegressor)
AD_HOC = load_dataset("ad_hoc", n_samples=100, random_state=0)


def checks():
    for name in list_backends():
        marks = [pytest.mark.backend(name), *([] if name == "numpy" else [pytest.mark.slow])]
        for kind in ESTIMATORS:
            for estimator, check in estimator_checks_generator(kind(backend=name), legacy=True):
                check_name = getattr(check, "func", check).__name__
                name_of_test = f"{name}-{kind.__name__}-{check_name}"
                yield pytest.param(estimator, check, id=name_of_test, marks=marks)


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_every_check_of_scikit_learn_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it check_array_api_input is skipped
    check(estimator)
