"""What a job costs: executions as the client counts them, seconds as IBM's formula gives them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

__all__ = ["MAX_BYTES", "MAX_EXECUTIONS", "Timing", "executions", "samples_per_job"]

#: Limits of one job, below IBM's of 10 million executions and 50 MB.
MAX_EXECUTIONS = 5_000_000
MAX_BYTES = 30_000_000
#: Noise factors by which level 2 folds its gates (the client's default).
_N_NOISE_FACTORS = 3
#: Seconds before and after the circuits of a job.
_OVERHEAD = 2.0


def executions(n_samples: int, n_bases: int, shots: int, resilience_level: int) -> int:
    """Return how often a job executes a circuit, counted as the client does.

    Level 0 measures every sample in every basis. Level 1 twirls the measurements: the shots are
    split over at most 32 randomisations of at least 64 shots, rounded up, and as many more
    calibrate the readout. Level 2 runs the circuits at three noise factors as well.

    Parameters
    ----------
    n_samples, n_bases, shots : int
        Samples, groups of observables that are measured together, and shots, each at least 1.
    resilience_level : {0, 1, 2}

    Returns
    -------
    int

    Examples
    --------
    >>> [executions(20, 1, 1024, level) for level in (0, 1, 2)]
    [20480, 21504, 62464]
    """
    if resilience_level == 0:
        return n_samples * n_bases * shots
    per_randomization = max(64, ceil(shots / 32))
    calibration = ceil(shots / per_randomization) * per_randomization
    factors = _N_NOISE_FACTORS if resilience_level == 2 else 1
    return calibration * (factors * n_samples * n_bases + 1)


@dataclass(frozen=True)
class Timing:
    """How long a device needs for one execution of a circuit.

    Parameters
    ----------
    rep_delay : float
        Seconds between two executions.
    circuit : float
        Seconds that the circuit and its measurement take.

    References
    ----------
    IBM Quantum documentation, "Workload usage": overhead of about 2 s per sub-job +
    (rep_delay + circuit length) · executions.

    Examples
    --------
    >>> round(Timing(rep_delay=250e-6, circuit=5e-6).seconds(100 * 1024), 1)
    28.1
    """

    rep_delay: float
    circuit: float

    def seconds(self, n_executions: int, n_jobs: int = 1) -> float:
        """Return the estimated QPU seconds of some jobs together."""
        return _OVERHEAD * n_jobs + (self.rep_delay + self.circuit) * n_executions


def samples_per_job(
    n_bases: int, n_parameters: int, n_device_qubits: int, shots: int, resilience_level: int
) -> int:
    """Return how many samples fit one job, at least 1.

    Examples
    --------
    >>> samples_per_job(1, 4, 156, shots=1024, resilience_level=0)
    4882
    """
    per_sample = executions(1, n_bases, shots, resilience_level)
    # Angles as base64, and a basis for every qubit of the device.
    n_bytes = n_bases * ceil((8 * n_parameters + n_device_qubits) * 4 / 3)
    return max(1, min(MAX_EXECUTIONS // per_sample, MAX_BYTES // n_bytes))
