"""Quantum kernels that scikit-learn's kernel methods take as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.gaussian_process.kernels import Hyperparameter, Kernel
from sklearn.utils import check_array

from qmlplay.backends import Backend, get_backend, keeps_amplitudes
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import (
    check_choice,
    check_count,
    check_flag,
    check_optional_count,
    check_positive,
)
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.kernels.kernel_design import KERNEL_KINDS, KernelDesign
from qmlplay.kernels.kernel_matrix import kernel_matrix
from qmlplay.typing import Real

__all__ = ["QuantumKernel"]

#: Half the step in log(bandwidth) of a difference quotient: for angles of 20 radians the error is
#: about 1e-7.
_STEP = 1e-5


class QuantumKernel(Kernel):  # type: ignore[misc]
    """A similarity of rows of data, from the quantum states that an encoding makes of them.

    The fidelity kernel is k(x, y) = |⟨φ(x)|φ(y)⟩|². The projected kernel looks at one qubit
    after the other, k(x, y) = exp(−γ Σ (⟨P⟩ₓ − ⟨P⟩ᵧ)²), summed over X, Y and Z of every qubit; as
    ‖ρ − ρ'‖² of a qubit is half that sum, it is the one of [1]_ with a γ half as large.

    It takes features as radians: put a scaler before it, or take `QuantumKernelClassifier`, which
    learns one. It is a `sklearn.gaussian_process.kernels.Kernel`, a callable that ``SVC``, ``SVR``,
    ``KernelRidge``, ``GaussianProcessClassifier``, ``GaussianProcessRegressor`` and ``Nystroem``
    take as ``kernel=QuantumKernel(...)``, and that can be added to and multiplied with others. Its
    parameters are reached in grid searches as ``kernel__bandwidth``.

    Parameters
    ----------
    encoding : str or callable, default="zz"
        How a row becomes gates; a name of `qmlplay.encodings.ENCODINGS`, or a function
        ``(n_qubits, n_features)`` → list of `Operation`.
    kind : {"fidelity", "projected"}, default="fidelity"
    backend : str or Backend, default="numpy"
        The simulator: ``"numpy"``, ``"qiskit"``, ``"cirq"``, ``"pennylane"``, or an object.
    bandwidth : float, default=1.0
        Positive factor of every angle that reads features, products of features included [2]_
        [3]_. The more qubits there are, the smaller it has to be: else all rows are unlike each
        other.
    gamma : float, default=1.0
        The γ of the projected kernel, positive.
    n_qubits : int or None, default=None
        None takes one per feature, at least 2 and at most 8; for "amplitude" as few as suffice.
    n_layers : int, default=1
        How often the encoding is repeated.
    weights : sequence of float or None, default=None
        A further factor of every angle (of every feature in a sum of them) that reads features, in
        the order of the circuit: what `train_alignment` finds. None stands for ones.
    shots : int or None, default=None
        Measurements per circuit; None is exact.
    noise : None, str or NoiseModel, default=None
        As in `qmlplay.VariationalClassifier`. With shots or noise the fidelity is how often the
        circuit U†(y) U(x) ends in 0…0; on the diagonal it is 1 without a measurement. The projected
        kernel then measures X, Y and Z once for every row.
    enforce_psd : bool, default=True
        Whether measured fidelities of a symmetric matrix are put right: negative eigenvalues,
        which come from chance, become 0 (the nearest positive semi-definite matrix).
    bandwidth_bounds : tuple of two float or "fixed", default="fixed"
        Bounds between which Gaussian processes look for the bandwidth, by the marginal likelihood.
    random_state : int or None, default=None
        Seed of the shots; with an integer the same call gives the same matrix.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not allowed.

    References
    ----------
    .. [1] Huang et al., "Power of data in quantum machine learning", arXiv:2011.01938.
    .. [2] Shaydulin and Wild, "Importance of kernel bandwidth in quantum machine learning",
       arXiv:2111.05451.
    .. [3] Canatar et al., "Bandwidth enables generalization in quantum kernel models",
       arXiv:2206.06686.

    Examples
    --------
    One feature by RY: the states of x and y have the fidelity cos²((x − y)/2).

    >>> kernel = QuantumKernel("angle_ry", n_qubits=1)
    >>> kernel([[0.0], [np.pi / 2], [np.pi]]).round(6)
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0.5],
           [0. , 0.5, 1. ]])
    >>> from sklearn.svm import SVC
    >>> from qmlplay import load_dataset
    >>> data = load_dataset("ad_hoc", n_samples=60, random_state=0)
    >>> float(SVC(kernel=QuantumKernel("zz")).fit(data.X, data.y).score(data.X, data.y))
    1.0
    """

    def __init__(
        self,
        encoding: str | Encoding = "zz",
        *,
        kind: str = "fidelity",
        backend: str | Backend = "numpy",
        bandwidth: float = 1.0,
        gamma: float = 1.0,
        n_qubits: int | None = None,
        n_layers: int = 1,
        weights: Sequence[float] | None = None,
        shots: int | None = None,
        noise: str | NoiseModel | None = None,
        enforce_psd: bool = True,
        bandwidth_bounds: tuple[float, float] | str = "fixed",
        random_state: int | None = None,
    ) -> None:
        self.encoding = encoding
        self.kind = kind
        self.backend = backend
        self.bandwidth = bandwidth
        self.gamma = gamma
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.weights = weights
        self.shots = shots
        self.noise = noise
        self.enforce_psd = enforce_psd
        self.bandwidth_bounds = bandwidth_bounds
        self.random_state = random_state
        self._check()

    def _check(self) -> None:
        get_encoding(self.encoding)
        check_choice("kind", self.kind, KERNEL_KINDS)
        check_positive("bandwidth", self.bandwidth)
        check_positive("gamma", self.gamma)
        check_optional_count("n_qubits", self.n_qubits)
        check_count("n_layers", self.n_layers)
        check_flag("enforce_psd", self.enforce_psd)
        if isinstance(self.backend, Backend) and (self.shots, self.noise) != (None, None):
            raise ValueError(
                f"backend={self.backend!r} is an object with settings of its own: give shots and "
                f"noise to it, and leave the kernel's at None"
            )

    def design(self, n_features: int, *, with_weights: bool = False) -> KernelDesign:
        """Return the circuit and all that decides the kernel of rows of so many features.

        Parameters
        ----------
        n_features : int
        with_weights : bool, default=False
            Whether there are weights in any case: ones where the kernel has none.

        Examples
        --------
        >>> QuantumKernel("dense").design(n_features=6).circuit.n_qubits
        3
        """
        self._check()  # set_params may have changed anything
        return KernelDesign.make(
            n_features,
            encoding=self.encoding,
            n_qubits=self.n_qubits,
            n_layers=self.n_layers,
            kind=self.kind,
            bandwidth=self.bandwidth,
            gamma=self.gamma,
            weights="ones" if with_weights and self.weights is None else self.weights,
            keeps_amplitudes=keeps_amplitudes(self.backend),
        )

    def make_backend(self) -> Backend:
        """Return the simulator that the parameters ask for; a `Backend` object is itself one."""
        if isinstance(self.backend, Backend):
            return self.backend
        settings = {"shots": self.shots, "noise": self.noise, "seed": self.random_state}
        return get_backend(self.backend, **settings)

    def __call__(
        self, X: ArrayLike, Y: ArrayLike | None = None, eval_gradient: bool = False
    ) -> Any:
        """Return the kernel matrix.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_features)
            Features in radians.
        Y : array-like of shape (n_columns, n_features), optional
            X itself by default.
        eval_gradient : bool, default=False
            Whether to return the derivative by log(bandwidth) as well, where `bandwidth_bounds` are
            given: what Gaussian processes ask for.

        Returns
        -------
        matrix : ndarray of shape (n_rows, n_columns)
        gradient : ndarray of shape (n_rows, n_rows, n_dims)
            Only with ``eval_gradient=True``; n_dims is 0 where the bandwidth is fixed, else 1.

        Raises
        ------
        ValueError
            If X and Y have different numbers of features, hold something else than finite numbers,
            or the matrix would not fit into memory.
        """
        rows = check_array(X, dtype=float, input_name="X")
        columns = None if Y is None or Y is X else check_array(Y, dtype=float, input_name="Y")
        if columns is not None and columns.shape[1] != rows.shape[1]:
            raise ValueError(
                f"X has {rows.shape[1]} features, but Y has {columns.shape[1]}: give both the same"
            )
        if columns is not None and np.array_equal(rows, columns):
            columns = None
        matrix = self._matrix(rows, columns)
        if not eval_gradient:
            return matrix
        if columns is not None:
            raise ValueError("eval_gradient=True needs a symmetric matrix: leave out Y")
        return matrix, self._gradient(rows)

    def _matrix(self, X: Real, Y: Real | None = None) -> Real:
        design = self.design(X.shape[1])
        return kernel_matrix(design, self.make_backend(), X, Y, enforce_psd=self.enforce_psd)

    def _gradient(self, X: Real) -> Real:
        """Return d K / d log(bandwidth), shape (n_rows, n_rows, n_dims)."""
        if self.hyperparameter_bandwidth.fixed:
            return np.empty((len(X), len(X), 0))
        if not self.make_backend().is_exact:
            raise ValueError(
                "Gaussian processes train the bandwidth on exact states: leave out shots and "
                "noise, or take bandwidth_bounds='fixed'"
            )
        after, before = (
            self.clone_with_theta(self.theta + step)._matrix(X) for step in (_STEP, -_STEP)
        )
        return np.asarray((after - before)[:, :, None] / (2 * _STEP))

    @property
    def hyperparameter_bandwidth(self) -> Any:
        """The bandwidth as scikit-learn's Gaussian processes see it."""
        return Hyperparameter("bandwidth", "numeric", self.bandwidth_bounds)

    def diag(self, X: ArrayLike) -> Real:
        """Return k(x, x) = 1 for every row of X."""
        return np.ones(len(check_array(X, dtype=float)))

    def is_stationary(self) -> bool:
        """Return False: k(x, y) need not be a function of x − y."""
        return False

    def __repr__(self) -> str:
        defaults = QuantumKernel().get_params()
        shown = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if repr(value) != repr(defaults[name])
        ]
        return f"QuantumKernel({', '.join(shown)})"
