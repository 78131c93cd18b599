"""Model files, parameter by parameter and attribute by attribute: kept, or named when read."""

import inspect
import json
import zipfile
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from sklearn.base import clone

from qmlplay import (
    Backend,
    NoiseModel,
    VariationalClassifier,
    ansatze,
    encodings,
    get_backend,
    load_dataset,
    load_model,
)
from qmlplay.ansatze import ANSATZE, HardwareEfficient, NoEntanglement, RealAmplitudes
from qmlplay.circuit import Feature, Operation
from qmlplay.encodings import (
    ENCODINGS,
    AngleEncoding,
    DenseEncoding,
    IQPEncoding,
    ZZFeatureMap,
)
from qmlplay.errors import ModelFileWarning
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.training import Optimizer
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X, y = MOONS.X, MOONS.y
LOW, HIGH = X.min(axis=0), X.max(axis=0)


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 3, "n_layers": 1, "random_state": 0} | parameters))


def numbers(clf):
    return clf.model_.numbers


def through_a_file(clf, folder, **options):
    clf.save(folder / "model.qmlplay")
    return load_model(folder / "model.qmlplay", **options)


#: For every parameter, values that are not its default.
VALUES = {
    "backend": [
        "cirq",
        get_backend("numpy", precision="single"),
        get_backend("numpy", n_threads=2),
        get_backend("numpy", shots=30, seed=5),
        get_backend("cirq", shots=30, seed=5, noise=NoiseModel(bit_flip=0.1)),
        get_backend("qiskit", shots=30, seed=5),
        get_backend("pennylane", shots=30, seed=5),
        get_backend("numpy", noise="low", seed=0),
        get_backend("cirq"),
    ],
    "encoding": [
        "zz",
        AngleEncoding("rx"),
        AngleEncoding("rz"),
        DenseEncoding(),
        ZZFeatureMap(repetitions=1),
        ZZFeatureMap(repetitions=np.int64(3)),
        IQPEncoding(repetitions=1),
        *ENCODINGS.values(),
    ],
    "ansatz": [
        "no_entanglement",
        HardwareEfficient(entangler="cz", entanglement="full", rotations=("rx",)),
        NoEntanglement(rotations=("rx", "rz", "ry")),
        RealAmplitudes("linear"),
        *ANSATZE.values(),
    ],
    "n_qubits": [3, np.int64(3)],
    "n_layers": [2, np.int8(2)],
    "reupload": [False, np.False_],
    "trainable_scaling": [False],
    "scale_inputs": [False, (-3, 3), (LOW, HIGH), [LOW.tolist(), 4.0], (np.float32(-3), 3)],
    "bandwidth": [0.5, 2, np.float32(0.25)],
    "observables": [
        ["ZI"],
        [0, np.int64(1)],
        ["XX", {"ZZ": 0.5, "XI": np.float32(1)}],
        [{"ZZ": 1 / 3, "II": np.longdouble(0.25)}, np.str_("ZI"), "IY"],
    ],
    "readout": ["fixed"],
    "initial_weights": [np.linspace(0, 1 / 3, 7), list(range(7))],
    "shots": [20, np.int64(20)],
    "noise": ["medium", NoiseModel(depolarizing_2q=0.02, readout_error=(0.1, 0.2)), NoiseModel()],
    "optimizer": [name for name in OPTIMIZERS if name != "adam"] + [*OPTIMIZERS.values()],
    "gradient_method": ["spsa", "parameter_shift"],
    "learning_rate_init": [0.2, 1, np.float32(0.2), np.float64(0.3), np.longdouble(0.25)],
    "momentum": [0.5],
    "alpha": [0.0, 0.5, 1, np.float32(0.25)],
    "loss": ["squared_error", "hinge"],
    "class_weight": ["balanced", {0: 1, 1: 3.5}],
    "max_iter": [2],
    "batch_size": [7],
    "tol": [0.5, 0],
    "n_iter_no_change": [None, 1],
    "early_stopping": [True],
    "validation_fraction": [0.3],
    "warm_start": [True],
    "max_time": [1e9],
    "callbacks": [[]],
    "verbose": [0],
    "random_state": [7, np.int64(7), np.random.RandomState(7), None],
}
CASES = [(name, value) for name, values in VALUES.items() for value in values]
#: With these, training needs another parameter beside.
BESIDE = {
    "momentum": {"optimizer": "sgd"},
    "validation_fraction": {"early_stopping": True},
    "random_state": {"shots": 10},
}
RANDOM = {"random_state": None}


