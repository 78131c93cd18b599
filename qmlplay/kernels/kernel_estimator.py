"""The base of kernel estimators: all that does not depend on what is predicted."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from copy import copy
from numbers import Integral
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import (
    check_choice,
    check_count,
    check_flag,
    check_optional_count,
    check_positive,
    is_integer,
)
from qmlplay.circuit.drawing import draw_text
from qmlplay.classifier.ranges import check_scale_inputs, first_scaling
from qmlplay.classifier.validation import check_noise_or_device, numeric_features
from qmlplay.encoding_use import encoding_use
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.kernels.kernel_design import KERNEL_KINDS, KernelDesign
from qmlplay.kernels.kernel_files import write_kernel_file
from qmlplay.kernels.kernel_matrix import kernel_matrix
from qmlplay.kernels.kernel_model import KernelModel
from qmlplay.kernels.kernel_search import (
    BANDWIDTHS,
    BandwidthChoice,
    DistinctRows,
    KernelMachine,
    choose_bandwidth,
)
from qmlplay.kernels.quantum_kernel import QuantumKernel
from qmlplay.model import InputScaling
from qmlplay.progress import check_verbose, progress_bar
from qmlplay.typing import Real

__all__ = ["QuantumKernelEstimator"]

Bandwidth = float | str | Sequence[float]


class QuantumKernelEstimator(BaseEstimator):  # type: ignore[misc]
    """The common part of `QuantumKernelClassifier` and `QuantumKernelRegressor`."""

    backend: str | Backend
    encoding: str | Encoding
    kind: str
    bandwidth: Bandwidth
    gamma: float
    n_qubits: int | None
    n_layers: int
    scale_inputs: Any
    shots: int | None
    noise: str | NoiseModel | None
    enforce_psd: bool
    cv: int
    verbose: int | str
    random_state: int | np.random.RandomState | None

    model_: KernelModel

    @abstractmethod
    def _machine(self) -> KernelMachine:
        """Return what is fitted to the kernel matrix."""

    def _check_parameters(self) -> None:
        get_encoding(self.encoding)
        check_choice("kind", self.kind, KERNEL_KINDS)
        check_bandwidth(self.bandwidth)
        check_positive("gamma", self.gamma)
        check_optional_count("n_qubits", self.n_qubits)
        check_count("n_layers", self.n_layers)
        check_scale_inputs("scale_inputs", self.scale_inputs)
        check_optional_count("shots", self.shots)
        check_noise_or_device("noise", self.noise)
        check_flag("enforce_psd", self.enforce_psd)
        if not is_integer(self.cv, 2):
            raise ValueError(f"cv must be a number of folds, at least 2; got {self.cv!r}")
        check_verbose(self.verbose)
        if isinstance(self.backend, Backend) and (self.shots, self.noise) != (None, None):
            raise ValueError(
                f"backend={self.backend!r} is an object with settings of its own: give shots and "
                f"noise to it, and leave the estimator's at None"
            )

    def _weights(self, X: Real, sample_weight: ArrayLike | None) -> Real:
        weights = _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
        if not weights.any():
            raise ValueError("all sample weights are 0: at least some must be positive")
        return np.asarray(weights)

    def _search(self, rows: DistinctRows) -> tuple[KernelDesign, InputScaling, BandwidthChoice]:
        """Learn the scaling, and choose the bandwidth."""
        use = encoding_use(get_encoding(self.encoding), scale_inputs=self.scale_inputs)
        scaling = first_scaling(self.scale_inputs, rows.X, use)
        radians = scaling.radians(rows.X)
        random = check_random_state(self.random_state)
        backend = self.make_backend(random.randint(2**31 - 1) if self.shots else None)
        machine = self._machine()
        folds = machine.folds(rows.y, self.cv, random.randint(2**31 - 1))
        candidates = _candidates(self.bandwidth)

        def matrix_of(bandwidth: float) -> Real:
            design = self.design(radians.shape[1], bandwidth)
            return kernel_matrix(design, backend, radians, enforce_psd=self.enforce_psd)

        with progress_bar(len(candidates), "fit (kernel)", verbose=self.verbose) as progress:
            choice = choose_bandwidth(candidates, matrix_of, machine, rows, folds, progress)
        design = self.design(radians.shape[1], choice.bandwidth)
        self.bandwidth_scores_ = choice.scores
        self.n_circuit_evaluations_ = len(choice.scores) * design.n_circuits(
            len(radians), exact=backend.is_exact
        )
        return design, scaling, choice

    def design(self, n_features: int, bandwidth: float = 1.0) -> KernelDesign:
        """Return the circuit that `fit` would take for such data.

        Examples
        --------
        >>> from qmlplay.kernels import QuantumKernelClassifier
        >>> QuantumKernelClassifier().design(n_features=3).circuit.n_qubits
        3
        """
        return KernelDesign.make(
            n_features,
            encoding=self.encoding,
            n_qubits=self.n_qubits,
            n_layers=self.n_layers,
            kind=self.kind,
            bandwidth=bandwidth,
            gamma=self.gamma,
        )

    def make_backend(self, seed: int | None = None) -> Backend:
        """Return the simulator that the parameters ask for; a `Backend` object is itself one."""
        if isinstance(self.backend, Backend):
            return self.backend
        return get_backend(self.backend, shots=self.shots, noise=self.noise, seed=seed)

    @property
    def backend_(self) -> Backend:
        """The simulator to predict with, a new one at every look unless one was given."""
        self.model_  # noqa: B018 - there is none before fit
        seed = self.random_state
        return self.make_backend(int(seed) if isinstance(seed, Integral) else None)

    @property
    def bandwidth_(self) -> float:
        """The bandwidth that was given or found."""
        return self.model_.design.bandwidth

    @property
    def scaling_(self) -> InputScaling:
        """From features to radians."""
        return self.model_.scaling

    @property
    def n_qubits_(self) -> int:
        """Number of qubits."""
        return self.model_.design.circuit.n_qubits

    @property
    def n_parameters_(self) -> int:
        """How many numbers were learned: rows kept, their coefficients, intercepts."""
        return self.model_.n_parameters

    @property
    def kernel_(self) -> QuantumKernel:
        """The kernel of rows in radians, with the bandwidth that was found."""
        settings = ("encoding", "kind", "backend", "gamma", "n_qubits", "n_layers")
        more = ("shots", "noise", "enforce_psd")
        parameters = {name: getattr(self, name) for name in settings + more}
        return QuantumKernel(**parameters, bandwidth=self.bandwidth_)

    def draw(self) -> str:
        """Return a text drawing of the encoding; x are features in radians.

        Examples
        --------
        >>> from qmlplay.kernels import QuantumKernelClassifier
        >>> model = QuantumKernelClassifier(encoding="angle_ry").fit([[0.0], [1.0]], ["a", "b"])
        >>> print(model.draw())
        q0: ──RY(x0)──
        <BLANKLINE>
        q1: ──RY(x0)──
        """
        check_is_fitted(self)
        return draw_text(self.model_.design.circuit)

    def _asked(self, X: ArrayLike) -> tuple[Real, Backend]:
        """Return checked data, and the simulator that is asked about them."""
        check_is_fitted(self)
        with numeric_features(X):
            checked: Real = validate_data(self, X, reset=False, dtype=float)
        return checked, self.backend_

    def with_backend(self, backend: str | Backend, **settings: Any) -> Self:
        """Return the same fitted model on another simulator; this one stays as it is.

        Parameters
        ----------
        backend : str or Backend
            The other simulator.
        **settings
            New values of ``shots`` or ``noise``; those left out stay as they are.

        Examples
        --------
        >>> from qmlplay.kernels import QuantumKernelClassifier
        >>> model = QuantumKernelClassifier().fit([[0.0], [1.0]], ["a", "b"])
        >>> model.with_backend("cirq").predict([[0.2]]).tolist()
        ['a']
        """
        check_is_fitted(self)
        if set(settings) - {"shots", "noise"}:
            raise TypeError(f"with_backend takes shots and noise, got {sorted(settings)}")
        if isinstance(backend, Backend):
            settings = {"shots": None, "noise": None} | settings
        other = copy(self)
        other.set_params(backend=backend, **settings)
        other._check_parameters()
        other.make_backend()  # what is not allowed there, or missing, is reported now
        return other

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fitted model to a file that holds JSON and arrays, nothing executable.

        `qmlplay.load_model` reads it. Of an encoding that is a function the circuit is kept, which
        is enough for predictions.

        Parameters
        ----------
        path : str or path-like
            The file; an older one of that name is replaced.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        OSError, ValueError
            If the file cannot be written; an older file of that name is then left whole.
        """
        check_is_fitted(self)
        write_kernel_file(self, path)


def check_bandwidth(value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto", a positive number or several.

    Examples
    --------
    >>> check_bandwidth([0.5, -1])
    Traceback (most recent call last):
    ValueError: bandwidth must be a positive number, got -1
    """
    if isinstance(value, str) and value == "auto":
        return
    if isinstance(value, str):
        raise ValueError(f"bandwidth must be 'auto', a positive number or several; got {value!r}")
    if np.ndim(value) == 1 and len(value):
        for number in value:
            check_positive("bandwidth", number)
    else:
        check_positive("bandwidth", value)


def _candidates(bandwidth: Any) -> list[float]:
    if isinstance(bandwidth, str):
        return list(BANDWIDTHS)
    return sorted(float(number) for number in np.atleast_1d(bandwidth))
