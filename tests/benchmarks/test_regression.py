"""A guard against losing speed: ratios to a plain simulator, timed in the same moments.

No absolute time is asserted. The bounds are several times what was measured, and what is
compared is the median of ratios within rounds, so that a busy machine does not fail the test.
"""

from __future__ import annotations

import numpy as np
import pytest
from timing import seconds_of
from workloads import WORKLOADS, Problem, Step

from qmlplay import get_backend

N_ROUNDS = 9
W1 = Problem.of(WORKLOADS["W1"])


def _rotate(states, matrices, qubit):
    """Apply a matrix (2, 2), or one per sample (N, 2, 2), to states (N, 2, …, 2)."""
    n_samples, n_qubits = len(states), states.ndim - 1
    view = states.reshape(n_samples, 2**qubit, 2, 2 ** (n_qubits - 1 - qubit))
    moved = np.einsum(
        "...ij,najb->naib" if matrices.ndim == 2 else "nij,najb->naib", matrices, view
    )
    return moved.reshape(states.shape)


def _ry(angle):
    half = np.asarray(angle) / 2
    rows = [[np.cos(half), -np.sin(half)], [np.sin(half), np.cos(half)]]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def _rz(angle):
    return np.diag(np.exp([-0.5j * angle, 0.5j * angle]))


def _cx(states, control, target):
    states = states.copy()
    on = [slice(None)] * states.ndim
    on[1 + control] = 1
    axis = 1 + target - (target > control)
    states[tuple(on)] = np.flip(states[tuple(on)], axis=axis)
    return states


def plain_values(w):
    """Return ⟨Z₀⟩ of every sample, gate by gate."""
    n = W1.workload.n_qubits
    states = np.zeros((len(W1.X), *(2,) * n), dtype=complex)
    states[(slice(None), *(0,) * n)] = 1
    for ry, rz in w.reshape(W1.workload.n_layers, 2, n):
        for q in range(n):
            states = _rotate(states, _ry(W1.X[:, q]), q)
        for q in range(n):
            states = _rotate(states, _ry(ry[q]), q)
        for q in range(n):
            states = _rotate(states, _rz(rz[q]), q)
        for q in range(n):
            states = _cx(states, q, (q + 1) % n)
    p = np.abs(states.reshape(len(W1.X), 2, -1)) ** 2
    return p[:, 0].sum(axis=1) - p[:, 1].sum(axis=1)


def plain_step():
    """Return the loss of W1 and its gradient by parameter shift."""
    shifts = np.pi / 2 * np.eye(len(W1.w))
    slopes = [(plain_values(W1.w + shift) - plain_values(W1.w - shift)) / 2 for shift in shifts]
    return W1.loss_and_gradient(plain_values(W1.w), np.stack(slopes, axis=1))


def ratio_of(step, reference):
    """Return the median over rounds of step's time over reference's."""
    step()
    reference()
    times = [(_fastest(step), _fastest(reference)) for _ in range(N_ROUNDS)]
    return np.median([ours / theirs for ours, theirs in times])


def _fastest(call):
    return min(seconds_of(call) for _ in range(3))


def test_the_plain_step_agrees():
    loss, gradient = plain_step()
    expected_loss, expected_gradient = Step(W1, get_backend("numpy"))()
    assert loss == pytest.approx(expected_loss, abs=1e-10)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=0, atol=1e-10)


def test_numpy_against_the_plain_step():
    assert ratio_of(Step(W1, get_backend("numpy")), plain_step) < 1 / 10


@pytest.mark.parametrize("backend", ["qiskit", "cirq", "pennylane"])
def test_a_framework_against_the_plain_step(backend):
    assert ratio_of(Step(W1, get_backend(backend)), plain_step) < 1


@pytest.mark.parametrize("backend", ["qiskit", "cirq", "pennylane"])
def test_a_framework_against_numpy(backend):
    assert ratio_of(Step(W1, get_backend(backend)), Step(W1, get_backend("numpy"))) < 60


def test_the_time_per_sample_does_not_grow():
    few, many = (Step(W1.first(n), get_backend("numpy")) for n in (16, 128))
    assert ratio_of(many, few) < 128 / 16
