"""Exported files in their runtimes: how far from the simulator, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, final

import numpy as np

from qmlplay.backends import Backend, get_backend
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.native_output import quiet_native_output
from qmlplay.model import TrainedModel, TrainedRegression
from qmlplay.typing import Real

__all__ = ["RuntimeReport", "onnx_runtime", "report", "tflite_runtime"]

#: From rows (n_samples, n_columns) to probabilities or predictions.
Run = Callable[[Real], Any]
_ROWS, _REPEATS, _SECONDS = 200, 7, 0.03


@final
@dataclass(frozen=True)
class RuntimeReport:
    """An exported file beside the NumPy simulator, on random rows of the columns' ranges.

    Parameters
    ----------
    n_rows : int
    largest_difference : float
        Of probabilities, or of numbers in units of the training targets' spread.
    microseconds, simulator_microseconds : float
        Per prediction, of one row at a time on this machine: the file's, and the simulator's.
    """

    n_rows: int
    largest_difference: float
    microseconds: float
    simulator_microseconds: float


def report(inputs: ExportedInputs, run: Run) -> RuntimeReport:
    """Return how far a runtime's answers are from the simulator's, and how long both take."""
    _, table = inputs.drawn(_ROWS)
    features = inputs.features(table)
    rows = table.reindex(columns=list(inputs.names)).to_numpy(dtype=float)
    simulator = get_backend("numpy")  # one for all calls, as it keeps what it has translated
    expected = _answers(inputs.model, features, simulator)
    difference = np.abs(expected - np.reshape(run(rows), expected.shape))
    return RuntimeReport(
        _ROWS,
        float((difference / _unit(inputs.model)).max()),
        _microseconds(lambda: run(rows[:1])),
        _microseconds(lambda: _answers(inputs.model, features[:1], simulator)),
    )


def onnx_runtime(data: bytes) -> Run:
    """Return what runs an ONNX model of ours; ImportError says what to type for onnxruntime."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError('running it needs onnxruntime: pip install "qmlplay[onnx]"') from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    kind = np.float64 if "double" in entry.type else np.float32
    output = session.get_outputs()[-1].name
    return lambda rows: session.run([output], {entry.name: rows.astype(kind)})[0]


def tflite_runtime(data: bytes) -> Run:
    """Return what runs a file of `to_tflite`; ImportError says what to type for ai-edge-litert."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            'running it needs ai-edge-litert: pip install "qmlplay[tflite]"'
        ) from error
    with quiet_native_output():
        runner = Interpreter(model_content=data).get_signature_runner()
        runner(X=np.zeros(runner.get_input_details()["X"]["shape"], np.float32))
    (output,) = {"probabilities", "prediction"} & set(runner.get_output_details())
    return lambda rows: runner(X=rows.astype(np.float32))[output]


def _answers(model: Any, features: Real, simulator: Backend) -> Real:
    if isinstance(model, TrainedModel):
        return model.probabilities(features, simulator)
    return np.asarray(model.predict(features, simulator))


def _unit(model: Any) -> Any:
    return model.target_scaling.scale if isinstance(model, TrainedRegression) else 1.0


def _microseconds(call: Callable[[], Any]) -> float:
    """Return the median time of a call."""
    call()
    times = []
    for _ in range(_REPEATS):
        started, n_calls = perf_counter(), 0
        while (elapsed := perf_counter() - started) < _SECONDS:
            call()
            n_calls += 1
        times.append(elapsed / n_calls)
    return 1e6 * median(times)
