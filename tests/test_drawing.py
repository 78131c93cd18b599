"""Text drawings, letter by letter."""

import math

import numpy as np
import pytest

from qmlplay.backends.testing import random_circuit
from qmlplay.circuit import (
    GATES,
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Formula,
    Operation,
    ParametricCircuit,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.drawing import draw_text
from qmlplay.circuit.labels import formula_label
from qmlplay.circuit.picture import CircuitPicture, gate_symbols

SMALL = ParametricCircuit.from_operations(
    3,
    [
        Operation("h", 0),
        Operation("ry", 1, Feature(0)),
        Operation("ry", 2, WeightedFeature(1, 0)),
        Operation("cx", (0, 2)),
        Operation("rzz", (2, 1), FeatureProduct((0, 1), 2.0, math.pi)),
        Operation("crx", (2, 0), Weight(1)),
        Operation("sdg", 1),
        Operation("swap", (1, 2)),
        Operation("p", 0, Fixed(-0.25)),
    ],
    n_features=2,
)

WHOLE = """
q0: ──────H──────●───────────────────────RX(w1)──P(−0.25)─────
                 │                         │
q1: ────RY(x0)───┼──RZZ(2·(π−x0)(π−x1))────┼────────S†─────×──
                 │           │             │               │
q2: ──RY(w0·x1)──⊕──────────RZZ────────────●───────────────×──
"""

BLOCKS = """
q0: ──────H──────●──
                 │
q1: ────RY(x0)───┼──
                 │
q2: ──RY(w0·x1)──⊕──

q0: ───────────────────────

q1: ──RZZ(2·(π−x0)(π−x1))──
               │
q2: ──────────RZZ──────────

q0: ──RX(w1)──P(−0.25)─────
        │
q1: ────┼────────S†─────×──
        │               │
q2: ────●───────────────×──
"""


def test_a_small_circuit():
    assert draw_text(SMALL) == WHOLE.strip("\n")


def test_a_long_circuit_goes_on_below():
    assert draw_text(SMALL, max_width=30) == BLOCKS.strip("\n")


def test_a_label_wider_than_the_page_still_gets_its_line():
    blocks = draw_text(SMALL, max_width=1).split("\n\nq0")
    assert len(blocks) == 6
    assert "RZZ(2·(π−x0)(π−x1))" in blocks[2]


@pytest.mark.parametrize(
    ("formula", "label"),
    [
        (Fixed(0.5), "0.5"),
        (Fixed(-math.pi / 2), "−1.571"),
        (Weight(3), "w3"),
        (Feature(0), "x0"),
        (Feature(1, 2.0), "2·x1"),
        (Feature(1, -1.0), "−x1"),
        (Feature(1, math.pi), "π·x1"),
        (WeightedFeature(1, 0), "w0·x1"),
        (WeightedFeature(1, 0, 0.5, 4), "0.5·w0·x1+w4"),
        (FeatureSum((0, 2)), "x0+x2"),
        (FeatureSum((0, 2), -1.0), "−(x0+x2)"),
        (FeatureSum((3,), 1.0, 2), "w2·x3"),
        (FeatureSum((3,), 0.25, 2), "0.25·w2·x3"),
        (FeatureSum((3,), -1.0), "−x3"),
        (FeatureSum((0, 2, 1), 0.5, 4), "0.5·(w4·x0+w5·x2+w6·x1)"),
        (FeatureSum((0, 8, 16, 24), 0.25, 4), "0.25·(w4·x0+…+w7·x24)"),
        (FeatureProduct((0, 1), 2.0, math.pi), "2·(π−x0)(π−x1)"),
        (FeatureProduct((0, 2), 1.0, math.pi, 5), "w5·(π−x0)(π−x2)"),
        (FeatureProduct((0, 1)), "x0·x1"),
        (FeatureProduct((0, 1, 2)), "−x0·x1·x2"),  # (0 − x0)(0 − x1)(0 − x2)
        (FeatureProduct((0, 1, 2), -3.0), "3·x0·x1·x2"),
        (FeatureProduct((0,), 1.0, -0.5), "(−0.5−x0)"),
    ],
)
def test_labels(formula, label):
    assert formula_label(formula) == label


def test_a_label_of_a_shift_zero_product_has_the_right_sign():
    """Read the label as a formula and compare it with the formula's value."""
    X = np.array([[0.3, -1.2, 2.5]])
    for indices in [(0,), (0, 1), (0, 1, 2)]:
        formula = FeatureProduct(indices, -2.0)
        text = formula_label(formula).replace("·", "*").replace("−", "-")
        names = {f"x{i}": X[0, i] for i in range(3)}
        assert eval(text, {}, names) == pytest.approx(formula.value(X, np.empty(0))[0])


def test_an_unknown_formula_is_refused():
    class Strange(Formula):
        def value(self, X, w):
            return 0.0

    with pytest.raises(TypeError, match="not one of the formulas"):
        formula_label(Strange())


def test_every_gate_can_be_drawn_and_its_angle_is_seen():
    for name, kind in GATES.items():
        angle = (None, Weight(0), None, (Weight(0), Weight(1), Feature(0)))[kind.n_angles]
        operation = Operation(name, tuple(range(kind.n_qubits)), angle)
        n_qubits = max(2, kind.n_qubits)
        text = draw_text(ParametricCircuit.from_operations(n_qubits, [operation], 1))
        assert ("(w0)" in text) == (kind.n_angles == 1), text
        assert ("(w0, w1, x0)" in text) == (kind.n_angles == 3), text
        assert ("│" in text) == (kind.n_qubits > 1), text
        assert ("●" in text) == name.startswith("c"), text


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("cx", "● ⊕"),
        ("cz", "● ●"),
        ("swap", "× ×"),
        ("ccx", "● ● ⊕"),
        ("cswap", "● × ×"),
        ("ch", "● H"),
        ("crx", "● RX"),
        ("cp", "● P"),
        ("ryy", "RYY RYY"),
        ("iswapdg", "ISWAP† ISWAP†"),
        ("sxdg", "SX†"),
    ],
)
def test_symbols_follow_from_the_names(name, symbols):
    assert gate_symbols(name) == tuple(symbols.split())


