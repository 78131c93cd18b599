"""Backends of somebody else's: what they can do, and how little they have to write."""

import sys

import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS

from qmlplay import Backend, get_backend
from qmlplay.backends.testing import check_states, reference_densities
from qmlplay.circuit import Circuit, Gate, gate_matrix

CIRCUIT = Circuit(1, (Gate("ry", (0,), 0), Gate("u", (0,), (1, 0, 2))))


class States(Backend):
    """As the docstring of `Backend` shows it, with the former address of `embed`."""

    name = "states"

    def _run(self, circuit, angles, states, cuts):
        from qmlplay.backends.unitary_step import embed

        done = 0
        for cut in cuts:
            for gate in circuit.gates[done:cut]:
                angle = None if gate.slot is None else angles[gate.slot]
                size = 2 ** len(gate.qubits)
                small = gate_matrix(gate.name, angle).reshape(-1, size, size)
                full = np.array([embed(m, gate.qubits, circuit.n_qubits) for m in small])
                states = (full @ states[..., None])[..., 0]
            done = cut
            yield states


class Densities(States):
    def _densities(self, circuit, angles, n_samples):
        return reference_densities(circuit, angles, n_samples, self.noise)


class Device(Backend):
    name = "device"

    def expectations(self, circuit, angles, observables):
        return get_backend("numpy").expectations(circuit, angles, observables)


class Neither(Densities):
    """A class that declares less than its parent."""

    capabilities = frozenset()


def test_capabilities_follow_from_the_methods_that_a_class_defines():
    assert Backend.capabilities == frozenset()
    assert Device.capabilities == frozenset()
    assert States.capabilities == {"states"}
    assert Densities.capabilities == {"states", "densities"}
    assert Neither.capabilities == frozenset()
    for name in CORE_BACKENDS:
        assert get_backend(name).capabilities == {"states", "densities"}


def test_capabilities_are_what_is_asked():
    assert Densities(noise="low").noise is not None
    for kind in (States, Device, Neither):
        with pytest.raises(ValueError, match=f"{kind.__name__} simulates no noise"):
            kind(noise="low")
    assert States().is_exact
    for kind in (Device, Neither):
        assert not kind().has_states
        with pytest.raises(ValueError, match="no exact states"):
            kind().statevector(CIRCUIT, [0.1, 0.2, 0.3])


def test_unknown_capabilities_are_refused_when_the_class_is_defined():
    message = "unknown capability 'density': did you mean 'densities'. Allowed: 'densities', 'sta"
    with pytest.raises(ValueError, match=message):

        class Wrong(Backend):
            capabilities = frozenset({"states", "density"})


def test_a_promise_that_is_not_kept_says_what_is_missing():
    class Promising(Backend):
        name = "promising"
        capabilities = frozenset({"states", "densities"})

    with pytest.raises(NotImplementedError, match="Promising simulates no states: it must define"):
        Promising().statevector(CIRCUIT, [0.1, 0.2, 0.3])
    with pytest.raises(NotImplementedError, match="Promising simulates no noise: define _densiti"):
        Promising(noise="low").expectations(CIRCUIT, [0.1, 0.2, 0.3], ["Z"])


def test_the_documented_backend_runs_gates_of_several_angles():
    check_states(States())


def test_angles_pass_few_files_and_calls(monkeypatch):
    """From the call of a NumPy backend to the gates: four calls that take them, three files."""

    from qmlplay.backends.numpy import unitaries

    taken = []
    original = unitaries._BoundUnitary.__init__

    def watched(self, *arguments):
        frame = sys._getframe()
        while frame is not None:
            if "angles" in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
                taken.append(frame.f_code)
            frame = frame.f_back
        original(self, *arguments)

    monkeypatch.setattr(unitaries._BoundUnitary, "__init__", watched)
    turn = Circuit(1, (Gate("ry", (0,), 0),))
    get_backend("numpy").expectations_and_gradients(turn, [0.3], ["Z"], np.ones((1, 1)))
    calls = [code.co_name for code in reversed(taken)]
    assert calls == ["expectations_and_gradients", "__init__", "bind"]  # and the gate's
    assert len({code.co_filename for code in taken}) == 3


class _Runs:
    """Half a backend, as several classes may share it."""

    _run = States._run


def test_a_mixin_may_define_the_methods():
    class Mixed(_Runs, Backend):
        name = "mixed"

    class Less(Mixed):
        capabilities = frozenset()

    class Child(Less):
        pass

    assert Mixed.capabilities == {"states"}
    assert Less.capabilities == Child.capabilities == frozenset()
    assert Mixed().is_exact


def test_capabilities_of_all_parents_count():
    class Noise(Backend):
        def _densities(self, circuit, angles, n_samples):
            return reference_densities(circuit, angles, n_samples, self.noise)

    class Both(States, Noise):
        name = "both"

    assert Both.capabilities == {"states", "densities"}


@pytest.mark.parametrize("declared", ["states", None, 5])
def test_capabilities_are_a_set_of_names(declared):
    with pytest.raises(TypeError, match=r"capabilities of Odd must be a set of names, such as"):
        type("Odd", (Backend,), {"capabilities": declared})


def test_a_device_says_what_it_lacks():
    with pytest.raises(NotImplementedError, match="but not for probabilities"):
        Device().probabilities(CIRCUIT, [0.1, 0.2, 0.3])
