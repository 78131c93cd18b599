"""Regression on the command line: compare, train, predict on raw files, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_helpers import failure, run
from sklearn.model_selection import train_test_split

from qmlplay import VariationalRegressor, load_dataset, load_model
from qmlplay.cli import main
from qmlplay.compare.reports import report

QUICK = ["--n-layers", "1", "--max-iter", "3", "--no-progress"]
MODELS = ["--models", "numpy,ridge,dummy", "--seeds", "1"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "figures", lambda comparison: {})  # what is looked at is text


@pytest.fixture
def houses(tmp_path):
    """A raw file: a counter, gaps, text, prices as people write them."""
    random = np.random.default_rng(0)
    size, rooms = random.uniform(40, 200, 90).round(1), random.integers(1, 7, 90)
    city = random.choice(["Bern", "Rome", "Oslo"], 90)
    price = 2000 * size + 30_000 * (city == "Oslo") + random.normal(0, 9000, 90)
    table = pd.DataFrame({"id": range(1, 91), "size": size, "rooms": rooms, "city": city})
    table.loc[[4, 9], "size"] = np.nan
    table["price"] = [f"${value:,.0f}" for value in price]
    table.loc[7, "price"] = ""
    path = tmp_path / "houses.csv"
    table.to_csv(path, index=False)
    return path


@pytest.mark.slow
def test_compare_a_dataset(capsys):
    shown = run(capsys, "compare", "sine", *MODELS, *QUICK, "--html", "page.html")
    for words in ("test", "train", "R²", "MAE", "RMSE", "ridge", "sine: 140 training and 60 test"):
        assert words in shown
    assert "accuracy" not in shown
    assert "Written: page.html" in shown
    assert "accuracy" not in Path("page.html").read_text("utf-8").partition("</style>")[2]


@pytest.mark.slow
def test_compare_a_file(capsys, houses):
    shown = run(capsys, "compare", houses, *MODELS, *QUICK, "--task", "regression")
    assert shown.startswith(f"{houses}: 90 rows × 5 columns")
    assert "target column 'price' (the last column) with" in shown
    assert "different numbers from" in shown
    assert "1 row without a number in the target left out" in shown
    assert "numbers read: 'price' $" in shown
    again = run(capsys, "compare", houses, *MODELS, *QUICK)
    assert "'price', the last column, is predicted as numbers, a regression." in again
    assert "--target city (3 classes)" in again


def test_compare_as_json(capsys):
    content = json.loads(run(capsys, "compare", "sine", *MODELS, *QUICK, "--json"))
    assert content["data"]["sine"]["task"] == "regression"
    assert [row["model"] for row in content["table"]] == ["numpy", "ridge", "dummy"]
    assert content == json.loads(Path("qmlplay-results/comparison.json").read_text("utf-8"))
    csv = pd.read_csv("qmlplay-results/runs.csv")
    assert csv["rmse"].tolist() == [row["rmse"] for row in content["runs"]]


def test_train_and_predict_a_raw_file(capsys, houses):
    shown = run(capsys, "train", houses, *QUICK, "--max-iter", "40", "--out", "m.qmlplay",
                "--task", "regression")  # fmt: skip
    for words in ("task: regression", "train r2: ", "test r2: ", "mae: ", "rmse: ", "numbers"):
        assert words in shown
    assert "accuracy" not in shown
    model = load_model("m.qmlplay")
    assert isinstance(model[-1], VariationalRegressor)
    table = pd.read_csv(houses)
    raw = table.drop(columns=["id", "price"])
    main(["predict", "m.qmlplay", str(houses)])
    told, noted = capsys.readouterr()
    assert "gaps, treated as in training, with how many rows have them: size (2)" in noted
    predicted = np.array([float(line) for line in told.split()[1:]])
    np.testing.assert_allclose(predicted, model.predict(raw), rtol=1e-12)
    price = table["price"].str.replace(r"[$,]", "", regex=True).astype(float)
    known = price.notna()
    assert np.corrcoef(predicted[known], price[known])[0, 1] > 0.8
    main(["predict", "m.qmlplay", str(houses), "--backend", "cirq", "--json"])
    on_cirq = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose([row["prediction"] for row in on_cirq], predicted, rtol=1e-9)
    assert "predicts numbers, which have no probabilities" in failure(
        capsys, "predict", "m.qmlplay", houses, "--probabilities"
    )


def test_the_report_of_a_training_is_true(capsys):
    content = json.loads(run(capsys, "train", "diabetes", *QUICK, "--json", "--out", "d.qmlplay"))
    data = load_dataset("diabetes")
    assert content["task"] == "regression"
    assert "columns" not in content  # ten features are taken as they are
    model = load_model("d.qmlplay")
    X = pd.DataFrame(data.X, columns=data.feature_names)
    parts = train_test_split(X, data.y, test_size=0.3, random_state=0)
    X_train, X_test, y_train, y_test = parts
    errors = model.predict(X_test) - y_test
    assert content["rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert content["mae"] == pytest.approx(np.mean(np.abs(errors)))
    assert content["test_r2"] == pytest.approx(1 - np.mean(errors**2) / np.var(y_test))
    assert content["train_r2"] == pytest.approx(model.score(X_train, y_train))
    assert {"mae", "rmse", "test_r2"} <= content.keys()
    assert "test_accuracy" not in content


def test_settings_of_the_regressor(capsys):
    run(capsys, "train", "sine", *QUICK, "--set", "loss=huber", "--set", "huber_epsilon=2")
    assert load_model("model.qmlplay").get_params()["huber_epsilon"] == 2
    assert "--set class_weight is no parameter of VariationalRegressor" in failure(
        capsys, "train", "sine", "--set", "class_weight=balanced"
    )
    for command in ("train", "compare"):
        assert "--set huber_epsilon is no parameter of VariationalClassifier" in failure(
            capsys, command, "moons", "--set", "huber_epsilon=2"
        )
        assert "loss" in failure(capsys, command, "sine", "--set", "loss=log_loss")
        assert "loss" in failure(capsys, command, "sine", "--set", "loss=none_such")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "moons", "sine"], "moons: classes, but sine: numbers to predict"),
        (["compare", "moons", "--task", "regression"], "moons is a classification, but task="),
        (["train", "sine", "--task", "classification"], "sine is a regression, but task="),
        (["compare", "sine", "--task", "both"], "unknown task 'both'"),
        (["train", "sine", "--task", "both"], "unknown task 'both'"),
        (["compare", "sine", "--metric", "roc_auc"], "unknown metric 'roc_auc'"),
        (["compare", "moons", "--metric", "rmse"], "unknown metric 'rmse'"),
        (["compare", "sine", "--models", "svc_rbf"], "'svc_rbf' is one of classification"),
        (["play", "diabetes"], "the playground shows classification only"),
    ],
)
def test_what_is_refused(capsys, tmp_path, arguments, words):
    assert words in failure(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_datasets_tell_their_task(capsys):
    rows = json.loads(run(capsys, "datasets", "--json"))
    tasks = {row["name"]: row["task"] for row in rows}
    assert {name for name, task in tasks.items() if task == "regression"} == {
        "diabetes", "fourier", "friedman1", "sine",
    }  # fmt: skip
    assert "regression" in run(capsys, "datasets")


def test_help_names_both(capsys):
    for command in ("compare", "train"):
        assert "--task" in run(capsys, command, "--help")
