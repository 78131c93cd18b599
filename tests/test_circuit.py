"""Gates in a row, and circuits with formulas."""

import copy
import json
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from qmlplay import get_backend
from qmlplay.backends.testing import random_circuit, reference_states
from qmlplay.circuit import (
    Circuit,
    Feature,
    FeatureProduct,
    Fixed,
    Gate,
    Operation,
    ParametricCircuit,
    Weight,
    WeightedFeature,
    build_circuit,
)

MODEL = ParametricCircuit.from_operations(
    3,
    [
        Operation("h", 0),
        Operation("ry", 1, Feature(0, 0.8)),
        Operation("rx", (2,), WeightedFeature(1, 0, 1.2, 1)),
        Operation("cx", (0, 2)),
        Operation("rzz", (2, 1), FeatureProduct((0, 1), 0.5, 3.0)),
        Operation("crx", (0, 1), Weight(2)),
        Operation("ryy", (0, 2), FeatureProduct((1, 0), 1.0, 0.5, 3)),
        Operation("rz", 1, Fixed(0.4)),
        Operation("ry", 0, Weight(1)),  # weight 1 once more
    ],
    n_features=2,
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("hh", (0,)), "unknown gate 'hh'"),
        (("h", (0, 1)), r"gate 'h' acts on 1 different qubit\(s\), but qubits=\(0, 1\) came"),
        (("cx", (1,)), r"gate 'cx' acts on 2 different"),
        (("cx", (1, 1)), r"acts on 2 different qubit\(s\), but qubits=\(1, 1\)"),
        (("ry", (0,)), "gate 'ry' has an angle: give the slot"),
        (("x", (0,), 3), "gate 'x' has no angle: leave out slot=3"),
        (("cx", (0, -1)), r"qubits of gate 'cx' must be integers from 0 on; got .*\(0, -1\)"),
        (("ry", (0,), -1), "slot of gate 'ry' must be integers from 0 on"),
        (("u", (0,), (0, 1, -1)), "slot of gate 'u' must be integers from 0 on"),
    ],
)
def test_gates_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        Gate(*arguments)


@pytest.mark.parametrize(
    ("n_qubits", "gates", "message"),
    [
        (0, (), "at least 1 qubit, but n_qubits=0"),
        (2, (Gate("h", (2,)),), r"'h' acts on qubits \(2,\), .* qubits 0 to 1"),
        (1, (Gate("ry", (0,), 1),), r"slots must be numbered 0, 1, 2, … .*came \{1\}"),
    ],
)
def test_circuits_that_do_not_fit(n_qubits, gates, message):
    with pytest.raises(ValueError, match=message):
        Circuit(n_qubits, gates)


def test_counts_and_depth():
    gates = [
        Gate("h", (0,)),
        Gate("h", (1,)),  # step 1 as well
        Gate("cx", (0, 1)),  # 2
        Gate("ry", (2,), 0),  # 1
        Gate("cz", (2, 1)),  # 3
        Gate("rx", (0,), 1),  # 3
        Gate("rx", (0,), 0),  # 4
    ]
    circuit = Circuit(4, gates)
    assert (circuit.depth, circuit.n_slots, circuit.n_two_qubit_gates) == (4, 2, 2)
    assert Circuit(2, ()).depth == 0


