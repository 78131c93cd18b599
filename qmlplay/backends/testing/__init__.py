"""A conformance kit: what any backend, ours or a third party's, has to get right.

``check_backend(MyBackend())`` runs a new backend against a reference simulator so slow and
obvious that it can be checked by eye: every gate a full matrix, every sample on its own. Every
gate of the table is put to the test on random asymmetric circuits of up to seven qubits, and
shots and noise, where the backend has them, are held to statistics and to Kraus operators.
"""

from __future__ import annotations

from qmlplay.backends.base import Backend
from qmlplay.backends.testing.cases import (
    gate_cases,
    random_angles,
    random_circuit,
    random_observables,
)
from qmlplay.backends.testing.exact import (
    check_closed_forms,
    check_contract,
    check_expectations,
    check_gates,
    check_gradients,
    check_states,
)
from qmlplay.backends.testing.pullbacks import check_cotangents, check_vjp
from qmlplay.backends.testing.reference import (
    full_matrix,
    reference_densities,
    reference_expectations,
    reference_gradients,
    reference_noisy_expectations,
    reference_states,
)
from qmlplay.backends.testing.sampled import (
    check_noise_channels,
    check_noisy_circuits,
    check_shots,
    check_standard_errors,
)

__all__ = [
    "check_backend",
    "check_closed_forms",
    "check_contract",
    "check_cotangents",
    "check_expectations",
    "check_gates",
    "check_gradients",
    "check_noise_channels",
    "check_noisy_circuits",
    "check_shots",
    "check_standard_errors",
    "check_states",
    "check_vjp",
    "full_matrix",
    "gate_cases",
    "random_angles",
    "random_circuit",
    "random_observables",
    "reference_densities",
    "reference_expectations",
    "reference_gradients",
    "reference_noisy_expectations",
    "reference_states",
]


def check_backend(backend: Backend) -> None:
    """Run every check on an exact backend, those of shots and of noise where it has them.

    Parameters
    ----------
    backend : Backend
        Without shots and noise; its class is called with them.

    Raises
    ------
    AssertionError
        From the first check that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_backend(get_backend("numpy"))
    """
    for check in (
        check_closed_forms,
        check_gates,
        check_states,
        check_expectations,
        check_gradients,
        check_vjp,
        check_cotangents,
        check_contract,
        check_shots,
    ):
        check(backend)
    if "densities" in backend.capabilities:
        check_noise_channels(backend)
