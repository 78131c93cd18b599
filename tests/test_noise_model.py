"""The neutral description of noise: what it allows, says, and stores."""

import copy
import json
import pickle

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, VariationalClassifier, get_backend
from qmlplay.backends.noise import NOISE_PRESETS, check_noise
from qmlplay.backends.noise.channels import kraus_operators
from qmlplay.circuit import Circuit, Gate

CHANNELS = [
    "depolarizing_1q",
    "depolarizing_2q",
    "amplitude_damping",
    "phase_damping",
    "bit_flip",
    "phase_flip",
]


@pytest.mark.parametrize("name", [*CHANNELS, "readout_error"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf"), -1e-12])
def test_probabilities_have_a_range(name, value):
    message = rf"{name} must be a probability between 0 and 1; got {name}={value}"
    with pytest.raises(ValueError, match=message):
        NoiseModel(**{name: value})


@pytest.mark.parametrize("value", ["0.1", None, True, 0.1j, {}])
def test_probabilities_are_numbers(value):
    with pytest.raises(TypeError, match=r"bit_flip must be a probability between 0 and 1; got"):
        NoiseModel(bit_flip=value)


@pytest.mark.parametrize("value", [(0.1, 1.2), [np.nan, 0.1]])
def test_both_readout_errors_have_a_range(value):
    with pytest.raises(ValueError, match=r"readout_error\[[01]\] must be a probability"):
        NoiseModel(readout_error=value)
    with pytest.raises(ValueError, match=r"or the pair \(P\(read 1 \| is 0\), P\(read 0 \| is 1"):
        NoiseModel(readout_error=(0.1, 0.1, 0.1))
    with pytest.raises(TypeError, match=r"readout_error\[1\] must be"):
        NoiseModel(readout_error=(0.1, "a"))


def test_numbers_of_numpy_become_plain_ones():
    model = NoiseModel(bit_flip=np.float32(0.5), readout_error=np.array([0.1, 0.2]))
    assert type(model.bit_flip) is float
    assert model.readout_error == (0.1, 0.2)
    assert hash(model) == hash(NoiseModel(bit_flip=0.5, readout_error=[0.1, 0.2]))
    assert NoiseModel(bit_flip=1) == NoiseModel(bit_flip=1.0)


def test_a_model_is_frozen_shown_and_copied():
    model = NoiseModel(depolarizing_2q=0.01, readout_error=(0.0, 0.1))
    assert repr(model) == "NoiseModel(depolarizing_2q=0.01, readout_error=(0.0, 0.1))"
    assert eval(repr(model)) == model
    assert repr(NoiseModel()) == "NoiseModel()"
    for again in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):
        assert again == model
    with pytest.raises(AttributeError):
        model.bit_flip = 0.5


@pytest.mark.parametrize("model", [NoiseModel(), *NOISE_PRESETS.values()], ids=repr)
def test_json_round_trip(model):
    assert NoiseModel.from_dict(json.loads(json.dumps(model.to_dict()))) == model


def test_files_hold_a_closed_set_of_fields():
    with pytest.raises(ValueError, match=r"unknown noise parameter 'bitflip': did you mean 'bit_f"):
        NoiseModel.from_dict({"bitflip": 0.1})
    with pytest.raises(TypeError, match=r"written as a dictionary, got \[0.1\]"):
        NoiseModel.from_dict([0.1])
    with pytest.raises(ValueError, match="bit_flip must be a probability"):
        NoiseModel.from_dict({"bit_flip": 7})


def test_check_noise():
    model = NoiseModel(bit_flip=0.1)
    assert check_noise(None) is None
    assert check_noise(model) is model
    for name in ("low", "medium", "high"):
        assert check_noise(name) is NOISE_PRESETS[name]
    with pytest.raises(ValueError, match="unknown noise 'medum': did you mean 'medium'"):
        check_noise("medum")
    with pytest.raises(ValueError, match=r"'fake_manila' is a fake IBM device, which backend='qis"):
        check_noise("fake_manila")
    for wrong in (0.1, {"bit_flip": 0.1}, True, NoiseModel):
        with pytest.raises(TypeError, match=r"None, one of 'low', 'medium', 'high', or a NoiseMod"):
            check_noise(wrong)


def test_presets_grow():
    low, medium, high = (NOISE_PRESETS[name] for name in ("low", "medium", "high"))
    for less, more in ((low, medium), (medium, high)):
        for name in ("depolarizing_1q", "depolarizing_2q", "amplitude_damping", "phase_damping"):
            assert 0 < getattr(less, name) < getattr(more, name)
        assert np.all(np.diag(less.confusion) > np.diag(more.confusion))


def test_the_order_of_channels():
    model = NoiseModel(*np.arange(1, 7) / 10)
    names = ["amplitude_damping", "phase_damping", "bit_flip", "phase_flip"]
    assert [c.name for c in model.channels(1)] == ["depolarizing_1q", *names]
    assert [c.name for c in model.channels(2)] == ["depolarizing_2q", *names, *names]
    assert [c.places for c in model.channels(2)] == [(0, 1), *[(0,)] * 4, *[(1,)] * 4]
    assert model.has_gate_noise
    assert not NoiseModel(readout_error=0.1).has_gate_noise


def test_three_qubits_have_the_noise_of_each_pair():
    noise = NoiseModel(0.5, 0.1, phase_flip=0.2)
    found = [(channel.name, channel.places) for channel in noise.channels(3)]
    pairs = [("depolarizing_2q", pair) for pair in ((0, 1), (0, 2), (1, 2))]
    assert found == pairs + [("phase_flip", (place,)) for place in range(3)]


def test_confusion():
    matrix = NoiseModel(readout_error=(0.1, 0.3)).confusion
    np.testing.assert_allclose(matrix @ [1, 0], [0.9, 0.1])
    np.testing.assert_allclose(matrix @ [0, 1], [0.3, 0.7])


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("name", CHANNELS)
def test_kraus_operators_keep_the_trace(name, probability):
    operators = kraus_operators(name, probability)
    total = np.einsum("kji,kjl->il", operators.conj(), operators)
    np.testing.assert_allclose(total, np.eye(len(total)), atol=1e-12)


def test_kraus_operators_of_an_unknown_channel():
    with pytest.raises(ValueError, match="unknown channel 'bitflip': did you mean 'bit_flip'"):
        kraus_operators("bitflip", 0.1)


ZERO = [NoiseModel(), NoiseModel(readout_error=(0, 0.0)), NoiseModel(depolarizing_1q=0, bit_flip=0)]


@each_backend("name")
@pytest.mark.parametrize("noise", ZERO, ids=str)
def test_a_model_of_zeros_is_no_noise(name, noise):
    """Exact states, the same code and the same numbers as without noise, to the last bit."""
    zero, none = get_backend(name, noise=noise), get_backend(name)
    assert zero.is_exact
    assert zero.noise is None
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1))))
    angles = [np.array([0.3, 1.2])]
    for ask in ("statevector", "probabilities"):
        same = getattr(none, ask)(circuit, angles)
        np.testing.assert_array_equal(getattr(zero, ask)(circuit, angles), same)
    weights = np.ones((2, 1))
    found, expected = (b.gradients(circuit, angles, ["ZZ"], weights) for b in (zero, none))
    np.testing.assert_array_equal(found, expected)


