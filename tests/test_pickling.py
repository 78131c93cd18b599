"""Pickles, copies and worker processes: everything comes back, small, and as plain values."""

import copy
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from joblib.externals.loky.backend.reduction import dumps as cloudpickled
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from qmlplay import (
    Backend,
    FeatureReduction,
    NoiseModel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
)
from qmlplay.circuit import Feature, Operation
from qmlplay.circuit.formulas.formula import Formula
from qmlplay.training import OptimizerState, TrainingHistory

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X, y = MOONS.X, MOONS.y
NUMBERS = X[:, 0] + 2 * X[:, 1]
FRAME = pd.DataFrame(
    {
        "age": [20.5, None, 40.0, 31.0] * 5,
        "color": ["red", "blue", "green", None] * 5,
        "on": pd.date_range("2024-02-28", periods=20, freq="31h"),
    }
)


def through_pickle(model):
    return pickle.loads(pickle.dumps(model))


def through_each_protocol(model):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        model = pickle.loads(pickle.dumps(model, protocol))
    return model


def through_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib", compress=3)
    return joblib.load(folder / "model.joblib")


WAYS = {
    "pickle": lambda model, folder: through_each_protocol(model),
    "deepcopy": lambda model, folder: copy.deepcopy(model),
    "copy": lambda model, folder: copy.copy(model),
    "cloudpickle": lambda model, folder: pickle.loads(cloudpickled(model)),
    "joblib": through_joblib,
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)

FITTED = {
    "classifier": lambda: VariationalClassifier(max_iter=3, random_state=0).fit(X, y),
    "three classes of text": lambda: VariationalClassifier(max_iter=2, random_state=0).fit(
        X[:30], np.array(["a", "b", "ccc"] * 10)
    ),
    "objects as classes": lambda: VariationalClassifier(max_iter=2, random_state=0).fit(
        X, np.array(["no", "yes"], dtype=object)[y]
    ),
    "columns with names": lambda: VariationalClassifier(max_iter=2, random_state=0).fit(
        pd.DataFrame(X, columns=["a", "b"]), y
    ),
    "sums": lambda: VariationalClassifier(
        observables=["XX", {"ZZ": 1 / 3, "XI": 0.1}], readout="fixed", max_iter=2, random_state=0
    ).fit(X[:30], np.arange(30) % 2),
    "outliers": lambda: VariationalClassifier(max_iter=2, random_state=0).fit(
        np.vstack([X[:39], [1e6, -1e6]]), y
    ),
    "amplitudes": lambda: VariationalClassifier(
        encoding="amplitude", max_iter=2, random_state=0
    ).fit(X, y),
    "regressor": lambda: VariationalRegressor(max_iter=3, random_state=0).fit(X, NUMBERS),
    "two targets": lambda: VariationalRegressor(max_iter=2, random_state=0).fit(
        X, np.column_stack([NUMBERS, -2 * NUMBERS])
    ),
    "kernel classifier": lambda: QuantumKernelClassifier().fit(X, y),
    "projected kernel": lambda: QuantumKernelClassifier(kind="projected", C=[1, 10]).fit(X, y),
    "kernel regressor": lambda: QuantumKernelRegressor(bandwidth=0.5).fit(X, NUMBERS),
}
each_fitted = pytest.mark.parametrize("fit", FITTED.values(), ids=FITTED)


def answers(model):
    names = ("decision_function", "predict_proba", "predict")
    rows = X[:20]
    if "feature_names_in_" in vars(model):
        rows = pd.DataFrame(rows, columns=model.feature_names_in_)
    return [getattr(model, name)(rows) for name in names if hasattr(model, name)]


def same_models(again, model):
    """Assert that two fitted estimators are the same, attribute by attribute, and answer so."""
    assert type(again) is type(model)
    assert again.model_ == model.model_
    assert repr(again.get_params()) == repr(model.get_params())
    assert set(vars(again)) == set(vars(model))
    for name, value in vars(model).items():
        if name not in ("model_", "_history"):
            np.testing.assert_array_equal(vars(again)[name], value)
    if "_history" in vars(model):
        same_histories(again._history, model._history)
    for found, expected in zip(answers(again), answers(model), strict=True):
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def same_histories(again, history):
    for name, value in vars(history).items():
        if name != "state":
            assert getattr(again, name) == value
    state, expected = again.state, history.state
    assert (state.step, state.start, set(state.arrays)) == (
        expected.step,
        expected.start,
        set(expected.arrays),
    )
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(state.arrays[name], array)
        assert state.arrays[name].dtype == array.dtype


