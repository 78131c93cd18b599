"""Value and gradients through a pullback, as layers ask for them, against one direct call.

    python tests/benchmarks/pullback.py --workloads W1 W2 W3 --rounds 20

Derivatives by weights and inputs. Direct is `Backend.expectations_and_gradients`, whose cotangents
are a function of the expectations; the other is `Backend.vjp` and one call of its pullback. The
two take turns, and the ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from machine import machine, sentence
from ours import INSTALLED
from tables import markdown, seconds, three, write_json
from timing import turn
from workloads import WORKLOADS, Step

from qmlplay import get_backend


class Gradients(Step):
    """Expectations, and derivatives of the loss by weights and by inputs, in two ways."""

    def direct(self) -> tuple[np.ndarray, ...]:
        """Return them from one call."""
        X = self.problem.X
        values, by_angles = self.backend.expectations_and_gradients(
            self.circuit.circuit, self.circuit.angles(X, self.w), self.observables, self._slopes
        )
        return self._chain(values, by_angles)

    def pulled_back(self) -> tuple[np.ndarray, ...]:
        """Return them from a forward run and a pullback."""
        X = self.problem.X
        values, pullback = self.backend.vjp(
            self.circuit.circuit, self.circuit.angles(X, self.w), self.observables
        )
        return self._chain(values, pullback(self._slopes(values, slice(None))))

    def _slopes(self, values: np.ndarray, rows: slice) -> np.ndarray:
        y = self.problem.y
        return 2 * (values - y[rows, None]) / (len(y) * values.shape[1])

    def _chain(self, values: np.ndarray, by_angles: list) -> tuple[np.ndarray, ...]:
        X, w = self.problem.X, self.w
        by_weights = self.circuit.weight_gradient(X, w, by_angles)
        return values, by_weights, self.circuit.input_gradient(X, w, by_angles)


def main() -> None:
    arguments = _arguments()
    rows, results = [], []
    for workload in arguments.workloads:
        for name in arguments.only.split(","):
            print(f"{workload}, {name}", file=sys.stderr)
            found = measure(name, workload, arguments.rounds)
            results.append(found)
            times = [seconds(found[way]) for way in ("direct", "pullback")]
            rows.append([f"**{name}**, {workload}", *times, f"{three(found['ratio'])}×"])
    print(markdown(["value and gradients", "direct", "pullback", "ratio"], rows) + "\n")
    about = machine()
    print(sentence(about))
    write_json(arguments.json, {"machine": about, "rounds": arguments.rounds, "steps": results})


def measure(name: str, workload: str, n_rounds: int) -> dict[str, object]:
    """Return the median seconds of both ways, and the median of their ratios.

    Raises
    ------
    AssertionError
        If the two do not agree.
    """
    step = Gradients(WORKLOADS[workload], get_backend(name))
    for found, expected in zip(step.pulled_back(), step.direct(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)
    times = np.array([[turn(step.direct), turn(step.pulled_back)] for _ in range(n_rounds)])
    direct, pullback = np.median(times, axis=0)
    ratio = float(np.median(times[:, 1] / times[:, 0]))
    what = {"backend": name, "workload": workload}
    return {**what, "direct": float(direct), "pullback": float(pullback), "ratio": ratio}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=["W1", "W2"])
    parser.add_argument("--only", default=",".join(INSTALLED), help="backends, by commas")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
