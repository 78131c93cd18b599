"""Regression in compare: scores by hand, models, verdicts, reports without a word of classes."""

from __future__ import annotations

import json
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from regression_simulations import pairs_of_runs
from scipy.stats import t as student
from scipy.stats import ttest_1samp
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, LeaveOneOut
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVR

from qmlplay import (
    QuantumKernel,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    list_backends,
    load_dataset,
)
from qmlplay.compare import list_models
from qmlplay.compare.evidence.guessing import beyond_guessing
from qmlplay.compare.evidence.leads import lead
from qmlplay.compare.evidence.statistics import difference
from qmlplay.compare.reports import parity_sentence, readable, runs_table
from qmlplay.compare.running import RegressionPredictions
from qmlplay.compare.running.simulators import answers
from qmlplay.compare.setup import REGRESSION
from qmlplay.compare.setup.named_models import steps_before
from qmlplay.plots import FitDisplay
from qmlplay.tables import FeatureReduction

QUICK = VariationalRegressor(n_layers=2, max_iter=15)
NAMES = ["numpy", "cirq", "no_entanglement", "kernel", "dummy", "ridge", "svr_rbf"]


@pytest.fixture(scope="module")
def result():
    return compare("sine", models=NAMES, regressor=QUICK, seeds=2, verbose=0)


def text_of(comparison):
    return " ".join(comparison.verdict)


def test_scores_by_hand(result):
    for (_, model, seed), run in result.predictions.items():
        is_it = (result.runs["model"] == model) & (result.runs["seed"] == seed)
        row = result.runs[is_it].iloc[0]
        y, p = run.labels, run.predicted
        errors = y - p
        assert row["rmse"] == pytest.approx(np.sqrt(np.sum(errors**2) / len(y)), rel=1e-12)
        assert row["mae"] == pytest.approx(np.sum(np.abs(errors)) / len(y), rel=1e-12)
        r2 = 1 - np.sum(errors**2) / np.sum((y - np.mean(y)) ** 2)
        assert row["test_r2"] == pytest.approx(r2, abs=1e-12)
        assert run.score("R²") == pytest.approx(r2_score(y, p), abs=1e-12)
        assert run.gains("R²").sum() == pytest.approx(r2, abs=1e-12)
        guess = np.full(len(y), run.guess)
        assert run.guessed("R²") == pytest.approx(r2_score(y, guess), abs=1e-12)


def test_table_and_runs(result):
    assert (result.runs["status"] == "ok").all()
    assert list(result.table["model"]) == NAMES
    scores = ["test_r2", "train_r2", "mae", "rmse"]
    assert [c for c in result.runs if c in {*scores, "test_accuracy", "roc_auc"}] == scores
    for name in scores:
        means = result.runs.groupby("model")[name].mean()
        shown = result.table.set_index("model")[name]
        np.testing.assert_allclose(shown, means[shown.index], rtol=1e-12)
        assert f"{name}_std" in result.table
    kernel, mean = (result.table.set_index("model").loc[m] for m in ("kernel", "dummy"))
    assert kernel["kind"] == "quantum"
    assert mean["train_r2"] == pytest.approx(0, abs=1e-12)
    assert mean["n_parameters"] == 1
    numbers = result.table.set_index("model").loc["numpy"]
    assert numbers["n_qubits"] >= 1
    assert numbers["circuit_evaluations"] > 0
    assert result.task is REGRESSION
    assert result.correct == {}


def test_every_model_gets_the_same_random_splits(result):
    rows = {seed: run.rows for (_, _, seed), run in result.predictions.items()}
    for (_, _, seed), run in result.predictions.items():
        np.testing.assert_array_equal(run.rows, rows[seed])
        assert len(run.rows) == 60
    assert not np.array_equal(rows[0], rows[1])


