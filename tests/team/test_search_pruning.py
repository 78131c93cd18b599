"""The pruning callback with Optuna's own pruners, and the search space, by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset

pytestmark = pytest.mark.needs("optuna")


@pytest.fixture(scope="module")
def moons():
    return load_dataset("moons", n_samples=60, random_state=0)


@pytest.fixture(autouse=True)
def _quiet():
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)


def trial_of(direction="maximize", **settings):
    import optuna

    return optuna.create_study(direction=direction, **settings).ask()


def reported(trial):
    return trial.study.trials[trial.number].intermediate_values


def fitted(data, trial, *held_out, every=2, **settings):
    from qmlplay.search import PruningCallback

    callback = PruningCallback(trial, *held_out, every=every)
    usual = {"max_iter": 6, "random_state": 0, "n_iter_no_change": None}
    model = VariationalClassifier(callbacks=[callback], **usual | settings)
    return model.fit(data.X, data.y)


def test_reports_the_score_on_held_out_data(moons):
    from qmlplay.search import PruningCallback

    scores = []

    def watch(state):
        scores.append(state.estimator.score(moons.X, moons.y))

    trial = trial_of()
    callbacks = [PruningCallback(trial, moons.X, moons.y, every=2), watch]
    VariationalClassifier(max_iter=6, random_state=0, callbacks=callbacks).fit(moons.X, moons.y)
    assert reported(trial) == {2: scores[1], 4: scores[3], 6: scores[5]}


@pytest.mark.parametrize(("direction", "sign"), [("maximize", -1), ("minimize", 1)])
def test_reports_the_loss_in_the_direction_of_the_study(moons, direction, sign):
    trial = trial_of(direction)
    model = fitted(moons, trial)
    assert reported(trial) == {k: sign * model.loss_curve_[k - 1] for k in (2, 4, 6)}


def test_reports_validation_scores_of_early_stopping(moons):
    trial = trial_of("minimize")
    model = fitted(moons, trial, early_stopping=True, every=3)
    assert reported(trial) == {k: -model.validation_scores_[k - 1] for k in (3, 6)}


def test_reports_once_per_iteration_of_several_steps(moons):
    trial = trial_of()
    fitted(moons, trial, batch_size=10, every=1, max_iter=3)
    assert list(reported(trial)) == [1, 2, 3]


def test_folds_of_cross_validation_follow_each_other(moons):
    from qmlplay.search import PruningCallback

    trial = trial_of()
    model = VariationalClassifier(
        max_iter=4, n_iter_no_change=None, callbacks=[PruningCallback(trial, every=2)]
    )
    cross_val_score(model, moons.X, moons.y, cv=3, error_score="raise")
    assert list(reported(trial)) == [2, 4, 6, 8, 10, 12]


def test_is_pruned_where_others_were_better(moons):
    """The median of three good trials prunes a bad one at its first report."""
    import optuna

    study = optuna.create_study(
        direction="maximize", pruner=optuna.pruners.MedianPruner(n_startup_trials=3)
    )
    rates = [0.1, 0.1, 0.1, 1e-6]

    def objective(trial):
        model = fitted(moons, trial, learning_rate_init=rates[trial.number], max_iter=20)
        return model.score(moons.X, moons.y)

    study.optimize(objective, n_trials=4)
    assert [t.state.name for t in study.trials] == ["COMPLETE"] * 3 + ["PRUNED"]
    assert list(study.trials[3].intermediate_values) == [2]


def test_pruning_leaves_an_estimator_as_it_was(moons):
    import optuna

    from qmlplay.search import PruningCallback

    study = optuna.create_study(
        direction="maximize", pruner=optuna.pruners.ThresholdPruner(lower=2)
    )
    callback = PruningCallback(study.ask(), moons.X, moons.y)
    model = VariationalClassifier(max_iter=9, callbacks=[callback])
    with pytest.raises(optuna.TrialPruned, match="pruned at iteration 5"):
        model.fit(moons.X, moons.y)
    assert not hasattr(model, "model_")


def test_regressors_too(moons):
    from qmlplay.search import PruningCallback

    trial = trial_of()
    callback = PruningCallback(trial, moons.X, moons.X[:, 0], every=3)
    model = VariationalRegressor(max_iter=3, callbacks=[callback], random_state=0)
    model.fit(moons.X, moons.X[:, 0])
    assert reported(trial)[3] == pytest.approx(model.score(moons.X, moons.X[:, 0]))


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"every": 0}, ValueError, "every must be an integer of at least 1"),
        ({"X": [[0.0]]}, TypeError, "X and y come together"),
        ({"X": [[0.0]], "y": [1, 2]}, ValueError, "inconsistent numbers of samples"),
    ],
)
def test_bad_arguments(settings, error, text):
    from qmlplay.search import PruningCallback

    with pytest.raises(error, match=text):
        PruningCallback(trial_of(), **settings)


def test_every_choice_of_the_space_is_a_model(moons):
    import optuna

    from qmlplay.search import SearchSpace
    from qmlplay.search.space import TableShape, quantum_estimator

    X = np.random.default_rng(0).normal(size=(20, 5))
    shape, space = TableShape(5, False, "classification"), SearchSpace()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    seen = {name: set() for name in ("encoding", "ansatz", "n_layers", "reduction")}
    for _ in range(40):
        trial = study.ask()
        space.suggest(trial, shape)
        study.tell(trial, 0)
        model = quantum_estimator(trial.params, VariationalClassifier(max_iter=1), shape)
        model.fit(X, np.arange(20) % 2)
        for name, values in seen.items():
            values.add(trial.params[name])
        assert 2 <= trial.params["n_qubits"] <= 8
    assert seen["encoding"] == set(space.encodings)
    assert seen["ansatz"] == set(space.ansatze)
    assert seen["n_layers"] == set(range(1, 7))
    assert seen["reduction"] == {"none", "pca", "pls"}


def test_first_choices_are_within_the_space():
    import optuna

    from qmlplay.search import SearchSpace
    from qmlplay.search.space import TableShape

    for n_columns in (1, 2, 3, 8, 9, 16, 17, 300):
        for task in ("classification", "regression"):
            shape = TableShape(n_columns, False, task)
            space = SearchSpace(n_qubits=(2, 6), n_layers=(1, 3))
            for choice in space.first_choices(VariationalClassifier(), shape):
                study = optuna.create_study()
                study.enqueue_trial(choice)
                trial = study.ask()
                space.suggest(trial, shape)
                assert trial.params == choice, (n_columns, task)


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"encodings": ("angel",)}, ValueError, "unknown encoding 'angel': did you mean 'angle'"),
        ({"encodings": ()}, TypeError, "encodings must be names"),
        ({"ansatze": (len,)}, TypeError, "ansatze must be names"),
        ({"n_layers": 3}, ValueError, "n_layers must be the least and the most"),
        ({"n_qubits": (0, 2)}, ValueError, "n_qubits must be the least and the most"),
        ({"bandwidth": (0, 1)}, ValueError, "bandwidth must be the least and the most"),
        ({"max_components": 1}, ValueError, "max_components must be an integer of at least 2"),
    ],
)
def test_bad_spaces(settings, error, text):
    from qmlplay.search import SearchSpace

    with pytest.raises(error, match=text):
        SearchSpace(**settings)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("5m", 300), ("2h", 7200), ("1.5h", 5400), ("2h30m", 9000), (" 90 ", 90),
     (".5min", 30), (np.float64(3), 3)],
)  # fmt: skip
def test_times_as_people_type_them(text, seconds):
    from qmlplay.search.time_budget import seconds_of_budget

    assert seconds_of_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 parsecs", "1h30", "nan", "inf", "0s", "1e3"])
def test_times_that_are_none(text):
    from qmlplay.search.time_budget import seconds_of_budget

    with pytest.raises(ValueError, match="budget must be a time above 0"):
        seconds_of_budget(text)
