"""What compare() takes: data, models, seeds and settings of many kinds, and clear errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from backend_helpers import CORE_BACKENDS
from own_models import SEEN, Recorder
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from qmlplay import VariationalClassifier, compare, list_backends, load_dataset
from qmlplay.backends import backend_info
from qmlplay.compare import list_models
from qmlplay.compare.setup import check_models, lineup, make_splits

QUICK = VariationalClassifier(max_iter=3, n_layers=1)


@pytest.fixture
def seen():
    SEEN.clear()
    yield SEEN
    SEEN.clear()


def table_of(X, y):
    return pd.DataFrame(X, columns=["size", "mass"]).assign(kind=np.array(["fir", "oak"])[y])


@pytest.fixture(scope="module")
def rows():
    data = load_dataset("moons", n_samples=40, random_state=5)
    return data.X, data.y


def test_a_seed_draws_generated_data_anew_but_own_data_stay(rows):
    drawn = make_splits("moons", None, [0, 1], 0.3)
    again = make_splits("moons", None, [1], 0.3)
    np.testing.assert_array_equal(drawn[1].X_train, again[0].X_train)

    def points(split):
        return {tuple(row) for row in np.vstack([split.X_train, split.X_test])}

    assert not points(drawn[0]) & points(drawn[1])
    own = make_splits(rows, None, [0, 1], 0.3)
    assert points(own[0]) == points(own[1]) == {tuple(row) for row in rows[0]}
    assert not np.array_equal(own[0].X_train, own[1].X_train)


def test_splits_are_stratified():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    (split,) = make_splits((np.arange(100.0)[:, None], y), None, [0], 0.2)
    assert np.bincount(split.y_test).tolist() == [12, 6, 2]
    assert len(split.y_train) == 80


def test_models_by_name():
    assert compare("moons", models="dummy", seeds=1).table["model"].tolist() == ["dummy"]
    result = compare("moons", models=["no_entanglement", "mlp"], classifier=QUICK, seeds=1)
    assert result.table["kind"].tolist() == ["ablation", "classical"]
    assert result.fitted["moons", "no_entanglement"].circuit_.circuit.n_two_qubit_gates == 0
    absent = [name for name in list_backends() if not backend_info(name).is_installed]
    assert check_models(None) == [name for name in list_models() if name not in absent]
    assert not set(absent) & set(CORE_BACKENDS)
    assert set(list_models()) > set(list_backends())


def test_models_as_estimators_of_the_user(rows):
    models = {
        "line": LogisticRegression(),
        "quantum": QUICK,
        "flat": VariationalClassifier(ansatz="no_entanglement", max_iter=1),
        "net": make_pipeline(MLPClassifier((3,), max_iter=5)),
    }
    result = compare(rows, models=models, seeds=[7])
    table = result.table.set_index("model")
    assert table["kind"].tolist() == ["classical", "quantum", "ablation", "classical"]
    assert table.loc["line", "n_parameters"] == 3
    assert result.fitted["own data", "net"][-1].random_state == 7
    assert QUICK.random_state is None  # only clones are touched
    assert not hasattr(models["line"], "coef_")


def test_kinds_of_data(rows, tmp_path):
    frame = table_of(*rows)
    path = tmp_path / "trees.csv"
    frame.to_csv(path, index=False)
    sources = [rows, frame, str(path), path]
    by_source = [
        compare(data, target, models=["logistic_regression"], seeds=2)
        for data, target in zip(sources, (None, "kind", "kind", None), strict=True)
    ]
    scores = [result.runs["test_accuracy"].tolist() for result in by_source]
    assert scores[1:] == scores[:1] * 3
    assert by_source[2].splits["trees"].feature_names == ["size", "mass"]
    assert set(by_source[2].splits["trees"].y_test) == {"fir", "oak"}


def test_several_datasets(rows, tmp_path):
    path = tmp_path / "trees.csv"
    table_of(*rows).to_csv(path, index=False)
    result = compare(["iris", path, "iris"], "kind", models=["dummy"], seeds=1)
    assert list(result.splits) == ["iris", "trees", "iris (2)"]
    assert result.table["dataset"].tolist() == list(result.splits)
    twice = compare([rows, rows], models=["dummy"], seeds=1)
    assert list(twice.splits) == ["own data", "own data (2)"]


def test_the_mlp_also_runs_where_the_quantum_model_cannot_be_built():
    many = VariationalClassifier(n_qubits=1, max_iter=1)
    digits = load_dataset("digits", n_samples=60, random_state=0)
    models = ["numpy", "mlp"]
    result = compare((digits.X, digits.y), models=models, classifier=many, seeds=1)
    assert "10 classes need" in result.table["status"][0]
    assert result.table["status"][1] == "ok"


def test_seeds_of_any_integer_kind():
    as_array = compare("moons", models=["dummy"], seeds=np.array([2, 5]))
    assert as_array.runs["seed"].tolist() == [2, 5]
    assert compare("moons", models=["dummy"], seeds=np.int64(2)).runs["seed"].tolist() == [0, 1]
    assert compare("moons", models=["dummy"], seeds=range(3, 5)).runs["seed"].tolist() == [3, 4]


@pytest.mark.parametrize("seeds", [0, -1, [], "3", 1.5, True, [1.5], [True], None, [1, 1], [-1]])
def test_bad_seeds(seeds):
    with pytest.raises(ValueError, match="seed"):
        compare("moons", models=["dummy"], seeds=seeds)


@pytest.mark.parametrize("test_size", [0, 1, 0.0, 1.0, -0.1, "0.3", None, True, float("nan"), 30])
def test_bad_test_size(test_size):
    with pytest.raises(ValueError, match=r"test_size must be a number in \(0, 1\), got"):
        compare("moons", models=["dummy"], test_size=test_size)


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        (["nunpy"], ValueError, "unknown model 'nunpy': did you mean 'numpy'"),
        (["dummy", "dummy"], ValueError, "'dummy' came 2 times"),
        ([], ValueError, "no model came"),
        ({}, ValueError, "no model came"),
        (5, TypeError, "list of names or a dict"),
        ([3], ValueError, "unknown model 3"),
        ({"a": LogisticRegression}, TypeError, "model 'a' must be an unfitted scikit-learn"),
        ({"a": "numpy"}, TypeError, "model 'a' must be an unfitted scikit-learn"),
    ],
)
def test_bad_models(models, error, message):
    with pytest.raises(error, match=message):
        compare("moons", models=models, seeds=1)


@pytest.mark.parametrize(
    ("data", "target", "error", "message"),
    [
        ("mons", None, ValueError, "unknown dataset 'mons': did you mean 'moons'"),
        ([], None, ValueError, "no dataset came"),
        ("moons", "kind", TypeError, "'moons' has its own target: leave out target='kind'"),
        ("nowhere.csv", None, FileNotFoundError, "no file 'nowhere.csv'"),
        (([[1.0], [2], [3]], ["a", "a", "b"]), None, ValueError, r"classes \['b'\] have one"),
        (([[1.0], [2]] * 2, [0, 1] * 2), None, ValueError, "cannot divide 4 samples"),
        (([[1.0], [np.inf]], [0, 1]), None, ValueError, "infinite values"),
        (5, None, TypeError, "cannot read data of type int"),
    ],
)
def test_bad_data(data, target, error, message):
    with pytest.raises(error, match=message):
        compare(data, target, models=["dummy"], seeds=1, test_size=0.2)


@pytest.mark.parametrize(
    ("classifier", "error", "message"),
    [
        (VariationalClassifier(n_layers=0), ValueError, "n_layers"),
        (VariationalClassifier(max_iter=-1), ValueError, "max_iter"),
        (VariationalClassifier(ansatz="hardware"), ValueError, "did you mean 'hardware_eff"),
        (VariationalClassifier(n_qubits=45), ValueError, "bytes"),
        (VariationalClassifier(n_qubits=10**6), ValueError, "bytes"),
        (LogisticRegression(), TypeError, "must be a VariationalClassifier"),
    ],
)
def test_bad_settings_are_found_before_training(classifier, error, message, seen):
    with pytest.raises(error, match=message):
        compare("moons", models={"a": Recorder()}, classifier=classifier)
    assert seen == []


def test_lineup_gives_each_split_its_seed():
    splits = make_splits("moons", None, [4, 9], 0.3)
    for split in splits:
        for candidate in lineup(check_models(None), QUICK, split):
            parameters = candidate.estimator.get_params()
            seeds = {v for k, v in parameters.items() if k.split("__")[-1] == "random_state"}
            assert seeds <= {split.seed}