def test_backends_predict_the_same(result):
    assert result.parity < 1e-10
    assert list(result.parity_table)[-1] == "max_prediction_difference"
    sentence = parity_sentence(result)
    assert "predictions differ by at most" in sentence
    assert sentence.endswith("standard deviations of the target.")
    model, split = result.fitted["sine", "numpy"], result.splits["sine"]
    other = model.with_backend("cirq").predict(split.X_test) - model.predict(split.X_test)
    in_units = answers(model, split, REGRESSION) * np.std(split.y_train)
    np.testing.assert_allclose(in_units, model.predict(split.X_test), rtol=1e-12)
    row = result.parity_table.query("trained_on == 'numpy'").iloc[0]
    expected = np.abs(other).max() / np.std(split.y_train)
    assert row["max_prediction_difference"] == pytest.approx(expected, abs=1e-14)


def test_the_verdict_has_scores_and_intervals(result):
    text = text_of(result)
    assert re.search(r"sine: .*R² \d\.\d{3} ± \d\.\d{3}", text)
    assert "95 % interval" in text
    assert "entanglement" in text
    tests = set(result.statistics["test"])
    assert tests <= {"paired t test, variance moderated by the samples"}  # drawn anew per seed
    assert set(result.statistics["metric"]) == {"R²"}
    for row in result.statistics.itertuples():
        scores = result.table.set_index("model")["test_r2"]
        assert row.difference == pytest.approx(scores[row.first] - scores[row.second], abs=1e-12)
        assert row.low <= row.difference <= row.high
    # The same weights on two simulators are one choice among the models.
    assert result.statistics["n_choices"].max() <= 3


def test_json(result):
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert content["data"]["sine"]["task"] == "regression"
    assert content["data"]["sine"]["target"] == "y"
    assert content["statistics"][0]["metric"] == "R²"
    assert set(content["statistics"][0]["p_value_of_guessing"]) == {*NAMES} - {"dummy"}
    assert {"test_r2", "train_r2", "mae", "rmse"} <= content["runs"][0].keys()
    assert not content["runs"][0].keys() & {"test_accuracy", "balanced_accuracy", "log_loss"}
    assert content["parity_table"][0]["max_prediction_difference"] < 1e-10


#: What a page of a regression must not speak of.
OF_CLASSES = re.compile(
    r"accuracy|\bclass(es)?\b|probabilit|\bAUC\b|log-loss|balanced|boundar|\blabels?\b|classif",
    re.I,
)


def plain(page):
    page = re.sub(r"<style>.*?</style>|base64,[A-Za-z0-9+/=]+", "", page, flags=re.S)
    return re.sub(r"<[^>]+>", " ", page)


@pytest.mark.slow
def test_the_page_has_no_word_of_classes(result, tmp_path):
    page = plain(result.to_html(tmp_path / "page.html"))
    assert not OF_CLASSES.findall(page)
    for words in ("test R²", "MAE", "RMSE", "numbers from", "standard deviations of the target"):
        assert words in page
    assert page.count("data:image/png") == 0
    assert (tmp_path / "page.html").read_text("utf-8").count("data:image/png") == 3
    assert not OF_CLASSES.findall(plain(result._repr_html_()))
    assert not OF_CLASSES.findall(" ".join(result.verdict))
    assert not OF_CLASSES.findall(json.dumps(result.to_dict()))


def test_the_best_score_is_bold(result):
    page = result._repr_html_()
    best = readable(result)["test R²"][result.table["test_r2"].idxmax()]
    assert re.search(rf'q-best">\s*{re.escape(best)}', page)


def test_the_readable_table_has_units_of_the_target():
    data = load_dataset("diabetes")
    table = compare((data.X, 1000 * data.y), models=["ridge", "dummy"], seeds=2).table
    usual = compare("diabetes", models=["ridge", "dummy"], seeds=2).table
    for name, factor in (("test_r2", 1), ("mae", 1000), ("rmse", 1000)):
        np.testing.assert_allclose(table[name], factor * usual[name], rtol=1e-9)


