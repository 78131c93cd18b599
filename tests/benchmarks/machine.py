"""What the figures were measured on: processor, threads, versions."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

PACKAGES = (
    "qmlplay",
    "numpy",
    "qiskit",
    "qiskit-aer",
    "cirq-core",
    "pennylane",
    "pennylane-lightning",
    "qiskit-machine-learning",
    "squlearn",
    "qulacs",
    "jax",
    "tensorcircuit-ng",
    "qsimcirq",
    "torch",
)
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "XLA_FLAGS")


def machine() -> dict[str, object]:
    """Return a description of the machine and of what is installed."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        "threads": {name: os.environ.get(name, "unset") for name in THREADS},
        "load": [round(value, 2) for value in psutil.getloadavg()],
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
    }


def sentence(found: dict[str, object]) -> str:
    """Return `machine` as two lines of text."""
    threads = ", ".join(f"{name} {value}" for name, value in found["threads"].items())
    versions = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return (
        f"{found['processor']}, {found['cores']} cores, {found['memory_gb']} GB, "
        f"{found['system']}; {threads}; load {found['load'][0]}.\n"
        f"Python {found['python']}, {versions}."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
