"""The cost of a training in circuits and shots, known before anything is run."""

from __future__ import annotations

from dataclasses import dataclass

from qmlplay.backends import Backend
from qmlplay.backends.pauli import expanded, measurement_groups
from qmlplay.backends.shift import n_shift_evaluations
from qmlplay.circuit import Observables, ParametricCircuit
from qmlplay.training.gradients import choose_gradient_method
from qmlplay.training.optimizers import Optimizer, Run, get_optimizer, optimizer_name

__all__ = ["TrainingCost", "n_settings", "plan", "samples_per_step", "shift_circuits_per_sample"]


@dataclass(frozen=True)
class TrainingCost:
    """Circuits and shots of a training, at most.

    Training may end earlier, by `n_iter_no_change` or `max_time`.

    Parameters
    ----------
    optimizer : str
        Who asks for them.
    gradient_method : {"adjoint", "parameter_shift", "spsa"} or None
        How gradients are found; None where the optimiser needs none.
    circuits_per_sample : int
        Circuits for one loss with its gradient, or for one loss where no gradient is needed.
    circuits_per_iteration : int or None
        Circuits of one iteration over all samples, at most; None where nobody knows, as an
        optimiser of the user's own does not say how often it looks at them.
    max_circuits : int or None
        Circuits of the whole training, at most; None where nobody knows.
    shots : int or None
        Measurements per circuit; None is exact.

    Examples
    --------
    >>> print(TrainingCost("adam", "parameter_shift", 49, 10_290, 1_029_000, shots=1000))
    adam by parameter_shift: 49 circuits per sample and gradient, 10,290 per iteration, at most
    1,029,000 circuits of 1,000 shots in all (1,029,000,000 shots)
    """

    optimizer: str
    gradient_method: str | None
    circuits_per_sample: int
    circuits_per_iteration: int | None
    max_circuits: int | None
    shots: int | None = None

    @property
    def max_shots(self) -> int | None:
        """Shots of the whole training, at most; None where results are exact or nobody knows."""
        if self.shots is None or self.max_circuits is None:
            return None
        return self.shots * self.max_circuits

    def __str__(self) -> str:
        way = f" by {self.gradient_method}" if self.gradient_method else ""
        what = "gradient" if self.gradient_method else "loss"
        text = f"{self.optimizer}{way}: {self.circuits_per_sample:,} circuits per sample and {what}"
        of_shots = "" if self.shots is None else f" of {self.shots:,} shots"
        if self.max_circuits is None:
            return f"{text}{of_shots}, in all as many as it asks for (see Optimizer.evaluations)"
        text = (
            f"{text}, {self.circuits_per_iteration:,} per iteration, at most "
            f"{self.max_circuits:,} circuits{of_shots} in all"
        )
        return text if self.shots is None else f"{text} ({self.max_shots:,} shots)"


def n_settings(observables: Observables, shots: int | None) -> int:
    """Return how many circuits a look at all observables takes, one per measurement setting.

    Examples
    --------
    >>> n_settings(("ZI", "IZ", "XI"), shots=100), n_settings(("ZI", "IZ", "XI"), shots=None)
    (2, 1)
    """
    return 1 if shots is None else len(measurement_groups(expanded(observables)[0]))


def shift_circuits_per_sample(
    circuit: ParametricCircuit, observables: Observables, shots: int | None
) -> int:
    """Return the circuits for a loss and its gradient by parameter shift, per sample.

    Only the angles that depend on weights are shifted: two circuits for each gate that reads
    one, four for a controlled rotation, and one circuit without a shift.

    Examples
    --------
    >>> from qmlplay import Feature, Operation, Weight
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("crx", (0, 1), Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(2, turns, n_features=1)
    >>> shift_circuits_per_sample(circuit, ("ZI", "IZ"), shots=None)
    5
    """
    shifts = n_shift_evaluations(circuit.circuit, circuit.trainable_slots)
    return (1 + shifts) * n_settings(observables, shots)


def samples_per_step(batch_size: int | str, n_samples: int) -> int:
    """Return how many samples a step sees of an optimiser that goes in batches.

    Examples
    --------
    >>> samples_per_step("auto", 500), samples_per_step("auto", 600), samples_per_step(100, 50)
    (500, 256, 50)
    """
    if isinstance(batch_size, str):
        return n_samples if n_samples <= 512 else 256
    return min(batch_size, n_samples)


def plan(
    optimizer: str | Optimizer | Run,
    gradient_method: str,
    backend: Backend,
    circuit: ParametricCircuit,
    observables: Observables,
    *,
    n_parameters: int,
    n_samples: int,
    max_iter: int,
    batch_size: int | str = "auto",
    n_validation: int = 0,
) -> TrainingCost:
    """Choose how gradients are found, and return what the training costs at most.

    Parameters
    ----------
    optimizer : str, Optimizer or callable
        Who trains (see `qmlplay.training.optimizers.get_optimizer`).
    gradient_method : {"auto", "adjoint", "parameter_shift", "spsa"}
        What was asked for (see `qmlplay.training.gradients.choose_gradient_method`). The adjoint
        method is one run there and one back; parameter shift `shift_circuits_per_sample`; SPSA
        two circuits.
    backend : Backend
        Where circuits will run.
    circuit : ParametricCircuit
        The circuit.
    observables : tuple of (str or PauliSum)
        What is measured.
    n_parameters : int
        All trainable numbers, those of the readout included.
    n_samples : int
        Training samples.
    max_iter : int
        Iterations.
    batch_size : int or "auto", default="auto"
        Samples per step, for an optimiser that goes in batches.
    n_validation : int, default=0
        Samples set aside, looked at once per iteration.

    Raises
    ------
    ValueError
        If the backend, or the optimiser, cannot work with the method asked for.

    Examples
    --------
    >>> from qmlplay import Operation, Weight, get_backend
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Weight(0))], 1)
    >>> noisy = get_backend("numpy", noise="low")
    >>> print(plan(
    ...     "adam", "auto", noisy, circuit, ("Z",), n_parameters=3, n_samples=10, max_iter=5))
    adam by parameter_shift: 3 circuits per sample and gradient, 30 per iteration, at most 150
    circuits in all
    """
    chosen, name, shots = get_optimizer(optimizer), optimizer_name(optimizer), backend.shots
    by_shift = shift_circuits_per_sample(circuit, observables, shots)
    n_step = samples_per_step(batch_size, n_samples) if chosen.in_batches else n_samples
    method = choose_gradient_method(gradient_method, backend, optimizer, n_step * by_shift)
    settings = n_settings(observables, shots)
    ways = {None: settings, "adjoint": 2, "parameter_shift": by_shift, "spsa": 2 * settings}
    per_sample = ways[method]
    looks = chosen.n_evaluations(n_parameters)
    if looks is None:
        return TrainingCost(name, method, per_sample, None, None, shots)
    first, evaluations = looks
    per_iteration = evaluations * n_samples * per_sample + n_validation * settings
    total = first * n_samples * per_sample + max_iter * per_iteration
    return TrainingCost(name, method, per_sample, per_iteration, total, shots)
