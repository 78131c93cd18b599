"""The gate table against matrices written down independently."""

import numpy as np
import pytest
from scipy.linalg import expm

from qmlplay.backends.testing import full_matrix
from qmlplay.circuit import GATES, Gate, embed, gate_matrix, shift_rule
from qmlplay.circuit.gate_types import GateType, composite, fixed, rotation
from qmlplay.circuit.gates import (
    check_table,
    eigenvalues,
    gate_type,
    generator_matrix,
    pauli_matrix,
)

ROTATIONS = [name for name, kind in GATES.items() if kind.n_angles == 1]
COMPOSITE = [name for name, kind in GATES.items() if kind.n_angles > 1]
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
    "ch": np.block([[np.eye(2), np.zeros((2, 2))], [np.zeros((2, 2)), ROOT * (X + Z)]]),
    "swap": [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]],
    "iswap": expm(1j * np.pi / 4 * (np.kron(X, X) + np.kron(Y, Y))),
    "iswapdg": expm(-1j * np.pi / 4 * (np.kron(X, X) + np.kron(Y, Y))),
    "ccx": np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]],
    "cswap": np.eye(8)[[0, 1, 2, 3, 4, 6, 5, 7]],
}
ANGLES = [0.0, 0.3, -2.7, np.pi, 11.0]


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_the_lists_above_are_complete():
    assert set(GENERATORS) == set(ROTATIONS)
    assert set(MATRICES) == set(FIXED)
    assert COMPOSITE == ["u"]


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


def test_u_is_the_one_of_qiskit_and_openqasm():
    generator = np.random.default_rng(4)
    turns = generator.uniform(-7, 7, (5, 3))
    for theta, phi, lam in turns:
        c, s = np.cos(theta / 2), np.sin(theta / 2)
        expected = [
            [c, -np.exp(1j * lam) * s],
            [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c],
        ]
        close(gate_matrix("u", (theta, phi, lam)), expected)
    whole = gate_matrix("u", tuple(turns.T))  # a batch of them
    close(whole, [gate_matrix("u", tuple(row)) for row in turns])
    close(gate_matrix("u", (0.3, turns[:, 1], 0.4))[2], gate_matrix("u", (0.3, turns[2, 1], 0.4)))
    with pytest.raises(ValueError, match=r"gate 'u' takes a tuple of 3 angles; got 0\.3"):
        gate_matrix("u", 0.3)
    for ask in (eigenvalues, generator_matrix):
        with pytest.raises(ValueError, match="gate 'u' has no generator"):
            ask("u")


@pytest.mark.parametrize("name", GATES)
def test_gates_are_unitary_and_inverses_undo_them(name):
    kind = GATES[name]
    angles = [0.7, -1.1, 0.4][: kind.n_angles]
    slot = (None, 0, None, (0, 1, 2))[kind.n_angles]
    gate = Gate(name, tuple(range(kind.n_qubits)), slot)
    there = gate_matrix(name, gate.angle(angles))
    back = gate_matrix(kind.inverse, gate.inverse.angle([-angle for angle in angles]))
    assert there.shape == (2**kind.n_qubits,) * 2
    close(there @ there.conj().T, np.eye(len(there)))
    close(back @ there, np.eye(len(there)))
    assert gate.inverse.inverse == gate
    assert gate.inverse.name == kind.inverse


def test_what_a_fixed_gate_is_follows_from_its_matrix():
    for name in FIXED:
        entries = np.abs(MATRICES[name]) > 1e-9
        assert GATES[name].is_monomial == (entries.sum(axis=1) == 1).all()
    assert [GATES[name].is_monomial for name in ("iswap", "ccx", "ch", "h")] == [1, 1, 0, 0]
    assert not any(GATES[name].is_monomial for name in ("rz", "u"))


def test_matrices_are_made_wide():
    generator = np.random.default_rng(8)
    small = generator.normal(size=(4, 4, 4)) + 1j * generator.normal(size=(4, 4, 4))
    for places in ((0, 1), (1, 0), (2, 0), (1, 3)):
        wide = embed(small, places, 4)
        close(wide, [full_matrix(matrix, places, 4) for matrix in small])
        close(embed(small[1], places, 4), wide[1])


