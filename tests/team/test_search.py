"""The automatic search: what it tries, what it must not see, who wins, and what is kept."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.base import clone

from qmlplay import (
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
    load_model,
    save_model,
)

pytestmark = pytest.mark.needs("optuna")
#: A quantum model that is trained in no time, and badly.
QUICK = VariationalClassifier(max_iter=3)


def searched(*data, **settings):
    from qmlplay.search import search

    usual = {"budget": 600, "n_trials": 2, "baselines": ["logistic_regression", "svc_rbf"]}
    if not isinstance(settings.get("regressor"), VariationalRegressor):
        usual["classifier"] = QUICK
    return search(*data, **usual | settings, verbose=0)


@pytest.fixture(scope="module")
def moons():
    return load_dataset("moons", n_samples=90, random_state=0)


@pytest.fixture(scope="module")
def result(moons):
    return searched(moons, n_trials=4)


def test_every_kind_of_model_is_in_one_list(result):
    table = result.leaderboard_
    assert set(table["model"]) >= {"quantum", "logistic_regression", "svc_rbf"}
    assert table["inner_score"].is_monotonic_decreasing
    assert (table[["search_seconds", "fit_seconds"]] > 0).all(axis=None)
    assert table["n_trials"].sum() == sum(
        len(study.trials) for study in result.studies_[0].values()
    )


def test_the_first_trials_are_the_usual_settings(result):
    first = result.study_.trials[0].params
    usual = VariationalClassifier()
    assert (first["encoding"], first["ansatz"]) == (usual.encoding, usual.ansatz)
    assert (first["n_layers"], first["learning_rate_init"]) == (4, 0.1)
    assert first["bandwidth"] == 1.0
    classical = result.studies_[0]["classical"].trials
    assert classical[0].params == {"model": "logistic_regression", "logistic_regression__C": 1.0}


def test_inner_scores_are_those_of_cross_validation(result, moons):
    """Scikit-learn's own cross-validation of the winner gives the same inner score."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    from qmlplay.compare.setup import make_splits

    (split,) = make_splits(moons, None, [0], 0.3)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    model = clone(result.best_estimator_)
    scores = cross_val_score(model, split.X_train, split.y_train, cv=folds)
    assert scores.mean() == pytest.approx(result.best_score_, abs=1e-12)
    honest = model.fit(split.X_train, split.y_train).score(split.X_test, split.y_test)
    assert honest == pytest.approx(result.test_score_, abs=1e-12)


def test_no_trial_sees_a_row_that_is_held_out(moons, monkeypatch):
    from qmlplay.compare.setup import make_splits
    from qmlplay.search import inner_validation

    (split,) = make_splits(moons, None, [0], 0.3)
    held_out = {row.tobytes() for row in split.X_test}
    seen, inner = [], inner_validation._score

    def watched(estimator, parts, *rest):
        seen.extend(row.tobytes() for X in (parts[0], parts[2]) for row in X)
        return inner(estimator, parts, *rest)

    monkeypatch.setattr(inner_validation, "_score", watched)
    searched(moons)
    assert len(seen) > 500
    assert not held_out & set(seen)
    assert len(held_out) == len(split.X_test)


def test_winner_is_chosen_by_the_inner_score_alone():
    """Whoever looks at test scores would choose the other one."""
    import optuna

    from qmlplay.compare.running import Predictions
    from qmlplay.search.finalists import Finalist
    from qmlplay.search.leaderboard import leaderboard

    labels = np.repeat([0, 1], 10)

    def finalist(name, inner, predicted):
        made = Predictions(0, np.arange(20), labels, predicted, 0, 40, 1.0)
        row = {"model": name, "kind": "classical", "seed": 0, "status": "ok"}
        row |= {"fit_seconds": 1.0, "predict_seconds": 1.0, "n_parameters": 1}
        return Finalist(name, {"model": name}, inner, row, None, made)

    study = optuna.create_study()
    for name in ("mlp", "svc_rbf", "dummy"):
        study.enqueue_trial({"model": name})
        trial = study.ask()
        trial.suggest_categorical("model", ["mlp", "svc_rbf", "dummy"])
        study.tell(trial, 0.5)
    finalists = [
        finalist("mlp", (0.9, 0.8), 1 - labels),
        finalist("svc_rbf", (0.8, 0.8), labels),
        finalist("dummy", (0.99, 0.99), labels),
    ]
    table = leaderboard([finalists], [{"classical": study}], "accuracy")
    assert list(table["model"]) == ["mlp", "svc_rbf", "dummy"]  # who guesses never wins
    assert list(table["test_score"].round(9)) == [0.0, 1.0, 1.0]
    assert table["inner_score"][0] == pytest.approx(0.85)
    assert table["inner_std"][0] == pytest.approx(0.05)


