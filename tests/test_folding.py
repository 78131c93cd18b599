"""Global folding: the same unitary, and as many gates as were asked for."""

import numpy as np
import pytest

from qmlplay import get_backend
from qmlplay.backends.testing import random_angles, random_circuit, reference_states
from qmlplay.circuit import Circuit, Gate
from qmlplay.mitigation import fold_global, folded_scale_factor


@pytest.mark.parametrize("scale_factor", [1, 1.3, 2, 3, 3.7, 5, 6])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_folding_keeps_the_state_and_its_phase(scale_factor, seed):
    generator = np.random.default_rng(seed)
    circuit = random_circuit(3, 30, generator)  # every gate name, some slots read twice
    angles = random_angles(circuit, 3, generator)
    assert any(np.ndim(angle) for angle in angles)
    folded, folded_angles = fold_global(circuit, angles, scale_factor)
    expected = reference_states(circuit, angles, 3)
    np.testing.assert_allclose(reference_states(folded, folded_angles, 3), expected, atol=1e-12)
    on_numpy = get_backend("numpy").statevector(folded, folded_angles)
    np.testing.assert_allclose(np.broadcast_to(on_numpy, expected.shape), expected, atol=1e-10)


@pytest.mark.parametrize("scale_factor", [1, 3, 5, 7])
def test_odd_scale_factors_are_met_exactly(scale_factor):
    circuit = random_circuit(2, 25, np.random.default_rng(0))
    angles = random_angles(circuit, 1, np.random.default_rng(0))
    folded, _ = fold_global(circuit, angles, scale_factor)
    assert len(folded.gates) == scale_factor * len(circuit.gates)
    assert folded_scale_factor(25, scale_factor) == scale_factor


@pytest.mark.parametrize("scale_factor", [1.0, 1.05, 1.5, 2, 2.5, 4.1, 9.9])
@pytest.mark.parametrize("n_gates", [1, 7, 40])
def test_other_scale_factors_are_met_within_a_gate(scale_factor, n_gates):
    circuit = Circuit(1, (Gate("s", (0,)),) * n_gates)
    folded, _ = fold_global(circuit, [], scale_factor)
    reached = len(folded.gates) / n_gates
    assert reached == pytest.approx(folded_scale_factor(n_gates, scale_factor), abs=1e-12)
    assert abs(reached - scale_factor) <= 1 / n_gates + 1e-12


def test_partial_folding_takes_the_last_gates():
    circuit = Circuit(
        2, (Gate("h", (0,)), Gate("cx", (0, 1)), Gate("ry", (1,), 0), Gate("t", (0,)))
    )
    folded, angles = fold_global(circuit, [0.3], 2)
    assert [gate.name for gate in folded.gates] == ["h", "cx", "ry", "t", "tdg", "ry", "ry", "t"]
    assert [gate.slot for gate in folded.gates] == [None, None, 0, None, None, 1, 0, None]
    assert angles == [0.3, -0.3]
    folded, angles = fold_global(circuit, [0.3], 1.5)
    assert [gate.name for gate in folded.gates][4:] == ["tdg", "t"]
    assert angles == [0.3]  # no slot without a gate


def test_scale_factor_one_changes_nothing():
    circuit = random_circuit(2, 25, np.random.default_rng(0))
    angles = random_angles(circuit, 1, np.random.default_rng(0))
    assert fold_global(circuit, angles, 1) == (circuit, angles)


def test_angles_per_sample_stay_per_sample():
    theta = np.array([0.1, 0.2])
    _, angles = fold_global(Circuit(1, (Gate("rx", (0,), 0),)), [theta], 3)
    np.testing.assert_array_equal(angles, [theta, -theta])


TURN = Circuit(1, (Gate("ry", (0,), 0),))


@pytest.mark.parametrize("scale_factor", [0.99, 0, -3, np.nan, np.inf])
def test_scale_factors_below_one_are_refused(scale_factor):
    with pytest.raises(ValueError, match="a scale factor must be a number of at least 1"):
        fold_global(TURN, [0.1], scale_factor)


def test_circuits_without_gates_and_missing_angles_are_refused():
    with pytest.raises(ValueError, match="no gate that could be folded"):
        fold_global(Circuit(2, ()), [], 3)
    with pytest.raises(ValueError, match="takes 1 angles, one per slot, but 0 came"):
        fold_global(TURN, [], 3)