@each_way
@each_fitted
def test_a_fitted_model_comes_back_to_the_last_bit(fit, way, tmp_path):
    model = fit()
    same_models(way(model, tmp_path), model)


@each_fitted
def test_a_state_is_made_of_text_numbers_and_arrays(fit):
    def kinds(value):
        if isinstance(value, dict | list | tuple):
            entries = value.values() if isinstance(value, dict) else value
            return set().union(*map(kinds, entries))
        return {type(value)}

    plain = {str, int, float, bool, type(None), np.ndarray}
    assert kinds(fit().__getstate__()) <= plain


@each_fitted
def test_what_is_remembered_of_a_circuit_makes_no_pickle_larger(fit):
    model = fit()
    size = len(pickle.dumps(model))
    answers(model)
    circuit = model.model_.circuit if "_history" in vars(model) else model.model_.design.circuit
    assert circuit.data_slots
    assert circuit.circuit.elementary
    assert len(pickle.dumps(model)) == size
    again = through_pickle(circuit)
    assert set(vars(again)) == {"circuit", "formulas", "n_features"}
    assert again == circuit
    assert hash(again) == hash(circuit)


@each_way
def test_training_goes_on_as_if_nothing_had_happened(way, tmp_path):
    model = VariationalClassifier(max_iter=3, warm_start=True, random_state=0).fit(X, y)
    again = way(model, tmp_path)
    assert again.fit(X, y).loss_curve_ == model.fit(X, y).loss_curve_
    same_models(again, model)
    model = VariationalClassifier(random_state=0).partial_fit(X, y, classes=[0, 1])
    again = way(model, tmp_path)
    for _ in range(2):
        same_models(again.partial_fit(X, y), model.partial_fit(X, y))


@each_backend()
def test_every_simulator_answers_as_before(name):
    model = VariationalClassifier(name, max_iter=2, random_state=0).fit(X, y)
    same_models(through_pickle(model), model)


@pytest.mark.slow
def test_models_of_worker_processes():
    models = [
        VariationalClassifier(max_iter=2, random_state=0),
        QuantumKernelClassifier(bandwidth=0.5, C=1.0),
        make_pipeline(TablePreprocessor(), FeatureReduction(2), VariationalRegressor(max_iter=2)),
    ]
    targets = [y, y, NUMBERS]
    run = joblib.Parallel(n_jobs=2, backend="loky")
    fitted = run(
        joblib.delayed(clone(model).fit)(X, target)
        for model, target in zip(models, targets, strict=True)
    )
    there = run(joblib.delayed(model.predict)(X) for model in fitted)
    for model, predicted in zip(fitted, there, strict=True):
        assert model.predict(X).tolist() == predicted.tolist()
    same_models(fitted[0], models[0].fit(X, y))


@pytest.mark.slow
def test_another_process_reads_a_pickle(tmp_path):
    model = FITTED["regressor"]()
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    code = (
        "import pickle, sys; model = pickle.load(open(sys.argv[1], 'rb'));"
        "print(model.predict([[0.5, 0.25]]).tolist(), hash(model.circuit_) == hash("
        "pickle.loads(pickle.dumps(model.circuit_))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model.pickle")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout == f"{model.predict([[0.5, 0.25]]).tolist()} True\n"


@pytest.mark.slow
def test_a_pickle_of_an_earlier_version_holds_the_values_themselves():
    for fit in FITTED.values():
        model = fit()
        again = type(model).__new__(type(model))
        again.__setstate__(dict(vars(model)))  # what unpickling did before states were plain
        same_models(again, model)
        same_models(through_pickle(again), model)
    columns = TablePreprocessor().fit(FRAME)
    again = TablePreprocessor.__new__(TablePreprocessor)
    again.__setstate__(dict(vars(columns)))
    assert again.columns_ == columns.columns_