def test_outer_scores_are_honest_where_inner_ones_flatter():
    """Labels that nothing can tell: the best inner score is above one half, test scores are not."""
    found = []
    for seed in range(5):
        generator = np.random.default_rng(seed)
        X, y = generator.normal(size=(80, 3)), np.arange(80) % 2
        result = searched(X, y, baselines=["k_nearest_neighbours"], n_trials=10, random_state=seed)
        found.append((result.best_score_, result.test_score_))
    inner, test = np.mean(found, axis=0)
    assert inner > 0.56
    assert abs(test - 0.5) < 3 * 0.5 / np.sqrt(5 * 24)


def test_verdict_rests_on_the_exact_test_of_one_split(result, moons):
    from qmlplay.compare.setup import make_splits

    (split,) = make_splits(moons, None, [0], 0.3)
    table = result.leaderboard_
    classical = table.loc[table["kind"] == "classical", "model"].iloc[0]
    right = [
        result.fitted_[name].predict(split.X_test) == split.y_test
        for name in ("quantum", classical)
    ]
    wins, losses = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    lead = result.lead_
    assert lead.n_choices == 1
    assert lead.difference.mean == pytest.approx((wins - losses) / len(split.y_test))
    assert lead.p_value == pytest.approx(binomtest(wins, wins + losses).pvalue)
    words = {1: "The quantum model is ahead", -1: "Classical wins", 0: "No clear winner"}
    assert any(words[lead.sign] in sentence for sentence in result.verdict_)


def test_an_encoding_that_entangles_by_itself_is_not_called_free_of_entanglement(moons):
    from qmlplay.search import SearchSpace

    said = {}
    for encoding in ("zz", "angle"):
        ansatze = ("real_amplitudes", "no_entanglement")
        space = SearchSpace(encodings=(encoding,), ansatze=ansatze, n_layers=(1, 2))
        result = searched(moons, n_trials=6, space=space, baselines=["dummy"])
        said[encoding] = " ".join(s for s in result.verdict_ if "ntanglement" in s)
    assert "rainable entanglement" in said["zz"]
    assert "rainable entanglement" not in said["angle"]


def test_one_qubit_has_no_entanglement_to_leave_out(moons):
    from qmlplay.search import SearchSpace

    ansatze = ("real_amplitudes", "no_entanglement")
    space = SearchSpace(encodings=("zz",), ansatze=ansatze, n_layers=(1, 2), n_qubits=(1, 1))
    verdict = searched(moons, n_trials=6, space=space, baselines=["dummy"]).verdict_
    assert [sentence for sentence in verdict if "ntanglement" in sentence] == [
        "moons: The quantum model has no two-qubit gates: there is no entanglement to leave out."
    ]


def test_winner_is_an_ordinary_estimator_of_all_rows(moons, tmp_path):
    result = searched(moons, classifier=None, baselines=["dummy"])
    winner = result.best_estimator_
    assert isinstance(winner, VariationalClassifier)
    again = clone(winner).fit(moons.X, moons.y)
    assert np.array_equal(again.predict_proba(moons.X), winner.predict_proba(moons.X))
    assert (winner.max_time, winner.callbacks) == (None, None)
    save_model(winner, tmp_path / "model.qmlplay")
    loaded = load_model(tmp_path / "model.qmlplay")
    assert np.allclose(loaded.predict_proba(moons.X), winner.predict_proba(moons.X), atol=1e-12)


def test_repeats_itself_in_one_process(moons):
    def trials(result):
        of_split = result.studies_[0]
        return [(t.params, t.value, t.state) for s in of_split.values() for t in s.trials]

    settings = {"n_trials": 11, "random_state": 3}
    first, second = (searched(moons, **settings) for _ in range(2))
    assert trials(first) == trials(second)
    assert trials(first) != trials(searched(moons, n_trials=11, random_state=4))


def test_table_with_text_dates_and_gaps(tmp_path):
    generator = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "size": generator.normal(size=60).round(2),
            "color": generator.choice(["red", "blue"], 60),
            "day": pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d"),
        }
    )
    table.loc[::9, "size"] = np.nan
    table["kind"] = np.where(table["size"].fillna(0) > 0, "yes", "no")
    result = searched(table, "kind", baselines=["dummy"])
    assert set(result.best_estimator_.predict(table)) <= {"yes", "no"}
    save_model(result.fitted_["quantum"], tmp_path / "model.qmlplay")
    loaded = load_model(tmp_path / "model.qmlplay")
    assert np.array_equal(loaded.predict(table), result.fitted_["quantum"].predict(table))


