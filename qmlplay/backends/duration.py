"""The time that noise will take here, told before a simulation begins."""

from __future__ import annotations

import warnings

from qmlplay.backends import Backend
from qmlplay.backends.inputs import check_memory
from qmlplay.circuit import Circuit
from qmlplay.errors import SlowSimulationWarning, level_of_caller

__all__ = ["noisy_seconds", "readable_seconds", "warn_if_slow"]

#: Seconds from which on a wait is worth a warning.
_LONG = 60.0


def noisy_seconds(backend: Backend, circuit: Circuit) -> float:
    """Return about how many seconds one circuit with noisy gates takes here, at least; else 0.

    It is the number of gates, times the entries of the density matrix, 4ⁿ, times what the
    framework needs for one (`Simulator.seconds_per_entry`).

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(12, (Gate("cx", (0, 11)),) * 100)
    >>> round(noisy_seconds(get_backend("numpy", noise="low"), circuit))
    17
    >>> noisy_seconds(get_backend("numpy"), circuit)
    0.0
    """
    if not backend.has_noisy_gates:
        return 0.0
    n_qubits = backend.noisy_qubits(circuit)
    return backend.seconds_per_entry * len(circuit.gates) * 4.0 ** min(n_qubits, 500)


def warn_if_slow(backend: Backend, circuit: Circuit, n_circuits: int, what: str) -> None:
    """Warn, before anything is simulated, where so many circuits with noise take minutes.

    Parameters
    ----------
    backend : Backend
    circuit : Circuit
    n_circuits : int
    what : str
        What takes so long, such as ``"training"``.

    Raises
    ------
    ValueError
        If the density matrices would not fit into memory.
    """
    each = noisy_seconds(backend, circuit)
    if each * n_circuits < _LONG:
        return
    n_qubits = backend.noisy_qubits(circuit)
    if n_qubits > circuit.n_qubits:
        what = f"(on {n_qubits} qubits of {backend.noise}, as Qiskit routes the circuit) {what}"
    check_memory(n_qubits, 8, densities=True)
    warnings.warn(
        f"{what} may take {readable_seconds(each * n_circuits)} on this machine: noise on "
        f"{n_qubits} qubits is simulated on density matrices of 4**{n_qubits} "
        f"entries, up to {n_circuits:,} circuits of about {readable_seconds(each)} each with "
        f"backend={backend.name!r}. Fewer qubits (n_qubits=...), samples or iterations take "
        f"less, and noise=None much less",
        SlowSimulationWarning,
        stacklevel=level_of_caller(),
    )


def readable_seconds(seconds: float) -> str:
    """Return a rough duration in words.

    Examples
    --------
    >>> [readable_seconds(seconds) for seconds in (0.02, 42, 200, 7000, 3e5, 1e20)]
    ['0.02 s', '42 s', '3 min', '2 h', '3 days', 'more than 10 years']
    """
    if seconds < 90:
        return f"{seconds:.2g} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129600:
        return f"{seconds / 3600:.0f} h"
    days = seconds / 86400
    return f"{days:,.0f} days" if days < 3650 else "more than 10 years"
