"""The kernel matrix: states in one batch and one product, or an overlap circuit per pair."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import psutil
from scipy.linalg.blas import zherk
from scipy.spatial.distance import cdist

from qmlplay.backends import Backend
from qmlplay.backends.duration import warn_if_slow
from qmlplay.circuit import Circuit
from qmlplay.kernels.kernel_design import KernelDesign
from qmlplay.typing import Complex, Integers, Real

__all__ = ["kernel_matrix", "nearest_psd", "overlap_circuit"]

#: Amplitudes of a block of states and overlaps of a block of products (64 MiB each), and amplitudes
#: of the pairs that are measured at a time.
_BLOCK, _PRODUCTS, _MEASURED = 2**22, 2**22, 2**20
#: Rows of the squares on the diagonal, of which half the work is spared.
_SIDE = 2**11


def kernel_matrix(
    design: KernelDesign,
    backend: Backend,
    X: Real,
    Y: Real | None = None,
    *,
    enforce_psd: bool = True,
) -> Real:
    """Return k(x, y) for all rows of X and of Y, shape (n_rows, n_columns).

    Parameters
    ----------
    design : KernelDesign
    backend : Backend
        The simulator, exact or with shots and noise.
    X, Y : ndarray of shape (n_samples, n_features)
        Rows in radians. Without Y the matrix is symmetric, and of the fidelity kernel its
        diagonal is 1 without a measurement.
    enforce_psd : bool, default=True
        Whether a symmetric matrix of measured fidelities becomes the nearest positive
        semi-definite one, see `nearest_psd`.

    Raises
    ------
    ValueError
        If the matrix would not fit into memory.
    """
    _check_memory(len(X), len(X if Y is None else Y))
    if design.kind == "fidelity" and not backend.keeps_amplitudes:
        raise ValueError(
            f"the fidelity kernel compares states, and {backend!r} keeps no amplitudes: take "
            f"kind='projected', which needs expectations alone"
        )
    for rows in (X,) if Y is None else (X, Y):
        design.circuit.check_rows(rows)
    if design.kind == "projected":
        seen = _expectations(design, backend, X)
        others = seen if Y is None else _expectations(design, backend, Y)
        matrix = cdist(seen, others, "sqeuclidean")
        matrix *= -design.gamma
        return np.asarray(np.exp(matrix, out=matrix))
    if backend.is_exact:
        return _exact(design, backend, X, Y)
    measured = _measured(design, backend, X, Y)
    return nearest_psd(measured) if enforce_psd and Y is None else measured


def nearest_psd(matrix: Real) -> Real:
    """Return the positive semi-definite matrix nearest to a symmetric one (Frobenius norm).

    Its negative eigenvalues become 0. Entries change by as much as noise made them negative; the
    diagonal may then be a little larger than 1.

    References
    ----------
    N. Higham, "Computing a nearest symmetric positive semidefinite matrix", Linear Algebra and
    its Applications 103 (1988).

    Examples
    --------
    >>> nearest_psd(np.array([[0.0, 1.0], [1.0, 0.0]]))
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= 0:
        return matrix
    projected = (vectors * np.maximum(values, 0)) @ vectors.T
    return np.asarray((projected + projected.T) / 2)


@lru_cache(maxsize=64)
def overlap_circuit(circuit: Circuit) -> Circuit:
    """Return the circuit U†(y) U(x), whose probability of 0…0 is the fidelity of two rows.

    It takes the angles of x, then those of y, negated.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(1, (Gate("s", (0,)), Gate("ry", (0,), slot=0)))
    >>> [(gate.name, gate.slot) for gate in overlap_circuit(circuit).gates]
    [('s', None), ('ry', 0), ('ry', 1), ('sdg', None)]
    """
    slots = range(circuit.n_slots, 2 * circuit.n_slots)
    return circuit.then(gate.inverse.with_slots(slots) for gate in reversed(circuit.gates))


def _check_memory(n_rows: int, n_columns: int) -> None:
    needed, free = 8.0 * n_rows * n_columns, psutil.virtual_memory().available
    if needed > free:
        raise ValueError(
            f"a kernel matrix of {n_rows:,} × {n_columns:,} entries needs {needed:.3g} bytes, but "
            f"{free:.3g} bytes of memory are free: use fewer rows, or a part of the columns, as "
            f"sklearn.kernel_approximation.Nystroem(kernel, n_components=200) does; or ask for "
            f"blocks, kernel(X[rows], X[columns]), on a cluster as Dask's arrays do (see the guide "
            f"to clusters)"
        )