def test_regression_and_outer_folds():
    data = load_dataset("diabetes")
    pair = (data.X[:80], data.y[:80])
    result = searched(
        pair, regressor=VariationalRegressor(max_iter=3), baselines=["ridge", "dummy"], cv=3
    )
    assert result.metric_ == "R²"
    assert len(result.studies_) == 3
    assert set(result.runs_["seed"]) == {0, 1, 2}
    ridge = result.runs_[result.runs_["model"] == "ridge"]
    row = result.leaderboard_.set_index("model").loc["ridge"]
    assert row["test_score"] == pytest.approx(ridge["test_r2"].mean())
    assert row["test_std"] == pytest.approx(ridge["test_r2"].std(ddof=0))
    assert "3 outer splits" in result.verdict_[0]


def test_wide_tables_are_reduced_inside_the_pipeline():
    data = load_dataset("breast_cancer")
    result = searched((data.X[:90], data.y[:90]), baselines=["dummy"], n_trials=3)
    assert len(result.study_.trials) == 3
    for trial in result.study_.trials:
        assert trial.params["reduction"] in ("pca", "pls")
        assert 2 <= trial.params["n_components"] <= 12
    assert (
        result.fitted_["quantum"][0].n_components
        == (max(result.study_.trials, key=lambda t: t.value or 0).params["n_components"])
    )


def test_unbalanced_classes_are_ranked_by_balanced_accuracy():
    X = np.random.default_rng(0).normal(size=(90, 2))
    result = searched(X, (X[:, 0] > 1).astype(int), baselines=["logistic_regression", "dummy"])
    assert result.metric_ == "balanced accuracy"
    assert result.leaderboard_.set_index("model").loc["dummy", "inner_score"] == 0.5


def test_no_trial_begins_after_the_budget(moons):
    """Nor so late that there would be no time to train the best ones again."""
    start = time.time()
    result = searched(moons, budget=4, n_trials=None)
    trials = [trial for study in result.studies_[0].values() for trial in study.trials]
    begun = [trial.datetime_start.timestamp() - start for trial in trials]
    assert len(begun) > 4
    assert max(begun) < 4
    over = result.seconds_ - 4
    said = "within the budget" if over <= 0.05 else f"{over:.1f} s more than the budget"
    assert f"{said} of 4 s" in result.verdict_[-1]


@pytest.mark.parametrize("n_trials", [None, 20])
def test_budget_too_small_for_a_circuit_still_gives_the_classical(moons, n_trials):
    slow = VariationalClassifier(n_layers=60, n_qubits=4, backend="cirq", max_iter=100_000)
    from qmlplay.search import SearchSpace

    space = SearchSpace(n_layers=(60, 60), n_qubits=(4, 4))
    result = searched(moons, budget=5, n_trials=n_trials, classifier=slow, space=space)
    assert set(result.leaderboard_["kind"]) == {"classical"}
    assert "all trials were made" not in result.verdict_[-1]
    needed = [s for s in result.verdict_ if "No quantum model was trained: the quickest" in s]
    assert len(needed) == 1
    assert "Give a budget of about" in needed[0]
    skipped = {t.user_attrs["skipped"] for t in result.study_.trials}
    assert skipped - {"the same settings as an earlier trial"} == {"too slow for the time left"}


def test_failing_trials_do_not_end_a_search(moons, monkeypatch):
    from qmlplay.search import trial_run

    made = trial_run.quantum_estimator

    def broken(params, *rest):
        if params["n_layers"] == 4:
            raise ValueError("no such luck")
        return made(params, *rest)

    monkeypatch.setattr(trial_run, "quantum_estimator", broken)
    result = searched(moons)
    assert result.study_.trials[0].user_attrs["error"] == "ValueError: no such luck"
    assert "quantum" in set(result.leaderboard_["model"])
    assert "1 failed" in result.verdict_[-1]


def test_interrupt_keeps_what_is_done(moons, monkeypatch):
    from qmlplay.search import trial_loop

    run, calls = trial_loop.run_trial, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) > 5:
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(trial_loop, "run_trial", interrupted)
    result = searched(moons, n_trials=20)
    assert result.interrupted_
    assert len(result.leaderboard_) >= 2
    assert result.best_estimator_.predict(moons.X).shape == (90,)
    assert "the budget of 600 s, as it was interrupted:" in result.verdict_[-1]


