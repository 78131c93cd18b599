"""Extrapolation to zero noise, against polynomials and PennyLane."""

import numpy as np
import pennylane as qml
import pytest

from qmlplay.mitigation import extrapolate, extrapolation_weights


@pytest.mark.parametrize("scale_factors", [(1, 3), (1, 3, 5), (1, 1.5, 2, 4)])
def test_richardson_is_exact_on_polynomials(scale_factors):
    levels = np.array(scale_factors, dtype=float)
    coefficients = np.random.default_rng(0).normal(size=len(levels))  # as many as points
    values = np.polynomial.polynomial.polyval(levels, coefficients)
    found = extrapolate(scale_factors, values, "richardson")
    assert found == pytest.approx(coefficients[0], abs=1e-10)


@pytest.mark.parametrize("scale_factors", [(1, 3), (1, 3, 5), (1, 1.5, 2, 4)])
def test_linear_is_the_intercept_of_least_squares(scale_factors):
    values = np.random.default_rng(1).normal(size=(len(scale_factors), 4))
    intercepts = np.polyfit(scale_factors, values, 1)[1]
    np.testing.assert_allclose(extrapolate(scale_factors, values), intercepts, atol=1e-12)


@pytest.mark.parametrize("scale_factors", [(1, 3, 5), (1, 2, 3, 5)])
def test_both_agree_with_pennylane(scale_factors):
    generator = np.random.default_rng(2)
    for _ in range(5):
        values = generator.uniform(-1, 1, len(scale_factors))
        levels = np.array(scale_factors, dtype=float)
        by_line = float(qml.noise.poly_extrapolate(levels, values, 1))
        by_richardson = float(qml.noise.richardson_extrapolate(levels, values))
        assert extrapolate(scale_factors, values, "linear") == pytest.approx(by_line, abs=1e-9)
        found = extrapolate(scale_factors, values, "richardson")
        assert found == pytest.approx(by_richardson, abs=1e-9)


@pytest.mark.parametrize("extrapolation", ["linear", "richardson"])
def test_weights_sum_to_one_and_tell_the_price_in_shot_noise(extrapolation):
    weights = extrapolation_weights((1, 3, 5), extrapolation)
    assert weights.sum() == pytest.approx(1)
    values = np.random.default_rng(3).normal(size=(3, 20_000))
    spread = extrapolate((1, 3, 5), values, extrapolation).std()
    assert spread == pytest.approx(np.sqrt(np.sum(weights**2)), rel=0.03)


def test_any_shape_of_values_is_kept():
    values = np.random.default_rng(4).normal(size=(3, 2, 5))
    assert extrapolate((1, 3, 5), values).shape == (2, 5)
    each = [[extrapolate((1, 3, 5), values[:, i, j]) for j in range(5)] for i in range(2)]
    np.testing.assert_allclose(extrapolate((1, 3, 5), values), each)


def test_bad_input():
    with pytest.raises(ValueError, match="did you mean 'richardson'"):
        extrapolation_weights((1, 3), "richardsn")
    for few in ((), (1,), (1, np.nan), (1, np.inf), [[1, 3]]):
        with pytest.raises(ValueError, match="at least two finite numbers"):
            extrapolation_weights(few, "linear")
    with pytest.raises(ValueError, match="must differ from each other"):
        extrapolation_weights((1, 3, 3), "linear")
    with pytest.raises(ValueError, match=r"one entry per scale factor, 2; got shape \(3,\)"):
        extrapolate((1, 3), [1.0, 2.0, 3.0])
