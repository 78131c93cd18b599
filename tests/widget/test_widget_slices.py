"""Gradients and slices of the loss against finite differences, training and plain evaluation."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
import pytest
from sklearn.metrics import log_loss

from qmlplay.circuit import (
    Feature,
    Operation,
    ParametricCircuit,
    Polynomial,
    Weight,
    WeightedFeature,
)
from qmlplay.classifier import VariationalClassifier
from qmlplay.model import InputScaling, Readout, TrainedModel
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views.gate_views import gate_gradients, gate_view, training_problem
from qmlplay.widget.views.slices import Slice
from qmlplay.widget.views.weight_use import WeightUse


def fitted(**settings):
    configuration = Configuration(**{"max_iter": 2, **settings})
    plane = make_plane(configuration)
    model = VariationalClassifier(**model_parameters(configuration))
    return model.fit(plane.split.X_train, plane.split.y_train), plane


def own(*operations, column=None):
    """Return a model of two qubits and the moons' plane, its features as they are.

    A column of (value, other value), one for each half of the samples, stands for the first.
    """
    plane = make_plane(Configuration())
    if column is not None:
        X = plane.split.X_train.copy()
        X[:, 0] = np.where(X[:, 0] < np.median(X[:, 0]), *column)
        plane = replace(plane, split=replace(plane.split, X_train=X))
    first = [Operation("ry", 0, Feature(0)), Operation("ry", 1, Feature(1, 0.7))]
    circuit = ParametricCircuit.from_operations(2, first + list(operations), 2)
    weights = np.linspace(0.4, 0.9, circuit.n_weights)
    readout = Readout(np.array([[1.3], [-0.8]]), np.array([0.2]))
    classes = np.unique(plane.split.y_train)
    scaling = InputScaling.identity(2)
    return TrainedModel(circuit, ("ZI", "IZ"), scaling, weights, readout, classes), plane


def loss_at(model, plane, weight, value):
    """Return the loss by scikit-learn, the weight set to a value."""
    numbers = model.numbers.copy()
    numbers[weight] = value
    p = model.with_numbers(numbers).probabilities(plane.split.X_train, "numpy")
    return log_loss(plane.split.y_train, p)


@pytest.mark.parametrize(
    "settings",
    [{}, {"dataset": "iris", "data_noise": 0.0, "n_qubits": 3}, {"encoding": "zz", "n_qubits": 3}],
)
def test_gradients_are_the_slopes_of_the_loss(settings):
    clf, plane = fitted(n_layers=2, **settings)
    told = gate_gradients(clf.model_, plane, frozen={1})
    assert told["frozen"] == [1]
    assert told["weights"] == pytest.approx(clf.weights_.tolist(), rel=1e-5)
    for weight, value in enumerate(clf.weights_[: clf.model_.circuit.n_weights]):
        up, down = (loss_at(clf.model_, plane, weight, value + e) for e in (1e-5, -1e-5))
        assert told["gradients"][weight] == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-8)


def test_gradients_are_those_that_training_follows():
    configuration = Configuration(
        optimizer="sgd", learning_rate_init=0.1, max_iter=1, encoding="angle"
    )
    plane = make_plane(configuration)
    steps = []
    clf = VariationalClassifier(
        **model_parameters(configuration), batch_size=10_000, momentum=0, alpha=0
    )
    clf.set_params(callbacks=[lambda state: steps.append(clf.model_) and None], max_iter=2)
    clf.fit(plane.split.X_train, plane.split.y_train)
    before, after = steps[0], steps[1]
    told = gate_gradients(before, plane)
    rate = np.median((before.weights - after.weights) / np.array(told["gradients"]))
    assert rate > 0
    assert before.weights - after.weights == pytest.approx(
        rate * np.array(told["gradients"]), rel=1e-4, abs=1e-7
    )


CX = Operation("cx", (0, 1))
CASES = {
    "one gate": ([Operation("rx", 0, Weight(0)), CX], True, 2 * pi),
    "a factor of two": (
        [Operation("rx", 0, Polynomial(((2.0, (), (0,)),))), CX],
        True,
        pi,
    ),
    "two qubits": ([Operation("rxx", (0, 1), Weight(0))], True, 2 * pi),
    "a controlled rotation": ([Operation("crx", (0, 1), Weight(0))], False, 4 * pi),
    "two gates": (
        [Operation("rx", 0, Weight(0)), Operation("ry", 1, Weight(0)), CX],
        False,
        2 * pi,
    ),
    "times a feature": ([Operation("rx", 0, WeightedFeature(1, 0))], False, None),
    "twice times a feature": (
        [Operation("rx", 0, WeightedFeature(1, 0)), Operation("ry", 1, WeightedFeature(0, 0))],
        False,
        None,
    ),
    "a square": ([Operation("rx", 0, Polynomial(((1.0, (), (0, 0)),)))], False, None),
}


@pytest.mark.parametrize("case", CASES)
def test_slices_are_what_evaluation_gives(case):
    operations, is_sine, period = CASES[case]
    model, plane = own(*operations)
    use = WeightUse(training_problem(model, plane), model.numbers, 0)
    curve = Slice.of(use)
    told = curve.to_dict()
    assert told["is_sine"] is is_sine
    assert told["period"] == (None if period is None else pytest.approx(period))
    assert told["low"] <= told["value"] <= told["high"]
    for k in (0, 17, 29, len(curve.values) - 1):
        value = curve.values[k]
        assert curve.losses[k] == pytest.approx(loss_at(model, plane, 0, value), abs=1e-9)
        numbers = model.numbers.copy()
        numbers[0] = value
        seen = model.with_numbers(numbers).expectations(plane.split.X_train, "numpy")
        assert np.abs(curve.expectations[k] - seen).max() < 1e-12
    if period is not None:
        assert curve.losses[0] == pytest.approx(curve.losses[-1], abs=1e-12)


@pytest.mark.parametrize("case", ["one gate", "a factor of two", "a controlled rotation"])
def test_shift_points_give_the_slope_of_the_mean_expectation(case):
    model, plane = own(*CASES[case][0])
    curve = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0))

    def mean(value):
        numbers = model.numbers.copy()
        numbers[0] = value
        return model.with_numbers(numbers).expectations(plane.split.X_train, "numpy").mean(axis=0)

    value = curve.use.value
    slope = (mean(value + 1e-5) - mean(value - 1e-5)) / 2e-5
    by_rule = sum(c * mean(place) for c, place in curve.shift_points)
    assert by_rule == pytest.approx(slope, abs=1e-8)
    low, high = curve.use.ends
    assert all(low <= place <= high for _, place in curve.shift_points)


@pytest.mark.parametrize("case", ["two gates", "times a feature", "twice times a feature"])
def test_there_are_no_shift_points_of_a_weight_without_a_rule_of_its_own(case):
    model, plane = own(*CASES[case][0])
    curve = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0))
    assert curve.shift_points == []
    assert "sine" in curve.to_dict()["sentence"]


def test_a_mean_that_is_called_a_sine_is_one_and_others_are_not():
    for case, (operations, is_sine, _) in CASES.items():
        model, plane = own(*operations)
        curve = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0))
        mean = curve.expectations.mean(axis=1)
        width = curve.use.width
        waves = 2 * pi / width * (curve.values - curve.values[0])
        basis = np.stack([np.ones_like(waves), np.cos(waves), np.sin(waves)], axis=1)
        left_over = mean - basis @ np.linalg.lstsq(basis, mean, rcond=None)[0]
        assert (np.abs(left_over).max() < 1e-9) == is_sine, case


FLAT = {
    "after it only Z is read": [CX, Operation("rz", 0, Weight(0))],
    "its control is 0": [Operation("h", 0), Operation("h", 0), Operation("crx", (0, 1), Weight(0))],
    "it turns there and back": [
        Operation("rx", 1, Weight(0)), CX, Operation("rx", 1, Polynomial(((-1.0, (), (0,)),))),
    ],
    "times a feature that is 0": [Operation("rx", 0, WeightedFeature(0, 0))],
}  # fmt: skip


@pytest.mark.parametrize("case", FLAT)
def test_a_weight_without_effect_is_called_no_sine(case):
    model, plane = own(*FLAT[case], column=(0.0, 0.0))
    told = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0)).to_dict()
    assert np.ptp(told["losses"]) < 1e-6
    assert told["sentence"].startswith("Nothing that is read out depends on this weight")
    assert not told["is_sine"]


@pytest.mark.parametrize("column", [(-1.5, 1.5), (0.0, 1.5), (1.5, 1.5)])
def test_a_feature_of_two_values_makes_one_frequency(column):
    """Such as yes and no: the mean is a sine of the weight, and the shift rule holds."""
    model, plane = own(Operation("rx", 1, WeightedFeature(0, 0)), CX, column=column)
    curve = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0))
    told = curve.to_dict()
    assert told["is_sine"]
    assert told["period"] == pytest.approx(2 * pi / 1.5)
    assert ("equally far" in told["sentence"]) == (column[0] != column[1])

    def mean(value):
        numbers = model.numbers.copy()
        numbers[0] = value
        return model.with_numbers(numbers).expectations(plane.split.X_train, "numpy").mean(axis=0)

    seen = np.array([mean(value) for value in curve.values[::20]])
    assert curve.expectations.mean(axis=1)[::20] == pytest.approx(seen, abs=1e-12)
    slope = (mean(curve.use.value + 1e-5) - mean(curve.use.value - 1e-5)) / 2e-5
    by_rule = sum(c * mean(place) for c, place in curve.shift_points)
    assert by_rule == pytest.approx(slope, abs=1e-8)


def test_a_controlled_rotation_by_a_feature_is_one_gate():
    model, plane = own(Operation("crx", (0, 1), WeightedFeature(1, 0)))
    told = Slice.of(WeightUse(training_problem(model, plane), model.numbers, 0)).to_dict()
    assert told["sentence"].startswith("A gate of several frequencies turns with this weight")


def test_a_gate_is_told_with_its_angles_and_every_weight():
    clf, plane = fitted(n_layers=1, encoding="angle_sum", n_qubits=1)
    told = gate_view(clf.model_, plane, 1)
    assert told["name"] == "ry"
    assert told["angles"][0]["formula"] == "w0·x0+w1·x1"
    assert [curve["weight"] for curve in told["slices"]] == [0, 1]
    angles = clf.model_.angles(plane.split.X_train)[0]
    assert (told["angles"][0]["low"], told["angles"][0]["high"]) == (angles.min(), angles.max())
    assert gate_view(clf.model_, plane, 0)["slices"] == []