@each_backend("name")
def test_zeros_cost_nothing_in_training(name):
    X, y = [[0.0], [0.4], [1.0]], [0, 0, 1]
    zero = VariationalClassifier(name, noise=NoiseModel(), max_iter=2, random_state=0)
    none = VariationalClassifier(name, max_iter=2, random_state=0)
    assert zero.training_cost(X, y) == none.training_cost(X, y)
    zero.fit(X, y), none.fit(X, y)
    assert zero.gradient_method_ == "adjoint"
    assert zero.n_circuit_evaluations_ == none.n_circuit_evaluations_
    np.testing.assert_array_equal(zero.weights_, none.weights_)
    np.testing.assert_array_equal(zero.predict_proba(X), none.predict_proba(X))
    with_shots = get_backend(name, noise=NoiseModel(), shots=10, seed=1)
    assert repr(with_shots) == repr(get_backend(name, shots=10, seed=1))


def test_a_simulator_without_noise_takes_zeros():
    class StatesOnly(type(get_backend("numpy"))):
        capabilities = frozenset({"states"})

    assert StatesOnly(noise=NoiseModel()).is_exact
    with pytest.raises(ValueError, match="simulates no noise"):
        StatesOnly(noise=NoiseModel(bit_flip=0.1))


@pytest.mark.parametrize("name", CHANNELS)
def test_one_probability_is_noise(name):
    assert not NoiseModel(**{name: 0.1}).is_zero
    assert not NoiseModel(readout_error=(0.0, 0.1)).is_zero
