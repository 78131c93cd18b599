"""Names of frameworks and models as people write them."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["FRAMEWORK_NAMES", "model_label", "simulator_label"]

#: Name of a backend or framework in code → as people write it.
FRAMEWORK_NAMES = MappingProxyType(
    {
        "numpy": "NumPy",
        "qiskit": "Qiskit",
        "cirq": "Cirq",
        "pennylane": "PennyLane",
        "torch": "PyTorch",
        "jax": "JAX",
    }
)

#: Models of a comparison that are called after their kind.
_KINDS = MappingProxyType({"kernel": "quantum kernel"})


def simulator_label(name: str) -> str:
    """Return a backend's name as people write it; an unknown one stays as it is.

    Examples
    --------
    >>> simulator_label("pennylane"), simulator_label("mine")
    ('PennyLane', 'mine')
    """
    return FRAMEWORK_NAMES.get(name, name)


def model_label(name: str) -> str:
    """Return what people read for a model that is called after its backend.

    Examples
    --------
    >>> model_label("numpy"), model_label("svc_rbf")
    ('quantum (NumPy)', 'svc_rbf')
    """
    if name in FRAMEWORK_NAMES:
        return f"quantum ({FRAMEWORK_NAMES[name]})"
    return _KINDS.get(name, name)
