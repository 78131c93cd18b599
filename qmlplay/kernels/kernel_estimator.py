"""The base of kernel estimators: all that does not depend on what is predicted."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from qmlplay.backends import Backend, keeps_amplitudes
from qmlplay.checks import (
    check_choice,
    check_count,
    check_flag,
    check_optional_count,
    check_positive,
    is_integer,
)
from qmlplay.circuit.drawing import draw_text
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.ranges import check_scale_inputs, first_scaling
from qmlplay.classifier.validation import check_noise_or_device, numeric_features
from qmlplay.encoding_use import encoding_use
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.kernels.kernel_design import KERNEL_KINDS, KernelDesign
from qmlplay.kernels.kernel_files import write_kernel_file
from qmlplay.kernels.kernel_matrix import kernel_matrix
from qmlplay.kernels.kernel_model import KernelModel
from qmlplay.kernels.kernel_search import (
    DistinctRows,
    KernelChoice,
    KernelMachine,
    choose,
)
from qmlplay.kernels.quantum_kernel import QuantumKernel
from qmlplay.model import InputScaling
from qmlplay.model.model_parts import from_state, to_state
from qmlplay.model.preprocessing import Steps
from qmlplay.progress import check_verbose, progress_bar
from qmlplay.tables.transformers import checked_rows
from qmlplay.typing import Real

__all__ = ["Candidates", "QuantumKernelEstimator", "candidates", "check_candidates"]

#: Candidates of ``bandwidth="auto"``.
_BANDWIDTHS = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0)

Candidates = float | str | Sequence[float]


class QuantumKernelEstimator(QuantumEstimator):
    """The common part of `QuantumKernelClassifier` and `QuantumKernelRegressor`."""

    encoding: str | Encoding
    kind: str
    bandwidth: Candidates
    gamma: float
    n_qubits: int | None
    n_layers: int
    scale_inputs: Any
    enforce_psd: bool
    n_folds: int
    verbose: int | str

    model_: KernelModel

    @abstractmethod
    def _machines(self) -> Sequence[KernelMachine]:
        """Return the candidates for what is fitted to the kernel matrix."""

    def _check_parameters(self) -> None:
        get_encoding(self.encoding)
        check_choice("kind", self.kind, KERNEL_KINDS)
        check_candidates("bandwidth", self.bandwidth)
        check_positive("gamma", self.gamma)
        check_optional_count("n_qubits", self.n_qubits)
        check_count("n_layers", self.n_layers)
        check_scale_inputs("scale_inputs", self.scale_inputs)
        check_optional_count("shots", self.shots)
        check_noise_or_device("noise", self.noise)
        check_flag("enforce_psd", self.enforce_psd)
        if not is_integer(self.n_folds, 2):
            raise ValueError(f"n_folds must be an integer, at least 2; got {self.n_folds!r}")
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

    def check_rows(self, X: Real) -> None:
        """Raise ValueError, naming the row, where there is no state for a row of X."""
        use = encoding_use(get_encoding(self.encoding), scale_inputs=self.scale_inputs)
        scaling = first_scaling(self.scale_inputs, X, use)
        self.design(X.shape[1]).circuit.check_rows(scaling.radians(X))

    def _search(self, rows: DistinctRows) -> tuple[KernelDesign, InputScaling, KernelChoice]:
        """Learn the scaling, and choose what is open in cross-validation."""
        use = encoding_use(get_encoding(self.encoding), scale_inputs=self.scale_inputs)
        scaling = first_scaling(self.scale_inputs, rows.X, use)
        radians = scaling.radians(rows.X)
        random = check_random_state(self.random_state)
        backend = self.make_backend(random.randint(2**31 - 1) if self.shots else None)
        machines = self._machines()
        folds = machines[0].folds(rows.y, self.n_folds, random.randint(2**31 - 1))
        bandwidths = candidates(self.bandwidth, _BANDWIDTHS)

        def matrix_of(bandwidth: float) -> Real:
            design = self.design(radians.shape[1], bandwidth)
            return kernel_matrix(design, backend, radians, enforce_psd=self.enforce_psd)

        with progress_bar(len(bandwidths), "fit (kernel)", verbose=self.verbose) as progress:
            choice = choose(bandwidths, matrix_of, machines, rows, folds, progress)
        design = self.design(radians.shape[1], choice.bandwidth)
        self.bandwidth_scores_ = choice.scores
        self.n_circuit_evaluations_ = len(choice.scores) * design.n_circuits(
            len(radians), exact=backend.shots is None and backend.noise is None
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
            keeps_amplitudes=keeps_amplitudes(self.backend),
        )

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
        """The kernel of rows in radians, with the bandwidth that was found.

        Raises
        ------
        ValueError
            If the parameters make another one than was trained: they were changed, or an encoding
            of one's own is missing since the model came from a file.
        """
        settings = ("encoding", "kind", "backend", "gamma", "n_qubits", "n_layers")
        more = ("shots", "noise", "enforce_psd")
        parameters = {name: getattr(self, name) for name in settings + more}
        kernel = QuantumKernel(**parameters, bandwidth=self.bandwidth_)
        if kernel.design(self.model_.design.circuit.n_features) != self.model_.design:
            raise ValueError(
                "the parameters make another kernel than the trained one: set back what has "
                "changed since, or set the encoding that the model file does not hold"
            )
        return kernel

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
            checked = checked_rows(self, X)
        return checked, self.backend_

    def _fitted_to_state(self) -> dict[str, Any]:
        model = self.model_

        def parts() -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
            content, arrays = model.to_parts()
            return content, arrays | {"classes": model.classes}

        return {"model_": to_state(model, parts)}

    def _fitted_from_state(self, state: dict[str, Any]) -> dict[str, Any]:
        def model(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> KernelModel:
            return KernelModel.from_parts(content, arrays, arrays["classes"])

        return {"model_": from_state(KernelModel, state["model_"], model)}

    def _write(self, path: str | PathLike[str], steps: Steps) -> None:
        write_kernel_file(self, path, steps)

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
        self._write(path, steps=())


def check_candidates(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto", a positive number or several.

    Examples
    --------
    >>> check_candidates("bandwidth", "auto")
    >>> check_candidates("bandwidth", [0.5, -1])
    Traceback (most recent call last):
    ValueError: bandwidth must be a positive number, got -1
    """
    if isinstance(value, str):
        if value != "auto":
            raise ValueError(f"{name} must be 'auto', a positive number or several; got {value!r}")
    elif np.ndim(value) == 1 and len(value):
        for number in value:
            check_positive(name, number)
    else:
        check_positive(name, value)


def candidates(value: Any, automatic: Sequence[float]) -> list[float]:
    """Return the candidates of a parameter, from the smallest on.

    Examples
    --------
    >>> candidates("auto", (1.0, 10.0)), candidates(2, (1.0, 10.0))
    ([1.0, 10.0], [2.0])
    """
    if isinstance(value, str):
        return list(automatic)
    return sorted(float(number) for number in np.atleast_1d(value))