@pytest.mark.slow
def test_pictures(result, tmp_path):
    names = {path.name for path in result.save(tmp_path)}
    assert {"sine_scores.png", "sine_cost.png", "sine_fit.png", "comparison.json"} <= names
    assert "sine_boundaries.png" not in names
    scores = result.plot()
    assert scores.axes[0].get_xlabel().startswith("test R²")
    assert "R² and cost" in scores.get_suptitle()
    assert result.plot(kind="cost").axes[0].get_ylabel() == "test R²"
    assert "prediction" in result.plot(kind="parity").axes[-1].get_ylabel()
    with pytest.raises(ValueError, match="unknown kind of plot 'boundaries'"):
        result.plot(kind="boundaries")
    with pytest.raises(ValueError, match="unknown kind of plot 'fit'"):
        compare("moons", models=["dummy"], seeds=1).plot(kind="fit")


def test_the_fit_shows_the_best_of_each_kind(result):
    display = FitDisplay.from_comparison(result).plot()
    best = result.table[result.table["model"] != "dummy"].sort_values("test_r2")
    for panel, kind in zip(display.panels, ("quantum", "classical"), strict=True):
        assert panel.model == best[best["kind"] == kind]["model"].iloc[-1]
        run = result.predictions["sine", panel.model, 0]
        np.testing.assert_array_equal(panel.predicted, run.predicted)
        np.testing.assert_array_equal(display.observed, run.labels)
        assert panel.curve.shape == display.feature[2].shape
    assert display.axes_.shape == (3, 2)
    assert f"R² {r2_score(display.observed, display.panels[0].predicted):.3f}" in (
        display.axes_[0, 0].get_title()
    )
    with pytest.raises(ValueError, match=r"ax must be \(3, 2\) axes"):
        display.plot(ax=display.axes_[:2])


def test_the_fit_of_many_features_and_of_one_kind_alone():
    result = compare("friedman1", models=["ridge", "svr_rbf", "dummy"], seeds=1)
    display = FitDisplay.from_comparison(result).plot()
    assert display.axes_.shape == (2, 2)
    ranked = result.table[:2].sort_values("test_r2", ascending=False)["model"]
    assert [panel.model for panel in display.panels] == list(ranked)
    alone = FitDisplay.from_comparison(compare("sine", models=["dummy"], seeds=1)).plot()
    assert alone.axes_.shape == (3, 1)


def test_named_models():
    assert list_models("regression") == [
        *list_backends(), "no_entanglement", "kernel",
        "dummy", "ridge", "svr_rbf", "random_forest", "gradient_boosting", "mlp",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="unknown task 'ranking'"):
        list_models("ranking")
    with pytest.raises(ValueError, match=r"'logistic_regression' is one of classification.*ridge"):
        compare("sine", models=["logistic_regression"])
    with pytest.raises(ValueError, match=r"'ridge' is one of regression.*logistic_regression"):
        compare("moons", models=["ridge"])
    with pytest.raises(ValueError, match="unknown model 'rigde': did you mean 'ridge'"):
        compare("sine", models=["rigde"])


def test_own_estimators_with_kernels_and_pipelines():
    models = {
        "line": LinearRegression(),
        "kernel": SVR(kernel=QuantumKernel(bandwidth=1.0)),
        "quantum": make_pipeline(FeatureReduction(2), QUICK),
    }
    data = load_dataset("friedman1", n_samples=60, random_state=0)
    result = compare((data.X[:, :4], data.y), models=models, seeds=1)
    assert list(result.table["status"]) == ["ok"] * 3
    assert list(result.table["kind"]) == ["classical", "quantum", "quantum"]
    with pytest.raises(TypeError, match=r"'logistic' predicts classes, but the data are a regres"):
        compare("sine", models={"logistic": LogisticRegression()})
    with pytest.raises(TypeError, match=r"'line' predicts numbers, but the data are a classific"):
        compare("moons", models={"line": LinearRegression()})


class Strange(Ridge):
    def predict(self, X):
        return {
            "nan": np.full(len(X), np.nan),
            "two": np.ones((len(X), 2)),
            "one": super().predict(X)[:, None],
        }[self.solver_]

    def fit(self, X, y):
        kind, self.solver = self.solver, "auto"
        super().fit(X, y)
        self.solver = self.solver_ = kind
        return self