def _expectations(design: KernelDesign, backend: Backend, X: Real) -> Real:
    circuit = design.circuit.circuit
    warn_if_slow(backend, circuit, 3 * len(X), "the kernel matrix")
    values = backend.expectations(circuit, design.angles(X), design.observables)
    return np.broadcast_to(values, (len(X), len(design.observables)))


def _exact(design: KernelDesign, backend: Backend, X: Real, Y: Real | None) -> Real:
    """Return |⟨φ(x)|φ(y)⟩|², by a matrix product for every two blocks of states."""
    circuit = design.circuit.circuit
    size = max(1, _BLOCK >> circuit.n_qubits)
    if Y is not None:
        matrix = np.empty((len(X), len(Y)))
        for rows in _blocks(len(X), size):
            left = backend.statevector(circuit, design.angles(X[rows]))
            for columns in _blocks(len(Y), size):
                right = backend.statevector(circuit, design.angles(Y[columns]))
                _fill(matrix[rows, columns], left, right)
        return np.minimum(matrix, 1, out=matrix)
    matrix = np.empty((len(X), len(X)))
    for rows in _blocks(len(X), size):
        left = backend.statevector(circuit, design.angles(X[rows]))
        _fill_square(matrix[rows, rows], left)
        for columns in _blocks(rows.start, size):
            right = backend.statevector(circuit, design.angles(X[columns]))
            _fill(matrix[rows, columns], left, right)
            matrix[columns, rows] = matrix[rows, columns].T
    np.fill_diagonal(matrix, 1)
    return np.minimum(matrix, 1, out=matrix)


def _fill(part: Real, left: Complex, right: Complex) -> None:
    """Write the fidelities of all pairs, a block of products at a time."""
    for rows in _blocks(len(left), max(1, _PRODUCTS // len(right))):
        part[rows] = _squares(left[rows].conj() @ right.T)


def _fill_square(part: Real, states: Complex) -> None:
    """Write the fidelities of states among each other."""
    for rows in _blocks(len(states), _SIDE):
        # Half the work of a product, and its lower half is zero.
        half = _squares(zherk(1.0, states[rows].T, trans=2))
        part[rows, rows] = np.triu(half, 1).T + half
        before = slice(0, rows.start)
        if rows.start:
            _fill(part[rows, before], states[rows], states[before])
            part[before, rows] = part[rows, before].T


def _squares(overlaps: Complex) -> Real:
    return np.asarray(overlaps.real**2 + overlaps.imag**2)


def _blocks(n_rows: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size)]


def _measured(design: KernelDesign, backend: Backend, X: Real, Y: Real | None) -> Real:
    """Return how often 0…0 is seen after each overlap circuit."""
    is_symmetric = Y is None
    columns = X if Y is None else Y
    shape = (len(X), len(columns))
    n_pairs = len(X) * (len(X) - 1) // 2 if is_symmetric else len(X) * len(columns)
    circuit = overlap_circuit(design.circuit.circuit)
    warn_if_slow(backend, circuit, n_pairs, "the kernel matrix")
    matrix = np.ones(shape)
    size = max(1, _MEASURED >> circuit.n_qubits)
    for pairs in _blocks(n_pairs, size):
        rows, others = _pairs(pairs, shape, above_diagonal=is_symmetric)
        undone = [-angle for angle in design.angles(columns[others])]
        angles = design.angles(X[rows]) + undone
        matrix[rows, others] = backend.probabilities(circuit, angles)[:, 0]
        if is_symmetric:
            matrix[others, rows] = matrix[rows, others]
    return matrix


def _pairs(
    numbers: slice, shape: tuple[int, int], *, above_diagonal: bool
) -> tuple[Integers, Integers]:
    """Return rows and columns of some entries, counted row by row.

    Examples
    --------
    >>> _pairs(slice(1, 5), (4, 4), above_diagonal=True)
    (array([0, 0, 1, 1]), array([2, 3, 2, 3]))
    >>> _pairs(slice(1, 5), (2, 3), above_diagonal=False)
    (array([0, 0, 1, 1]), array([1, 2, 0, 1]))
    """
    index = np.arange(numbers.start, numbers.stop)
    if not above_diagonal:
        return np.divmod(index, shape[1])
    starts = np.concatenate([[0], np.cumsum(np.arange(shape[0] - 1, 0, -1))])
    rows = np.searchsorted(starts, index, side="right") - 1
    return rows, index - starts[rows] + rows + 1
