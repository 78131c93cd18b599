"""Gradient variance, expressibility, entanglement and parity against closed forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import unitary_group

from qmlplay import get_backend, list_backends
from qmlplay.ansatze import StronglyEntangling
from qmlplay.backends import backend_info
from qmlplay.circuit import (
    Circuit,
    Feature,
    Gate,
    Operation,
    ParametricCircuit,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.gates import pauli_matrix
from qmlplay.diagnostics import (
    entangling_capability,
    expressibility,
    global_cost,
    global_variance,
    gradient_variance,
    haar_probabilities,
    haar_variance,
    local_cost,
    local_variance,
    meyer_wallach,
    parity,
    product_rotations,
    random_weights,
)
from qmlplay.diagnostics.sampling import random_states


def haar_states(n_qubits, n_samples, seed=0):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=(n_samples, 2**n_qubits, 2)) @ [1, 1j]
    return psi / np.linalg.norm(psi, axis=1, keepdims=True)


# Gradient variance


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize(
    ("cost", "exact"), [(global_cost, global_variance), (local_cost, local_variance)]
)
def test_the_exact_lines(n, cost, exact):
    found = gradient_variance(product_rotations(n), cost(n), n_samples=20_000, random_state=n)
    assert found.derivatives.shape == (20_000,)
    assert found.standard_error < 0.05 * exact(n)
    assert abs(found.variance - exact(n)) < 4 * found.standard_error


def test_the_exact_lines_are_those_of_the_formulas():
    assert [global_variance(n) for n in (1, 3)] == [1 / 8, (1 / 8) * (3 / 8) ** 2]
    assert [local_variance(n) for n in (1, 3)] == [1 / 8, 1 / 72]


def test_costs_are_those_of_the_zero_state():
    """1 − |⟨0…0|ψ⟩|², and 1 − the mean probability of a zero."""
    psi = haar_states(3, 4)
    p = np.abs(psi) ** 2
    zeros = [p.reshape(4, 2**q, 2, -1)[:, :, 0].sum(axis=(1, 2)) for q in range(3)]
    for cost, expected in [(global_cost, 1 - p[:, 0]), (local_cost, 1 - np.mean(zeros, axis=0))]:
        matrix = sum(c * pauli_matrix(s) for s, c in cost(3).items())
        np.testing.assert_allclose(np.einsum("ni,ij,nj->n", psi.conj(), matrix, psi), expected)


@pytest.mark.parametrize(("n", "figure"), [(1, 0.2222), (2, 0.1067), (3, 0.0564)])
def test_two_sided_haar(n, figure):
    """d ⟨Z⟩/dθ for U exp(−iθX/2) V with Haar-random U and V, from the commutator."""
    assert haar_variance(n) == pytest.approx(figure, abs=5e-5)
    d, n_samples = 2**n, 4000
    U = unitary_group.rvs(d, size=n_samples, random_state=0)
    psi = haar_states(n, n_samples, seed=1)
    O = U.conj().swapaxes(1, 2) @ pauli_matrix("Z" + "I" * (n - 1)) @ U  # noqa: E741
    X = pauli_matrix("X" + "I" * (n - 1))
    slopes = np.einsum("ni,nij,nj->n", psi.conj(), X @ O - O @ X, psi) * 0.5j
    variance = slopes.real.var()
    assert variance == pytest.approx(haar_variance(n), rel=0.1)


def test_the_haar_line_falls_by_a_half_per_qubit():
    slope = np.log(haar_variance(15)) - np.log(haar_variance(14))
    assert slope == pytest.approx(-np.log(2), abs=1e-3)


def test_derivatives_against_finite_differences():
    """Also of a weight that two gates share, once as an angle and once as an input scaling."""
    operations = [
        Operation("ry", 0, Weight(0)),
        Operation("rx", 1, Weight(1)),
        Operation("cx", (0, 1)),
        Operation("ry", 1, WeightedFeature(1, 0, 1.5)),
        Operation("rz", 0, Feature(0)),
        Operation("rx", 0, Weight(0)),
    ]
    circuit = ParametricCircuit.from_operations(2, operations, n_features=2)
    x = np.array([[0.4, -0.7]])
    found = gradient_variance(circuit, {"ZI": 1.0, "XY": 0.5}, n_samples=5, x=x[0], random_state=4)
    W = random_weights(circuit, 5, random_state=4)
    assert (W[:, 0] == 1).all()  # it multiplies a feature

    def value(w):
        E = get_backend("qiskit").expectations(circuit.circuit, circuit.angles(x, w), ["ZI", "XY"])
        return (E @ [1.0, 0.5])[0]

    step = np.array([1e-5, 0])
    slopes = [(value(w + step) - value(w - step)) / 2e-5 for w in W]
    np.testing.assert_allclose(found.derivatives, slopes, atol=1e-8)
    assert found.variance == pytest.approx(np.var(slopes, ddof=1))


# Expressibility


def test_an_idle_qubit():
    idle = expressibility(Circuit(1, (Gate("h", (0,)),)), n_pairs=1000)
    assert idle.divergence == pytest.approx(np.log(75))
    assert round(idle.divergence, 3) == 4.317
    assert idle.bias == pytest.approx(74 / 2000)


def test_haar_random_states_have_only_the_bias():
    """RZ(a) RY(b) with cos b uniform is Haar for one qubit; two full turns come near it."""
    counts, _ = np.histogram(
        np.abs(np.sum(haar_states(2, 60_000)[::2].conj() * haar_states(2, 60_000)[1::2], 1)) ** 2,
        bins=25, range=(0, 1),
    )  # fmt: skip
    p = haar_probabilities(2, 25)
    assert p.sum() == pytest.approx(1)
    np.testing.assert_allclose(counts / 30_000, p, atol=5 * np.sqrt(p.max() / 30_000))


def test_the_bias_of_the_estimator():
    """With fidelities drawn from the Haar law itself, the divergence is the stated bias."""
    one = StronglyEntangling()(2, 0)
    layers = [
        replace(op, angle=op.angle and op.angle.shifted(6 * k)) for k in range(3) for op in one
    ]
    deep = ParametricCircuit.from_operations(2, layers, n_features=0)
    found = [expressibility(deep, n_pairs=500, random_state=seed) for seed in range(8)]
    mean = np.mean([one.divergence for one in found])
    assert mean == pytest.approx(found[0].bias, rel=0.35)
    assert found[0].bias == 74 / 1000


def twin(entangler):
    """Circuits 3 and 4 of Sim et al.: RX and RZ on every qubit, then a ladder."""
    names = ["rx", "rz"]
    gates = [Gate(name, (q,), slot=4 * i + q) for i, name in enumerate(names) for q in range(4)]
    ladder = [Gate(entangler, (q + 1, q), slot=8 + q) for q in range(3)]
    return Circuit(4, tuple(gates + ladder))


def test_crx_is_more_expressive_than_crz():
    crx = expressibility(twin("crx"), n_pairs=3000, random_state=0)
    crz = expressibility(twin("crz"), n_pairs=3000, random_state=0)
    assert crz.divergence - crx.divergence > 5 * crx.bias


def test_haar_bins_do_not_underflow():
    idle = expressibility(Circuit(10, (Gate("h", (0,)),)), n_pairs=2)
    assert idle.divergence == pytest.approx(1023 * np.log(75))


# Entanglement


def test_meyer_wallach_of_known_states():
    def state(n, *strings):
        psi = np.zeros(2**n)
        psi[[int(string, 2) for string in strings]] = len(strings) ** -0.5
        return psi

    assert meyer_wallach(state(3, "010")) == pytest.approx(0)
    assert meyer_wallach(state(3, "000", "111")) == pytest.approx(1)
    two_bell_pairs = np.kron(state(2, "00", "11"), state(2, "01", "10"))
    assert meyer_wallach(two_bell_pairs) == pytest.approx(1)
    for n in (2, 3, 4, 5):
        w = state(n, *["0" * q + "1" + "0" * (n - 1 - q) for q in range(n)])
        assert meyer_wallach(w) == pytest.approx(4 * (n - 1) / n**2)
    one_pair = np.kron(state(1, "0"), state(2, "00", "11"))
    assert meyer_wallach(one_pair) == pytest.approx(2 / 3)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_haar_mean(n):
    Q = meyer_wallach(haar_states(n, 4000))
    exact = (2**n - 2) / (2**n + 1)
    assert abs(Q.mean() - exact) < 4 * Q.std() / np.sqrt(4000)


def test_entangling_capability():
    bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    assert entangling_capability(bell) == pytest.approx(1)
    assert entangling_capability(product_rotations(3), n_samples=50) == pytest.approx(0, abs=1e-12)
    # RY(θ) and CX make cos(θ/2)|00⟩ + sin(θ/2)|11⟩, whose measure is sin² θ: ½ on average.
    turn = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    found = entangling_capability(turn, n_samples=4000, random_state=0)
    assert found == pytest.approx(0.5, abs=4 * np.sqrt(1 / 8 / 4000))


# Parity and random numbers


def test_parity_between_backends():

    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1)), Gate("rz", (1,), 1)))
    table = parity(circuit, [0.3, np.linspace(0, 3, 7)], ["ZI", "XY"])
    installed = [name for name in list_backends() if backend_info(name).is_installed]
    pairs = table[["first", "second"]].itertuples(index=False)
    assert list(map(tuple, pairs)) == list(combinations(installed, 2))
    assert isinstance(table, pd.DataFrame)
    assert table["max_difference"].between(0, 1e-12).all()
    shots = get_backend("numpy", shots=100, seed=0)
    rough = parity(circuit, [0.3, 0.1], ["ZI"], ["numpy", shots])
    assert list(rough["first"]) == ["numpy (0)"]
    assert 1e-6 < rough["max_difference"][0] < 1


def test_random_weights_are_seeded_and_uniform():
    circuit = product_rotations(2)
    W = random_weights(circuit, 4000, random_state=1)
    np.testing.assert_array_equal(W, random_weights(circuit, 4000, random_state=1))
    assert W.min() >= 0
    assert W.max() < 2 * np.pi
    np.testing.assert_allclose(np.cos(W).mean(axis=0), 0, atol=0.05)


def test_states_come_in_blocks_of_even_size(monkeypatch):
    monkeypatch.setattr("qmlplay.diagnostics.sampling._AMPLITUDES", 2**5)
    blocks = list(random_states(product_rotations(2), 18, random_state=0))
    assert [block.shape for block in blocks] == [(8, 4), (8, 4), (2, 4)]
    assert len(np.unique(np.concatenate(blocks).round(9), axis=0)) == 18


def test_bad_input():
    circuit = product_rotations(2)
    with pytest.raises(ValueError, match="one of the 2 weights, got 2"):
        gradient_variance(circuit, "ZI", weight=2)
    with pytest.raises(ValueError, match="n_samples of at least 2"):
        gradient_variance(circuit, "ZI", n_samples=1)
    with pytest.raises(ValueError, match="one letter"):
        gradient_variance(circuit, {"Z": 1.0})
    with pytest.raises(ValueError, match="no weights"):
        random_weights(ParametricCircuit.from_operations(1, [Operation("h", 0)], 0), 3)
    with pytest.raises(ValueError, match="n_samples must be at least 1"):
        random_weights(circuit, 0)
    with pytest.raises(ValueError, match="n_pairs must be at least 1"):
        expressibility(circuit, n_pairs=0)
    with pytest.raises(ValueError, match="amplitudes in a row"):
        meyer_wallach(np.ones(3))
    with pytest.raises(ValueError, match="norm 1"):
        meyer_wallach(np.ones(4))
    with pytest.raises(ValueError, match="between 1 and 10, got 11"):
        global_cost(11)
    with pytest.raises(ValueError, match="at least 1"):
        local_cost(0)
    with pytest.raises(ValueError, match="at least two backends, got 1"):
        parity(Circuit(1, (Gate("h", (0,)),)), [], ["Z"], ["numpy"])