def same_parameter(found, expected):
    if isinstance(expected, Backend):
        plain = expected.seed is None and expected.precision == "double" and expected.n_threads == 1
        return found == expected.name if plain else repr(found) == repr(expected)
    if isinstance(expected, np.random.RandomState):
        return str(found.get_state()) == str(expected.get_state())
    if isinstance(expected, tuple | list) and len(expected) == 2:
        return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(found, np.ndarray):  # of an array, or of a list
        return np.array_equal(found, expected)
    return found == expected or (found is None and expected == [])


def test_every_parameter_is_tried():
    assert set(VALUES) == set(VariationalClassifier().get_params())


IDS = [f"{name}-{value!r:.40}".split(" at 0x")[0] for name, value in CASES]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), CASES, ids=IDS)
@pytest.mark.backend("numpy", "qiskit", "cirq", "pennylane")
def test_a_parameter_comes_back_and_does_the_same(name, value, tmp_path):
    model = clone(classifier(**(BESIDE.get(name, {}) | {name: value}))).fit(X, y)
    again = through_a_file(model, tmp_path)
    for parameter, before in model.get_params(deep=False).items():
        found = getattr(again, parameter)
        if parameter in ("shots", "noise") and isinstance(model.backend, Backend):
            continue
        assert same_parameter(found, before), parameter
    same_attributes(again, model)
    if name == "random_state" and value is None:
        return
    if isinstance(value, Backend) and value.shots is not None:
        # Its shots go on where they were; a clone begins them anew.
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    refit, anew = clone(again).fit(X, y), clone(model).fit(X, y)
    np.testing.assert_array_equal(numbers(refit), numbers(anew))
    if get_optimizer(model.optimizer).resumable and model.class_weight != "balanced":
        again.partial_fit(X, y), model.partial_fit(X, y)
        np.testing.assert_array_equal(numbers(again), numbers(model))
        same_attributes(again, model)
    again.set_params(warm_start=True).fit(X, y), model.set_params(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(numbers(again), numbers(model))
    same_attributes(again, model)


FITTED = (
    "model_",
    "classes_",
    "n_features_in_",
    "weights_",
    "readout_",
    "circuit_",
    "observables_",
    "n_qubits_",
    "n_parameters_",
    "scaling_",
    "loss_curve_",
    "validation_scores_",
    "n_iter_",
    "n_steps_",
    "n_circuit_evaluations_",
    "gradient_method_",
    "training_cost_",
    "batch_size_",
    "stop_reason_",
    "interrupted_",
    "prior_loss_",
    "beats_prior_",
)


def same_attributes(found, expected):
    for name in FITTED:
        before, after = getattr(expected, name), getattr(found, name)
        if isinstance(before, np.ndarray):
            assert after.dtype == before.dtype
            np.testing.assert_array_equal(after, before, err_msg=name)
        else:
            assert after == before, name
    history = vars(expected._history) | {"state": None}
    assert vars(found._history) | {"state": None} == history
    assert vars(found).keys() == vars(expected).keys()


def test_every_fitted_attribute_is_compared():
    members = inspect.getmembers_static(VariationalClassifier)
    known = {name for name, _ in members if name.endswith("_") and not name.startswith("_")}
    assert known - {"backend_"} == set(FITTED) - {"model_", "n_features_in_"}
    frame = pd.DataFrame(X, columns=["a", "b"])
    fitted = {name for name in vars(classifier().fit(frame, y)) if name.endswith("_")}
    assert fitted == {"model_", "n_features_in_", "feature_names_in_"}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"shots": 20}], ids=str)
@pytest.mark.parametrize("random_state", [0, np.random.RandomState(3)], ids=["int", "RandomState"])
def test_two_stages_through_a_file_are_two_stages(name, options, random_state, tmp_path):
    model = clone(
        classifier(optimizer=name, warm_start=True, random_state=random_state, batch_size=9)
    ).set_params(**options)
    model.fit(X, y)
    again = through_a_file(model, tmp_path)
    for _ in range(2):
        model.fit(X, y)
        again.fit(X, y)
        np.testing.assert_array_equal(numbers(again), numbers(model))
        same_attributes(again, model)
    if OPTIMIZERS[name].resumable:
        model.partial_fit(X, y)
        through_a_file(again, tmp_path).partial_fit(X, y)
        again = through_a_file(again, tmp_path).partial_fit(X, y)
        same_attributes(again, model)
    assert len(model.loss_curve_) == len(again.loss_curve_)
    if options.get("early_stopping"):
        resumed = OPTIMIZERS[name].resumable
        assert len(model.validation_scores_) == len(model.loss_curve_) - resumed


