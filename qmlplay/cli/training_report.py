"""The training of one model from the command line, and the report of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

from qmlplay.backends import backend_info
from qmlplay.checks import check_seed
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.cli.task_options import common_task, estimator_of
from qmlplay.cli.tasks import class_names
from qmlplay.compare.setup import (
    CLASSIFICATION,
    REGRESSION,
    LearningTask,
    check_own_task,
    check_prototype,
    steps_before,
    stratified_split,
)
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.sharing.card_scores import answer_scores
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.precedents import Precedents

__all__ = ["column_words", "trained_model", "training_steps"]


def trained_model(
    data: str | Bunch,
    options: Mapping[str, Any],
    seed: int,
    test_size: float,
    *,
    task: str = "auto",
    precedents: Precedents | None = None,
    **settings: Any,
) -> tuple[Any, dict[str, Any]]:
    """Train a quantum model on a part of the data and report its scores on the rest.

    Where the data are no table of numbers without gaps, or have more columns than the qubits take,
    it is a pipeline of preprocessing and model. Ctrl-C ends the training early: the report
    says so, and has no loss before the first full pass.

    Parameters
    ----------
    data : str or Bunch
        As in `qmlplay.compare`.
    options : mapping of str to object
        target, separator, drop, features and keep, for a file.
    seed, test_size
        As in `qmlplay.compare`, but one seed.
    task : {"auto", "classification", "regression"}, default="auto"
        As in `qmlplay.compare`.
    precedents : mapping of str to mapping, optional
        How the cells of a file were read, for new files: see `qmlplay.tables.precedents`.
    **settings
        Parameters of `VariationalClassifier` or `VariationalRegressor`.
    """
    settings |= {"random_state": check_seed(seed)}
    of_task = common_task([data], task)
    estimator = check_prototype(estimator_of(of_task, settings), of_task)
    backend_info(str(estimator.backend)).load()  # a wrong or missing one is found here, at once
    is_generated = isinstance(data, str) and data in list_datasets() and not any(options.values())
    if is_generated:
        bunch = load_dataset(data, random_state=seed)
        check_own_task(bunch, task)
    else:
        bunch = as_dataset(data, task=task, **options)
    recognition = bunch.get("recognition")
    split = stratified_split(bunch, test_size, seed)
    X_train, X_test = (
        pd.DataFrame(X, columns=list(split.feature_names)) for X in (split.X_train, split.X_test)
    )
    y_train, y_test = split.y_train, split.y_test
    if not split.has_numbers:
        y_train, y_test = (class_names(bunch, y) for y in (y_train, y_test))
    # One target, or the classes.
    steps = training_steps(bunch.X, len(bunch.target_names), estimator, precedents, of_task)
    model = make_pipeline(*steps, estimator) if steps else estimator
    model.fit(X_train, y_train)
    report = {
        "dataset": split.dataset,
        "train_rows": len(y_train),
        "test_rows": len(y_test),
        "seed": seed,
        "task": of_task.name,
        "data": None if recognition is None else recognition.to_dict(),
        "backend": estimator.backend,
    }
    if steps:
        report["columns"] = column_words(steps, X_train.shape[1])
    return model, report | {
        "qubits": estimator.n_qubits_,
        "parameters": estimator.n_parameters_,
        "iterations": len(estimator.loss_curve_),  # 0 where Ctrl-C came before the first was done
        "loss": float(estimator.loss_curve_[-1]) if estimator.loss_curve_ else None,
        **_scores(of_task, (y_train, model.predict(X_train)), (y_test, model.predict(X_test))),
        "interrupted": estimator.interrupted_,
    }


def _scores(
    task: LearningTask, in_training: tuple[Any, Any], in_test: tuple[Any, Any]
) -> dict[str, float]:
    """Return the scores of true and predicted answers, those of a regression in its units."""
    n_train, n_test = (
        None if task is REGRESSION else len(np.unique(y)) for y, _ in (in_training, in_test)
    )
    train = next(iter(answer_scores(*in_training, n_train).values()))
    return {task.train_score: train} | answer_scores(*in_test, n_test)


def training_steps(
    X: Any,
    n_outputs: int,
    model: VariationalEstimator,
    precedents: Precedents | None = None,
    task: LearningTask = CLASSIFICATION,
) -> list[Any]:
    """Return the unfitted steps before a model that is trained to be used on new files.

    Where there are any, they start with a `TablePreprocessor`, which finds columns by name and
    keeps how the cells of a file are read.
    """
    steps = steps_before(X, n_outputs, model, task)
    if not steps and not precedents:
        return []
    rest = [step for step in steps if not isinstance(step, TablePreprocessor)]
    return [TablePreprocessor(precedents or None), *rest]


def column_words(steps: Sequence[Any], n_columns: int) -> str:
    """Return what fitted steps make of the columns, such as "12 → 19 numbers → 8 components"."""
    counts = [str(n_columns), f"{steps[0].n_outputs_} numbers"]
    if len(steps) > 1:
        counts.append(f"{steps[1].n_outputs_} components")
    return " → ".join(counts)