def test_equality_hash_and_frozenness():
    one, two = (random_circuit(3, 30, np.random.default_rng(1)) for _ in range(2))
    other = random_circuit(3, 30, np.random.default_rng(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != other
    assert len({one, two, other}) == 2
    assert Circuit(3, list(one.gates)) == one  # a list becomes a tuple
    assert Circuit(4, one.gates) != one
    with pytest.raises(AttributeError):
        one.n_qubits = 4


@pytest.mark.parametrize("thing", [random_circuit(3, 30, np.random.default_rng(1)), MODEL])
def test_pickles_copies_and_json(thing):
    hash(thing)
    for again in (
        pickle.loads(pickle.dumps(thing)),
        copy.deepcopy(thing),
        type(thing).from_dict(json.loads(json.dumps(thing.to_dict()))),
    ):
        assert again == thing
        assert hash(again) == hash(thing)


@pytest.mark.slow
def test_a_pickled_circuit_has_the_hash_of_the_process_that_reads_it():
    circuit = Circuit(1, (Gate("h", (0,)),))
    hash(circuit)
    code = (
        "import pickle, sys; from qmlplay.circuit import Circuit, Gate;"
        "circuit = pickle.load(sys.stdin.buffer);"
        "assert hash(circuit) == hash(Circuit(1, (Gate('h', (0,)),)))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "12345"}
    subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(circuit), check=True, env=environment
    )


def test_parts_put_together_are_the_whole():
    generator = np.random.default_rng(3)
    circuit = random_circuit(3, 30, generator)
    angles = generator.uniform(-3, 3, circuit.n_slots)
    whole = reference_states(circuit, list(angles), 1)
    for cut in (0, 7, 18, 30):
        gates, values = [], []
        for start, stop in ((0, cut), (cut, 30)):
            part = circuit.part(start, stop)
            slots = sorted({g.slot for g in circuit.gates[start:stop] if g.slot is not None})
            assert part.n_slots == len(slots)
            for gate in part.gates:  # behind the slots of the part before
                slot = None if gate.slot is None else gate.slot + len(values)
                gates.append(Gate(gate.name, gate.qubits, slot))
            values.extend(angles[slots])
        both = reference_states(Circuit(3, tuple(gates)), values, 1)
        np.testing.assert_allclose(both, whole, atol=1e-12)


def test_then_appends():
    circuit = Circuit(2, (Gate("h", (0,)),)).then([Gate("cx", (0, 1)), Gate("ry", (1,), 0)])
    assert [gate.name for gate in circuit.gates] == ["h", "cx", "ry"]
    assert circuit.n_slots == 1


@pytest.mark.parametrize(
    ("slots", "formulas", "n_features", "message"),
    [
        (1, (), 1, "the circuit has 1 slots, but 0 formulas came"),
        (1, (Feature(1),), 1, r"read features \[1\], but there are only features 0 to 0"),
        (2, (Weight(0), Weight(2)), 0, r"weights must be numbered .*came \[0, 2\]"),
    ],
)
def test_formulas_that_do_not_fit(slots, formulas, n_features, message):
    circuit = Circuit(1, tuple(Gate("ry", (0,), slot) for slot in range(slots)))
    with pytest.raises(ValueError, match=message):
        ParametricCircuit(circuit, formulas, n_features)


def test_operations_want_formulas():
    with pytest.raises(TypeError, match=r"angle of 'ry' must be a formula .*Fixed\(0.5\)"):
        Operation("ry", 0, 0.5)
    assert Operation("ry", np.int64(1), Weight(0)).qubits == (1,)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("ry", 0), ValueError, r"'ry' has an angle: give angle=, such as Weight\(0\) or Feat"),
        (("h", 0, Weight(0)), ValueError, r"'h' has no angle: leave out angle=Weight\(index=0"),
        (("ry", 0.7), TypeError, "of 'ry' must be an int or a tuple of ints, .* but 0.7 came"),
        (("ry", Weight(0)), TypeError, "must be an int or a tuple of ints"),
        (("cx", (0, 0.5)), TypeError, r"tuple of ints, .* but \(0, 0.5\) came"),
        (("cx", "01"), TypeError, "tuple of ints, .* but '01' came"),
        (("hh", 0), ValueError, "unknown gate 'hh'"),
        (("ry", -1, Weight(0)), ValueError, "acts on 1 different .* from 0 on, but qubits=-1"),
        (("cx", (0, 0)), ValueError, r"acts on 2 different qubit\(s\), .* but qubits=\(0, 0\)"),
        (("cx", (0,)), ValueError, r"acts on 2 different qubit\(s\), .* but qubits=\(0,\)"),
        (("h", (0, 1)), ValueError, r"acts on 1 different qubit\(s\), .* but qubits=\(0, 1\)"),
        (("h", ()), ValueError, r"acts on 1 different qubit\(s\), .* but qubits=\(\)"),
        (("h", True), TypeError, "must be an int or a tuple of ints, .* but True came"),
    ],
)
def test_operations_that_do_not_fit(arguments, kind, message):
    with pytest.raises(kind, match=message):
        Operation(*arguments)