@each_backend("backend")
@pytest.mark.parametrize("settings", [{"shots": 20}, {"shots": 20, "noise": "low"}], ids=str)
def test_shots_of_a_backend_object_go_on(backend, settings, tmp_path):
    held = get_backend(backend, seed=2, **settings)
    model = classifier(backend=held, max_iter=1, gradient_method="spsa").fit(X, y)
    again = through_a_file(model, tmp_path)
    for _ in range(2):
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    again.partial_fit(X, y), model.partial_fit(X, y)
    np.testing.assert_array_equal(numbers(again), numbers(model))


def test_callbacks_see_the_step_that_was_made(tmp_path):
    seen = []

    def look(state):
        clf = state.estimator
        seen.append((clf.n_iter_, clf.n_steps_, len(clf.loss_curve_), clf.n_circuit_evaluations_))
        assert clf.loss_curve_[-1:] == ([state.loss] if state.iteration == clf.n_iter_ else [])[-1:]
        assert clf.n_iter_ == len(clf.loss_curve_) == state.iteration
        assert len(clf.validation_scores_) == state.iteration
        assert clf.n_steps_ == state.step
        assert clf.stop_reason_ is None

    model = classifier(callbacks=[look], early_stopping=True, max_iter=4).fit(X, y)
    assert [entry[:3] for entry in seen] == [(k, k, k) for k in (1, 2, 3, 4)]
    assert [entry[3] for entry in seen][-1] == model.n_circuit_evaluations_
    assert all(a[3] < b[3] for a, b in pairwise(seen))


@pytest.mark.parametrize("goes_on", ["warm start", "partial_fit"])
def test_callbacks_see_all_of_a_history_that_goes_on(goes_on):
    seen = []
    model = classifier(warm_start=True, batch_size=20).fit(X, y)
    model.callbacks = [lambda s: seen.append((len(s.estimator.loss_curve_), s.estimator.n_steps_))]
    if goes_on == "warm start":
        model.fit(X, y)
        assert seen == [(3, 7), (4, 8), (4, 9), (5, 10), (5, 11), (6, 12)]
    else:
        model.partial_fit(X, y)
        assert seen == [(3, 7), (4, 8)]


def test_a_checkpoint_of_a_callback_goes_on(tmp_path):
    """What a callback saves at a step is what training had there, its memory included."""

    def keep(state):
        if state.iteration == 2:
            state.estimator.save(tmp_path / "checkpoint")

    model = classifier(callbacks=[keep], max_iter=4).fit(X, y)
    with pytest.warns(ModelFileWarning, match="callbacks"):
        again = load_model(tmp_path / "checkpoint")
    again.partial_fit(X, y).partial_fit(X, y)
    np.testing.assert_array_equal(numbers(again), numbers(model))
    assert again.loss_curve_ == model.loss_curve_
    assert (again.n_steps_, again.n_circuit_evaluations_) == (4, model.n_circuit_evaluations_)


def test_scores_of_the_validation_part_go_on_like_losses():
    model = classifier(early_stopping=True, warm_start=True).fit(X, y)
    first = model.validation_scores_
    model.fit(X, y)
    assert model.validation_scores_[:3] == first
    assert len(model.validation_scores_) == len(model.loss_curve_) == 6
    model.partial_fit(X, y)
    assert len(model.validation_scores_) == 6
    assert len(model.set_params(warm_start=False).fit(X, y).validation_scores_) == 3


def my_encoding(n_qubits, n_features):
    return [Operation("rx", i % n_qubits, Feature(i, 0.5)) for i in range(n_features)]


class Twice(ZZFeatureMap):
    """A class of the user's own, whatever it is made of."""


def my_schedule(step):
    return 0.1 / (1 + step)


def my_callback(state):
    return False


def walk(problem, w, settings, report):
    for _ in range(settings.max_iter):
        report(w, problem.loss(w))


