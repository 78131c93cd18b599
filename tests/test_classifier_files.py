"""A fitted classifier elsewhere: in other frameworks, and in files."""

import json
from dataclasses import dataclass

import cirq
import numpy as np
import pandas as pd
import pennylane as qml
import pytest
from backend_helpers import each_backend
from qiskit import qasm3
from qiskit.quantum_info import SparsePauliOp, Statevector

from qmlplay import (
    Feature,
    Operation,
    VariationalClassifier,
    get_backend,
    load_dataset,
    load_model,
)
from qmlplay.errors import ModelFileWarning
from qmlplay.model.archive import read_archive, write_archive

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


@pytest.fixture(scope="module")
def models():
    return {
        "binary": classifier().fit(X, y),
        "zz": classifier(encoding="zz", ansatz="strongly_entangling").fit(IRIS.X, IRIS.y),
        "one qubit": classifier(encoding="dense", n_qubits=1).fit(IRIS.X, IRIS.y),
    }


def qiskit_expectations(circuit, observables):
    state = Statevector(circuit)
    return [state.expectation_value(SparsePauliOp(p[::-1])).real for p in observables]


def cirq_expectations(circuit, observables):
    n = len(observables[0])
    qubits = cirq.LineQubit.range(n)
    # Cirq leaves identities out of a Pauli string, and a string of none cannot be simulated.
    strings = [cirq.DensePauliString(p).on(*qubits) for p in observables]
    simulator = cirq.Simulator(dtype=np.complex128)
    return np.real(simulator.simulate_expectation_values(circuit, strings))


def pennylane_expectations(qfunc, observables):
    n = len(observables[0])

    @qml.qnode(qml.device("default.qubit", wires=n))
    def values():
        qfunc()
        return [qml.expval(qml.pauli.string_to_pauli_word(p)) for p in observables]

    return values()


@pytest.mark.parametrize("name", ["binary", "zz", "one qubit"])
def test_native_circuits_give_the_decision_values(models, name):
    model = models[name]
    n = model.n_features_in_
    x = (X if n == 2 else IRIS.X)[3]
    found = {
        "qiskit": qiskit_expectations(model.to_qiskit(x), model.observables_),
        "cirq": cirq_expectations(model.to_cirq(x), model.observables_),
        "pennylane": pennylane_expectations(model.to_pennylane(x), model.observables_),
    }
    for framework, values in found.items():
        decision = np.array(values) @ model.readout_.scale + model.readout_.bias
        expected = model.decision_function([x])[0]
        np.testing.assert_allclose(np.squeeze(decision), expected, atol=1e-8, err_msg=framework)
    assert model.to_openqasm(x) == qasm3.dumps(model.to_qiskit(x), disable_constants=True)


@pytest.mark.parametrize("export", ["to_qiskit", "to_cirq", "to_pennylane", "to_openqasm"])
def test_an_export_needs_one_sample(models, export):
    for wrong in (X[:1], X, [1.0], [1.0, 2.0, 3.0], 1.0):
        with pytest.raises(
            ValueError, match=r"one sample of shape \(2,\) is needed, such as X\[0\]"
        ):
            getattr(models["binary"], export)(wrong)
    with pytest.raises(ValueError, match="could not convert string to float"):
        getattr(models["binary"], export)(["a", "b"])


