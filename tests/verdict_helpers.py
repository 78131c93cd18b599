"""Made-up runs for tests of verdicts: who is wrong on which samples of which split."""

from __future__ import annotations

import numpy as np

from qmlplay.compare.evidence import verdict
from qmlplay.compare.reports import runs_table
from qmlplay.compare.running import Predictions

KINDS = {"numpy": "quantum", "cirq": "quantum", "no_entanglement": "ablation"}


def predictions_of(wrong, n=100, *, table=0, rows=None, labels=None, n_train=200, train=0.9):
    """Return a run that is wrong on these samples (a number stands for the first ones)."""
    labels = np.arange(n) % 2 if labels is None else np.asarray(labels)
    predicted = labels.copy()
    at = np.arange(wrong) if isinstance(wrong, int) else np.asarray(wrong, dtype=int)
    predicted[at] = 1 - predicted[at]
    guess = int(np.mean(labels) > 0.5)
    rows = np.arange(len(labels)) if rows is None else rows
    return Predictions(table, rows, labels, predicted, guess, n_train, train)


def contest(dataset="xor", *, seconds=None, kinds=None, train=None, two_qubit_gates=None, **wrong):
    """Return (runs, predictions): model → per seed how many or which are wrong; None failed.

    Every seed is a table of its own with 100 samples, unless a `Predictions` is given.
    """
    rows, records = [], {}
    for model, values in wrong.items():
        for seed, value in enumerate(values):
            run = value
            if value is not None and not isinstance(value, Predictions):
                run = predictions_of(value, table=seed)
            rows.append(
                {
                    "dataset": dataset,
                    "model": model,
                    "kind": (KINDS | (kinds or {})).get(model, "classical"),
                    "seed": seed,
                    "status": "ok" if run is not None else "ValueError: no",
                    "test_accuracy": None if run is None else run.is_correct.mean(),
                    "train_accuracy": (train or {}).get(
                        model, 0.0 if run is None else run.is_correct.mean()
                    ),
                    "fit_seconds": (seconds or {}).get(model, 1.0),
                    "two_qubit_gates": (two_qubit_gates or {}).get(model),
                }
            )
            if run is not None:
                records[dataset, model, seed] = run
    return runs_table(rows), records


def sentences(dataset="xor", **arguments):
    return verdict(*contest(dataset, **arguments), dataset).sentences


def text(**arguments):
    return " ".join(sentences(**arguments))
