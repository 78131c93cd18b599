"""Expectations of a parametric circuit on the arrays of any framework: pure functions.

They are written with the functions of the array API standard alone, so that the same lines run on
PyTorch, JAX, CuPy and NumPy, on the device of the arrays that come, under each framework's own
automatic differentiation (as often as is wanted), vectorisation and compilation. (CuPy's arrays
have the same functions, but nothing here has been run on them.)

States are ``(2**n_qubits, n_samples)``, the batch last, as in the NumPy backend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from qmlplay.backends import pauli
from qmlplay.backends.arrays.adapters import device_of
from qmlplay.backends.arrays.angles import AngleTable, angle_table
from qmlplay.backends.arrays.array_conversion import converted
from qmlplay.backends.arrays.array_readout import ArrayReadout, make_readout
from qmlplay.backends.arrays.functions import angles, final_states, measured
from qmlplay.backends.arrays.plan import StepPlan, make_plan
from qmlplay.backends.inputs import check_memory
from qmlplay.circuit import Observable, Observables, ParametricCircuit
from qmlplay.circuit.formulas import array_functions

__all__ = ["Evaluation", "evaluation_like", "expectations"]

#: An array of whatever framework.
Array = Any


def expectations(
    circuit: ParametricCircuit, observables: Sequence[Observable], X: Array, w: Array
) -> Array:
    """Return the expectations of observables, for tensors of any framework.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit, starting from |0…0⟩.
    observables : sequence of (str, dict, PauliSum or int)
        Pauli strings, one letter per qubit, qubit 0 first, sums of them, or qubits for their Z.
    X : array of shape (n_samples, n_features) or (n_features,)
        Data in radians; a single sample, as under `vmap`, has one dimension.
    w : array of shape (n_weights,)
        Weights, of X's framework, device and type of numbers. float64 is computed with
        complex128, float32 with complex64.

    Returns
    -------
    array of shape (n_samples, n_observables) or (n_observables,)
        It can be differentiated by X and w, and its derivatives again.

    Raises
    ------
    ValueError
        If a shape or an observable does not fit the circuit.
    TypeError
        If X or w holds other numbers than float32 or float64, or the two differ.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.circuit import Feature, Operation, ParametricCircuit, Weight
    >>> circuit = ParametricCircuit.from_operations(
    ...     1, [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))], n_features=1)
    >>> expectations(circuit, ["Z"], np.array([[0.0], [np.pi / 3]]), np.array([np.pi / 3])).round(6)
    array([[ 0.5],
           [-0.5]])
    """
    return evaluation_like(circuit, observables, X)(X, w)


def evaluation_like(
    circuit: ParametricCircuit, observables: Sequence[Observable], array: Array
) -> Evaluation:
    """Return the function of X and w that `expectations` calls, for arrays such as one.

    It holds everything that does not depend on their numbers, in the array's precision and on its
    device. A compiler that does not look into Python's caches, such as torch.compile, is
    given this function.

    Raises
    ------
    ValueError, TypeError
        As in `expectations`.
    """
    strings = pauli.check_observables(observables, circuit.n_qubits)
    return _evaluation(
        circuit, strings, array_functions(array), _precision("X", array), device_of(array)
    )


def _precision(name: str, array: Array) -> str:
    """Return the precision of an array's numbers."""
    dtype = str(array.dtype).rpartition(".")[2]
    if dtype not in ("float64", "float32"):
        raise TypeError(
            f"{name} must hold numbers of type float64 or float32, but its type is {dtype}: "
            f"convert it first"
        )
    return "double" if dtype == "float64" else "single"


@lru_cache(maxsize=256)
def _evaluation(
    circuit: ParametricCircuit, observables: Observables, xp: Any, precision: str, device: Any
) -> Evaluation:
    check_memory(circuit.n_qubits, 4)  # models that were trained without amplitudes come here, too
    table = angle_table(circuit)
    plan = make_plan(circuit.circuit.elementary, table.shared, table.per_sample)
    parts = (table, plan, make_readout(observables))
    return Evaluation(circuit, xp, precision, *converted(parts, xp, precision, device))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A circuit and observables, ready to be evaluated on the arrays of one framework.

    Parameters
    ----------
    circuit : ParametricCircuit
    xp : module
        The framework's functions.
    precision : {"double", "single"}
    table : AngleTable
    plan : StepPlan
    readout : ArrayReadout
        Their arrays are those of the framework.
    """

    circuit: ParametricCircuit
    xp: Any
    precision: str
    table: AngleTable
    plan: StepPlan
    readout: ArrayReadout

    def __deepcopy__(self, memo: dict[int, Any]) -> Evaluation:
        return self  # nothing of it changes, and modules cannot be copied

    def __call__(self, X: Array, w: Array) -> Array:
        """Return the expectations, as `expectations` does."""
        if X.ndim == 1:
            return self(X[None, :], w)[0, :]
        self._check(X, w)
        shared, per_sample = angles(self.xp, self.table, X, w)
        states = final_states(self.xp, self.plan, shared, per_sample)
        values = measured(self.xp, self.readout, states)
        if values.shape[0] == X.shape[0]:
            return values
        return self.xp.broadcast_to(values, (X.shape[0], values.shape[1]))

    def _check(self, X: Array, w: Array) -> None:
        n_features, n_weights = self.circuit.n_features, self.circuit.n_weights
        if X.ndim != 2 or X.shape[1] != n_features:
            raise ValueError(
                f"X must have shape (n_samples, {n_features}), or ({n_features},) for a single "
                f"sample, but its shape is {tuple(X.shape)}"
            )
        if tuple(w.shape) != (n_weights,):
            raise ValueError(f"w must have shape ({n_weights},), but its shape is {tuple(w.shape)}")
        for name, array in (("X", X), ("w", w)):
            if _precision(name, array) != self.precision:
                raise TypeError(
                    f"X and w must hold numbers of one type, but those of X are {X.dtype} and "
                    f"those of w {w.dtype}: convert one of them"
                )
