"""The plan of an export against the simulator, read by an independent slow reader."""

import numpy as np
import pytest
from export_evaluation import decisions

from qmlplay import VariationalClassifier
from qmlplay.circuit import PauliSum
from qmlplay.circuit.matrices import pauli_matrix
from qmlplay.export import ExportPlan, expectation_groups

ENCODINGS = ("angle", "angle_sum", "dense", "zz", "iqp", "amplitude", "reuploading")
ANSATZE = (
    "hardware_efficient",
    "hardware_efficient_rxx",
    "strongly_entangling",
    "real_amplitudes",
    "no_entanglement",
    "tree_tensor",
    "convolutional",
)


def trained(rng, n_features=3, n_classes=2, **parameters):
    """Return a model whose numbers are far from where training starts."""
    X, y = rng.normal(size=(20, n_features)), np.arange(20) % n_classes
    clf = VariationalClassifier(max_iter=1, random_state=0, **{"n_layers": 2} | parameters)
    model = clf.fit(X, y).model_
    return model.with_numbers(rng.normal(size=model.n_parameters)), X


@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_plan_computes_what_the_simulator_does(encoding, ansatz):
    rng = np.random.default_rng(0)
    model, X = trained(rng, n_classes=3, encoding=encoding, ansatz=ansatz)
    plan = ExportPlan.of(model, "circuit")
    expected = model.decisions(X[:3], "numpy")
    np.testing.assert_allclose(decisions(plan.to_dict(), X[:3]), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("n_qubits", [6, 7, 10])
@pytest.mark.parametrize("encoding", ["angle", "zz"])
def test_windows_of_larger_circuits(encoding, n_qubits):
    rng = np.random.default_rng(1)
    model, X = trained(rng, 2, n_layers=1, n_qubits=n_qubits, encoding=encoding)
    plan = ExportPlan.of(model)
    expected = model.decisions(X[:1], "numpy")
    np.testing.assert_allclose(decisions(plan.to_dict(), X[:1]), expected, rtol=0, atol=1e-11)


def test_groups_of_pauli_strings_add_up_to_expectations():
    rng = np.random.default_rng(2)
    state = rng.normal(size=8) + 1j * rng.normal(size=8)
    observables = ("XYZ", "IYI", "YYX", PauliSum.from_dict({"ZZI": 0.5, "YXY": -2.0, "III": 1.0}))
    expected = [
        sum(c * (state.conj() @ pauli_matrix(string) @ state).real for string, c in terms)
        for terms in (getattr(o, "terms", ((o, 1.0),)) for o in observables)
    ]
    total = np.zeros(4)
    for group in expectation_groups(observables, 3):
        products = state.conj() * state[np.arange(8) ^ group.mask]
        total += (products.imag if group.is_imaginary else products.real) @ group.weights
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-13)