def test_models_that_predict_something_else_fail_in_their_row():
    models = {name: Strange(solver=name) for name in ("nan", "two", "one")}
    status = compare("sine", models=models, seeds=1).table.set_index("model")["status"]
    assert "not finite" in status["nan"]
    assert "not one number per sample" in status["two"]
    assert status["one"] == "ok"


def test_settings_of_the_other_task():
    with pytest.raises(TypeError, match=r"are a regression: give regressor=VariationalRegressor"):
        compare("sine", classifier=VariationalClassifier())
    with pytest.raises(TypeError, match=r"are a classification: give classifier=Variational"):
        compare("moons", regressor=VariationalRegressor())
    with pytest.raises(TypeError, match="regressor must be a VariationalRegressor"):
        compare("sine", regressor=Ridge())


def test_tasks_are_not_mixed():
    with pytest.raises(ValueError, match="moons: classes, but sine: numbers to predict"):
        compare(["moons", "sine"], models=["dummy"])
    for name, task in (("sine", "classification"), ("moons", "regression")):
        with pytest.raises(ValueError, match=f"{name} is a .*task='{task}'"):
            compare(name, task=task, models=["dummy"])
    with pytest.raises(ValueError, match="unknown task 'both'"):
        compare("sine", task="both")
    both = compare(["sine", "fourier"], models=["dummy"], seeds=1)
    assert list(both.splits) == ["sine", "fourier"]


@pytest.mark.slow
def test_own_data_and_what_was_taken_for_what():
    data = load_dataset("diabetes")
    result = compare((data.X, data.y), models=["ridge", "dummy"], cv=3)
    assert "own data: 214 different numbers in 'y' are predicted as numbers" in text_of(result)
    assert "for classes: --task classification (in Python task='classification')" in text_of(result)
    sure = compare((data.X, data.y), task="regression", models=["ridge", "dummy"], cv=3)
    assert "different numbers" not in text_of(sure)
    np.testing.assert_array_equal(sure.table["test_r2"], result.table["test_r2"])
    frame = pd.DataFrame(data.X, columns=data.feature_names).assign(progression=data.y)
    again = compare(frame, "progression", models=["ridge", "dummy"], cv=3)
    np.testing.assert_allclose(again.table["test_r2"], result.table["test_r2"], rtol=1e-9)
    assert again.splits["own data"].target_name == "progression"
    with pytest.raises(ValueError, match="one sample each"):
        compare((data.X, data.y), task="classification", models=["dummy"])
    with pytest.raises(ValueError, match="for several targets one at a time"):
        compare((data.X, np.column_stack([data.y, data.y])))


