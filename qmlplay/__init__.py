"""qmlplay: learn and compare quantum machine learning on several simulators."""

from qmlplay.backends import get_backend, list_backends

__all__ = ["get_backend", "list_backends"]