LABELS = {
    "str": np.array(["no", "yes"])[y],
    "object": np.array(["no", "yes"], dtype=object)[y],
    "int": 2 * y - 1,
    "bool": y == 1,
    "float": y + 1.0,
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())
def test_round_trip(labels, tmp_path):
    model = classifier().fit(X, labels)
    model.save(tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.predict(X).dtype == model.predict(X).dtype
    assert again.get_params() == model.get_params()
    kept = ("n_features_in_", "circuit_", "observables_", "n_qubits_", "n_parameters_", "n_iter_")
    for name in (*kept, "n_steps_", "loss_curve_", "n_circuit_evaluations_", "interrupted_"):
        assert getattr(again, name) == getattr(model, name), name
    assert set(vars(again)) == set(vars(model))
    assert again.draw() == model.draw()
    assert again.partial_fit(X, labels).n_steps_ == 6


def test_round_trip_of_three_classes_and_column_names(tmp_path):
    frame = pd.DataFrame(IRIS.X, columns=["a", "b", "c", "d"])
    model = classifier().fit(frame, pd.Series(IRIS.target_names)[IRIS.y])
    model.save(str(tmp_path / "m"))
    again = load_model(str(tmp_path / "m"))
    assert again.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        again.predict(frame.rename(columns={"a": "z"}))


@each_backend("backend")
def test_a_file_opens_on_every_backend(models, backend, tmp_path):
    models["zz"].save(tmp_path / "m")
    again = load_model(tmp_path / "m", backend=backend)
    expected = models["zz"].predict_proba(IRIS.X)
    np.testing.assert_allclose(again.predict_proba(IRIS.X), expected, atol=1e-10)
    assert again.backend == backend


@dataclass(frozen=True)
class MyEncoding:
    scale: float = 1.0

    def __call__(self, n_qubits, n_features):
        return [Operation("rx", i % n_qubits, Feature(i, self.scale)) for i in range(n_features)]


def my_encoding(n_qubits, n_features):
    return MyEncoding(2.0)(n_qubits, n_features)


@pytest.mark.parametrize("encoding", [MyEncoding(2.0), my_encoding])
def test_an_own_encoding_is_in_the_file_as_the_circuit_it_made(encoding, tmp_path):
    model = classifier(encoding=encoding).fit(X, y)
    model.save(tmp_path / "m")
    with pytest.warns(ModelFileWarning, match=r"encoding=.*clf.set_params\(encoding=...\)"):
        again = load_model(tmp_path / "m")
    assert again.encoding == VariationalClassifier().encoding  # what a new fit would take
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_numpy_numbers_as_parameters_are_in_the_file(tmp_path):
    model = classifier(n_layers=np.int64(3), tol=np.float64(1e-3), random_state=np.int32(5))
    model.fit(X, y).save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert (again.n_layers, again.tol, again.random_state) == (3, 1e-3, 5)


def test_the_settings_of_a_backend_object_are_in_the_file(tmp_path):
    model = classifier(backend=get_backend("cirq", shots=70), max_iter=1).fit(X, y)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert (again.backend, again.shots) == ("cirq", 70)
    exact = load_model(tmp_path / "m", backend=get_backend("numpy"))
    assert exact.shots is None
    exact.fit(X, y)


def test_files_that_cannot_be_opened(models, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_model(tmp_path / "nothing")
    (tmp_path / "text").write_text("weights: 1, 2, 3")
    with pytest.raises(ValueError, match="cannot read"):
        load_model(tmp_path / "text")
    write_archive(tmp_path / "other", {"name": "other"}, {})
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(tmp_path / "other")
    models["binary"].save(tmp_path / "m")
    with pytest.raises(ValueError, match="unknown backend 'crq': did you mean 'cirq'"):
        load_model(tmp_path / "m", backend="crq")
    with pytest.raises(OSError, match="cannot write"):
        models["binary"].save(tmp_path / "no folder" / "m")
    with pytest.raises(Exception, match="not fitted"):
        classifier().save(tmp_path / "m")


BROKEN = {
    "parameters is a list": {"parameters": [1]},
    "an unknown parameter": {"parameters": {"n_layer": 1}},
    "no circuit": {"circuit": None},
    "no formulas": {"circuit": {"circuit": {"n_qubits": 2, "gates": []}, "formulas": [3]}},
    "an unknown gate": {
        "circuit": {
            "circuit": {"n_qubits": 2, "gates": [["boom", [0], None]]},
            "formulas": [],
            "n_features": 2,
        }
    },
    "too few weights": {"weights": np.zeros(3)},
    "weights of text": {"weights": np.array(["a"] * 12)},
    "weights that are not finite": {"weights": np.full(12, np.nan)},
    "an observable too long": {"observables": ["ZIZ", "IZI"]},
    "an unknown observable": {"observables": ["QI", "IZ"]},
    "too many classes": {"classes": [1, 2, 3, 4]},
    "one class": {"classes": [1]},
    "nested classes": {"classes": [[1, 2]]},
    "an unknown dtype": {"classes_dtype": "nonsense"},
    "a scaling of other features": {"scaling_center": np.zeros(3)},
    "too few names": {"feature_names": ["a"]},
    "names that are numbers": {"feature_names": [1, 2]},
    "classes too large": {"classes": [1, 2**70]},
    "classes of no type that labels have": {"classes_dtype": "O,O"},
    "one class twice": {"classes": [1, 1]},
    "complex weights": {"weights": np.zeros(12, dtype=complex)},
    "ranges of no width": {"scaling_half_range": np.zeros(2)},
    "losses of text": {"loss_curve": ["a"]},
    "no losses": {"loss_curve": 0.5},
    "steps of text": {"n_steps": "a"},
    "a negative number of iterations": {"n_iter": -1},
    "half a circuit": {"n_circuit_evaluations": 0.5},
    "a batch of text": {"batch_size": "a"},
    "a reason that is none": {"stop_reason": []},
    "a cost of text": {"training_cost": "a"},
    "a cost in words": {
        "training_cost": {
            "optimizer": "adam",
            "gradient_method": None,
            "circuits_per_sample": "many",
            "circuits_per_iteration": 1,
            "max_circuits": 1,
        }
    },
}


@pytest.mark.parametrize("changes", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_whose_parts_do_not_fit_is_refused(models, changes, tmp_path):
    models["binary"].save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    content = json.loads(json.dumps(content))
    for name, value in changes.items():
        (content if name in content else arrays)[name] = value
    write_archive(tmp_path / "broken", content, arrays)
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(tmp_path / "broken")


def test_parameters_of_a_newer_version(models, tmp_path):
    models["binary"].save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    write_archive(tmp_path / "new", content | {"parameters": {"momenta": 2}}, arrays)
    with pytest.raises(ValueError, match=r"not know the parameters \['momenta'\]: .* --upgrade"):
        load_model(tmp_path / "new")