def test_kinds_of_a_gate_with_three_angles():
    angles = {
        "fixed": (Fixed(0.1), Fixed(0.2), Fixed(0.3)),
        "weight": (Fixed(0.1), Weight(0), Weight(0)),
        "data": (Feature(0), Fixed(0.2), Feature(1)),
        "scaled": (Feature(0), Weight(0), Fixed(0.3)),
    }
    for kind, formulas in angles.items():
        model = ParametricCircuit.from_operations(1, [Operation("u", 0, formulas)], 2)
        assert CircuitPicture.of(model).kinds == [kind]


def test_a_stroke_passes_the_qubits_between_three():
    operations = [Operation("ccx", (3, 0, 1)), Operation("x", 2), Operation("cswap", (1, 4, 0))]
    text = draw_text(ParametricCircuit.from_operations(5, operations, 0)).splitlines()
    assert text[::2] == [
        "q0: ──●─────×──",
        "q1: ──⊕─────●──",
        "q2: ──┼──X──┼──",
        "q3: ──●─────┼──",
        "q4: ────────×──",
    ]
    assert [line.strip() for line in text[1::2]] == ["│     │", "│     │", "│     │", "│"]


def test_lines_are_straight_and_keep_to_the_width():
    generator = np.random.default_rng(3)
    circuit = random_circuit(11, 120, generator)
    model = ParametricCircuit(circuit, tuple(Weight(i) for i in range(circuit.n_slots)), 0)
    for block in draw_text(model, max_width=60).split("\n\nq0"):
        wires = [line for line in ("q0" + block.removeprefix("q0")).splitlines() if "─" in line]
        assert len(wires) == 11
        assert len({len(line) for line in wires}) == 1
        assert len(wires[0]) <= 60
        assert len({line.index("─") for line in wires}) == 1


def test_no_gates():
    assert draw_text(ParametricCircuit.from_operations(2, [], 0)) == "q0: ──\n\nq1: ──"


@pytest.mark.parametrize("max_width", [0, -5])
def test_a_width_that_is_not_positive_is_refused(max_width):
    with pytest.raises(ValueError, match="max_width must be a positive number"):
        draw_text(SMALL, max_width=max_width)
