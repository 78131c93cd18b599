"""Circuits from elsewhere, with polynomials as angles, on the array simulators."""

import cirq
import numpy as np
import pytest
import sympy

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.interop import from_cirq

DATA = load_dataset("moons", n_samples=20, random_state=0)


def fitted():
    x, w, q = sympy.symbols("x:2"), sympy.symbols("w:3"), cirq.LineQubit.range(2)
    encoding = from_cirq(
        cirq.Circuit(
            cirq.rx(w[0] * x[0] ** 2 + w[1] / 3)(q[0]),
            cirq.ry(2 * x[1] + sympy.pi / 3)(q[1]),
            cirq.CX(*q),
            cirq.rz(2 * w[2] - 1)(q[1]),
        ),
        features="x",
    )
    clf = VariationalClassifier(encoding=encoding, n_layers=2, max_iter=2, random_state=0)
    return clf.fit(DATA.X, DATA.y)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("torch", marks=pytest.mark.needs("torch")),
        pytest.param("jax", marks=pytest.mark.needs("jax")),
    ],
)
def test_values_and_gradients(name):
    clf = fitted()
    cotangents = np.random.default_rng(1).normal(size=(20, len(clf.observables_)))
    np.testing.assert_allclose(
        clf.with_backend(name).decision_function(DATA.X),
        clf.decision_function(DATA.X),
        atol=1e-12,
    )
    for found, expected in zip(
        clf.model_.gradients(DATA.X, name, cotangents),
        clf.model_.gradients(DATA.X, "numpy", cotangents),
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, atol=1e-10)
