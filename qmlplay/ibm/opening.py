"""From a device's name to the device."""

from __future__ import annotations

from qmlplay.ibm.device import Device
from qmlplay.ibm.errors import no_package

__all__ = ["open_device"]


def open_device(name: str | None, instance: str | None, n_qubits: int, executions: int) -> Device:
    """Return a device by its name; without one, the one that would take the fewest QPU seconds.

    Parameters
    ----------
    name : str or None
        Names that start with ``fake_`` are simulated here.
    instance : str or None
        Service instance; None takes the account's own, or its open plan.
    n_qubits, executions : int
        What the device is for.

    Raises
    ------
    ImportError
        If the client is not installed; the text is the command to type.
    ValueError
        If there is no such device, or none that is large enough.
    ServiceError
        If the service cannot be reached, or there is no account for it.
    """
    try:
        from qmlplay.ibm import connection, local, service
    except ImportError as error:
        raise no_package(error) from error
    if name is not None and name.startswith("fake_"):
        return local.fake_device(name)
    client = connection.connect(instance)
    if name is not None:
        return service.named_device(client, name, n_qubits)
    return service.best_device(client, n_qubits, executions)