class Doubled(Backend):
    """A backend of somebody's own, with a constructor of its own."""

    name = "doubled"

    def __init__(self, factor):
        super().__init__(seed=3)
        self.factor = factor

    def expectations(self, *arguments, **options):
        return self.factor * get_backend("numpy").expectations(*arguments, **options)


def own_encoding(n_qubits, n_features):
    return [Operation("rx", q % n_qubits, Feature(q)) for q in range(n_features)]


def own_callback(state):
    return None


def own_rate(step):
    return 0.1 / (1 + step)


def own_optimizer(problem, w, settings, report):
    for step in range(settings.max_iter):
        loss, gradient = problem.loss_and_gradient(w)
        state = OptimizerState().after(**{"not finite": np.full(3, np.nan)})
        w = w - settings.rate(step) * np.sign(gradient)
        report(w, loss, True, state)


@each_way
def test_what_no_file_holds_survives(way, tmp_path):
    given = {
        "encoding": own_encoding,
        "callbacks": [own_callback],
        "learning_rate_init": own_rate,
        "optimizer": own_optimizer,
        "noise": NoiseModel(readout_error=0.1),
        "random_state": np.random.RandomState(3),
        "class_weight": {0: 1, 1: 2.5},
    }
    model = VariationalClassifier(**given, max_iter=3, n_layers=1).fit(X, y)
    again = way(model, tmp_path)
    assert again.encoding is own_encoding
    assert again.callbacks[0] is own_callback
    assert (again.learning_rate_init, again.optimizer) == (own_rate, own_optimizer)
    assert (again.noise, again.class_weight) == (model.noise, model.class_weight)
    assert again.model_ == model.model_
    memory = again._history.state.arrays["not finite"]
    assert memory.shape == (3,)
    assert np.isnan(memory).all()
    if again.random_state is not model.random_state:  # as in a shallow copy
        assert again.fit(X, y).loss_curve_ == model.fit(X, y).loss_curve_


@each_way
def test_a_backend_of_ones_own_survives(way, tmp_path):
    model = VariationalClassifier(max_iter=2, random_state=0).fit(X, y).with_backend(Doubled(0.5))
    again = way(model, tmp_path)
    assert (type(again.backend), again.backend.factor) == (Doubled, 0.5)
    assert answers(again)[0].tolist() == answers(model)[0].tolist()


class Squared(Formula):
    """A formula of somebody's own, which no file may hold."""

    def __init__(self, index):
        self.index = index

    def __eq__(self, other):
        return isinstance(other, Squared) and other.index == self.index

    def __hash__(self):
        return hash(self.index)

    @property
    def features(self):
        return (self.index,)

    def value(self, X, w):
        return X[:, self.index] ** 2

    def weight_gradient(self, gradient, X, w, out):
        return None

    def input_gradient(self, gradient, X, w, out):
        out[:, self.index] += gradient * 2 * X[:, self.index]

    def to_dict(self):
        return {"type": "Feature", "index": self.index, "scale": 1.0}


def squares(n_qubits, n_features):
    return [Operation("ry", q, Squared(q)) for q in range(n_features)]


@each_way
def test_a_formula_of_ones_own_is_never_taken_for_another(way, tmp_path):
    model = VariationalClassifier(encoding=squares, max_iter=2, random_state=0).fit(X, y)
    same_models(way(model, tmp_path), model)
    kernel = QuantumKernelClassifier(encoding=squares, bandwidth=1.0, C=1.0).fit(X, y)
    same_models(way(kernel, tmp_path), kernel)
    for estimator in (model, kernel):
        with pytest.raises(ValueError, match="do not come back as they are"):
            estimator.save(tmp_path / "model.qmlplay")


