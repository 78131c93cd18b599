"""The devices on offer: the client's own snapshots, under their real names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

SNAPSHOTS = ("manila", "perth", "miami")  # 5, 7 and 120 qubits; miami repeats every 4 ms


@dataclass(frozen=True)
class Device:
    """One device: what the service says about it, and how many jobs of others are queued."""

    name: str
    configuration: dict[str, Any]
    properties: dict[str, Any]
    queue: int = 0

    @property
    def rep_delay(self) -> float:
        """Seconds between two executions (the file has microseconds)."""
        return float(self.configuration["default_rep_delay"]) * 1e-6

    def listing(self) -> dict[str, Any]:
        """Return the device's entry in the list of devices."""
        return {
            "name": self.name,
            "qubits": self.configuration["n_qubits"],
            "status": {"name": "online", "reason": "available"},
            "queue_length": self.queue,
            "processor_type": self.configuration.get("processor_type", {}),
        }

    def status(self) -> dict[str, Any]:
        """Return whether the device takes jobs, and how many wait."""
        return {
            "state": True,
            "status": "active",
            "message": "available",
            "length_queue": self.queue,
            "backend_version": self.configuration["backend_version"],
        }


@cache
def snapshot(name: str) -> Device:
    """Load a device from the snapshot of this name."""
    folder = resources.files("qiskit_ibm_runtime.fake_provider.backends") / name
    content = [
        json.loads((folder / f"{kind}_{name}.json").read_text("utf-8"))
        for kind in ("conf", "props")
    ]
    return Device(content[0]["backend_name"], *content)


def all_devices() -> dict[str, Device]:
    """Return every device on offer by its name."""
    return {device.name: device for device in map(snapshot, SNAPSHOTS)}
