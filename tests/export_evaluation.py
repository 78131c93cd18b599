"""A slow reader of a plan's dictionary: pure NumPy, one sample and one amplitude at a time."""

import json

import numpy as np


def decisions(plan, X):
    """Return decision values (n_samples, n_outputs) of what JSON makes of a plan."""
    plan = json.loads(json.dumps(plan))
    return np.array([_decisions(plan, row) for row in np.asarray(X, dtype=float)])


def _decisions(plan, row):
    radians = _radians(plan["scaling"], row)
    products = _products(plan["angles"], radians)
    form = plan["form"]
    if form["type"] == "fourier":
        phases = [np.dot(frequency, products) for frequency in form["frequencies"]]
        expectations = np.cos(phases) @ form["cosines"] + np.sin(phases) @ form["sines"]
    else:
        state = _state(form, radians, np.array(plan["angles"]["coefficients"]) @ products)
        expectations = [_expectation(observable, state) for observable in plan["observables"]]
    return np.asarray(expectations) @ plan["readout"]["scale"] + plan["readout"]["bias"]


def _radians(scaling, row):
    held = row.copy()
    for i, (low, high) in enumerate(zip(scaling["low"], scaling["high"], strict=True)):
        held[i] = max(held[i], -np.inf if low is None else low)
        held[i] = min(held[i], np.inf if high is None else high)
    radians = (held - scaling["center"]) / scaling["half_range"] * (np.pi / 2)
    return np.clip(radians, -scaling["farthest"], scaling["farthest"])


def _products(angles, radians):
    factors = [
        sign * radians[feature] + shift
        for feature, sign, shift in zip(
            angles["features"], angles["signs"], angles["shifts"], strict=True
        )
    ] + [1.0]
    return np.array([np.prod([factors[i] for i in product]) for product in angles["products"]])


def _complex(pairs):
    pairs = np.array(pairs)
    return pairs[..., 0] + 1j * pairs[..., 1]


def _state(form, radians, angles):
    n = form["n_qubits"]
    if form["start"] is None:
        state = np.zeros(2**n, dtype=complex)
        state[: form["n_amplitudes"]] = radians[: form["n_amplitudes"]]
        state /= np.linalg.norm(state)
    else:
        state = _complex(form["start"])
    for step in form["steps"]:
        if step["type"] == "moves":
            state = _complex(step["phases"]) * state[step["source"]]
            continue
        before, after = step["first"], n - step["first"] - step["width"]
        if step["type"] == "matrix":
            small = _complex(step["matrix"])
        else:
            eigenvalues = np.array(step["eigenvalues"])
            turns = sum(angles[k] * row for k, row in zip(step["angles"], eigenvalues, strict=True))
            small = np.diag(np.exp(-1j * (turns + np.array(step["constants"]))))
        state = np.kron(np.kron(np.eye(2**before), small), np.eye(2**after)) @ state
    return state


_PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def _expectation(observable, state):
    terms = observable.items() if isinstance(observable, dict) else [(observable, 1.0)]
    total = 0.0
    for string, coefficient in terms:
        matrix = np.eye(1)
        for letter in string:
            matrix = np.kron(matrix, _PAULI[letter])
        total += coefficient * (state.conj() @ matrix @ state).real
    return total
