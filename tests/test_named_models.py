"""Models by name on any table: what comes before them, and that it is fair both ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    FeatureReduction,
    TablePreprocessor,
    VariationalClassifier,
    compare,
    load_dataset,
)
from qmlplay.baselines import make_baseline
from qmlplay.compare.reports import readable
from qmlplay.compare.running.schedule import Task, run_task
from qmlplay.compare.setup import column_counts, lineup, steps_before, stratified_split
from qmlplay.compare.setup.named_models import named_models
from qmlplay.encodings import AngleEncoding

QUICK = VariationalClassifier(n_layers=1, max_iter=1)
SOME = ["numpy", "no_entanglement", "dummy", "logistic_regression", "svc_rbf"]


def split_of(X, y, seed=0, test_size=0.3):
    """Divide a table as `compare` does, whatever its columns hold."""
    split = stratified_split(load_dataset("moons", n_samples=len(y)), test_size, seed)
    order = np.random.default_rng(seed).permutation(len(y))
    train, test = np.split(order, [round(len(y) * (1 - test_size))])
    take = (lambda rows: X.iloc[rows]) if isinstance(X, pd.DataFrame) else (lambda rows: X[rows])
    y = np.asarray(y)
    return replace(split, X_train=take(train), X_test=take(test), y_train=y[train], y_test=y[test])


def raw(n=80, n_numbers=2):
    random = np.random.default_rng(3)
    y = random.choice(["no", "yes"], n)
    names = [f"n{i}" for i in range(n_numbers)]
    table = pd.DataFrame(random.normal(size=(n, n_numbers)), columns=names)
    table["n0"] += 2 * (y == "yes")
    table.loc[random.random(n) < 0.2, "n0"] = np.nan
    table["text"] = np.where(y == "yes", random.choice(["a", "b"], n), random.choice(["b", "c"], n))
    return table, y


def test_numbers_that_fit_on_the_qubits_keep_the_bare_models():
    data = load_dataset("iris")
    models = named_models(list(SOME), QUICK, split_of(data.X, data.y))
    assert [name for name, _, _ in models] == SOME
    assert [type(model) for _, _, model in models[:2]] == [VariationalClassifier] * 2
    names = [[name for name, _ in model.steps] for _, _, model in models[2:]]
    assert [steps[0] for steps in names] == ["standardscaler"] * 3


def test_a_wide_table_is_reduced_for_the_quantum_model_alone():
    data = load_dataset("breast_cancer")
    models = named_models(list(SOME), QUICK, split_of(data.X, data.y))
    steps = {name: [type(s).__name__ for _, s in m.steps] for name, _, m in models[:-1]}
    assert steps["numpy"] == ["FeatureReduction", "VariationalClassifier"]
    assert steps["no_entanglement"] == ["FeatureReduction", "VariationalClassifier"]
    assert steps["svc_rbf"] == ["StandardScaler", "KernelSVC"]
    name, kind, search = models[-1]
    assert (name, kind) == ("best classical on components", "classical")
    assert isinstance(search, GridSearchCV)
    candidates = [type(model).__name__ for model in search.param_grid["classifier"]]
    assert candidates == ["LogisticRegression", "KernelSVC"]  # and no dummy


def test_the_same_as_a_pipeline_by_hand():
    data = load_dataset("breast_cancer")
    split = split_of(data.X, data.y)
    (_, _, quantum), (name, _, classical) = named_models(
        ["numpy", "logistic_regression"], QUICK, split
    )[::2]
    assert name == "logistic_regression on components"
    components = FeatureReduction(8, method="pls").fit(split.X_train, split.y_train)
    train, test = (components.transform(X) for X in (split.X_train, split.X_test))
    by_hand = VariationalClassifier(n_layers=1, max_iter=1, random_state=0).fit(
        train, split.y_train
    )
    quantum.fit(split.X_train, split.y_train)
    np.testing.assert_allclose(
        quantum.predict_proba(split.X_test), by_hand.predict_proba(test), atol=1e-9
    )
    by_hand = LogisticRegression(max_iter=1_000, random_state=0).fit(train, split.y_train)
    classical.fit(split.X_train, split.y_train)
    np.testing.assert_allclose(
        classical.predict_proba(split.X_test), by_hand.predict_proba(test), atol=1e-5
    )


@pytest.mark.slow
def test_the_best_is_found_inside_the_training_part():
    data = load_dataset("wine")
    split = split_of(data.X, data.y)
    names = ["logistic_regression", "svc_rbf", "random_forest"]
    *_, (_, _, search) = named_models(["numpy", *names], QUICK, split)
    search.fit(split.X_train, split.y_train)
    chosen = search.best_params_["classifier"]
    other = replace(split, X_test=split.X_test[::-1] * 100, y_test=split.y_test[::-1])
    *_, (_, _, again) = named_models(["numpy", *names], QUICK, other)
    again.fit(other.X_train, other.y_train)
    assert type(again.best_params_["classifier"]) is type(chosen)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    by_hand = [
        cross_val_score(
            make_pipeline(FeatureReduction(8, "pls"), make_baseline(name, random_state=0)[-1]),
            split.X_train, split.y_train, cv=folds, scoring="balanced_accuracy",
        ).mean()
        for name in names
    ]  # fmt: skip
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], by_hand)
    assert type(chosen) is type(make_baseline(names[int(np.argmax(by_hand))])[-1])


@pytest.mark.parametrize(
    ("settings", "n_columns", "n_components"),
    [
        ({}, 8, None),
        ({}, 9, 8),
        ({"n_qubits": 3}, 3, None),
        ({"n_qubits": 3}, 4, 3),
        ({"n_qubits": 1}, 2, 1),
        ({"encoding": "dense"}, 16, None),
        ({"encoding": "dense"}, 17, 16),
        ({"encoding": "dense", "n_qubits": 2}, 5, 4),
        ({"encoding": "zz"}, 20, 8),
        ({"encoding": AngleEncoding("rx"), "n_qubits": 10}, 11, 10),
    ],
)
def test_as_many_components_as_the_qubits_take(settings, n_columns, n_components):
    X = np.random.default_rng(0).normal(size=(20, n_columns))
    steps = steps_before(X, 2, VariationalClassifier(**settings))
    assert [step.n_components for step in steps] == ([] if n_components is None else [n_components])


def test_text_and_gaps_are_prepared_for_all():
    X, y = raw()
    split = split_of(X, y)
    for name, _, model in named_models([*SOME, "mlp", "random_forest"], QUICK, split):
        assert type(model[0]).__name__ == "TablePreprocessor"
        model.fit(split.X_train, split.y_train)
        # n0, its gaps, n1, and three categories
        assert column_counts(model, split.X_train) == {"n_columns": 6, "n_inputs": 6}, name
        if name not in ("dummy", "numpy", "no_entanglement"):
            assert model.score(split.X_test, split.y_test) > 0.7


def test_the_columns_count_after_preprocessing():
    larger = VariationalClassifier(n_layers=4, max_iter=1)
    X, y = raw(n_numbers=6)  # 6 numbers, a mark of gaps, three categories
    split = split_of(X, y)
    *_, (_, _, matched), (name, _, reduced) = named_models(["numpy", "mlp"], larger, split)
    assert name == "mlp on components"
    quantum = named_models(["numpy"], larger, split)[0][2].fit(split.X_train, split.y_train)
    assert column_counts(quantum, split.X_train) == {"n_columns": 10, "n_inputs": 8}
    n_parameters = larger.design(8, 2).n_parameters
    units = [model[-1].hidden_layer_sizes[0] for model in (matched, reduced)]
    for width, n_inputs in zip(units, (10, 8), strict=True):
        assert abs(width * (n_inputs + 2) + 1 - n_parameters) <= (n_inputs + 2) / 2


def test_every_split_has_the_same_models():
    X, y = raw(60, n_numbers=4)
    X["rare"] = ["once"] + ["u", "v"] * 29 + ["u"]  # a third category, in one of the two parts
    names = {
        tuple(c.name for c in lineup(list(SOME), QUICK, split_of(X, y, seed))) for seed in range(6)
    }
    assert len(names) == 1


@pytest.mark.parametrize(
    "names", [["numpy", "dummy"], ["logistic_regression", "svc_rbf"], ["no_entanglement"]]
)
def test_no_further_row_without_both_kinds(names):
    data = load_dataset("breast_cancer")
    models = named_models(names, QUICK, split_of(data.X, data.y))
    assert [name for name, _, _ in models] == names


def test_estimators_of_the_users_own_get_the_table_as_it_is():
    X, y = raw()
    split = split_of(X, y)
    own = make_pipeline(StandardScaler(), LogisticRegression())
    (candidate,) = lineup({"mine": own}, QUICK, split)
    assert isinstance(candidate.estimator, Pipeline)
    assert [type(step) for _, step in candidate.estimator.steps] == [
        StandardScaler,
        LogisticRegression,
    ]


@pytest.mark.slow
def test_the_table_says_what_was_reduced():
    result = compare("wine", models=["numpy", "svc_rbf"], classifier=QUICK, seeds=2)
    shown = readable(result).set_index("model")["columns of numbers"]
    assert shown.to_dict() == {
        "quantum (NumPy)": "13 → 8",
        "svc_rbf": "13",
        "svc_rbf on components": "13 → 8",
    }
    assert result.runs["n_inputs"].tolist() == [8, 13, 8] * 2
    assert "columns of numbers" not in readable(
        compare("iris", models=["dummy", "svc_rbf"], seeds=1)
    )


def test_an_encoding_that_fails_has_a_row_that_says_how():
    def encoding(n_qubits, n_features):
        raise RuntimeError("no such circuit")

    encoding.features_per_qubit = "two"
    model = VariationalClassifier(encoding=encoding, max_iter=1)
    result = compare("wine", models=["numpy", "dummy"], classifier=model, seeds=1)
    status = result.runs.set_index("model")["status"]
    assert status["dummy"] == "ok"
    assert status["numpy"] != "ok"


def test_a_model_that_cannot_read_the_table_says_what_to_try():
    X, y = raw()
    split = split_of(X, y)
    own = {
        "plain": LogisticRegression(),
        "prepared": make_pipeline(TablePreprocessor(), LogisticRegression()),
        "badly": make_pipeline(TablePreprocessor(), LogisticRegression(C=-1)),
    }
    runs = [run_task(Task(split, candidate))[0].row for candidate in lineup(own, QUICK, split)]
    plain, prepared, badly = (row["status"] for row in runs)
    assert "make_pipeline(qmlplay.TablePreprocessor(), model) makes numbers" in plain
    assert prepared == "ok"
    assert badly != "ok"
    assert "makes numbers" not in badly


def test_no_more_components_than_directions():
    random = np.random.default_rng(0)
    X = pd.DataFrame({f"t{i}": random.choice(["a", "b", "c"], 90) for i in range(3)})
    X["n"] = random.normal(size=90)  # ten columns of numbers, of which three are the rest of others
    models = named_models(["numpy", "svc_rbf"], QUICK, split_of(X, random.integers(0, 2, 90)))
    assert [name for name, _, _ in models][-1] == "svc_rbf on components"
    assert [model["featurereduction"].n_components for _, _, model in (models[0], models[-1])] == [
        7,
        7,
    ]
    assert models[0][2][1].n_components == 7
    assert models[0][2][-1].design(7).circuit.circuit.n_qubits == 7


def test_the_name_says_no_number_that_another_training_part_would_belie():
    """Twenty columns of two different ones have two components, whatever the qubits could take."""
    random = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = np.repeat(random.normal(size=(60, 2)) + y[:, None], 10, axis=1)
    result = compare(X, y, models=["numpy", "svc_rbf"], classifier=QUICK, seeds=1)
    table = readable(result).set_index("model")["columns of numbers"]
    assert table.to_dict() == {
        "quantum (NumPy)": "20 → 2",
        "svc_rbf": "20",
        "svc_rbf on components": "20 → 2",
    }
