"""What the machine does: decode a job's program, run it, encode what was measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import prod
from typing import Any

import numpy as np
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_quantum_schemas.executor.version_2_0 import QuantumProgramResultModel
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider.executor.run_quantum_program import run_quantum_program
from qiskit_ibm_runtime.options_models.simulator import SimulatorOptions
from qiskit_ibm_runtime.quantum_program.converters.converters_2_0 import passthrough_data_to_2_0
from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS
from samplomatic.quantum_program import SamplexItem

SCHEMA = "v2.0"
SECONDS_PER_JOB = 2.0  # what IBM's documentation says a job costs beside its executions


@dataclass(frozen=True)
class Outcome:
    """A finished program: the result as the client expects it, and how often a circuit ran."""

    text: str
    executions: int


def execute(params: dict[str, Any], seed: int) -> Outcome:
    """Run the program of a job on a simulator without noise."""
    if (version := params.get("schema_version")) != SCHEMA:
        raise ValueError(f"program in schema {version!r}, expected {SCHEMA!r}")
    converter = QUANTUM_PROGRAM_PARAMS_CONVERTERS[SCHEMA]
    program, _ = converter.decoder(converter.model.model_validate_json(json.dumps(params)))
    for item in program.items:
        if isinstance(item, SamplexItem):
            item.samplex.finalize()
    # Matrix product states: a few qubits of a device with 120 are quick, however many are measured.
    simulator = AerSimulator(method="matrix_product_state")
    started = datetime.now(UTC)
    result = run_quantum_program(simulator, program, SimulatorOptions(seed_simulator=seed))
    sizes = [prod(item.shape) for item in program.items]
    model = QuantumProgramResultModel(
        data=[_encoded(item) for item in result],
        metadata={"chunk_timing": _timing(started, [item.shape for item in program.items])},
        passthrough_data=passthrough_data_to_2_0(program.passthrough_data),
        semantic_role=program._semantic_role,
    )
    return Outcome(model.model_dump_json(), program.shots * sum(sizes))


def _encoded(item: Any) -> dict[str, Any]:
    tensors = {
        name: CompressedTensorModel.from_numpy(np.asarray(values)) for name, values in item.items()
    }
    return {"results": tensors, "metadata": {}}


def _timing(started: datetime, shapes: list[tuple[int, ...]]) -> list[dict[str, Any]]:
    parts = [
        {
            "idx_item": index,
            "size": prod(shape),
            "permutation": list(range(len(shape))),
            "element_range": (0, prod(shape), 1),
        }
        for index, shape in enumerate(shapes)
    ]
    return [{"start": started, "stop": datetime.now(UTC), "parts": parts}]
