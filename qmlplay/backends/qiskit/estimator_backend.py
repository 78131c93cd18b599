"""Any estimator of Qiskit as a backend, which knows expectations alone."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar, Literal, final, overload

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.primitives import BaseEstimatorV2
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager

from qmlplay.backends import pauli
from qmlplay.backends.base import Backend
from qmlplay.backends.inputs import check_angles, check_memory
from qmlplay.backends.qiskit.translation import to_qiskit_circuit
from qmlplay.circuit import GATES, Angle, Circuit, Observable, PauliSum
from qmlplay.typing import Real

__all__ = ["EstimatorBackend"]

#: Gates for an estimator that names no backend. Aer does not know some of ours, and binds the
#: parameters of controlled rotations wrongly (version 0.18).
_NOT_IN_AER = ("ch", "iswap", "iswapdg", "crx", "cry", "crz", "cp")
_BASIS = [name for name in GATES if name not in _NOT_IN_AER]
#: Gates that IBM's client takes.
_IBM_BASIS = ("rz", "sx", "x", "cz", "cx", "ecr")
#: Circuits that are kept compiled.
_MOST_COMPILED = 64


@final
class EstimatorBackend(Backend):
    """A backend that asks an estimator of Qiskit: ``StatevectorEstimator``, Aer's, and others.

    All samples of a call go in one PUB, with one row of parameters each, and all observables with
    them. Gradients come from parameter shift or SPSA, as on a device; states and probabilities an
    estimator does not give. Where the estimator names its backend, circuits are compiled for that.
    Nothing is sent to IBM's machines this way, as every step of a training would be billed:
    `qmlplay.ibm` is for them. Estimators of other services send what they are asked.

    Copies, as scikit-learn makes them, share the estimator. Model files hold none: `load_model`
    names the backend that is missing, and takes it as ``backend=``.

    Parameters
    ----------
    estimator : qiskit.primitives.BaseEstimatorV2
        It keeps its own settings: noise, seed, precision by default.
    shots : int or None, default=None
        The estimator is asked for the precision 1/√shots. None takes those of its own default
        precision, which is exact for StatevectorEstimator and Aer's.

    Raises
    ------
    TypeError
        If it is no estimator, or one of the first version.
    ValueError
        If the estimator's backend is a machine of IBM Quantum.

    Examples
    --------
    >>> from qiskit.primitives import StatevectorEstimator
    >>> from qmlplay import VariationalClassifier
    >>> backend = EstimatorBackend(StatevectorEstimator())
    >>> clf = VariationalClassifier(backend, n_layers=1, max_iter=2)
    >>> clf.fit([[0.0], [1.0]], ["a", "b"]).predict_proba([[0.5]]).shape
    (1, 2)
    """

    name: ClassVar[str] = "estimator"
    capabilities: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, estimator: BaseEstimatorV2, *, shots: int | None = None) -> None:
        super().__init__(shots=_default_shots(estimator) if shots is None else shots)
        if not isinstance(estimator, BaseEstimatorV2):
            raise TypeError(
                f"an estimator of Qiskit, a BaseEstimatorV2, is needed, such as "
                f"qiskit.primitives.StatevectorEstimator(); got {estimator!r:.60}"
            )
        self.estimator = estimator
        self._compiled: dict[Circuit, QuantumCircuit] = {}
        self._local_backend()

    def __repr__(self) -> str:
        shots = "" if self.shots is None else f", shots={self.shots}"
        return f"EstimatorBackend({type(self.estimator).__name__}(){shots})"

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_compiled": {}}

    def __deepcopy__(self, memo: dict[int, Any]) -> EstimatorBackend:
        return copy(self)  # an estimator may hold a connection

    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: Literal[False] = False,
    ) -> Real: ...
    @overload
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: Literal[True],
    ) -> tuple[Real, Real]: ...
    def expectations(
        self,
        circuit: Circuit,
        angles: Sequence[Angle],
        observables: Sequence[Observable],
        *,
        return_std: bool = False,
    ) -> Real | tuple[Real, Real]:
        """Return the expectation of every observable for every sample, from one PUB.

        Standard errors are those that the estimator reports, or the precision asked of it where it
        reports none.
        """
        measured = pauli.check_observables(observables, circuit.n_qubits)
        checked, n_samples = check_angles(circuit, angles)
        check_memory(circuit.n_qubits, 1)
        native = self._native(circuit)
        operators = [[_operator(observable, native.layout)] for observable in measured]
        pub: tuple[Any, ...] = (native, operators)
        if native.num_parameters:
            table = np.stack([np.broadcast_to(angle, n_samples) for angle in checked], axis=1)
            slots = [parameter.index for parameter in native.parameters]
            pub = (*pub, {tuple(native.parameters): table[:, slots]})
        precision = None if self.shots is None else self.shots**-0.5
        result = self.estimator.run([pub], precision=precision).result()[0]
        shape = (n_samples, len(measured))
        values, errors = (
            np.array(np.broadcast_to(np.asarray(part, dtype=float).T, shape))
            for part in (result.data.evs, result.data.stds)
        )
        if not return_std:
            return values
        return values, np.where(errors > 0, errors, result.metadata.get("target_precision") or 0.0)

    def _native(self, circuit: Circuit) -> QuantumCircuit:
        """Return the circuit with a parameter per slot, compiled for the estimator's backend."""
        device = self._local_backend()
        if circuit not in self._compiled:
            native = to_qiskit_circuit(circuit, ParameterVector("angle", circuit.n_slots))
            native = self._compiler(device).run(native)
            if len(self._compiled) >= _MOST_COMPILED:
                self._compiled.clear()
            self._compiled[circuit] = native
        return self._compiled[circuit]

    def _compiler(self, device: Any) -> Any:
        if device is None:
            return generate_preset_pass_manager(0, basis_gates=_BASIS)
        is_of_ibm = type(self.estimator).__module__.startswith("qiskit_ibm_runtime")
        if is_of_ibm and device.coupling_map is None:  # a simulator with more gates than it takes
            known = [name for name in _IBM_BASIS if name in device.operation_names]
            return generate_preset_pass_manager(1, basis_gates=known, seed_transpiler=0)
        return generate_preset_pass_manager(1, backend=device, seed_transpiler=0)

    def _local_backend(self) -> Any:
        """Return the backend that the estimator names, or None; never a machine of IBM's."""
        backend = getattr(self.estimator, "backend", None)
        if inspect.ismethod(backend):  # of IBM's client
            backend = backend()
        modules = [kind.__module__ for kind in type(backend).__mro__]
        if any(module.startswith("qiskit_ibm_runtime.ibm_backend") for module in modules):
            raise ValueError(
                "the estimator's backend is a machine of IBM Quantum, where every step of a "
                "training would be billed: train on a simulator, then use qmlplay.ibm.submit, "
                "or qmlplay.ibm.train with a budget; local simulators and fake devices will do"
            )
        return backend


def _operator(observable: str | PauliSum, layout: Any) -> SparsePauliOp:
    """Return an observable in Qiskit's order of qubits, on the qubits of a compiled circuit."""
    terms = {observable: 1.0} if isinstance(observable, str) else observable.to_dict()
    operator = SparsePauliOp.from_list([(string[::-1], c) for string, c in terms.items()])
    return operator if layout is None else operator.apply_layout(layout)


def _default_shots(estimator: Any) -> int | None:
    """Return the shots that an estimator's precision by default stands for; None where exact."""
    options = getattr(estimator, "options", None)
    for holder in (estimator, options):  # Qiskit's estimators keep it in different places
        precision = getattr(holder, "default_precision", None)
        if isinstance(precision, int | float) and precision > 0:
            return round(precision**-2)
    return None
