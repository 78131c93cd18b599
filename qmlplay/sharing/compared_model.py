"""The row of a comparison that belongs to a model, found out or given, and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qmlplay.backends import Backend
from qmlplay.classifier.quantum_pipelines import pipeline_parts
from qmlplay.compare.comparison import Comparison
from qmlplay.compare.setup import sizes
from qmlplay.errors import listed

__all__ = ["ComparedModel", "compared_model"]

Row = Mapping[str, Any]

#: Parameters that decide nothing about how good a model is, or only by chance.
_OF_CHANCE = ("random_state", "verbose", "callbacks", "warm_start")


@dataclass(frozen=True)
class ComparedModel:
    """What a comparison says of one model, and of those beside it.

    Parameters
    ----------
    rows : sequence of mapping
        Of the table, those of the model's dataset where that is known.
    verdict : sequence of str
        The sentences about these.
    row : mapping or None
        The model's own; None where nobody said which.
    relation : str
        How the models of that row and the shared one are related.
    data : mapping or None
        Sizes of the dataset, and what was recognised of its file.
    """

    rows: Sequence[Row]
    verdict: Sequence[str]
    row: Row | None
    relation: str
    data: Mapping[str, Any] | None

    @property
    def dataset(self) -> str | None:
        """The one dataset of all rows, None where there are several."""
        names = list(dict.fromkeys(str(row["dataset"]) for row in self.rows))
        return names[0] if len(names) == 1 else None


def compared_model(comparison: Any, model: Any, compared_as: str | None) -> ComparedModel | None:
    """Return what a comparison says of a fitted model.

    Parameters
    ----------
    comparison : Comparison, mapping or None
        The mapping is that of `Comparison.to_dict`, as comparison.json holds it.
    model : estimator
        Fitted.
    compared_as : str or None
        The row of the table with the settings of the model; None finds it out where the
        comparison has the model itself, or one model of the same settings.

    Raises
    ------
    TypeError, ValueError
        If it is no comparison, there is no such row, or its model has another size.
    """
    if comparison is None:
        if compared_as is not None:
            raise ValueError("compared_as names a row of a comparison: give comparison=, too")
        return None
    content = comparison.to_dict() if isinstance(comparison, Comparison) else comparison
    _check(content)
    row, relation = None, ""
    if isinstance(comparison, Comparison):
        row, relation = _found(comparison, content["table"], model)
    if compared_as is not None and (row is None or row["model"] != compared_as):
        row = _named(content["table"], compared_as, model)
        relation = "models that whoever shared this one says have its settings"
    dataset = None if row is None else row["dataset"]
    rows = [r for r in content["table"] if dataset in (None, r["dataset"])]
    names = dict.fromkeys(str(r["dataset"]) for r in rows)
    starts = tuple(f"{name}: " for name in content["data"] if name not in names)
    verdict = [s for s in content["verdict"] if not (starts and s.startswith(starts))]
    data = content["data"][next(iter(names))] if len(names) == 1 else None
    return ComparedModel(rows, verdict, row, relation, data)


def _check(content: Any) -> None:
    """Raise TypeError or ValueError unless plain values are those of a comparison."""
    text = (
        "comparison must be what qmlplay.compare returned, or the content of comparison.json, "
        "which `qmlplay compare` writes"
    )
    if not isinstance(content, Mapping):
        raise TypeError(f"{text}; got {type(content).__name__}")
    kinds = {"table": list, "verdict": list, "data": dict}
    if not all(isinstance(content.get(key), kind) for key, kind in kinds.items()):
        raise ValueError(f"{text}; it has no {listed(kinds)}")
    needed = {"dataset", "model", "n_seeds", "status"}
    are_rows = all(isinstance(row, Mapping) and needed <= set(row) for row in content["table"])
    names = {row["dataset"] for row in content["table"]} if are_rows else set()
    if not are_rows or not names <= set(content["data"]) or not names:
        raise ValueError(f"{text}; its table is damaged")


def _found(comparison: Comparison, rows: Sequence[Row], model: Any) -> tuple[Row | None, str]:
    """Return the row of the model itself, or else the one row of its settings."""
    # A classical model of a comparison that went on from a folder would be trained to be looked at.
    quantum = {(row["dataset"], row["model"]) for row in rows if row.get("kind") != "classical"}
    fitted = {key: comparison.fitted[key] for key in comparison.fitted if key in quantum}
    parts = {key: _quantum(estimator) for key, estimator in fitted.items()}
    trained = _quantum(model).model_
    same = [key for key, part in parts.items() if part is not None and part.model_ == trained]
    relation = "models of these settings; the shared one is that of the first split"
    if not same:
        settings = _settings(model)
        same = [k for k, e in fitted.items() if parts[k] and _settings(e) == settings]
        relation = "models of the same settings, each trained anew; the shared one is another one"
    own = [key for key in same if key not in comparison.copies] or same
    if len(own) != 1:
        return None, ""
    return next(r for r in rows if (r["dataset"], r["model"]) == own[0]), relation


def _quantum(model: Any) -> Any:
    """Return the quantum model at the end of an estimator, None if there is none."""
    try:
        return pipeline_parts(model)[1]
    except TypeError:
        return None


def _settings(model: Any) -> str:
    """Return what decides how a model is trained, as text that can be compared."""
    steps, quantum = pipeline_parts(model)
    parameters = {k: v for k, v in quantum.get_params().items() if k not in _OF_CHANCE}
    if isinstance(quantum.backend, Backend):
        parameters["backend"] = repr(quantum.backend)
    return repr(([repr(step) for _, step in steps], type(quantum).__name__, parameters))


def _named(rows: Sequence[Row], name: str, model: Any) -> Row:
    """Return the row of a name, after checking that a model of that size can be in it."""
    named = [row for row in rows if row["model"] == name]
    if len(named) != 1:
        known = listed(dict.fromkeys(str(row["model"]) for row in rows))
        what = f"{len(named)} datasets with a row" if named else "no row"
        raise ValueError(
            f"compared_as={name!r}: the comparison has {what} of that name; give a comparison of "
            f"the model's dataset alone, and one of {known}"
        )
    size = sizes(model)
    for key in ("n_qubits", "n_parameters", "depth"):
        there = named[0].get(key)
        if there is not None and there != size[key]:
            raise ValueError(
                f"compared_as={name!r} is a row of other models: they have {key} = {there}, and "
                f"the one to share has {size[key]}"
            )
    return named[0]
