"""Backend objects in files: their settings, and how far their random numbers have come."""

from __future__ import annotations

from typing import Any

from qmlplay.backends import Backend, backend_info, get_backend, list_backends
from qmlplay.backends.noise import NoiseModel

__all__ = ["backend_from_dict", "backend_to_dict", "is_known", "is_named"]

#: Settings that files hold beside a backend's name.
_BESIDE = {"shots", "noise"}


def is_known(backend: Backend) -> bool:
    """Return whether a backend is one of qmlplay's own, which a name brings back."""
    return backend.name in list_backends() and type(backend) is backend_info(backend.name).load()


def is_named(backend: Backend) -> bool:
    """Return whether a name, with shots and noise, brings all of a backend back.

    Examples
    --------
    >>> is_named(get_backend("qiskit", shots=10)), is_named(get_backend("numpy", n_threads=2))
    (True, False)
    """
    others = backend.defaults.keys() - _BESIDE
    return is_known(backend) and all(
        getattr(backend, name) == backend.defaults[name] for name in others
    )


def backend_to_dict(backend: Backend) -> dict[str, Any]:
    """Return one of qmlplay's own backends as plain values, ready for JSON.

    Examples
    --------
    >>> stored = backend_to_dict(get_backend("numpy", shots=10, seed=3, n_threads=2))
    >>> backend_from_dict(stored)
    NumpyBackend(shots=10, seed=3, n_threads=2)
    """
    noise = backend.noise
    others = {key: getattr(backend, key) for key in backend.defaults.keys() - Backend.defaults}
    return {
        "name": backend.name,
        "shots": None if backend.shots is None else int(backend.shots),
        "noise": noise.to_dict() if isinstance(noise, NoiseModel) else noise,
        "seed": None if backend.seed is None else int(backend.seed),
        "precision": str(backend.precision),
        "n_threads": int(backend.n_threads),
        "generator": backend.generator_state,
        **others,
    }


def backend_from_dict(settings: dict[str, Any]) -> Backend:
    """Return the backend that `backend_to_dict` wrote, whose random numbers go on as they did.

    Raises
    ------
    TypeError, ValueError
        If the settings describe none.
    ImportError
        If its framework is not installed.
    """
    settings = dict(settings)
    name, state = settings.pop("name"), settings.pop("generator")
    if isinstance(settings["noise"], dict):
        settings["noise"] = NoiseModel.from_dict(settings["noise"])
    backend = get_backend(name, **settings)
    backend.generator_state = state
    return backend