def test_cross_validation():
    result = compare("diabetes", models=["ridge", "dummy"], cv=5)
    tested = np.concatenate(
        [run.rows for (_, m, _), run in result.predictions.items() if m == "ridge"]
    )
    assert sorted(tested) == list(range(442))
    groups = list(GroupKFold(3).split(np.zeros(442), groups=np.arange(442) // 10))
    assert compare("diabetes", models=["dummy"], cv=groups).table["n_seeds"][0] == 3
    with pytest.raises(ValueError, match="too few for cv=300 folds, as R² needs two"):
        compare("diabetes", models=["dummy"], cv=300)
    with pytest.raises(ValueError, match=r"a test part has only the number .*R² needs two"):
        compare("diabetes", models=["dummy"], cv=LeaveOneOut())


def test_many_columns_are_reduced_by_the_numbers():
    steps = steps_before(np.random.default_rng(0).normal(size=(50, 30)), 1, QUICK, REGRESSION)
    assert [step.method for step in steps] == ["pls_regression"]
    random = np.random.default_rng(1)
    X = random.normal(size=(120, 13))
    y = 5 * X[:, 11] + 0.1 * random.normal(size=120)
    quick = VariationalRegressor(n_layers=1, max_iter=20)
    result = compare((X, y), models=["numpy", "ridge", "svr_rbf"], regressor=quick, seeds=1)
    models = result.table.set_index("model")
    assert models.loc["best classical on components", "test_r2"] > 0.9
    assert (result.table["status"] == "ok").all()


def run_of(y, p, *, table=0, rows=None, n_train=200, train_r2=0.5):
    rows = np.arange(len(y)) if rows is None else rows
    return RegressionPredictions(table, rows, np.asarray(y), np.asarray(p), 0.0, n_train, train_r2)


def test_one_split_is_a_paired_t_test_of_squared_errors():
    random = np.random.default_rng(3)
    y = random.normal(size=60)
    first, second = (y + s * random.normal(size=60) for s in (0.3, 0.6))
    found = difference({0: run_of(y, first)}, {0: run_of(y, second)}, "R²")
    errors = (y - second) ** 2 - (y - first) ** 2
    total = ((y - y.mean()) ** 2).sum()
    assert found.mean == pytest.approx(errors.sum() / total)
    assert found.mean == pytest.approx(r2_score(y, first) - r2_score(y, second))
    # As the usual t test, with the moment about zero and a share for the training.
    t = errors.sum() / np.sqrt((errors**2).sum() * (1 + 60 / 200))
    usual = ttest_1samp(errors, 0)
    assert abs(t) < abs(usual.statistic)
    assert found.p_value == pytest.approx(2 * student.sf(abs(t), 59), rel=1e-9)
    assert found.p_value > usual.pvalue
    assert found.test == "paired t test of the samples' squared errors"
    assert found.low < found.mean < found.high
    # An affine map of the target changes nothing.
    other = difference(
        {0: run_of(7 * y + 3, 7 * first + 3)}, {0: run_of(7 * y + 3, 7 * second + 3)}, "R²"
    )
    assert other.p_value == pytest.approx(found.p_value)
    assert (other.low, other.high) == pytest.approx((found.low, found.high))


def test_rounding_is_no_difference():
    y = np.random.default_rng(0).normal(size=50)
    p = y + 0.3
    found = difference({0: run_of(y, p)}, {0: run_of(y, p + 1e-12)}, "R²")
    assert (found.test, found.p_value, found.low, found.high) == ("no disagreement", 1.0, 0.0, 0.0)
    models = {"numpy": {0: run_of(y, p)}, "cirq": {0: run_of(y, p + 1e-12)}}
    other = {0: run_of(y, y + 0.5)}
    assert lead("numpy", models, "ridge", {"ridge": other}, "R²").n_choices == 1


def test_a_difference_may_be_larger_than_one():
    y = np.random.default_rng(0).normal(size=80)
    found = difference({0: run_of(y, y + 0.1)}, {0: run_of(y, -3 * y)}, "R²")
    assert found.mean == pytest.approx(16 - 0.01 * 80 / ((y - y.mean()) ** 2).sum(), rel=0.05)
    assert found.high > found.mean > found.low > 1


def test_guessing_is_found_out():
    random = np.random.default_rng(0)
    y = random.normal(size=100)
    models = {
        "good": {0: run_of(y, y + random.normal(size=100))},
        "noise": {0: run_of(y, 0.1 * random.normal(size=100))},
        "mean": {0: run_of(y, np.zeros(100))},
    }
    found = beyond_guessing(models, "R²")
    assert found["good"] == 0.001
    assert found["noise"] > 0.05
    assert found["mean"] == 1.0


@pytest.mark.slow
def test_chance_is_rarely_more_than_guessing():
    """Predictions that know nothing, of five models: the largest of five counts."""
    wrong = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        y = random.exponential(size=60)
        models = {
            f"m{k}": {0: run_of(y - y.mean(), 0.1 * random.normal(size=60))} for k in range(5)
        }
        wrong += min(beyond_guessing(models, "R²").values()) < 0.05
    assert wrong <= 10  # 5 % and more than two standard errors


def comparison_of(**predicted):
    """Return the verdict on made-up predictions: model → (kind, predictions)."""
    from qmlplay.compare.evidence import verdict

    random = np.random.default_rng(5)
    y = random.normal(size=100)
    rows, runs = [], {}
    for model, (kind, make) in predicted.items():
        run = run_of(y, make(y, random), train_r2=r2_score(y, make(y, random)))
        score = run.score("R²")
        rows.append({"dataset": "t", "model": model, "kind": kind, "seed": 0, "status": "ok",
                     "test_r2": score, "train_r2": run.train_r2, "fit_seconds": 1.0})  # fmt: skip
        runs["t", model, 0] = run
    return " ".join(verdict(runs_table(rows, REGRESSION), runs, "t", REGRESSION).sentences)


def noisy(spread):
    return lambda y, random: y + spread * random.normal(size=len(y))


def test_sentences():
    ahead = comparison_of(numpy=("quantum", noisy(0.2)), ridge=("classical", noisy(0.8)))
    assert "t: the quantum model is ahead here: R² 0.9" in ahead
    behind = comparison_of(numpy=("quantum", noisy(0.8)), ridge=("classical", noisy(0.2)))
    assert "t: classical wins: ridge (R² 0.9" in behind
    same = comparison_of(
        numpy=("quantum", lambda y, _: y + 0.1), ridge=("classical", lambda y, _: y + 0.1)
    )
    assert "classical does as well" in same
    assert "both are equally far off on every sample" in same
    nothing = comparison_of(
        numpy=("quantum", lambda y, r: 0.2 * r.normal(size=100)),
        ridge=("classical", lambda y, r: 0.2 * r.normal(size=100)),
    )
    assert "no model is clearly better than guessing: the R² of the training part's mean" in nothing
    for text in (ahead, behind, same, nothing):
        assert not OF_CLASSES.findall(text.replace("classical", ""))


def test_a_noisy_target_is_no_failed_training():
    """Where noise leaves an R² of 0.1, a model that has it did train."""
    text = comparison_of(
        numpy=("quantum", lambda y, r: 0.12 * y), ridge=("classical", lambda y, r: 0.15 * y)
    )
    assert "did not train" not in text
    text = comparison_of(
        numpy=("quantum", lambda y, r: 0.0 * y), ridge=("classical", lambda y, r: 0.5 * y)
    )
    assert "quantum (NumPy) did not train: its R² is −0.06 on its own training data" in text


@pytest.mark.slow
def test_over_fitting_is_said():
    result = compare("diabetes", models=["ridge", "random_forest", "mlp"], seeds=2)
    assert "over-fitting: R² on training data is far above that on test data:" in text_of(result)
    assert "random_forest has 0.9" in text_of(result)
    assert "ridge has" not in text_of(result)


def test_the_simulation_knows_which_model_is_better():
    found = [
        difference(*pair, "R²")
        for pair in pairs_of_runs("least squares", "cv=5", 100, 10, (1.0, 3.0))
    ]
    assert np.mean([d.p_value < 0.05 for d in found]) >= 0.8
    assert all(d.mean > 0 for d in found)


def test_trained_once_weights_are_taken_over():
    result = compare(
        "sine", models=["numpy", "cirq", "ridge"], regressor=QUICK, seeds=1, train_everywhere=False
    )
    assert "Cirq not trained: it evaluates the weights trained on NumPy" in text_of(result) or (
        "NumPy not trained: it evaluates the weights trained on Cirq" in text_of(result)
    )
    one, other = (result.predictions["sine", name, 0].predicted for name in ("numpy", "cirq"))
    np.testing.assert_allclose(one, other, atol=1e-10)


def test_forecast_knows_every_named_model(result):
    known = result.forecast_table.set_index("model")["forecast_seconds"]
    assert known.notna().all()
    assert known["kernel"] < 120


def test_a_regression_adds_up_to_three_columns_on_two_qubits():
    X = np.random.default_rng(0).normal(size=(40, 13))
    take = partial(steps_before, n_outputs=1, task=REGRESSION)
    assert take(X[:, :12], model=VariationalRegressor()) == []
    assert [step.n_components for step in take(X, model=VariationalRegressor())] == [8]
    (amplitudes,) = take(X, model=VariationalRegressor(encoding="amplitude", n_qubits=3))
    assert amplitudes.n_components == 8
    (small,) = take(X[:, :4], model=VariationalRegressor(n_qubits=2))
    assert (small.n_components, take(X[:, :3], model=VariationalRegressor(n_qubits=2))) == (2, [])
