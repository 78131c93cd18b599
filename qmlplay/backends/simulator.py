"""The settings of a simulator, and the methods that the file of a framework has to define.

`qmlplay.backends.base.Backend` makes the public contract of it.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.inputs import check_settings
from qmlplay.backends.noise import NoiseModel, check_noise
from qmlplay.backends.simulation import Simulation, StateSimulation
from qmlplay.circuit import Angle, Circuit
from qmlplay.errors import unknown_name
from qmlplay.typing import Complex, Real

__all__ = ["Simulator"]


#: What a backend may be able to do, and the method that does it.
_CAPABILITIES = {"states": "_run", "densities": "_densities"}


class Simulator(ABC):
    """The settings of a simulator, and the methods that a framework fills in.

    The settings are described at `qmlplay.Backend`.

    Raises
    ------
    TypeError, ValueError
        When a class is defined whose capabilities are no set of names, or have an unknown one.
    """

    name: ClassVar[str]
    #: What it can do: "states" (it defines `_run`) and "densities" (`_densities`, for noise). A
    #: class that does not declare it has those of its parents, and those whose method it defines.
    capabilities: ClassVar[frozenset[str]] = frozenset()
    #: How exact states and gradients are computed: `_run` and the adjoint method serve any backend.
    _simulation: ClassVar[type[Simulation]] = StateSimulation
    #: Amplitudes that are simulated at a time; more samples are cut into chunks.
    chunk_amplitudes: ClassVar[int] = 2**15
    #: Bytes that `vjp` keeps of a forward run; the samples beyond are run again.
    kept_bytes: ClassVar[int] = 2**27
    #: About how many seconds noise takes per gate and entry of a density matrix, on one core.
    seconds_per_entry: ClassVar[float] = 1e-8
    #: The settings that it is made with, and their defaults.
    defaults: ClassVar[dict[str, Any]] = {
        "shots": None,
        "noise": None,
        "seed": None,
        "precision": "double",
        "n_threads": 1,
    }
    #: Called as ``watch(n)`` between the parts of a simulation: n samples more are done, none
    #: within a part. It may raise, which ends the simulation, and belongs to one object.
    watch: Callable[[int], None] | None = None
    #: Precisions in which it can compute.
    precisions: ClassVar[tuple[str, ...]] = ("double", "single")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "capabilities" not in vars(cls):
            cls.capabilities = cls._inherited_capabilities()
        declared: Any = cls.capabilities
        if isinstance(declared, str) or not isinstance(declared, Iterable):
            raise TypeError(
                f"the capabilities of {cls.__name__} must be a set of names, such as "
                f"frozenset({{'states'}}); got {declared!r}"
            )
        for name in declared:
            if name not in _CAPABILITIES:
                raise unknown_name("capability", name, _CAPABILITIES)
        cls.capabilities = frozenset(cls.capabilities)

    @classmethod
    def _inherited_capabilities(cls) -> frozenset[str]:
        """Return those of the parents, and those whose method the class or a mixin defines."""
        parents = [base for base in cls.__bases__ if issubclass(base, Simulator)]
        known = frozenset[str]().union(*(parent.capabilities for parent in parents))
        mixins = [kind for base in cls.__bases__ if base not in parents for kind in base.__mro__]
        defined = {method for kind in (cls, *mixins) for method in vars(kind)}
        return known | {name for name, method in _CAPABILITIES.items() if method in defined}

    def __init__(
        self,
        *,
        shots: int | None = None,
        noise: str | NoiseModel | None = None,
        seed: int | None = None,
        precision: str = "double",
        n_threads: int = 1,
    ) -> None:
        check_settings(shots, seed, self.precisions, precision, n_threads)
        self.shots = shots
        self.noise = self._check_noise(noise)
        self.seed = seed
        self.precision = precision
        self.n_threads = n_threads
        self._generator = np.random.default_rng(seed)

    def __repr__(self) -> str:
        settings = {key: getattr(self, key) for key in self.defaults}
        shown = ", ".join(
            f"{key}={value!r}" for key, value in settings.items() if value != self.defaults[key]
        )
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> dict[str, Any]:
        # A copy draws its shots from the seed anew.
        return {key: v for key, v in vars(self).items() if key not in ("_generator", "watch")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(self.defaults | state)  # earlier versions had fewer settings
        self._generator = np.random.default_rng(self.seed)

    @property
    def generator_state(self) -> dict[str, Any]:
        """How far the random numbers of its shots have come, as plain numbers."""
        return dict(self._generator.bit_generator.state)

    @generator_state.setter
    def generator_state(self, state: dict[str, Any]) -> None:
        self._generator.bit_generator.state = state

    def _tell(self, n_samples: int = 0) -> None:
        """Tell whoever watches that so many samples more are done."""
        if self.watch is not None:
            self.watch(n_samples)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of amplitudes: complex128, or complex64 in single precision."""
        return np.dtype(np.complex64 if self.precision == "single" else np.complex128)

    @property
    def has_states(self) -> bool:
        """Whether it simulates states; a device offers expectations alone."""
        return "states" in self.capabilities

    @property
    def keeps_amplitudes(self) -> bool:
        """Whether it keeps all 2**n_qubits amplitudes, so that memory limits the qubits."""
        return True

    @property
    def is_exact(self) -> bool:
        """Whether expectations are exact, and gradients come from the adjoint method."""
        return self.shots is None and self.noise is None and self.has_states

    def _check_noise(self, noise: object) -> NoiseModel | str | None:
        """Return the noise that is meant; only a backend that simulates devices keeps names."""
        checked = check_noise(noise)
        if checked is not None and checked.is_zero:
            return None
        if checked is not None and "densities" not in self.capabilities:
            raise ValueError(
                f"{type(self).__name__} simulates no noise (it defines no _densities): leave out "
                f"noise, or take backend='numpy'"
            )
        return checked

    @property
    def has_noisy_gates(self) -> bool:
        """Whether gates are noisy, so that density matrices are simulated."""
        if isinstance(self.noise, NoiseModel):
            return self.noise.has_gate_noise
        return self.noise is not None  # a device

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        """Apply a circuit to a batch of states (n_samples, 2**n_qubits), qubit 0 first.

        Yield the states after ``cuts[0]`` gates, after ``cuts[1]`` gates, and so on; the cuts
        never go down. States need not have norm 1, and some may be 0: the map is linear. Every
        gate has one angle or none: the circuit is a `Circuit.elementary`. What has been yielded
        is kept, and must not be written again.
        """
        raise NotImplementedError(
            f"{type(self).__name__} simulates no states: it must define _run, or expectations of "
            f"its own (enough for gradients, by parameter shift, but not for probabilities)"
        )

    def noisy_qubits(self, circuit: Circuit) -> int:
        """Return how many qubits the density matrices have: on a device, those on the way too."""
        return circuit.n_qubits

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        """Return the final density matrices (n_samples, 2**n_qubits, 2**n_qubits) under noise.

        ``self.noise`` says what follows every gate; readout errors are not its business. The
        circuit's gates are whole, those of several angles as well. The array may be read only.
        """
        raise NotImplementedError(f"{type(self).__name__} simulates no noise: define _densities")

    def _densities_after(
        self, circuit: Circuit, angles: Sequence[Angle], n_samples: int, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        """Yield the density matrices after given numbers of gates, as `_densities` returns them.

        Here every beginning of the circuit is run as one of its own; a backend that gets all of
        them from one run says how.
        """
        for cut in cuts:
            slots = sorted({slot for gate in circuit.gates[:cut] for slot in gate.slots})
            read = [angles[slot] for slot in slots]
            yield self._densities(circuit.part(0, cut), read, n_samples)

    def _confusions(self, circuit: Circuit) -> list[Real]:
        """Return P(read | true) of every qubit, matrices [read, true]; none without errors."""
        if not isinstance(self.noise, NoiseModel) or not np.any(self.noise.readout_error):
            return []
        return [self.noise.confusion] * circuit.n_qubits

    def _sample(
        self, probabilities: Real, shots: int, generator: np.random.Generator
    ) -> NDArray[np.integer[Any]]:
        """Return how often each bit string was seen, counts like `probabilities`.

        Each row of the probabilities (n_rows, 2**n_qubits) sums to 1 and is measured `shots`
        times; all that is random comes from the generator.
        """
        return generator.multinomial(shots, probabilities)
