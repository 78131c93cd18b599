"""Where the time of 100 training steps goes.

    python tests/benchmarks/profile_steps.py --workload W2
    python tests/benchmarks/profile_steps.py --workload moons   # the default classifier's training

cProfile charges Python's calls and makes them look slower than they are, so the shares of
Python are upper bounds; the column "ms per step" was taken without it. NumPy's operators leave
no call in a profile and count for the function that holds them. Functions of ours that do
nothing else are therefore a column of their own, "state arithmetic".
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from time import perf_counter

from machine import machine, sentence
from ours import INSTALLED
from tables import markdown, three, write_json
from timing import seconds_of
from workloads import WORKLOADS, Step

from qmlplay import VariationalClassifier, get_backend, load_dataset

N_STEPS = 100
AER, AER_WAIT, NUMPY, STATES = "Aer, compiled", "Aer, Python", "NumPy, BLAS", "state arithmetic"
FRAMEWORK, OURS, OTHER = "framework", "our Python", "other"
GROUPS = [NUMPY, STATES, AER, AER_WAIT, FRAMEWORK, OURS, OTHER]
#: What counts as simulating; the rest is spent outside the simulator's own kernel.
KERNEL = {
    "numpy": (NUMPY, STATES),
    "qiskit": (AER, STATES),
    "cirq": (NUMPY, STATES, FRAMEWORK),
    "pennylane": (NUMPY, STATES, FRAMEWORK),
}
#: Our functions that work on whole batches of states.
STATE_FILES = ("backends/numpy/steps.py", "backends/pauli.py")
STATE_FUNCTIONS = ("_apply_unitary_", "_apply", "backward", "_derivative")
FRAMEWORKS = ("/cirq/", "/pennylane/", "/autoray/", "/qiskit/", "/qiskit_aer/")


def main() -> None:
    arguments = _arguments()
    warnings.simplefilter("ignore")
    rows, results = [], {}
    for name in arguments.only.split(","):
        with _aer_clock() as aer:
            steps = training(name, arguments.workload)
            steps()  # whatever is kept between steps is there from here on
            plain = seconds_of(steps) / N_STEPS
            aer.clear()
            stats = profile(steps)
        shares = group(stats, aer["seconds"])
        outside = 1 - sum(shares[key] for key in KERNEL[name])
        cells = [f"{100 * shares[key]:.0f} %" for key in GROUPS]
        rows.append([f"**{name}**", three(1000 * plain), *cells, f"{100 * outside:.0f} %"])
        results[name] = {"seconds": plain, "shares": shares, "outside": outside}
        if arguments.top:
            stats.sort_stats("tottime").print_stats(arguments.top)
    title = f"{arguments.workload}, {N_STEPS} steps"
    print(markdown([title, "ms per step", *GROUPS, "outside the kernel"], rows) + "\n")
    print("The kernel is: " + "; ".join(f"{k}: {' + '.join(v)}" for k, v in KERNEL.items()) + ".\n")
    found = machine()
    print(sentence(found))
    write_json(arguments.json, {"machine": found, "profile": results})


def training(name: str, workload: str) -> Callable[[], object]:
    """Return a call that makes 100 steps."""
    if workload == "moons":
        data = load_dataset("moons", n_samples=300, random_state=0)
        model = VariationalClassifier(
            get_backend(name), max_iter=N_STEPS, n_iter_no_change=None, random_state=0
        )
        return lambda: model.fit(data.X, data.y)
    step = Step(WORKLOADS[workload], get_backend(name))
    return lambda: [step() for _ in range(N_STEPS)]


def profile(call: Callable[[], object]) -> pstats.Stats:
    profiler = cProfile.Profile()
    profiler.runcall(call)
    return pstats.Stats(profiler)


def group(stats: pstats.Stats, aer_compiled: float) -> dict[str, float]:
    """Return every group's share of the time.

    Aer works in a thread of its own, of which the profile sees the waiting: part of it is
    Aer's compiled controller, the rest the Python around that.
    """
    found: Counter[str] = Counter(dict.fromkeys(GROUPS, 0.0))
    for (file, _, function), (_, _, own, *_) in stats.stats.items():  # type: ignore[attr-defined]
        found[group_of(file.replace("\\", "/"), function)] += own
    found[AER] = min(aer_compiled, found[AER_WAIT])
    found[AER_WAIT] -= found[AER]
    total = sum(found.values())
    return {key: value / total for key, value in found.items()}


def group_of(file: str, function: str) -> str:
    """Return the group of one function; built-in functions have the file "~"."""
    if file == "~":
        if "acquire" in function or "aer_controller" in function:
            return AER_WAIT
        return NUMPY if "numpy" in function or "einsum" in function else OTHER
    if "/qmlplay/" in file:
        ours = function in STATE_FUNCTIONS or file.endswith(STATE_FILES)
        return STATES if ours else OURS
    if any(part in file for part in FRAMEWORKS):
        return FRAMEWORK
    return NUMPY if "/numpy/" in file else OTHER


@contextmanager
def _aer_clock():
    """Add up the seconds that Aer's compiled controller works, in whichever thread."""
    spent: Counter[str] = Counter()
    try:
        from qiskit_aer.backends import aer_simulator
    except ImportError:
        yield spent
        return
    original = aer_simulator.cpp_execute_circuits

    def clocked(*arguments):
        start = perf_counter()
        result = original(*arguments)
        spent["seconds"] += perf_counter() - start
        return result

    aer_simulator.cpp_execute_circuits = clocked
    try:
        yield spent
    finally:
        aer_simulator.cpp_execute_circuits = original


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workload", choices=["moons", *WORKLOADS], default="W1")
    parser.add_argument("--only", metavar="A,B", default=",".join(INSTALLED))
    parser.add_argument("--top", type=int, default=0, help="also list that many functions")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