def test_sizes_of_a_model():
    assert (MODEL.n_qubits, MODEL.n_weights, MODEL.n_features) == (3, 4, 2)
    assert MODEL.circuit.n_slots == len(MODEL.formulas) == 7
    assert MODEL.scaling_weights == (0, 3)


def test_gradients_of_a_whole_model_by_weights_and_inputs():
    generator = np.random.default_rng(5)
    X, w = generator.normal(size=(4, 2)), generator.normal(size=4)
    cotangents = generator.normal(size=(4, 2))
    backend, observables = get_backend("numpy"), ["ZXI", "IYZ"]

    def loss(X, w):
        values = backend.expectations(MODEL.circuit, MODEL.angles(X, w), observables)
        return np.sum(cotangents * values)

    gradients = backend.gradients(MODEL.circuit, MODEL.angles(X, w), observables, cotangents)
    by_weight = MODEL.weight_gradient(X, w, gradients)
    by_input = MODEL.input_gradient(X, w, gradients)
    assert by_weight.shape == (4,)
    assert by_input.shape == (4, 2)
    step = 1e-6
    for i, unit in enumerate(np.eye(4)):
        slope = (loss(X, w + step * unit) - loss(X, w - step * unit)) / (2 * step)
        assert by_weight[i] == pytest.approx(slope, abs=1e-7)
    for place in np.ndindex(X.shape):
        unit = np.zeros_like(X)
        unit[place] = step
        slope = (loss(X + unit, w) - loss(X - unit, w)) / (2 * step)
        assert by_input[place] == pytest.approx(slope, abs=1e-7)


U = Gate("u", (1,), (2, 0, 1))


def test_a_gate_with_several_angles():
    assert (U.slots, Gate("ry", (0,), 3).slots, Gate("h", (0,)).slots) == ((2, 0, 1), (3,), ())
    assert U.angle("abc") == ("c", "a", "b")
    assert Gate("ry", (0,), 1).angle("abc") == "b"
    assert Gate("h", (0,)).angle("abc") is None
    assert U.inverse == Gate("u", (1,), (2, 1, 0))  # φ and λ change places
    assert U.with_slots({0: 7, 1: 8, 2: 9}) == Gate("u", (1,), (9, 7, 8))
    assert Gate("u", [1], [2, 0, 1]) == U
    assert [(part.name, part.qubits, part.slot) for part in U.parts] == [
        ("p", (1,), 1),
        ("ry", (1,), 2),
        ("p", (1,), 0),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("u", (0,), 0), r"'u' has 3 angle\(s\), but slot=0 came: give slot=\(0, 1, 2\)"),
        (("u", (0,)), r"'u' has 3 angle\(s\), but slot=None came"),
        (("u", (0,), (0, 1)), r"'u' has 3 angle\(s\), but slot=\(0, 1\) came"),
        (("ry", (0,), (0,)), r"'ry' has 1 angle\(s\), but slot=\(0,\) came: give slot=0"),
        (("ccx", (0, 1)), r"'ccx' acts on 3 different qubit\(s\), but qubits=\(0, 1\) came"),
    ],
)
def test_slots_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        Gate(*arguments)


def test_an_elementary_circuit_has_gates_of_one_angle_alone():
    circuit = Circuit(2, (Gate("h", (0,)), U, Gate("cx", (0, 1)), Gate("rz", (0,), 1)))
    assert (circuit.n_slots, circuit.depth) == (3, 3)
    elementary = circuit.elementary
    assert [gate.name for gate in elementary.gates] == ["h", "p", "ry", "p", "cx", "rz"]
    assert elementary.n_slots == 3
    assert circuit.elementary is elementary  # remembered
    assert elementary.elementary is elementary
    angles = [0.3, -1.2, 2.1]
    states = [reference_states(one, angles, 1) for one in (circuit, elementary)]
    np.testing.assert_allclose(states[0], states[1], rtol=0, atol=1e-14)
    again = Circuit.from_dict(json.loads(json.dumps(circuit.to_dict())))
    assert again == circuit
    assert circuit.to_dict()["gates"][1] == ["u", [1], [2, 0, 1]]


