"""One step measured in a process of its own: time and peak memory.

    python tests/benchmarks/point.py numpy 10 1024 4 1     # qubits, samples, layers, observables

prints JSON. `measure` does the same from Python, with limits on time and memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import psutil
from peers import PEERS
from timing import seconds_of
from workloads import Problem, Step, Workload

from qmlplay import get_backend

MB = 2**20


def peak_memory() -> int:
    """Return the largest resident memory of this process so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent had when it started us
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return 1024 * int(line.split()[1])
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak() -> None:
    """Let the peak start again from what is resident now, where the system can do that."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


def measure_here(name: str, workload: Workload) -> dict[str, float]:
    """Return the first call's and a later call's seconds, and the peak over the imports in MB."""
    problem = Problem.of(workload)
    step = PEERS[name].make(problem) if name in PEERS else Step(problem, get_backend(name))
    forget_peak()
    baseline = psutil.Process().memory_info().rss
    first = seconds_of(step)
    times: list[float] = []
    while len(times) < 3 or (sum(times) < 0.5 and len(times) < 200):
        times.append(seconds_of(step))
        if times[0] > 2:
            break
    memory = max(0, peak_memory() - baseline) / MB
    return {"first_call": first, "seconds": median(times), "memory_mb": memory}


def measure(
    name: str, workload: Workload, *, max_seconds: float = 60, max_mb: float = 4000
) -> dict[str, float] | str:
    """Return `measure_here` from a fresh process, or the reason why there is no figure."""
    sizes = (workload.n_qubits, workload.n_samples, workload.n_layers, workload.n_observables)
    command = [sys.executable, "-W", "ignore", __file__, name, *map(str, sizes)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        reason = _watch(process, max_seconds, max_mb)
        out, err = process.communicate()
    if reason:
        return reason
    if process.returncode:
        return (err.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:120]
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def _watch(process: subprocess.Popen[str], max_seconds: float, max_mb: float) -> str:
    """Wait for the end of a process; end it at a limit and return which."""
    end = monotonic() + max_seconds
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            used = watched.memory_info().rss / MB
        except psutil.NoSuchProcess:
            break
        late, large = monotonic() > end, used > max_mb
        if late or large:
            process.kill()
            return f"more than {max_seconds:g} s" if late else f"more than {max_mb:g} MB"
        sleep(0.05)
    return ""


def main() -> None:
    warnings.simplefilter("ignore")
    name, *sizes = sys.argv[1:]
    print(json.dumps(measure_here(name, Workload(*map(int, sizes)))))


if __name__ == "__main__":
    main()
