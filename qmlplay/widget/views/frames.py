"""Frames: a model at one moment, its probabilities over the plane and its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Observables, ParametricCircuit
from qmlplay.classifier import VariationalClassifier
from qmlplay.model.readout import probabilities
from qmlplay.training.cost import n_settings, shift_circuits_per_sample
from qmlplay.training.losses import log_loss
from qmlplay.training.optimizers import get_optimizer
from qmlplay.typing import Real
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views.refined_grid import refined
from qmlplay.widget.views.run_curves import CurvePoint, extended
from qmlplay.widget.views.shot_noise import flip_shares, single_shot_decisions
from qmlplay.widget.views.surfaces import surface

__all__ = [
    "MOST_QUICK_NOISY_QUBITS",
    "Frame",
    "drawn_by_numpy",
    "hardware_circuits",
    "make_frame",
    "quantum_frame",
]

#: Up to so many qubits the device's noise is drawn.
MOST_QUICK_NOISY_QUBITS = 4


@dataclass(frozen=True, eq=False)
class Frame:
    """One model at one moment.

    Parameters
    ----------
    estimator : estimator
        Fitted so far; it stays as it is.
    step : int
        Training steps made.
    train_accuracy, test_accuracy : float or None
        None while a slow simulator has not said it yet.
    probabilities : ndarray of shape (resolution, resolution, n_classes)
        From the top left.
    wrong : mapping of str to list of int
        The samples of the parts "train" and "test" that it takes for another class.
    flips : ndarray of shape (resolution, resolution) or None
        The share of draws of so many shots that decide otherwise than the exact expectations.
    curve : tuple of CurvePoint
        Losses and accuracies so far, at the steps that were drawn.
    picture : mapping
        What is in the picture, for its legend.
    """

    estimator: Any
    step: int
    train_accuracy: float | None
    test_accuracy: float | None
    probabilities: Real
    wrong: Mapping[str, list[int]] = field(default_factory=dict)
    flips: Real | None = None
    curve: tuple[CurvePoint, ...] = ()
    picture: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the values that the page needs; probabilities in 255ths of their range."""
        low, high = float(self.probabilities.min()), float(self.probabilities.max())
        last = self.curve[-1] if self.curve else None
        return {
            "step": self.step,
            "train": self.train_accuracy,
            "test": self.test_accuracy,
            "train_loss": None if last is None else last.train_loss,
            "test_loss": None if last is None else last.test_loss,
            "wrong": dict(self.wrong),
            "curve": [point.to_list() for point in self.curve],
            "resolution": self.probabilities.shape[0],
            "low": low,
            "high": high,
            "probabilities": _bytes((self.probabilities - low) / max(high - low, 1e-12)),
            "flips": b"" if self.flips is None else _bytes(self.flips),
            "picture": dict(self.picture),
        }


def _bytes(shares: Real) -> bytes:
    """Return shares of 1 in 255ths."""
    return np.round(255 * shares).astype(np.uint8).tobytes()


def make_frame(estimator: Any, plane: Plane, step: int = 0) -> Frame:
    """Return the frame of a fitted classifier, which may have sharp edges."""
    drawn, has_steps = refined(estimator.predict_proba, plane)
    predictions = {part: estimator.predict(X) for part, X, _ in _parts(plane)}
    frame = _frame(estimator, plane, step, predictions, drawn)
    return replace(frame, picture={"has_steps": has_steps})


def quantum_frame(
    model: VariationalClassifier,
    plane: Plane,
    step: int,
    before: Frame | None = None,
    watch: Callable[[int], None] | None = None,
    *,
    is_scored: bool = True,
) -> Frame:
    """Return the frame of a quantum model: scored as it is, drawn by NumPy.

    So the picture costs little, whichever simulator trains the model. It shows the exact
    probabilities; how shots blur them is a picture of its own, `Frame.flips`. The device's noise
    is drawn as long as that is quick. A simulator is watched while it computes the scores (see
    `Simulator.watch`), so that nobody has to wait for a slow one.

    Parameters
    ----------
    model : VariationalClassifier
        Fitted so far.
    plane : Plane
    step : int
    before : Frame, optional
        An earlier one of the same run, whose curve goes on.
    watch : callable, optional
        Watches the simulator while it computes the scores (see `Simulator.watch`), so that nobody
        has to wait for a slow one.
    is_scored : bool, default=True
        Whether the model's own simulator is asked for its scores.
    """
    trained = model.model_
    curve = () if before is None else before.curve
    if not is_scored:
        drawn, flips, picture = _picture(model, plane, None if before is None else before.picture)
        return Frame(model, step, None, None, drawn, {}, flips, curve, picture)
    decisions = {}
    for part, X, _ in _parts(plane):
        backend = model.backend_  # a new one for each part, as in the model's own score
        backend.watch = watch
        decisions[part] = trained.decisions(X, backend)
    predictions = {part: trained.labels(values) for part, values in decisions.items()}
    train_loss, test_loss = (
        float(log_loss(decisions[part], trained.label_indices(y))[0].mean())
        for part, _, y in _parts(plane)
    )
    drawn, flips, picture = _picture(model, plane, None if before is None else before.picture)
    frame = _frame(model, plane, step, predictions, drawn)
    assert frame.train_accuracy is not None
    assert frame.test_accuracy is not None
    point = CurvePoint(step, train_loss, test_loss, frame.train_accuracy, frame.test_accuracy)
    return replace(frame, flips=flips, picture=picture, curve=extended(curve, point))


