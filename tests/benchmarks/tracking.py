"""What tracking costs: a training with and without MLflow, and the size of a logged model.

The alternative to the logger is a callback of one line, ``mlflow.log_metric`` at every step. All
ways take turns within a round, and medians over the rounds are shown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ |= {"MLFLOW_LOGGING_LEVEL": "ERROR", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
warnings.simplefilter("ignore")

import mlflow  # noqa: E402 - settings before it

from qmlplay import VariationalClassifier, load_dataset  # noqa: E402
from qmlplay.mlflow import Logger, save_model  # noqa: E402

DATA = load_dataset("moons", n_samples=300, random_state=0)


def log_metric(state: Any) -> None:
    """Log a loss as MLflow's first page shows it."""
    mlflow.log_metric("loss", state.loss, step=state.step)


@contextmanager
def autologging() -> Iterator[None]:
    """Let MLflow see the fit by itself."""
    mlflow.sklearn.autolog(silent=True)
    try:
        yield
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)


def fit(*callbacks: Any, steps: int) -> float:
    """Return the seconds of a training, logging included."""
    clf = VariationalClassifier(
        max_iter=steps, n_iter_no_change=None, random_state=0, callbacks=list(callbacks), verbose=0
    )
    start = perf_counter()
    clf.fit(DATA.X, DATA.y)
    return perf_counter() - start


def with_log_metric(steps: int) -> float:
    """Return the seconds of a training that logs its losses one by one, in a run of its own."""
    start = perf_counter()
    with mlflow.start_run():
        fit(log_metric, steps=steps)
    return perf_counter() - start


def with_autolog(steps: int) -> float:
    """Return the seconds of a training under ``mlflow.sklearn.autolog()``."""
    with autologging():
        return fit(steps=steps)


WAYS: dict[str, Callable[[int], float]] = {
    "nothing logged": lambda steps: fit(steps=steps),
    "a callback that does nothing": lambda steps: fit(lambda state: None, steps=steps),
    "Logger(figures=False, model=False)": lambda steps: fit(
        Logger(figures=False, model=False), steps=steps
    ),
    "Logger()": lambda steps: fit(Logger(), steps=steps),
    "mlflow.sklearn.autolog()": with_autolog,
    "mlflow.log_metric every step": with_log_metric,
}


def seconds(steps: int, rounds: int) -> dict[str, float]:
    """Return the median of every way."""
    for way in WAYS.values():
        way(2)  # imports, and the tables of the database
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            times[name].append(way(steps))
    return {name: statistics.median(values) for name, values in times.items()}


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sizes(folder: Path) -> dict[str, dict[str, float]]:
    """Return bytes and seconds of writing and reading a model, by flavour and format."""
    clf = VariationalClassifier(max_iter=20, random_state=0).fit(DATA.X, DATA.y)
    more = {"pip_requirements": ["qmlplay"]}  # MLflow takes seconds to find them out

    def of_sklearn(path: Path, serialization: str) -> None:
        settings: dict[str, Any] = {"serialization_format": serialization}
        if serialization == "skops":
            from qmlplay.sharing import trusted_types

            settings["skops_trusted_types"] = trusted_types()
        mlflow.sklearn.save_model(clf, path, **more, **settings)

    writers = {
        "qmlplay.mlflow": lambda path: save_model(clf, path, **more),
        "mlflow.sklearn, cloudpickle": lambda path: of_sklearn(path, "cloudpickle"),
        "mlflow.sklearn, skops": lambda path: of_sklearn(path, "skops"),
    }
    results = {}
    for number, (name, write) in enumerate(writers.items()):
        write(folder / f"first-{number}")  # imports
        start = perf_counter()
        write(folder / f"{number}")
        written = perf_counter()
        mlflow.pyfunc.load_model(str(folder / f"{number}"))
        results[name] = {
            "bytes": size(folder / f"{number}"),
            "seconds to write": written - start,
            "seconds to read": perf_counter() - written,
        }
    return results


def main() -> None:
    """Print the table, or write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300, help="of the training")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--uri", help="tracking URI [default: a new database]")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        mlflow.set_tracking_uri(arguments.uri or f"sqlite:///{name}/mlflow.db")
        results: dict[str, Any] = {
            "steps": arguments.steps,
            "seconds": seconds(arguments.steps, arguments.rounds),
            "models": sizes(Path(name)),
        }
        os.chdir("/")
    plain = results["seconds"]["nothing logged"]
    print(f"{arguments.steps} steps, median of {arguments.rounds} rounds")
    for way, value in results["seconds"].items():
        extra = 1000 * (value - plain)
        print(f"{way:36} {value:7.3f} s  +{extra:8.1f} ms  {extra / arguments.steps:7.3f} ms/step")
    for flavor, values in results["models"].items():
        shown = "  ".join(
            f"{1000 * values[f'seconds to {what}']:6.1f} ms to {what}" for what in ("write", "read")
        )
        print(f"{flavor:36} {values['bytes']:8,} bytes  {shown}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
