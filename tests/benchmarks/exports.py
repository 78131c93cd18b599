"""Exported models: file size, agreement, and time per prediction beside our NumPy backend.

    OMP_NUM_THREADS=1 python tests/benchmarks/exports.py --rounds 7

The models have as many features as qubits, 4 layers and random weights; the last one is a
trigonometric polynomial. Every runtime keeps to one thread. Times are those of one row, and per row
of 1000.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import edge_runtimes
import numpy as np
from machine import machine, sentence
from tables import markdown, three, write_json
from timing import turn

from qmlplay import VariationalClassifier

QUBITS = (2, 4, 6, 8, 10)
N_ROWS = 1000
#: Largest difference from the simulator, on the same features, that is accepted.
CLOSE = {"float32": 1e-5, "float64": 1e-10}


@dataclass
class Runtime:
    """A model in a runtime: a function from rows of its own type to class probabilities."""

    name: str
    size: int
    dtype: str
    predict: Callable[[np.ndarray], np.ndarray]
    clock: Callable[[np.ndarray], float] | None = None  # of a runtime with a clock of its own
    difference: float = 0.0
    one_row: list[float] = field(default_factory=list)
    per_row: list[float] = field(default_factory=list)

    def seconds(self, rows: np.ndarray) -> float:
        """Return the seconds of one call, a median."""
        return turn(lambda: self.predict(rows)) if self.clock is None else self.clock(rows)


def simulator(clf: VariationalClassifier) -> Iterator[Runtime]:
    """Yield the NumPy backend."""
    yield Runtime("NumPy backend", 0, "float64", clf.predict_proba)


def onnx(clf: VariationalClassifier) -> Iterator[Runtime]:
    """Yield onnxruntime in both precisions."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for dtype in CLOSE:
        content = clf.to_onnx(dtype=dtype).SerializeToString()
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        yield Runtime(
            f"ONNX {dtype}",
            len(content),
            dtype,
            lambda X, session=session: session.run(["probabilities"], {"X": X})[0],
        )


def tflite(clf: VariationalClassifier) -> Iterator[Runtime]:
    """Yield ai-edge-litert."""
    size, predict = edge_runtimes.tflite(clf)
    yield Runtime("TensorFlow Lite", size, "float32", predict)


def browser(clf: VariationalClassifier) -> Iterator[Runtime]:
    """Yield a page in Chromium, always by the state vector."""
    size, predict, clock = edge_runtimes.browser(clf)
    yield Runtime("page in Chromium", size, "float64", predict, clock)


MAKERS = {"numpy": simulator, "onnx": onnx, "tflite": tflite, "browser": browser}


def trained(n_qubits: int, **parameters: object) -> tuple[VariationalClassifier, np.ndarray]:
    """Return a classifier with random numbers, and rows."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(N_ROWS, n_qubits))
    clf = VariationalClassifier(n_qubits=n_qubits, max_iter=1, random_state=0, **parameters)
    model = clf.fit(X[:50], np.arange(50) % 2).model_
    return clf.with_model(model.with_numbers(generator.normal(size=model.n_parameters))), X


def measured(
    clf: VariationalClassifier, X: np.ndarray, only: list[str], n_rounds: int
) -> list[Runtime]:
    """Return all runtimes with their times, everyone in every round."""
    runtimes = [runtime for name in only for runtime in MAKERS[name](clf)]
    for runtime in runtimes:
        rows = X.astype(runtime.dtype)
        expected = clf.predict_proba(rows)
        runtime.difference = float(np.abs(runtime.predict(rows) - expected).max())
        if not runtime.difference < CLOSE[runtime.dtype]:
            raise SystemExit(f"{runtime.name} is off by {runtime.difference}")
    for _ in range(n_rounds):
        for runtime in runtimes:
            rows = X.astype(runtime.dtype)
            runtime.one_row.append(runtime.seconds(rows[:1]))
            runtime.per_row.append(runtime.seconds(rows) / N_ROWS)
    return runtimes


def main() -> None:
    """Print the table."""
    arguments = _arguments()
    only = arguments.only.split(",")
    cases = {f"{n} qubits": trained(n) for n in QUBITS}
    cases["2 qubits, Fourier form"] = trained(2, trainable_scaling=False)
    rows, content = [], {}
    for case, (clf, X) in cases.items():
        for runtime in measured(clf, X, only, arguments.rounds):
            rows.append([f"{case}: {runtime.name}", *_cells(runtime)])
            content[f"{case} / {runtime.name}"] = {
                "bytes": runtime.size,
                "difference": runtime.difference,
                "one_row": runtime.one_row,
                "per_row": runtime.per_row,
            }
    header = ["model", "file, kB", "difference", "1 row, µs", f"per row of {N_ROWS}, µs"]
    print(markdown(header, rows) + "\n")
    found = machine()
    print(sentence(found))
    write_json(arguments.json, {"machine": found, "exports": content})


def _cells(runtime: Runtime) -> list[str]:
    size = three(runtime.size / 1000) if runtime.size else "–"
    times = (1e6 * float(np.median(seconds)) for seconds in (runtime.one_row, runtime.per_row))
    return [size, f"{runtime.difference:.0e}", *map(three, times)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", metavar="A,B", default=",".join(MAKERS))
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
