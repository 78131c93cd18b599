"""Prediction: 10,000 samples through a trained 4-qubit model, exact and with shots.

    python tests/benchmarks/prediction.py --rounds 5

A second table holds gradients by parameter shift on W1, exact and with 1024 shots.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from machine import machine, sentence
from ours import INSTALLED
from tables import markdown, seconds, three, write_json
from timing import seconds_of
from workloads import WORKLOADS, Step

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.backends.shift import shift_gradients

Calls = dict[tuple[str, str], Callable[[], object]]


def main() -> None:
    warnings.simplefilter("ignore")
    arguments = _arguments()
    backends = arguments.only.split(",")
    predictions = prediction_calls(backends, arguments.samples, arguments.shots)
    shifts = shift_calls(backends, arguments.shots)
    times = race(predictions | shifts, arguments.rounds)
    kinds = ["exact", f"{arguments.shots} shots"]
    for title, calls in (
        (f"{arguments.samples} predictions", predictions),
        ("W1, parameter shift", shifts),
    ):
        rows = [_row(backend, kinds, times, list(calls)) for backend in backends]
        print(markdown([title, *kinds, "exact × numpy"], _with_ratios(rows)) + "\n")
    found = machine()
    print(sentence(found))
    medians = {" / ".join(key): float(np.median(value)) for key, value in times.items()}
    write_json(arguments.json, {"machine": found, "prediction": medians})


def prediction_calls(backends: Sequence[str], n_samples: int, shots: int) -> Calls:
    """Return calls of predict_proba on iris' four features, drawn many times."""
    data = load_dataset("iris")
    model = VariationalClassifier(max_iter=20, random_state=0).fit(data.X, data.y)
    generator = np.random.default_rng(0)
    X = generator.uniform(data.X.min(axis=0), data.X.max(axis=0), (n_samples, data.X.shape[1]))
    expected = model.predict_proba(X)
    calls: Calls = {}
    for name in backends:
        exact = model.with_backend(name)
        np.testing.assert_allclose(exact.predict_proba(X), expected, rtol=0, atol=1e-8)
        sampled = model.with_backend(get_backend(name, shots=shots, seed=0))
        for kind, other in (("exact", exact), (f"{shots} shots", sampled)):
            calls[f"predict, {kind}", name] = _bind(other.predict_proba, X)
    return calls


def shift_calls(backends: Sequence[str], shots: int) -> Calls:
    """Return calls of the parameter-shift gradient of W1."""
    calls: Calls = {}
    for name in backends:
        for kind, setting in (("exact", {}), (f"{shots} shots", {"shots": shots, "seed": 0})):
            step = Step(WORKLOADS["W1"], get_backend(name, **setting))
            weights = np.ones((WORKLOADS["W1"].n_samples, 1))
            angles = step.circuit.angles(step.problem.X, step.w)
            calls[f"shift, {kind}", name] = _bind(
                shift_gradients,
                step.backend.expectations,
                step.circuit.circuit,
                angles,
                step.observables,
                weights,
            )
    return calls


def _bind(function: Callable[..., object], *arguments: object) -> Callable[[], object]:
    return lambda: function(*arguments)


def race(calls: Calls, n_rounds: int) -> dict[tuple[str, str], list[float]]:
    """Time everyone in every round, after a first call that does not count."""
    times: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for number in range(n_rounds + 1):
        print(f"round {number} of {n_rounds}", file=sys.stderr)
        for key, call in calls.items():
            taken = seconds_of(call)
            if number:
                times[key].append(taken)
    return times


def _row(
    backend: str,
    kinds: Sequence[str],
    times: dict[tuple[str, str], list[float]],
    keys: Sequence[tuple[str, str]],
) -> tuple[str, list[float]]:
    own = [key for kind in kinds for key in keys if key[1] == backend and key[0].endswith(kind)]
    return f"**qmlplay on {backend}**", [float(np.median(times[key])) for key in own]


def _with_ratios(rows: Sequence[tuple[str, list[float]]]) -> list[list[str]]:
    first = rows[0][1][0]
    return [[label, *map(seconds, found), three(found[0] / first)] for label, found in rows]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--shots", type=int, default=1024)
    parser.add_argument("--only", metavar="A,B", default=",".join(INSTALLED))
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