def _parts(plane: Plane) -> list[tuple[str, Real, NDArray[Any]]]:
    split = plane.split
    return [("train", split.X_train, split.y_train), ("test", split.X_test, split.y_test)]


def _frame(
    estimator: Any, plane: Plane, step: int, predictions: Mapping[str, Any], drawn: Real
) -> Frame:
    """Return a frame with the scores of predictions."""
    is_right = {part: predictions[part] == y for part, _, y in _parts(plane)}
    train, test = (float(right.mean()) for right in is_right.values())
    wrong = {part: np.flatnonzero(~right).tolist() for part, right in is_right.items()}
    return Frame(estimator, step, train, test, drawn, wrong)


def _picture(
    model: VariationalClassifier, plane: Plane, before: Mapping[str, Any] | None
) -> tuple[Real, Real | None, dict[str, Any]]:
    """Return exact probabilities over the plane, how often shots decide otherwise, and a note."""
    trained, shots = model.model_, model.shots
    exact = drawn_by_numpy(model)
    noise, backend = exact.noise, exact.backend_
    evaluated = trained.on(backend)
    cost = 1 if noise is None else 3 * 2**trained.n_qubits  # errors follow every gate
    nodes = None if before is None else before["nodes"]
    values = single_shot_decisions(trained) if shots else None
    if values is None or shots is None:
        drawn = surface(
            lambda rows: evaluated.decisions(rows, trained.numbers), trained, plane, cost, nodes
        )
        decisions, flips = drawn.values, None
    else:
        circuit = trained.circuit

        def chances(rows: Real) -> Real:
            return backend.probabilities(circuit.circuit, circuit.angles(rows, trained.weights))

        drawn = surface(chances, trained, plane, cost, nodes)
        decisions = drawn.values @ values
        rows = drawn.values.reshape(-1, len(values))
        flips = flip_shares(rows, values, shots).reshape(drawn.resolution, -1)
    p = probabilities(decisions.reshape(-1, decisions.shape[-1]))
    picture = {
        "shots": shots,
        "noise": "drawn" if noise is not None else "left out" if model.noise else None,
        "is_resolved": drawn.is_resolved,
        "nodes": drawn.nodes,
    }
    return p.reshape(drawn.resolution, drawn.resolution, -1), flips, picture


def drawn_by_numpy(model: VariationalClassifier) -> VariationalClassifier:
    """Return the model as it is drawn: on NumPy, without shots, with noise where that is quick."""
    noise = model.noise if model.n_qubits_ <= MOST_QUICK_NOISY_QUBITS else None
    return model.with_backend("numpy", shots=None, noise=noise)


def hardware_circuits(
    circuit: ParametricCircuit, observables: Observables, optimizer: str, n_samples: int
) -> int:
    """Return how many circuits a quantum computer would have to run for one training step.

    One per sample and measurement setting for every value of the loss; for its gradient, by
    parameter shift, as many more as there are shifts. Optimisers with a line search or a simplex
    may take several of these.

    Examples
    --------
    >>> from qmlplay import Operation, Weight
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Weight(0))], 1)
    >>> [hardware_circuits(circuit, ("Z",), name, 100) for name in ("adam", "spsa", "cobyla")]
    [300, 200, 100]
    """
    chosen = get_optimizer(optimizer)
    per_evaluation = (
        shift_circuits_per_sample(circuit, observables, shots=1)
        if chosen.needs_gradients
        else n_settings(observables, shots=1)
    )
    # How often a line search or a simplex evaluates the samples is not known beforehand.
    evaluations = None if chosen.stops_itself else chosen.n_evaluations(circuit.n_weights)
    return n_samples * per_evaluation * (1 if evaluations is None else evaluations[1])
