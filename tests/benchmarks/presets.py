"""The accuracy of every preset on the problem of its paper, as the book states it.

``python tests/benchmarks/presets.py`` prints a row per preset: 70 of 100 samples for training, a
stratified split and another model per seed. The seeds are none of those with which the number of
layers and of iterations were chosen (0 to 14).
"""

from __future__ import annotations

import statistics
import sys
import time

from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, get_preset, list_presets

SEEDS = range(30, 35)


def accuracy(name: str, seed: int) -> tuple[float, VariationalClassifier]:
    """Return the test accuracy of one training, and the model."""
    data = get_preset(name).load_problem(random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(
        data.X, data.y, test_size=0.3, random_state=seed, stratify=data.y
    )
    clf = VariationalClassifier.from_preset(name, random_state=seed, verbose=0)
    return clf.fit(X_train, y_train).score(X_test, y_test), clf


def main(names: list[str]) -> None:
    """Print mean, standard deviation and range over the seeds for every preset."""
    for name in names or list_presets():
        start = time.perf_counter()
        runs = [accuracy(name, seed) for seed in SEEDS]
        seconds = (time.perf_counter() - start) / len(runs)
        scores, clf = [score for score, _ in runs], runs[-1][1]
        print(
            f"{name:17} {clf.n_qubits_} qubits, {clf.n_parameters_:2} parameters: "
            f"{statistics.mean(scores):.3f} ± {statistics.stdev(scores):.3f} "
            f"({min(scores):.3f} to {max(scores):.3f}), {seconds:.1f} s each",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
