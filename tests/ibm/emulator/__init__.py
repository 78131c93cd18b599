"""A loopback emulator of IBM Quantum's REST service.

The real client of qiskit-ibm-runtime talks to it over HTTP; nothing is patched inside the client.
Jobs are decoded, run on a simulator and answered in the service's own format.
"""

from __future__ import annotations

from emulator.faults import Fault
from emulator.server import Emulator
from emulator.state import API_KEY, OPEN, PAID, Job, Service

__all__ = ["API_KEY", "OPEN", "PAID", "Emulator", "Fault", "Job", "Service"]
