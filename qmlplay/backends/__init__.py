"""Simulators: where each one lives, what to install for it, and how to get it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any

from qmlplay.backends.base import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.errors import listed, unknown_name

__all__ = [
    "Backend",
    "BackendInfo",
    "NoiseModel",
    "backend_info",
    "get_backend",
    "keeps_amplitudes",
    "list_backends",
]

#: Settings that not every backend has, and those that have them.
_OF_SOME = {
    "device": ("qiskit", "torch", "jax"),
    "method": ("qiskit",),
    "matrix_product_state_max_bond_dimension": ("qiskit",),
    "matrix_product_state_truncation_threshold": ("qiskit",),
}


@dataclass(frozen=True)
class BackendInfo:
    """Where a backend lives and what it needs.

    Parameters
    ----------
    name : str
        Its name for `get_backend`.
    module, class_name : str
        The module that is imported on first use, and the class in it.
    label : str
        The framework's name as people write it.
    packages : dict of str to str
        Module to import → package to install.
    extra : str, optional
        The extra of qmlplay that installs them, where plain qmlplay does not.

    Examples
    --------
    >>> info = backend_info("qiskit")
    >>> info.label, info.packages
    ('Qiskit and Qiskit Aer', {'qiskit': 'qiskit', 'qiskit_aer': 'qiskit-aer'})
    >>> backend_info("numpy").is_installed, backend_info("numpy").missing
    (True, [])
    """

    name: str
    module: str
    class_name: str
    label: str
    packages: dict[str, str]
    extra: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether everything it needs can be found (nothing is imported)."""
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """Packages that would have to be installed."""
        return [pkg for module, pkg in self.packages.items() if find_spec(module) is None]

    @property
    def versions(self) -> dict[str, str]:
        """Installed versions, package → version."""
        found = {m: pkg for m, pkg in self.packages.items() if find_spec(m) is not None}
        return {package: metadata.version(package) for package in found.values()}

    @property
    def to_install(self) -> str:
        """What to type so that it is there, or up to date."""
        if self.extra is not None:
            return f'pip install "qmlplay[{self.extra}]"'
        return f"pip install {' '.join(self.missing or self.packages.values())}"

    def load(self) -> type[Backend]:
        """Import the backend's class.

        Raises
        ------
        ImportError
            If a package is missing; the text is the command to type.
        """
        try:
            module = import_module(self.module)
        except ImportError as error:
            if not self.missing:
                raise ImportError(
                    f"backend={self.name!r}: {self.label} is installed but cannot be imported "
                    f"({error}): {self.to_install.replace('install', 'install --upgrade')}"
                ) from error
            raise ImportError(
                f"backend={self.name!r} needs {self.label}: {self.to_install}"
            ) from error
        backend: type[Backend] = getattr(module, self.class_name)
        return backend


_BACKENDS = {
    info.name: info
    for info in (
        BackendInfo(
            "numpy", "qmlplay.backends.numpy.backend", "NumpyBackend", "NumPy", {"numpy": "numpy"}
        ),
        BackendInfo(
            "qiskit",
            "qmlplay.backends.qiskit.backend",
            "QiskitBackend",
            "Qiskit and Qiskit Aer",
            {"qiskit": "qiskit", "qiskit_aer": "qiskit-aer"},
        ),
        BackendInfo(
            "cirq", "qmlplay.backends.cirq_backend", "CirqBackend", "Cirq", {"cirq": "cirq-core"}
        ),
        BackendInfo(
            "pennylane",
            "qmlplay.backends.pennylane_backend",
            "PennylaneBackend",
            "PennyLane",
            {"pennylane": "pennylane"},
        ),
        BackendInfo(
            "torch",
            "qmlplay.backends.arrays.torch_backend",
            "TorchBackend",
            "PyTorch",
            {"torch": "torch", "array_api_compat": "array-api-compat"},
            "torch",
        ),
        BackendInfo(
            "jax",
            "qmlplay.backends.arrays.jax_backend",
            "JaxBackend",
            "JAX",
            {"jax": "jax", "array_api_compat": "array-api-compat"},
            "jax",
        ),
    )
}


def list_backends(*, installed: bool = False) -> list[str]:
    """Return the names of all backends, installed or not.

    Parameters
    ----------
    installed : bool, default=False
        Leave out those whose framework is not installed.

    Returns
    -------
    list of str
        Names for `get_backend`.

    Examples
    --------
    >>> list_backends()
    ['numpy', 'qiskit', 'cirq', 'pennylane', 'torch', 'jax']
    >>> list_backends(installed=True)[:4]
    ['numpy', 'qiskit', 'cirq', 'pennylane']
    """
    return [name for name, info in _BACKENDS.items() if info.is_installed or not installed]


def backend_info(name: str) -> BackendInfo:
    """Return where a backend lives and what it needs.

    Parameters
    ----------
    name : str
        One of `list_backends`.

    Returns
    -------
    BackendInfo

    Raises
    ------
    ValueError
        If there is no backend of that name.

    Examples
    --------
    >>> backend_info("cirq").packages
    {'cirq': 'cirq-core'}
    """
    if name not in _BACKENDS:
        raise unknown_name("backend", name, _BACKENDS)
    return _BACKENDS[name]


def keeps_amplitudes(backend: str | Backend | None) -> bool:
    """Return whether memory limits the qubits of a backend, of which a name loads nothing.

    Examples
    --------
    >>> keeps_amplitudes("cirq")
    True
    >>> keeps_amplitudes(get_backend("qiskit", method="matrix_product_state"))
    False
    """
    return not isinstance(backend, Backend) or backend.keeps_amplitudes


def get_backend(name: str | Backend, **settings: Any) -> Backend:
    """Return a simulator.

    Parameters
    ----------
    name : str or Backend
        One of `list_backends`. A backend object is returned as it is.
    **settings
        ``shots``, ``noise``, ``seed``, ``precision`` and ``n_threads`` of `Backend`;
        ``device``, "CPU" or "GPU", for "qiskit", "torch" and "jax"; and for "qiskit"
        ``method="matrix_product_state"``, which takes dozens of qubits, with Aer's
        ``matrix_product_state_max_bond_dimension`` and
        ``matrix_product_state_truncation_threshold``.

    Returns
    -------
    Backend
        A new one, or the object that was given.

    Raises
    ------
    TypeError
        If `name` is neither a name nor a backend, or a setting is none of this backend's.
    ValueError
        If the name is unknown, a setting is not allowed, or a device is not there.
    ImportError
        If its framework is not installed; the text is the command to type.

    Examples
    --------
    >>> get_backend("numpy", shots=1024, seed=7)
    NumpyBackend(shots=1024, seed=7)
    """
    if isinstance(name, Backend):
        if settings:
            raise ValueError(f"{name!r} is a backend already: give its settings to its class")
        return name
    if not isinstance(name, str):
        raise TypeError(f"backend must be a name or a Backend, got {type(name).__name__}")
    backend = backend_info(name).load()
    if unknown := [setting for setting in settings if setting not in backend.defaults]:
        elsewhere = _OF_SOME.get(unknown[0], ())
        where = f"; that is one of backend={' or '.join(map(repr, elsewhere))}" if elsewhere else ""
        raise TypeError(
            f"backend={name!r} has no setting {unknown[0]!r}{where}. It has "
            f"{listed(backend.defaults, quoted=False)}"
        )
    return backend(**settings)
