"""The Qiskit backend: one Aer circuit simulates a whole batch.

A state-vector simulator does not care what its qubits mean. The sample's index is put into
extra qubits, the *batch register*, and the run starts from all samples' states side by side.
A gate with a shared angle is Qiskit's ordinary gate on its data qubits: it acts on all
samples at once. A gate with one angle per sample is a *multiplexed* rotation: one
``diagonal`` over its qubits and the batch register, between two changes of basis.

Noise is simulated by Aer's density matrices, a circuit per sample
(`qmlplay.backends.qiskit.densities`); shots are drawn by Aer's measurements. Matrix product states
(`qmlplay.backends.qiskit.product_states`) take a circuit per sample, too.

Qiskit numbers qubits from the least significant end; ours is turned here and nowhere else:
data qubit q is Aer's qubit n − 1 − q, and the batch register sits above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit_aer.library import SaveStatevector, SetStatevector

from qmlplay.backends.base import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.qiskit.aer import (
    MATRIX_PRODUCT_STATE,
    aer_simulator,
    check_device,
    check_method,
)
from qmlplay.backends.qiskit.batch_register import Diagonal, batch_register
from qmlplay.backends.qiskit.densities import noisy_densities
from qmlplay.backends.qiskit.fake_device import FakeDevice, fake_device, is_device_name
from qmlplay.backends.qiskit.product_states import ProductStates
from qmlplay.backends.qiskit.sampler import measured_counts
from qmlplay.checks import check_interval, check_optional_count
from qmlplay.circuit import Angle, Circuit, Observables
from qmlplay.typing import Complex, Real

__all__ = ["QiskitBackend"]


@final
class QiskitBackend(Backend):
    """Exact batched simulation on Qiskit Aer, by state vectors or matrix product states.

    Parameters
    ----------
    shots, noise, seed, precision, n_threads
        As in `qmlplay.Backend`. Noise needs ``method="statevector"``.
    method : {"statevector", "matrix_product_state"}, default="statevector"
        Matrix product states take dozens of qubits where gates entangle few of them: expectations
        and shots, with gradients by parameter shift or SPSA; amplitudes there are none.
    device : {"CPU", "GPU"}, default="CPU"
        Handed to Aer; a GPU needs the build ``qiskit-aer-gpu``, and ``method="statevector"``.
    matrix_product_state_max_bond_dimension : int or None, default=None
        Singular values that are kept between two neighbours; None keeps all. Where there would be
        more, expectations are approximate, which nothing tells: compare two dimensions.
    matrix_product_state_truncation_threshold : float or None, default=None
        Sum of squares of the singular values that may be left out there, in [0, 1); None is Aer's
        own, 1e-16.

    Raises
    ------
    TypeError, ValueError
        If a setting is not allowed, or there is no such device here.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> QiskitBackend().probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    >>> chain = Circuit(40, (Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(39))))
    >>> QiskitBackend(method="matrix_product_state").expectations(chain, [], ["X" * 40]).round(6)
    array([[1.]])
    """

    name: ClassVar[str] = "qiskit"
    seconds_per_entry: ClassVar[float] = 2e-8
    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})
    defaults: ClassVar[dict[str, Any]] = Backend.defaults | {
        "method": "statevector",
        "device": "CPU",
        "matrix_product_state_max_bond_dimension": None,
        "matrix_product_state_truncation_threshold": None,
    }

    def __init__(
        self,
        *,
        method: str = "statevector",
        device: str = "CPU",
        matrix_product_state_max_bond_dimension: int | None = None,
        matrix_product_state_truncation_threshold: float | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.method = check_method(method)
        self.device = check_device(device, method)
        self.matrix_product_state_max_bond_dimension = matrix_product_state_max_bond_dimension
        self.matrix_product_state_truncation_threshold = matrix_product_state_truncation_threshold
        self._check_truncation()
        if self.noise is not None and not self.keeps_amplitudes:
            raise ValueError(
                f"noise is simulated on density matrices, which method={method!r} is meant to do "
                f"without: leave out noise, or method"
            )

    def _check_truncation(self) -> None:
        dimension = "matrix_product_state_max_bond_dimension"
        threshold = "matrix_product_state_truncation_threshold"
        given = [name for name in (dimension, threshold) if getattr(self, name) is not None]
        if given and self.keeps_amplitudes:
            raise ValueError(f"{' and '.join(given)} need method={MATRIX_PRODUCT_STATE!r}")
        check_optional_count(dimension, getattr(self, dimension))
        if threshold in given:
            check_interval(threshold, getattr(self, threshold), 0, 1)

    @property
    def keeps_amplitudes(self) -> bool:
        """Whether it keeps all 2**n_qubits amplitudes: not by matrix product states."""
        return self.method != MATRIX_PRODUCT_STATE

    @property
    def has_states(self) -> bool:
        """Whether it simulates states that can be looked at."""
        return self.keeps_amplitudes

    def _estimates(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: Observables,
        with_errors: bool,
    ) -> tuple[Real, Real]:
        if self.keeps_amplitudes:
            return super()._estimates(circuit, angles, n_samples, observables, with_errors)
        states = ProductStates(
            self.matrix_product_state_max_bond_dimension,
            self.matrix_product_state_truncation_threshold,
            self.precision,
            self.n_threads,
        )
        if self.shots is not None:
            return states.estimates(
                circuit, angles, n_samples, observables, self.shots, self._generator
            )
        values = states.expectations(circuit, angles, n_samples, observables)
        return values, np.zeros_like(values)

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        n_samples, dimension = states.shape
        register = batch_register(n_samples, circuit.n_qubits)
        start, norm = _normalized(states)
        if norm == 0:  # no state that Aer would take
            yield from (np.zeros(states.shape, self.dtype) for _ in cuts)
            return
        instructions = [register.on_all(SetStatevector(register.pad(start)))]
        diagonals: list[Diagonal] = []
        done = 0
        for number, cut in enumerate(cuts):
            for gate in circuit.gates[done:cut]:
                instructions += register.translate(gate, gate.angle(angles), diagonals)
            look = SaveStatevector(register.n_total, label=str(number))
            instructions.append(register.on_all(look))
            done = cut
        aer_circuit = QuantumCircuit.from_instructions(instructions, qubits=register.qubits)
        for diagonal in diagonals:
            diagonal.fill()
        # One thread: on a few cores OpenMP costs more than it gains at these sizes. No fusion:
        # the looks keep gates apart, and searching for what to fuse takes longer than it saves.
        simulator = aer_simulator(
            "statevector", self.device, precision=self.precision, fusion_enable=False
        )
        data = simulator.run(aer_circuit).result().data(0)
        for number in range(len(cuts)):
            amplitudes: Complex = np.asarray(data[str(number)], self.dtype)
            yield norm * amplitudes.reshape(-1, dimension)[:n_samples]

    def _check_noise(self, noise: object) -> NoiseModel | str | None:
        if is_device_name(noise):
            return fake_device(noise).name
        return super()._check_noise(noise)

    @property
    def _fake_device(self) -> FakeDevice | None:
        return fake_device(self.noise) if isinstance(self.noise, str) else None

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        if self._fake_device is not None:
            return self._fake_device.densities(circuit, angles, n_samples, self.device)
        assert isinstance(self.noise, NoiseModel)
        return noisy_densities(circuit, angles, n_samples, self.noise, self.device, self._tell)

    def noisy_qubits(self, circuit: Circuit) -> int:
        """Return how many qubits the density matrices have: on a device, those on the way too."""
        return (
            circuit.n_qubits if self._fake_device is None else self._fake_device.n_in_use(circuit)
        )

    def _confusions(self, circuit: Circuit) -> list[Real]:
        if self._fake_device is not None:
            return self._fake_device.confusions(circuit)
        return super()._confusions(circuit)

    def _sample(
        self, probabilities: Real, shots: int, generator: np.random.Generator
    ) -> NDArray[np.integer[Any]]:
        seed = int(generator.integers(2**31))
        return measured_counts(probabilities, shots, seed, self.device, self._tell)


def _normalized(states: Complex) -> tuple[Complex, float]:
    """Return states scaled to norm 1 together, and their norm; it is 0 below 1e-290."""
    square = float(np.vdot(states, states).real)
    if 1e-200 < square < 1e200:
        return states / sqrt(square), sqrt(square)
    # Squares of such numbers are not what they should be.
    largest = float(np.abs(states).max())
    if largest < 1e-290:
        return states, 0.0
    norm = float(np.linalg.norm(states / largest))
    return states / largest / norm, largest * norm
