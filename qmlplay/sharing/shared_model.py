"""All that is known of a model that is to be shared: what its card is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.quantum_pipelines import pipeline_parts
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.sharing.card_scores import Score, held_out_scores, report_scores, row_scores
from qmlplay.sharing.compared_model import ComparedModel, compared_model
from qmlplay.sharing.data_description import DataDescription, check_same, described_data
from qmlplay.sharing.metadata import check_license
from qmlplay.training import TrainingHistory

__all__ = ["SharedModel"]


@dataclass(frozen=True)
class SharedModel:
    """A fitted model and everything that was said about it, checked against each other.

    Parameters
    ----------
    model : estimator
        Fitted: a quantum estimator, or a pipeline that ends in one.
    steps : tuple of (str, transformer)
        What comes before it, by name.
    quantum : QuantumEstimator
        The one at the end.
    name : str
    description, license : str or None
        None where they were not given.
    data : DataDescription or None
        Of its training.
    scores : tuple of Score
        Of rows that training did not see.
    compared : ComparedModel or None
    report : mapping
        Of `qmlplay train --json`; empty where there is none.
    """

    model: Any
    steps: tuple[tuple[str, Any], ...]
    quantum: QuantumEstimator
    name: str
    description: str | None
    license: str | None
    data: DataDescription | None
    scores: tuple[Score, ...]
    compared: ComparedModel | None
    report: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        model: Any,
        name: str,
        *,
        description: str | None = None,
        license: str | None = None,  # noqa: A002 - the word of model cards
        data: Any = None,
        comparison: Any = None,
        compared_as: str | None = None,
        report: Mapping[str, Any] | None = None,
        held_out: Any = None,
    ) -> SharedModel:
        """Return what is known of a model; parameters as in `qmlplay.sharing.save_to_folder`."""
        steps, quantum = pipeline_parts(model)
        for _, step in steps:
            check_is_fitted(step)
        check_is_fitted(quantum)
        check_license(license)
        compared = compared_model(comparison, model, compared_as)
        report = {} if report is None else report
        _check_report(report, quantum)
        known = described_data(data)
        if known is None:
            known = _data_of(report, compared)
        if known is not None:
            n_classes = len(quantum.classes_) if is_classifier(quantum) else None
            check_same(known, _n_columns(model), n_classes)
        scores = []
        if held_out is not None:
            X, y = _pair(held_out)
            _check_held_out(X, data)
            scores += held_out_scores(model, X, y)
        scores += report_scores(report)
        if compared is not None and compared.row is not None:
            scores += row_scores(compared.row, compared.relation)
        return cls(
            model,
            tuple(steps),
            quantum,
            name,
            description,
            license,
            known,
            tuple(scores),
            compared,
            report,
        )

    @property
    def is_regression(self) -> bool:
        """Whether it predicts numbers."""
        return not is_classifier(self.quantum)

    @property
    def history(self) -> TrainingHistory | None:
        """How it was trained; a kernel machine has no steps to tell of."""
        return self.quantum._history if isinstance(self.quantum, VariationalEstimator) else None

    @property
    def circuit(self) -> Any:
        """The circuit and the formulas of its angles."""
        model = self.quantum.model_
        return model.circuit if self.history is not None else model.design.circuit

    @property
    def n_columns(self) -> int | None:
        """Columns that the whole takes; None where its first step does not say."""
        return _n_columns(self.model)

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns that the whole takes; empty where they have none."""
        return [str(name) for name in getattr(self.model, "feature_names_in_", ())]


def _n_columns(model: Any) -> int | None:
    n_columns: int | None = getattr(model, "n_features_in_", None)
    return n_columns


def _pair(held_out: Any) -> tuple[Any, Any]:
    if not isinstance(held_out, tuple | list) or len(held_out) != 2:
        raise TypeError(
            "held_out must be a pair (X, y) of rows that the training did not see; got "
            f"{type(held_out).__name__}"
        )
    return held_out[0], held_out[1]


def _check_held_out(X: Any, data: Any) -> None:
    """Raise ValueError where the rows held out are all of those of the training's data."""
    known = data.X if isinstance(data, Bunch) else getattr(data, "features", None)
    if known is None or np.shape(known) != np.shape(X):
        return
    if np.array_equal(pd.DataFrame(known).astype(str), pd.DataFrame(X).astype(str)):
        raise ValueError(
            "held_out has the very rows of data, which the model was trained on: give rows that "
            "training did not see, or a comparison"
        )


def _data_of(report: Mapping[str, Any], compared: ComparedModel | None) -> DataDescription | None:
    """Return what a report or a comparison tells of the data."""
    if report:
        return described_data(report.get("data") or str(report["dataset"]))
    if compared is None or compared.dataset is None or compared.data is None:
        return None
    if compared.data.get("recognition"):
        return described_data(compared.data["recognition"])
    n_rows = int(compared.data["n_train"]) + int(compared.data["n_test"])
    n_features = int(compared.data["n_features"])
    return DataDescription(compared.dataset, n_rows, n_features, n_features=n_features)


def _check_report(report: Mapping[str, Any], quantum: Any) -> None:
    """Raise TypeError or ValueError unless a report is one, and of the training of this model."""
    if not isinstance(report, Mapping):
        raise TypeError(
            "report must be the content of what `qmlplay train --json` printed; got "
            f"{type(report).__name__}"
        )
    if not report:
        return
    needed = ("dataset", "qubits", "parameters", "iterations", "loss")
    if missing := [name for name in needed if name not in report]:
        raise ValueError(
            f"report must be the content of what `qmlplay train --json` printed; it has no "
            f"{missing}"
        )
    curve = getattr(quantum, "loss_curve_", [])
    numbers = {
        "qubits": quantum.n_qubits_,
        "parameters": quantum.n_parameters_,
        "iterations": len(curve),
        "loss": float(curve[-1]) if curve else None,
    }
    wrong = [f"{k} {report[k]!r} there, {v!r} here" for k, v in numbers.items() if report[k] != v]
    if wrong:
        raise ValueError(f"the report is about the training of another model: {'; '.join(wrong)}")