class Expectations(Backend):
    name = "expectations of mine"

    def expectations(self, circuit, angles, observables, *, return_std=False):
        return get_backend("numpy").expectations(
            circuit, angles, observables, return_std=return_std
        )


LOST = {
    "encoding": my_encoding,
    "encoding of a subclass": Twice(),
    "ansatz": ANSATZE["real_amplitudes"].__call__,
    "learning_rate_init": my_schedule,
    "callbacks": [my_callback],
    "optimizer": walk,
    "optimizer with other flags": replace(OPTIMIZERS["adam"], in_batches=False),
    "optimizer of our function": Optimizer(OPTIMIZERS["sgd"].run),
    "random_state": np.random.RandomState(np.random.PCG64(3)),
}


@pytest.mark.parametrize(("label", "value"), LOST.items(), ids=LOST.keys())
def test_what_a_file_cannot_hold_is_named(label, value, tmp_path):
    name = label.split()[0]
    model = classifier(**{name: value}).fit(X, y)
    with pytest.warns(ModelFileWarning) as caught:
        again = through_a_file(model, tmp_path)
    (warning,) = caught
    text = str(warning.message)
    assert f"it does not hold {name}=" in text
    assert f"clf.set_params({name}=...)" in text
    assert len(text) < 1000
    assert getattr(again, name) == getattr(VariationalClassifier(), name)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    again.set_params(**{name: value})
    if name != "random_state":
        np.testing.assert_array_equal(
            numbers(clone(again).fit(X, y)), numbers(clone(model).fit(X, y))
        )
    through = again.set_params(**{name: getattr(VariationalClassifier(), name)})
    through.fit(X, y).save(tmp_path / "whole")
    load_model(tmp_path / "whole")  # says no more


def test_all_that_is_missing_is_said_at_once_and_where_it_is_read(tmp_path):
    lost = {"callbacks": [my_callback], "learning_rate_init": my_schedule}
    model = classifier(encoding=my_encoding, **lost)
    model.fit(X, y).save(tmp_path / "m")
    with pytest.warns(ModelFileWarning) as caught:
        load_model(tmp_path / "m")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    text = r"clf.set_params(callbacks=..., encoding=..., learning_rate_init=...)"
    assert text in str(caught[0].message)


@pytest.mark.backend("numpy")
def test_a_backend_of_ones_own_is_named(tmp_path):
    model = classifier(backend=Expectations(), max_iter=1).fit(X, y)
    with pytest.warns(ModelFileWarning, match=r"backend=Expectations\(\).*load_model\(path, back"):
        again = through_a_file(model, tmp_path)
    assert again.backend == "numpy"
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-12)
    for backend in (Expectations(), "cirq", get_backend("numpy")):
        again = load_model(tmp_path / "model.qmlplay", backend=backend)  # nothing is missing
        np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), atol=1e-12)


def test_a_backend_object_gives_way_to_another(tmp_path):
    model = classifier(backend=get_backend("numpy", shots=30, seed=1, n_threads=2)).fit(X, y)
    again = through_a_file(model, tmp_path, backend="cirq")
    assert (again.backend, again.shots, again.noise) == ("cirq", 30, None)
    again = load_model(tmp_path / "model.qmlplay", backend=get_backend("numpy"))
    assert (again.shots, again.noise) == (None, None)


def test_memory_that_is_no_array_of_numbers_is_named(tmp_path):
    def remember(problem, w, settings, report):
        state = settings.state.after(found=np.array([1.0, np.nan, 2.0]))
        report(w, problem.loss(w), True, state)

    named = Optimizer(remember, needs_gradients=False, resumable=True)
    model = classifier(optimizer=named).partial_fit(X, y, classes=[0, 1])
    with pytest.warns(ModelFileWarning, match="the optimizer's memory=arrays that are not finite"):
        through_a_file(model, tmp_path)