@each_way
def test_transformers(way, tmp_path):
    table = TablePreprocessor({"on": {"28.2.2024": "2024-02-28T00:00:00"}}).fit(FRAME)
    again = way(table, tmp_path)
    assert again.columns_ == table.columns_
    assert again.precedents == table.precedents
    assert again.transform(FRAME).tolist() == table.transform(FRAME).tolist()
    assert list(again.get_feature_names_out()) == list(table.get_feature_names_out())
    reduction = FeatureReduction(2, "pls").fit(table.transform(FRAME), [0, 1] * 10)
    numbers = table.transform(FRAME)
    assert way(reduction, tmp_path).transform(numbers).tolist() == (
        reduction.transform(numbers).tolist()
    )
    assert isinstance(table.__getstate__()["columns_"], str)


@each_way
def test_what_is_not_fitted(way, tmp_path):
    for estimator in (
        VariationalClassifier(n_layers=7),
        VariationalRegressor("cirq"),
        QuantumKernelClassifier(C=3.0),
        TablePreprocessor(),
        FeatureReduction(3),
    ):
        again = way(estimator, tmp_path)
        assert vars(again) == vars(estimator)
        assert again is not estimator


def test_a_shallow_copy_shares_the_frozen_values():
    model = FITTED["classifier"]()
    again = copy.copy(model)
    assert again.model_ is model.model_
    assert again._history is model._history
    again.weights_ = 2 * model.weights_
    assert (again.weights_ == 2 * model.weights_).all()
    assert again.model_ != model.model_


def test_a_pickled_model_cannot_be_written_to():
    for fit in FITTED.values():
        model = through_pickle(fit()).model_
        arrays = [value for value in vars(model).values() if isinstance(value, np.ndarray)]
        assert arrays
        assert not any(array.flags.writeable for array in arrays)


DAMAGE = {
    "no text": lambda state: state.pop("content"),
    "another text": lambda state: state.update(content="{}"),
    "half a text": lambda state: state.update(content=state["content"][:30]),
    "deep": lambda state: state.update(content="[" * 100_000),
    "an unknown gate": lambda state: state.update(
        content=state["content"].replace('"h"', '"evil"').replace('"ry"', '"evil"')
    ),
    "no array": lambda state: state.update(classes=["a", "b"]),
    "a missing array": lambda state: state.pop("classes"),
    "another shape": lambda state: state.update(scaling_center=np.zeros(7)),
    "not finite": lambda state: state.update(scaling_center=np.full(2, np.nan)),
    "one class": lambda state: state.update(classes=np.array([1, 1])),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("name", ["classifier", "kernel classifier"])
def test_a_changed_state_is_refused(name, damage):
    model = FITTED[name]()
    state = model.__getstate__()
    damage(state["model_"])
    again = type(model).__new__(type(model))
    with pytest.raises(ValueError, match=r"state of a fitted estimator is damaged, or was changed"):
        again.__setstate__(state)
    assert not vars(again)


@pytest.mark.parametrize(
    "curve", [None, [0.5], np.array("x"), np.zeros((2, 2)), np.array([np.nan]), np.array(["a"])]
)
def test_a_changed_history_is_refused(curve):
    model = FITTED["classifier"]()
    state = model.__getstate__()
    state["_history"]["loss_curve"] = curve
    with pytest.raises(ValueError, match="its TrainingHistory cannot be made of it"):
        type(model).__new__(type(model)).__setstate__(state)


@pytest.mark.parametrize("value", [None, 3, "text", [1], {}, FeatureReduction(), TrainingHistory()])
@pytest.mark.parametrize("name", ["model_", "_history"])
def test_something_else_in_the_place_of_a_model_is_refused(name, value):
    model = FITTED["classifier"]()
    if isinstance(value, TrainingHistory) and name == "_history":
        return  # is one
    with pytest.raises(ValueError, match=r"state of a fitted estimator is damaged, or was changed"):
        type(model).__new__(type(model)).__setstate__(model.__getstate__() | {name: value})


def test_a_changed_state_of_columns_is_refused():
    table = TablePreprocessor().fit(FRAME)
    for columns in ("", "[1]", '[{"kind":"number"}]', 3, None, (1,), ["x"], "[" * 100_000):
        with pytest.raises(ValueError, match="TablePreprocessor is damaged, or was changed"):
            copy.copy(table).__setstate__(table.__getstate__() | {"columns_": columns})
