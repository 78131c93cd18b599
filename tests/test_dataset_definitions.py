"""Every generated dataset against its definition."""

from __future__ import annotations

from functools import reduce
from itertools import combinations

import numpy as np
import pytest
import sklearn.datasets
from scipy.linalg import expm
from scipy.optimize import linprog
from scipy.stats import unitary_group

from qmlplay.datasets import load_dataset


def is_separable(X, y):
    """Whether a plane leaves every sample on its own side: feasibility of s (x·w + b) >= 1."""
    signs = np.where(y == 1, 1.0, -1.0)[:, None]
    rows = -signs * np.column_stack([X, np.ones(len(X))])
    free = [(None, None)] * rows.shape[1]
    return linprog(np.zeros(rows.shape[1]), rows, -np.ones(len(X)), bounds=free).status == 0


def test_scikit_learn_generators():
    X, y = sklearn.datasets.make_moons(300, noise=0.15, random_state=5)
    np.testing.assert_array_equal(load_dataset("moons", random_state=5).X, X)
    np.testing.assert_array_equal(load_dataset("moons", random_state=5).y, y)
    X, _ = sklearn.datasets.make_circles(300, noise=0.1, factor=0.5, random_state=5)
    np.testing.assert_array_equal(load_dataset("circles", random_state=5).X, X)
    X, _ = sklearn.datasets.make_blobs(300, centers=3, random_state=5)
    np.testing.assert_array_equal(load_dataset("blobs", random_state=5).X, X)


def test_xor_is_the_sign_of_the_product():
    clean, noisy = (load_dataset("xor", noise=sd, random_state=0) for sd in (0.0, 0.2))
    np.testing.assert_array_equal(clean.y, clean.X.prod(axis=1) < 0)
    assert np.abs(clean.X).max() <= 1
    assert (np.sign(clean.X).sum(axis=0) < 60).all()  # all four quadrants are used
    assert np.std(noisy.X - clean.X) == pytest.approx(0.2, rel=0.1)


def test_spirals_lie_on_their_arms():
    data = load_dataset("spirals", n_classes=3, turns=1.5, noise=0.0, random_state=0)
    radius, angle = np.hypot(*data.X.T), np.arctan2(data.X[:, 1], data.X[:, 0])
    arm = 3 * (angle / (2 * np.pi) - 1.5 * radius)  # whole, and the label modulo 3
    np.testing.assert_allclose(arm, np.round(arm), atol=1e-9)
    np.testing.assert_array_equal(np.round(arm).astype(int) % 3, data.y)
    assert radius.min() >= 0.1
    assert radius.max() <= 1


