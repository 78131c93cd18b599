"""Predictions for the rows of a file: what a saved model needs of it, and what it answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from qmlplay.classifier import quantum_part, with_backend
from qmlplay.datasets._own_checks import check_features
from qmlplay.errors import listed
from qmlplay.progress import progress_bar
from qmlplay.saving import load_model
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.precedents import read_new_rows
from qmlplay.tables.transformers import CategoryColumn

__all__ = ["label_table", "model_features", "predictions", "read_rows"]

#: Rows that are predicted between two steps of the progress bar.
_ROWS_AT_ONCE = 500


def predictions(
    model_file: Path,
    file: Path,
    backend: str | None,
    *,
    with_probabilities: bool,
    shots: int | None = None,
    noise: str | None = None,
    verbose: int | str = "auto",
) -> tuple[pd.DataFrame, list[str]]:
    """Return the prediction (and probabilities) of every row of a file, and what to know.

    Shots and noise that are None are those of the model.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If a file is damaged, a column that the model needs is missing, or a cell is of another
        kind than the column had in training.
    """
    estimator = load_model(model_file, backend=backend)
    if with_probabilities and not is_classifier(estimator):
        raise ValueError(
            f"{str(model_file)!r} predicts numbers, which have no probabilities: leave out "
            "--probabilities"
        )
    features = model_features(estimator, read_rows(estimator, file), file)
    model, rows = quantum_part(estimator, features)
    given = {"shots": shots, "noise": noise}
    settings = {key: value for key, value in given.items() if value is not None}
    if settings:
        model = with_backend(model, model.backend, **settings)
    # Shots are drawn for all rows at once, as anywhere else.
    size = _ROWS_AT_ONCE if model.shots is None else len(rows)
    tables = []
    with progress_bar(len(rows), "predict", verbose=verbose) as progress:
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            p = model.predict_proba(block) if with_probabilities else None
            predicted = model.predict(block)
            tables.append(
                label_table(predicted, p, model.classes_)
                if is_classifier(model)
                else _number_table(predicted)
            )
            progress.advance(len(block))
    return pd.concat(tables, ignore_index=True), _notes(estimator, features)


def read_rows(estimator: Any, file: str | Path) -> pd.DataFrame:
    """Return the rows of a file, with the columns that a model needs read as in its training."""
    names = list(getattr(estimator, "feature_names_in_", ()))
    preprocessor = _preprocessor(estimator)
    if not names or preprocessor is None:
        return read_new_rows(file, names or None)
    return read_new_rows(
        file,
        _needed(estimator, names),
        precedents=preprocessor.precedents,
        texts=[c.name for c in preprocessor.columns_ if isinstance(c, CategoryColumn)],
    )


def label_table(labels: Any, probabilities: Any, classes: Any) -> pd.DataFrame:
    """Return predicted labels as a table and, where they are given, probabilities beside them."""
    table = pd.DataFrame({"prediction": labels})
    if probabilities is None:
        return table
    return table.join(pd.DataFrame(probabilities, columns=[f"p({label})" for label in classes]))


def _number_table(numbers: Any) -> pd.DataFrame:
    """Return predicted numbers as a table, a column per target."""
    if numbers.ndim == 1:
        return pd.DataFrame({"prediction": numbers})
    return pd.DataFrame(numbers).rename(columns=lambda target: f"prediction {target}")


def model_features(estimator: Any, frame: pd.DataFrame, file: Path) -> Any:
    """Return what a model was trained on, in its order: a table of names, or values alone."""
    has_preprocessor = _preprocessor(estimator) is not None
    names = list(getattr(estimator, "feature_names_in_", ()))
    if not names and frame.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"{str(file)!r} has {frame.shape[1]} columns, but the model was trained on "
            f"{estimator.n_features_in_} without names: keep those alone, in their order"
        )
    if not names:
        return frame.to_numpy(dtype=object) if has_preprocessor else check_features(frame)[0]
    needed = _needed(estimator, names)
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{str(file)!r} lacks the columns {listed(missing)}, which the model was trained on; "
            f"it has {listed(frame.columns)}: add or rename columns"
        )
    if has_preprocessor:
        return frame[needed]
    values, checked_names = check_features(frame[names])
    return pd.DataFrame(values, columns=checked_names)


def _preprocessor(estimator: Any) -> TablePreprocessor | None:
    """Return the preprocessor that a model starts with, if there is one."""
    first = estimator[0] if isinstance(estimator, Pipeline) else None
    return first if isinstance(first, TablePreprocessor) else None


def _needed(estimator: Any, names: list[str]) -> list[str]:
    """Return the columns that make a difference: not those that told nothing in training."""
    preprocessor = _preprocessor(estimator)
    if preprocessor is None:
        return names
    return [column.name for column in preprocessor.columns_ if column.outputs]


def _notes(estimator: Any, features: Any) -> list[str]:
    """Return what was guessed: values that training did not have, and gaps."""
    preprocessor = _preprocessor(estimator)
    if preprocessor is None:
        return []
    notes = []
    unseen = preprocessor.unseen(features)
    if unseen:
        values = [f"{name}={v} ({n})" for name, counts in unseen.items() for v, n in counts.items()]
        notes.append(
            "values that the model did not see in training, with how many rows have them: "
            f"{listed(values, quoted=False)}; they count as no or another category"
        )
    gaps = pd.DataFrame(features).isna().sum()
    if gaps.any():
        counts = listed([f"{name} ({n})" for name, n in gaps[gaps > 0].items()], quoted=False)
        notes.append(f"gaps, treated as in training, with how many rows have them: {counts}")
    return notes