def test_gates_on_three_qubits_are_counted():
    circuit = Circuit(3, (Gate("ccx", (0, 1, 2)), Gate("h", (0,)), Gate("cswap", (2, 0, 1))))
    assert (circuit.n_two_qubit_gates, circuit.depth) == (2, 3)


def test_operations_with_several_formulas():
    operation = Operation("u", 0, (Weight(0), Weight(1), Feature(0)))
    assert operation.formulas == (Weight(0), Weight(1), Feature(0))
    assert Operation("h", 0).formulas == ()
    assert Operation("h", 0).with_formulas([]) == Operation("h", 0)
    assert Operation("ry", 0, Fixed(1.0)).with_formulas([Weight(2)]).angle == Weight(2)
    more = [Operation("ry", 1, Weight(2)), operation]
    model = ParametricCircuit.from_operations(2, more, n_features=1)
    assert model.formulas == (Weight(2), Weight(0), Weight(1), Feature(0))
    assert model.circuit.gates[1] == Gate("u", (0,), (1, 2, 3))
    assert ParametricCircuit.from_dict(json.loads(json.dumps(model.to_dict()))) == model


@pytest.mark.parametrize(
    ("angle", "error", "message"),
    [
        (Weight(0), ValueError, r"'u' has 3 angles: .*\(Weight\(0\), Weight\(1\), Weight\(2\)\)"),
        (None, ValueError, "'u' has 3 angles: .*got None"),
        ((Weight(0), Weight(1)), ValueError, "'u' has 3 angles"),
        ((Weight(0), 0.5, Weight(1)), TypeError, r"of 'u' must be a formula .*Fixed\(0.5\)"),
    ],
)
def test_formulas_that_are_too_few(angle, error, message):
    with pytest.raises(error, match=message):
        Operation("u", 0, angle)
    with pytest.raises(ValueError, match="'ry' has an angle: give angle=, such as Weight"):
        Operation("ry", 0, (Weight(0),))


def test_every_angle_of_a_gate_is_scaled_and_moved_on_its_own():
    def encoding(n_qubits, n_features):
        return [Operation("u", 0, (Feature(0), Fixed(0.1), Feature(1)))]

    def ansatz(n_qubits, layer):
        return [Operation("u", 0, (Weight(0), Weight(1), Weight(2)))]

    model = build_circuit(encoding, ansatz, n_qubits=1, n_features=2, n_layers=2)
    first = (WeightedFeature(0, 0), Fixed(0.1), WeightedFeature(1, 1))
    assert model.formulas[:6] == (*first, Weight(2), Weight(3), Weight(4))
    assert model.formulas[6:8] == (WeightedFeature(0, 5), Fixed(0.1))
    assert (model.n_weights, model.scaling_weights) == (10, (0, 1, 5, 6))


def test_numbers_of_numpy_go_into_json():
    gates = (Gate("u", np.array([1]), np.array([0, 1, 0])), Gate("ry", (0,), np.int64(2)))
    circuit = Circuit(np.int64(2), gates)
    assert Circuit.from_dict(json.loads(json.dumps(circuit.to_dict()))) == circuit
    model = ParametricCircuit(circuit, (Weight(0), Weight(1), Feature(0)), np.int32(1))
    assert ParametricCircuit.from_dict(json.loads(json.dumps(model.to_dict()))) == model


@pytest.mark.parametrize(
    "arguments",
    [("h", 0), ("h", (0.7,)), ("h", "0"), ("h", (True,)), ("ry", (0,), 1.5), ("ry", (0,), "0")],
)
def test_qubits_and_slots_are_integers(arguments):
    """0.7 once was taken for qubit 0."""
    with pytest.raises(TypeError, match=r"the (qubits|slot) of gate .* must be integers, such as"):
        Gate(*arguments)


@pytest.mark.parametrize("n_qubits", [1.5, "2", True, None])
def test_a_number_of_qubits_is_an_integer(n_qubits):
    with pytest.raises(ValueError, match="needs at least 1 qubit, but n_qubits="):
        Circuit(n_qubits, ())
