"""The gate table against matrices written down independently."""

import numpy as np
import pytest
from scipy.linalg import expm

from qmlplay.circuit import GATES, Gate, gate_matrix, shift_rule
from qmlplay.circuit.gates import eigenvalues, gate_type, generator_matrix, pauli_matrix

ROTATIONS = [name for name, kind in GATES.items() if kind.has_angle]
FIXED = [name for name, kind in GATES.items() if not kind.has_angle]

I2 = np.eye(2)
X = np.array([[0, 1], [1, 0]])
Y = np.array([[0, -1j], [1j, 0]])
Z = np.array([[1, 0], [0, -1]])
ONE = np.array([[0, 0], [0, 1]])  # |1⟩⟨1|
ROOT = 1 / np.sqrt(2)

#: G of exp(−iθG), as textbooks write it
GENERATORS = {
    "rx": X / 2,
    "ry": Y / 2,
    "rz": Z / 2,
    "p": -ONE,
    "rxx": np.kron(X, X) / 2,
    "ryy": np.kron(Y, Y) / 2,
    "rzz": np.kron(Z, Z) / 2,
    "crx": np.kron(ONE, X) / 2,
    "cry": np.kron(ONE, Y) / 2,
    "crz": np.kron(ONE, Z) / 2,
    "cp": -np.kron(ONE, ONE),
}
MATRICES = {
    "h": [[ROOT, ROOT], [ROOT, -ROOT]],
    "x": X,
    "y": Y,
    "z": Z,
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(1j * np.pi / 4)]),
    "tdg": np.diag([1, np.exp(-1j * np.pi / 4)]),
    "sx": np.exp(1j * np.pi / 4) * expm(-1j * np.pi / 4 * X),
    "sxdg": np.exp(-1j * np.pi / 4) * expm(1j * np.pi / 4 * X),
    "cx": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]],
    "cy": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -1j], [0, 0, 1j, 0]],
    "cz": np.diag([1, 1, 1, -1]),
    "swap": [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]],
}
ANGLES = [0.0, 0.3, -2.7, np.pi, 11.0]


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_the_lists_above_are_complete():
    assert set(GENERATORS) == set(ROTATIONS)
    assert set(MATRICES) == set(FIXED)


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotations_are_exponentials_of_their_generators(name):
    close(generator_matrix(name), GENERATORS[name])
    for angle in ANGLES:
        close(gate_matrix(name, angle), expm(-1j * angle * GENERATORS[name]))
    whole = gate_matrix(name, np.array(ANGLES))
    assert whole.shape == (len(ANGLES), *generator_matrix(name).shape)
    close(whole, [gate_matrix(name, angle) for angle in ANGLES])


@pytest.mark.parametrize("name", FIXED)
def test_fixed_gates(name):
    close(gate_matrix(name), MATRICES[name])


@pytest.mark.parametrize("name", GATES)
def test_gates_are_unitary_and_inverses_undo_them(name):
    kind = GATES[name]
    angles = (0.7,) if kind.has_angle else ()
    there = gate_matrix(name, *angles)
    back = gate_matrix(kind.inverse, *(-angle for angle in angles))
    assert there.shape == (2**kind.n_qubits,) * 2
    close(there @ there.conj().T, np.eye(len(there)))
    close(back @ there, np.eye(len(there)))
    gate = Gate(name, tuple(range(kind.n_qubits)), 0 if angles else None)
    assert gate.inverse.inverse == gate
    assert gate.inverse.name == kind.inverse


@pytest.mark.parametrize("name", ROTATIONS)
def test_eigenvalues_belong_to_the_product_basis_of_the_letters(name):
    turn = {
        "I": I2,
        "Z": I2,
        "X": np.array([[ROOT, ROOT], [ROOT, -ROOT]]),
        "Y": np.array([[ROOT, ROOT], [1j * ROOT, -1j * ROOT]]),
    }
    basis = np.eye(1)
    for letter in GATES[name].letters:
        basis = np.kron(basis, turn[letter])
    close(GENERATORS[name] @ basis, basis * eigenvalues(name))


def test_remembered_arrays_cannot_be_changed():
    for array in (eigenvalues("rx"), generator_matrix("rx")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    gate_matrix("h")[0, 0] = 7
    close(gate_matrix("h")[0, 0], ROOT)


@pytest.mark.parametrize("name", ROTATIONS)
def test_shift_rules_give_the_derivative(name):
    generator = np.random.default_rng(len(name))
    matrix, size = GENERATORS[name], len(GENERATORS[name])
    state = generator.normal(size=size) + 1j * generator.normal(size=size)
    state /= np.linalg.norm(state)
    observable = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    observable = observable + observable.conj().T

    def expectation(angle):
        after = expm(-1j * angle * matrix) @ state
        return (after.conj() @ observable @ after).real

    for angle in (0.4, -1.9, 3.0):
        after = expm(-1j * angle * matrix) @ state
        commutator = matrix @ observable - observable @ matrix
        analytic = (1j * after.conj() @ commutator @ after).real
        shifted = sum(c * expectation(angle + shift) for c, shift in shift_rule(name))
        assert shifted == pytest.approx(analytic, abs=1e-10)


def test_controlled_rotations_need_four_terms_and_the_others_two():
    four = {name for name in ROTATIONS if len(shift_rule(name)) == 4}
    assert four == {"crx", "cry", "crz"}
    assert {len(shift_rule(name)) for name in set(ROTATIONS) - four} == {2}


def test_the_first_letter_is_the_most_significant_qubit():
    close(pauli_matrix("XZ"), np.kron(X, Z))
    close(pauli_matrix("IYZ"), np.kron(I2, np.kron(Y, Z)))


def test_unknown_gates_suggest_the_nearest():
    with pytest.raises(ValueError, match="unknown gate 'sxd': did you mean 'sxdg'"):
        gate_type("sxd")
