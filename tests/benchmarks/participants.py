"""Who takes part in a benchmark: our backends and the peers, checked against each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from peers import PEERS, Peer
from workloads import WORKLOADS, Problem, Step

from qmlplay import get_backend, list_backends
from qmlplay.backends import backend_info

REFERENCE = "numpy"


@dataclass
class Participant:
    """One participant, ready to be timed on one workload.

    Parameters
    ----------
    name, label : str
    step : callable
        Returns the loss and its gradient.
    n_samples : int
        Samples it works on.
    scale : float
        All samples of the workload over n_samples: what its times are multiplied by.
    first_call : float
        Seconds of the first call; imports and set-up came before.
    compiles : bool
        Whether that call compiles.
    error, tolerance : float
        Largest difference from the reference, and what is accepted.
    seconds : list of float
        Seconds of one call, scaled, one entry per round.
    """

    name: str
    label: str
    step: Callable[[], tuple[float, np.ndarray]]
    n_samples: int
    scale: float
    first_call: float
    compiles: bool
    error: float
    tolerance: float
    seconds: list[float] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return self.error <= self.tolerance

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    @property
    def spread(self) -> float:
        """The interquartile range of the rounds, in seconds."""
        low, high = np.percentile(self.seconds, [25, 75])
        return float(high - low)


def all_names() -> list[str]:
    """Return the names of all participants, ours first."""
    return [*list_backends(), *PEERS]


def make_participant(name: str, workload: str, *, full: bool = False) -> Participant:
    """Build a participant, call it once, and compare it with the reference.

    Parameters
    ----------
    name, workload : str
    full : bool, default=False
        Whether to take all samples even where a part is the rule.
    """
    problem = Problem.of(WORKLOADS[workload])
    n_all = problem.workload.n_samples
    peer = PEERS.get(name, Peer(name, f"**qmlplay on {name}**", "", {}, compiles=name == "jax"))
    n_samples = n_all if full else peer.n_samples.get(workload, n_all)
    problem = problem.first(n_samples)
    step = peer.make(problem) if name in PEERS else Step(problem, get_backend(name))
    start = perf_counter()
    result = step()
    first_call = perf_counter() - start
    return Participant(
        name,
        peer.label,
        step,
        n_samples,
        n_all / n_samples,
        first_call,
        peer.compiles,
        _difference(result, Step(problem, get_backend(REFERENCE))()),
        peer.tolerance,
    )


def _difference(one: tuple[float, np.ndarray], other: tuple[float, np.ndarray]) -> float:
    """Return the largest difference in loss and gradient; NaN counts as infinite."""
    if np.shape(one[1]) != np.shape(other[1]):
        return np.inf
    found = max(abs(one[0] - other[0]), float(np.abs(one[1] - other[1]).max()))
    return found if np.isfinite(found) else np.inf


def missing_packages(name: str) -> list[str]:
    """Return what would have to be installed for a participant."""
    return PEERS[name].missing if name in PEERS else backend_info(name).missing
