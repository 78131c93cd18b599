"""What a training will cost in circuits and shots, known before anything is run."""

from __future__ import annotations

from dataclasses import dataclass

from qmlplay.backends.pauli import measurement_groups
from qmlplay.backends.shift import n_shift_evaluations
from qmlplay.circuit import ParametricCircuit

__all__ = ["TrainingCost", "n_settings", "shift_circuits_per_sample", "training_cost"]


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
    circuits_per_iteration : int
        Circuits of one iteration over all samples, at most.
    max_circuits : int
        Circuits of the whole training, at most.
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
    circuits_per_iteration: int
    max_circuits: int
    shots: int | None = None

    @property
    def max_shots(self) -> int | None:
        """Shots of the whole training, at most; None where results are exact."""
        return None if self.shots is None else self.shots * self.max_circuits

    def __str__(self) -> str:
        way = f" by {self.gradient_method}" if self.gradient_method else ""
        what = "gradient" if self.gradient_method else "loss"
        text = (
            f"{self.optimizer}{way}: {self.circuits_per_sample:,} circuits per sample and {what}, "
            f"{self.circuits_per_iteration:,} per iteration, at most {self.max_circuits:,} circuits"
        )
        if self.shots is None:
            return f"{text} in all"
        return f"{text} of {self.shots:,} shots in all ({self.max_shots:,} shots)"


def n_settings(observables: tuple[str, ...], shots: int | None) -> int:
    """Return how many circuits a look at all observables takes, one per measurement setting.

    Examples
    --------
    >>> n_settings(("ZI", "IZ", "XI"), shots=100), n_settings(("ZI", "IZ", "XI"), shots=None)
    (2, 1)
    """
    return 1 if shots is None else len(measurement_groups(observables))


def shift_circuits_per_sample(
    circuit: ParametricCircuit, observables: tuple[str, ...], shots: int | None
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


def training_cost(
    circuit: ParametricCircuit,
    observables: tuple[str, ...],
    *,
    optimizer: str,
    gradient_method: str | None,
    n_samples: int,
    max_iter: int,
    n_validation: int = 0,
    shots: int | None = None,
    n_readout: int = 0,
) -> TrainingCost:
    """Return what a training costs at most.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit.
    observables : tuple of str
        What is measured.
    optimizer : str
        A key of `qmlplay.training.optimizers.OPTIMIZERS`.
    gradient_method : {"adjoint", "parameter_shift", "spsa"} or None
        How gradients are found. The adjoint method is one run there and one back; parameter
        shift `shift_circuits_per_sample`; SPSA two circuits.
    n_samples : int
        Training samples.
    max_iter : int
        Iterations.
    n_validation : int, default=0
        Samples set aside, looked at once per iteration.
    shots : int or None, default=None
        Measurements per circuit; None is exact.
    n_readout : int, default=0
        Trainable numbers of the readout, which simplexes count with the weights.

    Returns
    -------
    TrainingCost

    Examples
    --------
    >>> from qmlplay import Operation, Weight
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Weight(0))], 1)
    >>> print(training_cost(circuit, ("Z",), optimizer="adam", gradient_method="parameter_shift",
    ...     n_samples=10, max_iter=5))
    adam by parameter_shift: 3 circuits per sample and gradient, 30 per iteration, at most 150
    circuits in all
    """
    settings = n_settings(observables, shots)
    per_sample = {
        None: settings,
        "adjoint": 2,
        "parameter_shift": shift_circuits_per_sample(circuit, observables, shots),
        "spsa": 2 * settings,
    }[gradient_method]
    n_numbers = circuit.n_weights + n_readout
    first, evaluations = _evaluations(optimizer, n_numbers)
    per_iteration = evaluations * n_samples * per_sample + n_validation * settings
    total = first * n_samples * per_sample + max_iter * per_iteration
    return TrainingCost(optimizer, gradient_method, per_sample, per_iteration, total, shots)


def _evaluations(optimizer: str, n_numbers: int) -> tuple[int, int]:
    """Return how often an optimiser looks at all samples: at first, and per iteration at most."""
    return {
        "spsa": (0, 2),
        # SciPy's line search may begin anew once, and looks 20 times at most.
        "lbfgs": (1, 40),
        # The corners of the first simplex; then a reflection, a contraction, and n new corners.
        "nelder_mead": (n_numbers + 1, n_numbers + 2),
    }.get(optimizer, (0, 1))
