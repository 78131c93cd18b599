"""The automatic search against the default model, random search, and the best classical model.

``python tests/benchmarks/search.py --budget 60`` prints a row per dataset: the score in the test
part of the best quantum model by the inner score, found by TPE with pruning and by random search
without it in the same time; of the default model, trained on the same part; and of the classical
model with the best inner score. Then what a trial takes beyond its training, in memory and with a
file.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import optuna
from sklearn.pipeline import make_pipeline

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset
from qmlplay.compare.setup import TASKS, make_splits, steps_before
from qmlplay.search import SearchResult, search
from qmlplay.search.inner_validation import SCORES

DATASETS = ("moons", "xor", "iris", "wine", "breast_cancer", "ad_hoc")


def searched(data: Any, budget: float, seed: int, *, at_random: bool) -> SearchResult:
    """Return a search, by random choices and without pruning if that is asked for."""
    with ExitStack() as stack:
        if at_random:
            sampler = optuna.samplers.RandomSampler
            stack.enter_context(
                patch("optuna.samplers.TPESampler", lambda seed=None, **_: sampler(seed))
            )
            pruner = optuna.pruners.NopPruner()
            stack.enter_context(patch("optuna.pruners.MedianPruner", lambda *_, **__: pruner))
        return search(data, budget=budget, random_state=seed, verbose=0)


def default_score(data: Any, seed: int, metric: str) -> float:
    """Return the test score of the default model, as `compare` has it."""
    (split,) = make_splits(data, None, [seed], 0.3)
    task = TASKS[split.task]
    make = VariationalRegressor if split.has_numbers else VariationalClassifier
    model = make(random_state=seed, verbose=0)
    n_outputs = 1 if split.has_numbers else len(set(split.y_train))
    pipeline = make_pipeline(*steps_before(data.X, n_outputs, model, task), model)
    predicted = pipeline.fit(split.X_train, split.y_train).predict(split.X_test)
    return float(SCORES[metric](split.y_test, predicted))


def row_of(name: str, budget: float, seed: int) -> list[Any]:
    """Return the figures of one dataset."""
    data = load_dataset(name, random_state=seed)
    by_tpe = searched(data, budget, seed, at_random=False)
    by_chance = searched(data, budget, seed, at_random=True)
    scores = []
    for result in (by_tpe, by_chance):
        table = result.leaderboard_.set_index("model")
        columns = ["inner_score", "test_score"]  # NaN where there was no time for any
        scores.append(table.reindex(["quantum"]).loc["quantum", columns].tolist())
    table = by_tpe.leaderboard_
    classical = table[(table["kind"] == "classical")].iloc[0]
    tested = [classical["model"], classical["inner_score"], classical["test_score"]]
    n_trials = [len(result.study_.trials) for result in (by_tpe, by_chance)]
    default = default_score(data, seed, by_tpe.metric_)
    seconds = max(by_tpe.seconds_, by_chance.seconds_)
    return [name, *scores[0], *scores[1], default, *tested, *n_trials, seconds]


def overhead(path: Path | None) -> float:
    """Return the median seconds of a trial beyond fitting and scoring."""
    data = load_dataset("moons", n_samples=60, random_state=0)
    names = ["dummy", "logistic_regression"]
    result = search(data, n_trials=20, budget=600, baselines=names, study=path, verbose=0)
    trials = [t for s in result.studies_[0].values() for t in s.trials]
    done = [t for t in trials if "fold_seconds" in t.user_attrs]
    return statistics.median(
        t.duration.total_seconds() - sum(t.user_attrs["fold_seconds"]) for t in done if t.duration
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--datasets", nargs="+", default=DATASETS)
    options = parser.parse_args()
    print(f"budget {options.budget:g} s, inner score → test score")
    for name in options.datasets:
        row = row_of(name, options.budget, options.seed)
        print(
            f"{row[0]:14} search {row[1]:.3f} → {row[2]:.3f} ({row[9]} trials)  "
            f"random {row[3]:.3f} → {row[4]:.3f} ({row[10]})  default {row[5]:.3f}  "
            f"{row[6]} {row[7]:.3f} → {row[8]:.3f}  at most {row[11]:.1f} s",
            flush=True,
        )
    with tempfile.TemporaryDirectory() as folder:
        for where, path in (("memory", None), ("a file", Path(folder) / "study.db")):
            print(f"overhead of a trial in {where}: {1000 * overhead(path):.0f} ms")


if __name__ == "__main__":
    main()
