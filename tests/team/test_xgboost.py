"""Boosted trees of XGBoost beside the quantum models of compare()."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from qmlplay import VariationalClassifier, compare, load_dataset

pytestmark = pytest.mark.needs("xgboost")
QUICK = VariationalClassifier(max_iter=2, n_layers=1)


def test_names_and_a_booster_on_a_polars_frame_with_labels_as_text():
    from xgboost import XGBClassifier

    data = load_dataset("iris")
    frame = pl.DataFrame(data.X, schema=["a", "b", "c", "d"])
    frame = frame.with_columns(target=np.array(["ash", "elm", "oak"])[data.y])
    booster = XGBClassifier(n_estimators=10, n_jobs=1)
    models = ["numpy", booster, XGBClassifier(n_estimators=10, n_jobs=1, max_depth=1)]
    result = compare(frame, "target", models=models, classifier=QUICK, seeds=1)
    table = result.table
    assert table["status"].eq("ok").all()
    assert table["model"].tolist() == ["numpy", "XGBClassifier", "XGBClassifier(max_depth=1)"]
    assert table["test_accuracy"][1] > 0.85
    # With numbers as labels, nothing of it changes.
    numbered = compare((data.X, data.y), models={"same": booster}, seeds=1).table
    assert numbered["test_accuracy"][0] == table["test_accuracy"][1]


def test_regression():
    from xgboost import XGBRegressor

    table = compare("sine", models=["dummy", XGBRegressor(n_estimators=10)], seeds=1).table
    assert table["model"].tolist() == ["dummy", "XGBRegressor"]
    assert table["test_r2"][1] > 0.5
