"""Losses against scikit-learn, and their derivatives against central differences."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss
from sklearn.metrics import hinge_loss as sklearn_hinge_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from qmlplay.model import probabilities
from qmlplay.training.losses import LOSSES, hinge, log_loss, squared_error

SHAPES = pytest.mark.parametrize("n_outputs", [1, 3, 5])


def example(n_outputs, n_samples=12, seed=0):
    """Decision values and class indices, every class present."""
    generator = np.random.default_rng(seed)
    decisions = generator.normal(0, 2, (n_samples, n_outputs))
    return decisions, np.arange(n_samples) % max(2, n_outputs)


@SHAPES
def test_probabilities_are_positive_and_add_up_to_one(n_outputs):
    p = probabilities(example(n_outputs)[0])
    assert p.shape == (12, max(2, n_outputs))
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_a_binary_decision_value_is_the_log_odds_of_class_one():
    decisions, _ = example(1)
    p = probabilities(decisions)
    np.testing.assert_allclose(np.log(p[:, 1] / p[:, 0]), decisions[:, 0])


def test_multiclass_decision_values_are_log_probabilities_up_to_a_constant():
    decisions, _ = example(3)
    difference = np.log(probabilities(decisions)) - decisions
    np.testing.assert_allclose(difference, difference[:, [0]] * np.ones(3))


@SHAPES
def test_log_loss_is_that_of_scikit_learn(n_outputs):
    decisions, y = example(n_outputs)
    losses, _ = log_loss(decisions, y)
    assert losses.shape == y.shape
    assert losses.mean() == pytest.approx(sklearn_log_loss(y, probabilities(decisions)), abs=1e-12)


def test_binary_squared_error_is_twice_the_brier_score_of_scikit_learn():
    decisions, y = example(1)
    losses, _ = squared_error(decisions, y)
    expected = 2 * brier_score_loss(y, probabilities(decisions)[:, 1])  # it counts both classes
    assert losses.mean() == pytest.approx(expected, abs=1e-12)


@SHAPES
def test_squared_error_is_the_distance_to_the_one_hot_label(n_outputs):
    decisions, y = example(n_outputs)
    one_hot = np.eye(max(2, n_outputs))[y]
    expected = ((probabilities(decisions) - one_hot) ** 2).sum(axis=1)
    np.testing.assert_allclose(squared_error(decisions, y)[0], expected)


@SHAPES
def test_hinge_loss_is_that_of_scikit_learn(n_outputs):
    decisions, y = example(n_outputs, n_samples=60)
    losses, _ = hinge(decisions, y)
    margins = decisions[:, 0] if n_outputs == 1 else decisions
    assert (losses == 0).any()
    assert (losses > 0).any()
    assert losses.mean() == pytest.approx(sklearn_hinge_loss(y, margins), abs=1e-12)
    weights = np.random.default_rng(1).uniform(0.1, 2, len(y))
    expected = sklearn_hinge_loss(y, margins, sample_weight=weights)
    assert np.average(losses, weights=weights) == pytest.approx(expected, abs=1e-12)


@SHAPES
@pytest.mark.parametrize("name", LOSSES)
def test_derivatives_are_those_of_central_differences(name, n_outputs):
    decisions, y = example(n_outputs)
    _, derivative = LOSSES[name](decisions, y)
    assert derivative.shape == decisions.shape
    h = 1e-5
    for k in range(n_outputs):
        shift = h * np.eye(n_outputs)[k]
        up, down = (LOSSES[name](decisions + s, y)[0] for s in (shift, -shift))
        np.testing.assert_allclose(derivative[:, k], (up - down) / (2 * h), atol=1e-9)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("size", [40.0, 1e3, 1e8])
def test_extreme_decision_values_stay_finite(name, size):
    binary = np.array([[size], [-size], [size], [-size]])
    loss, derivative = LOSSES[name](binary, np.array([1, 0, 0, 1]))
    wrong = {"log_loss": size, "squared_error": 2.0, "hinge": 1 + size}[name]
    np.testing.assert_allclose(loss, [0, 0, wrong, wrong], atol=1e-12)
    steepest = 0 if name == "squared_error" else 1
    np.testing.assert_allclose(derivative[:, 0], [0, 0, steepest, -steepest], atol=1e-12)

    multiclass = size * np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    loss, derivative = LOSSES[name](multiclass, np.array([0, 0]))
    wrong = {"log_loss": 2 * size, "squared_error": 2.0, "hinge": 1 + 2 * size}[name]
    np.testing.assert_allclose(loss, [0, wrong], atol=1e-12)
    assert np.isfinite(derivative).all()
    np.testing.assert_allclose(probabilities(multiclass), [[1, 0, 0], [0, 1, 0]], atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_two_outputs_of_a_softmax_and_one_log_odds_are_the_same_model(name):
    one, y = example(1)
    two = np.hstack([np.zeros_like(one), one])
    np.testing.assert_allclose(probabilities(two), probabilities(one))
    np.testing.assert_allclose(LOSSES[name](two, y)[0], LOSSES[name](one, y)[0])
    np.testing.assert_allclose(LOSSES[name](two, y)[1][:, [1]], LOSSES[name](one, y)[1], atol=1e-15)