@pytest.mark.parametrize("table", ["encoding", "ansatz", "optimizer"])
def test_a_name_that_another_process_gave(table, tmp_path, monkeypatch):
    names, value = {
        "encoding": (ENCODINGS, AngleEncoding("rx")),
        "ansatz": (ANSATZE, RealAmplitudes()),
        "optimizer": (OPTIMIZERS, OPTIMIZERS["sgd"]),
    }[table]
    with monkeypatch.context() as patch:
        patch.setitem(names, "mine", value)
        model = classifier(**{table: "mine"}).fit(X, y)
        assert getattr(through_a_file(model, tmp_path), table) == "mine"  # known here
    with pytest.warns(ModelFileWarning, match=rf"does not hold {table}='mine'"):
        again = load_model(tmp_path / "model.qmlplay")
    assert again.predict(X).shape == y.shape
    with pytest.raises(ValueError, match=f"unknown {table} 'mine'"):
        again.fit(X, y)
    if table == "encoding":
        monkeypatch.setitem(names, "mine", my_encoding)
        with pytest.warns(ModelFileWarning, match="make another circuit here"):
            load_model(tmp_path / "model.qmlplay")


def test_a_formula_of_ones_own_is_refused_when_saving(tmp_path):
    class Strange(Feature):
        pass

    def encoding(n_qubits, n_features):
        return [Operation("ry", 0, Strange(0))]

    model = classifier(encoding=encoding, trainable_scaling=False).fit(X, y)
    with pytest.raises(ValueError, match="unknown angle formula 'Strange'"):
        model.save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_every_class_of_the_package_is_in_the_schema(tmp_path):
    for module, name in ((encodings, "encoding"), (ansatze, "ansatz")):
        kinds = [getattr(module, entry) for entry in module.__all__]
        kinds = [kind for kind in kinds if isinstance(kind, type) and callable(kind())]
        assert kinds
        for kind in kinds:
            model = classifier(**{name: kind()}, max_iter=1).fit(X, y)
            assert getattr(through_a_file(model, tmp_path), name) == kind()


OBJECTS = {
    "a list": {"encoding": [1]},
    "no type": {"encoding": {"rotation": "rx"}},
    "an unknown type": {"encoding": {"type": "Popen", "args": "ls"}},
    "an unknown field": {"encoding": {"type": "AngleEncoding", "axis": "x"}},
    "a value that is not allowed": {"encoding": {"type": "AngleEncoding", "rotation": "ru"}},
    "an unknown parameter": {"encodings": {"type": "AngleEncoding"}},
    "a random state of too few": {
        "random_state": {"type": "RandomState", "key": [1], "pos": 0, "has_gauss": 0, "gauss": 0.0}
    },
    "a backend of text": {"backend": {"type": "Backend", "settings": "numpy"}},
    "a backend without settings": {"backend": {"type": "Backend", "settings": {}}},
    "class weights of numbers": {"class_weight": {"type": "class_weight", "weights": [1]}},
}


@pytest.mark.parametrize("objects", OBJECTS.values(), ids=OBJECTS.keys())
def test_objects_that_are_none_are_refused(objects, tmp_path):
    classifier().fit(X, y).save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    write_archive(tmp_path / "broken", content | {"objects": objects}, arrays)
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(tmp_path / "broken")
    for wrong in ({"left_out": {"callbacks": 3}}, {"left_out": [1]}, {"objects": 7}):
        write_archive(tmp_path / "broken", content | wrong, arrays)
        with pytest.raises(ValueError, match="is no model file of qmlplay"):
            load_model(tmp_path / "broken")


def test_files_from_before_still_load(tmp_path):
    model = classifier(encoding=my_encoding, early_stopping=True).fit(X, y)
    model.save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    for name in ("objects", "left_out", "makes_its_circuit", "validation_scores", "interrupted"):
        del content[name]
    for name in ("range_source", "left_range"):
        del content[name]
    del content["parameters"]["class_weight"]
    write_archive(tmp_path / "old", json.loads(json.dumps(content)), arrays)
    with pytest.warns(ModelFileWarning, match="does not hold encoding=an object"):
        old = load_model(tmp_path / "old")
    np.testing.assert_array_equal(old.predict_proba(X), model.predict_proba(X))
    assert (old.class_weight, old.validation_scores_, old.interrupted_) == (None, [], False)


def test_a_file_is_text_and_plain_arrays(tmp_path):
    held = get_backend("numpy", shots=9, seed=1)
    random = np.random.RandomState(3)
    model = classifier(backend=held, encoding=ZZFeatureMap(1), random_state=random).fit(X, y)
    model.save(tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as archive:
        content = json.loads(archive.read("model.json"))["content"]
    assert content["objects"]["encoding"] == {"type": "ZZFeatureMap", "repetitions": 1}
    assert content["parameters"]["shots"] == 9
    assert content["left_out"] == {}