def test_checkerboard_colours():
    data = load_dataset("checkerboard", n_squares=5, random_state=0)
    column, row = (data.X // 0.2).T
    np.testing.assert_array_equal(data.y, (column + row) % 2)


@pytest.mark.parametrize("n_features", [2, 5])
def test_linearly_separable_keeps_its_margin(n_features):
    data = load_dataset("linearly_separable", n_features=n_features, margin=0.4, random_state=0)
    height = data.X.sum(axis=1)
    assert np.abs(height).min() > 0.4
    np.testing.assert_array_equal(data.y, height > 0)
    default = load_dataset("linearly_separable", n_features=n_features, n_samples=5000)
    assert 0.02 * n_features < np.abs(default.X.sum(axis=1)).min() < 0.03 * n_features


def test_hidden_manifold_has_the_dimension_asked_for():
    options = {"n_features": 6, "manifold_dimension": 3, "random_state": 0}
    flat = np.arctanh(load_dataset("hidden_manifold", **options).X)
    assert np.linalg.matrix_rank(flat - flat.mean(axis=0)) == 3
    noisy = load_dataset("hidden_manifold", noise=0.01, **options).X
    assert np.linalg.matrix_rank(noisy - noisy.mean(axis=0)) == 6


def test_two_curves_are_shifted_copies():
    data = load_dataset("two_curves", n_features=9, degree=3, offset=0.7, noise=0.0, random_state=0)
    unshifted = data.X - 0.7 * data.y[:, None]
    assert np.linalg.matrix_rank(unshifted, tol=1e-9) == 7  # constant, three cosines, three sines
    moved = load_dataset(
        "two_curves", n_features=9, degree=3, offset=0.2, noise=0.0, random_state=0
    )
    np.testing.assert_allclose(data.X - moved.X, 0.5 * data.y[:, None] * np.ones(9), atol=1e-12)
    assert np.linalg.norm(unshifted, axis=1).max() <= 3  # the coefficients have norm 1


def test_one_hyperplane_is_linear_and_two_are_not():
    options = {"n_features": 5, "dim_hyperplanes": 3, "random_state": 0}
    one = load_dataset("hyperplanes", n_hyperplanes=1, **options)
    two = load_dataset("hyperplanes", n_hyperplanes=2, **options)
    assert is_separable(one.X, one.y)
    assert not is_separable(two.X, two.y)
    assert np.linalg.matrix_rank(two.X) == 3


@pytest.mark.parametrize("label", [0, 1])
def test_parity_of_hyperplanes_leaves_no_class_convex(label):
    # "above all" and "above none" are convex, "above an odd number" is not, nor is the rest
    data = load_dataset("hyperplanes", n_hyperplanes=3, dim_hyperplanes=2, random_state=0)
    own, others = data.X[data.y == label], data.X[data.y != label][:40]
    y = np.arange(len(own) + 1) == len(own)
    assert not all(is_separable(np.vstack([own, point]), y) for point in others)


def test_bars_and_stripes():
    data = load_dataset("bars_and_stripes", height=3, width=5, noise=0.0, random_state=0)
    images = data.X.reshape(-1, 3, 5)
    assert set(np.unique(images)) == {-1.0, 1.0}
    same_columns = (images == images[:, :1, :]).all(axis=(1, 2))  # every row alike: bars
    same_rows = (images == images[:, :, :1]).all(axis=(1, 2))
    np.testing.assert_array_equal(data.y == 0, same_columns)
    np.testing.assert_array_equal(data.y == 1, same_rows)
    assert len(np.unique(data.X, axis=0)) == (2**3 - 2) + (2**5 - 2)


def test_parity():
    data = load_dataset("parity", n_features=5, noise=0.0, random_state=0)
    np.testing.assert_array_equal(data.X.sum(axis=1) % 2, data.y)
    assert len(np.unique(data.X, axis=0)) == 32


@pytest.mark.parametrize("n_features", [2, 3])
def test_ad_hoc_against_explicit_matrices(n_features):
    data = load_dataset("ad_hoc", n_samples=40, n_features=n_features, gap=0.4, random_state=11)
    rotation = unitary_group.rvs(2**n_features, random_state=np.random.RandomState(11))
    one, z, h = np.eye(2), np.diag([1.0, -1.0]), np.array([[1, 1], [1, -1]]) / np.sqrt(2)

    def product(letters):
        return reduce(np.kron, letters)

    def on(qubits):
        return product([z if q in qubits else one for q in range(n_features)])

    def value(x):
        generator = sum(x[i] * on({i}) for i in range(n_features))
        for i, j in combinations(range(n_features), 2):
            generator = generator + (np.pi - x[i]) * (np.pi - x[j]) * on({i, j})
        layer = expm(1j * generator) @ product([h] * n_features)
        state = rotation @ layer @ layer @ np.eye(2**n_features)[0]
        return (state.conj() @ product([z] * n_features) @ state).real

    values = np.array([value(x) for x in data.X])
    assert np.abs(values).min() >= 0.4
    np.testing.assert_array_equal(data.y, values > 0)
    assert (data.X > 0).all()
    assert (2 * np.pi >= data.X).all()


def test_sine_and_fourier_are_what_they_say():
    sine = load_dataset("sine", noise=0.0, random_state=0)
    np.testing.assert_allclose(sine.y, np.sin(sine.X[:, 0]), atol=1e-12)
    noisy = load_dataset("sine", n_samples=2000, noise=0.3, random_state=0)
    assert np.std(noisy.y - np.sin(noisy.X[:, 0])) == pytest.approx(0.3, rel=0.1)
    data = load_dataset("fourier", degree=3, random_state=0)
    assert np.abs(data.X).max() <= np.pi
    coefficient = 0.15 - 0.15j
    x = data.X[:, 0]
    series = 0.1 + sum(
        coefficient * np.exp(1j * k * x) + np.conj(coefficient) * np.exp(-1j * k * x)
        for k in (1, 2, 3)
    )
    np.testing.assert_allclose(data.y, series.real, atol=1e-12)


def test_regressions_of_scikit_learn():
    X, y = sklearn.datasets.make_friedman1(300, 10, noise=1.0, random_state=5)
    np.testing.assert_array_equal(load_dataset("friedman1", random_state=5).X, X)
    np.testing.assert_array_equal(load_dataset("friedman1", random_state=5).y, y)
    table = sklearn.datasets.load_diabetes(scaled=False)
    np.testing.assert_array_equal(load_dataset("diabetes").X, table.data)
    np.testing.assert_array_equal(load_dataset("diabetes").y, table.target)
    assert load_dataset("diabetes").feature_names == list(table.feature_names)
    with pytest.raises(ValueError, match=r"n_features=4: .* at least 5"):
        load_dataset("friedman1", n_features=4)


def test_disk_has_half_the_area_of_the_square():
    data = load_dataset("disk", n_samples=400, random_state=0)
    assert np.abs(data.X).max() <= 1
    np.testing.assert_array_equal(data.y, np.hypot(*data.X.T) < np.sqrt(2 / np.pi))
    assert np.bincount(data.y).tolist() == [200, 200]


@pytest.mark.parametrize("n_qubits", [3, 4, 6])
def test_cluster_ising_rows_are_ground_states_of_their_phase(n_qubits):
    """Pauli matrices put together by Kronecker products; the field is found from the state."""
    data = load_dataset("cluster_ising", n_samples=20, n_qubits=n_qubits, random_state=0)

    def product(**letters):
        matrix = np.eye(1)
        for qubit in range(n_qubits):
            matrix = np.kron(matrix, PAULI[letters.get(f"q{qubit}", "I")])
        return matrix

    ring = range(n_qubits)
    flips = sum(product(**{f"q{i}": "X"}) for i in ring)
    cluster = sum(
        product(**{f"q{i}": "Z", f"q{(i + 1) % n_qubits}": "X", f"q{(i + 2) % n_qubits}": "Z"})
        for i in ring
    )
    for x, label in zip(data.X, data.y, strict=True):
        columns = np.stack([-(flips @ x), -x], axis=1)  # −cluster·x = h·flips·x + energy·x
        (h, energy), *_ = np.linalg.lstsq(columns, cluster @ x, rcond=None)
        np.testing.assert_allclose(columns @ [h, energy], cluster @ x, atol=1e-10)
        assert 0 <= h <= 2
        assert label == (h < 1)
        assert energy == pytest.approx(np.linalg.eigvalsh(-cluster - h * flips)[0])
        assert np.linalg.norm(x) == pytest.approx(1)
        assert x[0] > 0


PAULI = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Z": np.diag([1, -1])}
