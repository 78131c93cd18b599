"""Aer's methods and devices: which there are, and simulators of them."""

from __future__ import annotations

from typing import Any

import qiskit_aer
from qiskit_aer import AerSimulator

from qmlplay.errors import DeviceNotFoundError, unknown_name

__all__ = ["MATRIX_PRODUCT_STATE", "aer_simulator", "check_device", "check_method"]

MATRIX_PRODUCT_STATE = "matrix_product_state"
_METHODS = ("statevector", MATRIX_PRODUCT_STATE)
#: Why Aer's other methods are none for a model.
_OTHER_METHODS = {
    "automatic": "it would choose between these two by itself",
    "density_matrix": "it is what noise=... takes anyway",
    "extended_stabilizer": "it estimates circuits of few T gates, and a model has rotations",
    "stabilizer": "it has no rotations, and a model is made of them",
    "superop": "it gives a map of density matrices, and no expectations",
    "tensor_network": "it is in Aer for NVIDIA GPUs alone, and was never tried here",
    "unitary": "it gives the matrix of a circuit, and no expectations",
}
_DEVICES = ("CPU", "GPU")


def aer_simulator(method: str, device: str, **options: Any) -> AerSimulator:
    """Return Aer's simulator, on one thread where nothing else is said.

    Examples
    --------
    >>> aer_simulator("statevector", "CPU").options.max_parallel_threads
    1
    """
    return AerSimulator(method=method, device=device, **{"max_parallel_threads": 1} | options)


def check_method(method: object) -> str:
    """Return the name of a method that models can be simulated by.

    Raises
    ------
    TypeError, ValueError
        If it is none.

    Examples
    --------
    >>> check_method("stabilizer")
    Traceback (most recent call last):
    ValueError: method='stabilizer' is none for models (it has no rotations, and a model is made of
    them): take 'statevector' or 'matrix_product_state'
    """
    if not isinstance(method, str):
        raise TypeError(f"method must be one of {', '.join(_METHODS)}; got {method!r}")
    if method in _OTHER_METHODS:
        raise ValueError(
            f"method={method!r} is none for models ({_OTHER_METHODS[method]}): take "
            f"{' or '.join(map(repr, _METHODS))}"
        )
    if method not in _METHODS:
        raise unknown_name("method", method, _METHODS)
    return method


def check_device(device: object, method: str) -> str:
    """Return "CPU" or "GPU", if Aer can run the method there on this machine.

    Raises
    ------
    DeviceNotFoundError
        If Aer has no GPU here.
    TypeError, ValueError
        If it is no such name.
    """
    if not isinstance(device, str):
        raise TypeError(f"device must be 'CPU' or 'GPU'; got {device!r}")
    name = device.upper()
    if name not in _DEVICES:
        raise ValueError(
            f"device={device!r} is none of Qiskit Aer: take 'CPU' or 'GPU' (which GPU is said by "
            f"the environment variable CUDA_VISIBLE_DEVICES)"
        )
    if name == "GPU" and method == MATRIX_PRODUCT_STATE:
        raise ValueError(
            f"device={device!r}: Qiskit Aer simulates matrix product states on the CPU alone; "
            f"leave out device, or method"
        )
    if name == "GPU" and name not in (found := AerSimulator().available_devices()):
        raise DeviceNotFoundError(
            f"device={device!r} cannot be used here: Qiskit Aer {qiskit_aer.__version__} finds "
            f"{', '.join(found)}. For NVIDIA's GPUs on Linux there is a build of its own: "
            f"pip uninstall qiskit-aer, then pip install qiskit-aer-gpu"
        )
    return name