@pytest.mark.parametrize(("n_trials", "is_enough"), [(None, True), (80, False), (60, True)])
def test_trials_in_vain_end_only_what_is_left_to_the_time(n_trials, is_enough):
    """Who asks for eighty trials gets eighty, though the first one was the best of all."""
    import optuna

    from qmlplay.search import SearchSpace
    from qmlplay.search.enough_trials import has_enough
    from qmlplay.search.search_settings import SearchSettings

    classical = "logistic_regression"
    plain = ("classification", "accuracy", SearchSpace(), QUICK, (classical,), 3, 0, None, 40)
    settings = SearchSettings(*plain, n_trials=n_trials)
    for side in ("quantum", "classical"):
        study = optuna.create_study(direction="maximize")
        for number in range(60):
            study.enqueue_trial({"model": classical})
            trial = study.ask()
            trial.suggest_categorical("model", [classical])
            study.tell(trial, 1.0 - number / 100)
        assert has_enough(side, study.trials, settings) is is_enough


def test_verdict_says_what_ended_a_search(moons, monkeypatch):
    from qmlplay.search import enough_trials

    result = searched(moons, n_trials=3, baselines=["logistic_regression"])
    assert len(result.study_.trials) == 3
    assert "the budget of 600 s, as all trials were made:" in result.verdict_[-1]
    monkeypatch.setattr(enough_trials, "_ENOUGH", 3)
    monkeypatch.setattr(enough_trials, "_ENOUGH_PER_BASELINE", 3)
    result = searched(moons, n_trials=None, baselines=["logistic_regression"])
    assert "the budget of 600 s, as no score got better any more:" in result.verdict_[-1]


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"budget": 0}, ValueError, "budget must be a time above 0"),
        ({"budget": "soon"}, ValueError, "budget must be a time above 0"),
        ({"budget": None}, TypeError, "budget must be a time above 0"),
        ({"budget": [60]}, TypeError, "budget must be a time above 0"),
        ({"n_trials": 0}, ValueError, "n_trials must be an integer of at least 1"),
        ({"inner_folds": 1}, ValueError, "inner_folds must be an integer of at least 2"),
        ({"n_jobs": 0}, ValueError, "n_jobs must be a number of processes"),
        ({"random_state": -1}, ValueError, "a seed must be"),
        ({"space": {"n_layers": 2}}, TypeError, "space must be a SearchSpace"),
        ({"baselines": ["svc"]}, ValueError, "unknown baseline 'svc': did you mean 'svc_rbf'"),
        ({"baselines": []}, ValueError, "baselines must name at least one"),
        ({"classifier": None, "regressor": VariationalRegressor()}, TypeError, "classification"),
        ({"test_size": 1.5}, ValueError, "test_size must be"),
        ({"task": "clustering"}, ValueError, "unknown task"),
    ],
)
def test_bad_settings(moons, settings, error, text):
    with pytest.raises(error, match=text):
        searched(moons, **settings)


def test_tables_of_a_few_rows():
    X = np.random.default_rng(0).normal(size=(8, 2))
    result = searched(X, np.arange(8) % 2, baselines=["k_nearest_neighbours"], n_trials=3)
    assert set(result.leaderboard_["model"]) == {"quantum", "k_nearest_neighbours"}
    with pytest.raises(ValueError, match="2 rows in a training part are too few for a search"):
        searched(X[:4], np.arange(4) % 2)


def test_several_datasets_are_refused():
    with pytest.raises(ValueError, match="a search takes one dataset, got 2"):
        searched(["moons", "iris"])


def test_as_estimators(moons):
    from sklearn.base import is_classifier, is_regressor

    from qmlplay import compare
    from qmlplay.search import SearchClassifier, SearchRegressor

    settings = {"n_trials": 2, "baselines": ["dummy"], "verbose": 0}
    model = SearchClassifier(classifier=QUICK, **settings)
    assert is_classifier(model)
    assert is_regressor(SearchRegressor(**settings))
    result = compare(moons, models={"searched": model}, seeds=1, verbose=0)
    assert list(result.runs[["kind", "status"]].iloc[0]) == ["quantum", "ok"]
    fitted = clone(model).fit(moons.X, moons.y)
    assert fitted.score(moons.X, moons.y) == fitted.best_estimator_.score(moons.X, moons.y)
    assert fitted.predict_proba(moons.X).shape == (90, 2)
    assert list(fitted.classes_) == [0, 1]


def test_optunas_own_pictures_take_the_study(result):
    import optuna

    importance = optuna.importance.get_param_importances(result.study_)
    assert set(importance) <= {*result.study_.trials[0].params, "n_components"}
    assert result.plot().axes[0].get_ylabel() == "inner accuracy"