H = fixed([[ROOT, ROOT], [ROOT, -ROOT]], "h")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fixed([[1, 1], [1, -1]], "a"), "must be unitary"),
        (lambda: fixed([[1, 0]], "a"), r"has shape \(1, 1\), got \(1, 2\)"),
        (lambda: fixed(np.eye(3), "a"), r"on 1 qubits has shape \(2, 2\), got \(3, 3\)"),
        (lambda: rotation("a", (0.5, "XX"), (0.5, "YY")), "the letters XY on qubit 0, .* as parts"),
        (lambda: rotation("a", (0.5, "XI"), (0.5, "YY")), "the letters XY on qubit 0"),
        (lambda: rotation("a", (0.5, "ZI"), (0.5, "Z")), "2 qubits has strings of as many letters"),
        (lambda: rotation("a", (0.5, "ZQ")), "strings of as many letters I, X, Y or Z"),
        (lambda: rotation("a", (0.5, "II")), "is a global phase"),
        (lambda: rotation("a", (0.5, "ZI"), (0.3, "IZ")), "multiples of the smallest"),
        (lambda: GateType(1, "a"), "exactly one of rows, generator and parts"),
        (lambda: check_table({"a": H}), "the inverse of gate 'a', 'h', is not in the table"),
        (lambda: check_table({"a": fixed(np.diag([1, 1j]), "a")}), "'a' does not undo gate 'a'"),
        (lambda: check_table({"h": H, "a": rotation("h", (1, "Z"))}), "'h' does not undo gate 'a'"),
        (lambda: check_table({"a": composite("a", ("u", (0,), 0))}), r"part \('u', \(0,\), 0\)"),
        (lambda: check_table({"a": composite("a", ("rx", (0, 1), 0))}), "on 1 different places"),
        (lambda: check_table({"a": composite("a", ("rzz", (1, 1), 0))}), "on 2 different places"),
        (lambda: check_table({"a": composite("a", ("rx", (0,), None))}), "a part is a gate with"),
        (lambda: check_table({"a": composite("a", ("rxy", (0,), 0))}), "unknown gate 'rxy'"),
        (lambda: check_table({"a": composite("a", ("rx", (0,), 1))}), "without using 0"),
        (
            lambda: check_table({"a": composite("a", ("rx", (0,), 0), ("rz", (0,), 0))}),
            "'a' does not undo gate 'a'",
        ),
    ],
)
def test_impossible_entries_are_refused_at_once(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_commuting_parts_may_share_an_angle(monkeypatch):
    """XX + YY has two letters on a qubit: it is written as parts, and has four shifts."""
    hop = composite("hop", ("rxx", (0, 1), 0), ("ryy", (0, 1), 0))
    check_table({"hop": hop})
    assert hop.n_angles == 1
    monkeypatch.setitem(GATES, "hop", hop)
    whole = (np.kron(X, X) + np.kron(Y, Y)) / 2
    close(gate_matrix("hop", 0.7), expm(-0.7j * whole))
    assert len(shift_rule("hop")) == 4
    check_shift_rule(shift_rule("hop"), whole)


def test_angles_of_u_are_shifted_on_their_own():
    assert shift_rule("u", 0) == shift_rule("ry")
    assert shift_rule("u", 1) == shift_rule("u", 2) == shift_rule("p")
    for name, angle in (("u", 3), ("ry", 1), ("h", 0)):
        with pytest.raises(ValueError, match=f"gate '{name}' has . angle.s., and none numbered"):
            shift_rule(name, angle)


def test_rules_for_more_eigenvalues(monkeypatch):
    """Z and half a Z on two qubits: the gaps 1, 2 and 3 make three frequencies, six terms."""
    kind = rotation("uneven", (1.0, "ZI"), (0.5, "IZ"))
    monkeypatch.setitem(GATES, "uneven", kind)
    np.testing.assert_array_equal(kind.gaps, [1, 2, 3])
    assert len(shift_rule("uneven")) == 6
    check_shift_rule(shift_rule("uneven"), np.kron(Z, I2) + np.kron(I2, Z) / 2)


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


def check_shift_rule(rule, matrix):
    generator = np.random.default_rng(len(rule))
    size = len(matrix)
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
        shifted = sum(c * expectation(angle + shift) for c, shift in rule)
        assert shifted == pytest.approx(analytic, abs=1e-10)


@pytest.mark.parametrize("name", ROTATIONS)
def test_shift_rules_give_the_derivative(name):
    check_shift_rule(shift_rule(name), GENERATORS[name])


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
