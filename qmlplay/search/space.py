"""The space of quantum models: what a search may choose, and the estimator of a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import optuna
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from qmlplay.ansatze import get_ansatz
from qmlplay.checks import is_integer, is_number
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.encodings import get_encoding
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["SearchSpace", "TableShape", "quantum_estimator"]

#: Up to so many columns may come as they are; of more, there are components in any case.
_WIDE = 16


@dataclass(frozen=True)
class TableShape:
    """What the space has to know of a table.

    Parameters
    ----------
    n_columns : int
        Columns of numbers, after preprocessing.
    is_frame : bool
        Whether it needs a `TablePreprocessor`.
    task : {"classification", "regression"}
    """

    n_columns: int
    is_frame: bool
    task: str

    @property
    def reductions(self) -> tuple[str, ...]:
        """Ways to fewer columns, "none" among them where there are few."""
        supervised = "pls" if self.task == "classification" else "pls_regression"
        ways = ("pca", supervised) if self.n_columns > 2 else ()
        return ways if self.n_columns > _WIDE else ("none", *ways)


@dataclass(frozen=True)
class SearchSpace:
    """What a search chooses for its quantum models.

    Beside these, ``reduction`` is one of "none" (up to 16 columns), "pca" and "pls" (of more than
    two columns), with ``n_components`` of 2 to `max_components`.

    Parameters
    ----------
    encodings : tuple of str
        Names of `qmlplay.encodings.ENCODINGS`.
    ansatze : tuple of str
        Names of `qmlplay.ansatze.ANSATZE`. Models without entanglement, "no_entanglement", have a
        row of their own in the leaderboard.
    n_layers : tuple of two int, default=(1, 6)
        The least and the most layers.
    n_qubits : tuple of two int, default=(2, 8)
        The fewest and the most qubits; never more than two per column.
    learning_rate_init : tuple of two float, default=(0.01, 0.5)
        Drawn on a logarithmic scale.
    bandwidth : tuple of two float, default=(0.25, 2.0)
        Factor of all angles, drawn on a logarithmic scale.
    max_components : int, default=12

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, or two numbers are no range.

    Examples
    --------
    >>> SearchSpace(encodings=("angle_sum",), n_qubits=(2, 4)).n_qubits
    (2, 4)
    >>> SearchSpace(n_layers=(4, 1))
    Traceback (most recent call last):
        ...
    ValueError: n_layers must be the least and the most, such as (1, 6), got (4, 1)
    """

    encodings: tuple[str, ...] = ("angle_sum", "angle", "dense", "reuploading", "zz", "iqp")
    ansatze: tuple[str, ...] = (
        "hardware_efficient_rxx",
        "hardware_efficient",
        "strongly_entangling",
        "real_amplitudes",
        "no_entanglement",
    )
    n_layers: tuple[int, int] = (1, 6)
    n_qubits: tuple[int, int] = (2, 8)
    learning_rate_init: tuple[float, float] = (0.01, 0.5)
    bandwidth: tuple[float, float] = (0.25, 2.0)
    max_components: int = 12

    def __post_init__(self) -> None:
        for kind, look_up in (("encodings", get_encoding), ("ansatze", get_ansatz)):
            names = getattr(self, kind)
            names = (names,) if isinstance(names, str) else tuple(names)
            if not names or not all(isinstance(name, str) for name in names):
                raise TypeError(f"{kind} must be names, such as {getattr(type(self), kind)[:2]}")
            for name in names:
                look_up(name)
            object.__setattr__(self, kind, tuple(dict.fromkeys(names)))
        for kind in ("n_layers", "n_qubits", "learning_rate_init", "bandwidth"):
            _check_range(kind, getattr(self, kind), getattr(type(self), kind))
            object.__setattr__(self, kind, tuple(getattr(self, kind)))
        if not is_integer(self.max_components, 2):
            raise ValueError(
                f"max_components must be an integer of at least 2, got {self.max_components!r}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    def suggest(self, trial: optuna.Trial, shape: TableShape) -> None:
        """Let a trial choose; the choice is in ``trial.params`` then."""
        trial.suggest_categorical("encoding", self.encodings)
        trial.suggest_categorical("ansatz", self.ansatze)
        trial.suggest_int("n_layers", *self.n_layers)
        trial.suggest_int("n_qubits", *self._qubits(shape))
        for name in ("learning_rate_init", "bandwidth"):
            trial.suggest_float(name, *getattr(self, name), log=True)
        if trial.suggest_categorical("reduction", shape.reductions) != "none":
            trial.suggest_int("n_components", 2, self._most_components(shape))

    def _qubits(self, shape: TableShape) -> tuple[int, int]:
        """Return the fewest and the most qubits: two per column are enough."""
        low, high = self.n_qubits
        return low, max(low, min(high, 2 * shape.n_columns))

    def _most_components(self, shape: TableShape) -> int:
        return max(2, min(self.max_components, shape.n_columns))

    def default(self, model: VariationalEstimator, shape: TableShape) -> dict[str, Any]:
        """Return the choice nearest to a model's own settings, which is tried first."""
        low, high = self._qubits(shape)
        reduction = shape.reductions[0 if shape.n_columns <= high else -1]
        n_inputs = shape.n_columns if reduction == "none" else self._most_components(shape)
        n_inputs = min(n_inputs, high) if reduction != "none" else n_inputs
        choice = {
            "encoding": _nearest(model.encoding, self.encodings),
            "ansatz": _nearest(model.ansatz, self.ansatze),
            "n_layers": _within(model.n_layers, *self.n_layers),
            "n_qubits": _within(model.n_qubits or n_inputs, low, high),
            "reduction": reduction,
        }
        rate = model.learning_rate_init
        rate = rate if is_number(rate) else self.learning_rate_init[0]
        choice["learning_rate_init"] = _within(rate, *self.learning_rate_init)
        choice["bandwidth"] = _within(model.bandwidth, *self.bandwidth)
        if reduction != "none":
            choice["n_components"] = max(2, n_inputs)
        return choice

    def first_choices(self, model: VariationalEstimator, shape: TableShape) -> list[dict[str, Any]]:
        """Return what is tried first: usual settings, the smallest, and every other encoding."""
        usual = self.default(model, shape)
        others = [name for name in self.encodings if name != usual["encoding"]]
        return [usual, self.smallest(model, shape), *(usual | {"encoding": e} for e in others)]

    def smallest(self, model: VariationalEstimator, shape: TableShape) -> dict[str, Any]:
        """Return the choice that takes the least time, or nearly so."""
        choice = self.default(model, shape)
        small = {"n_layers": self.n_layers[0], "n_qubits": self.n_qubits[0]}
        if choice["reduction"] != "none":
            small["n_components"] = 2
        return choice | small


def quantum_estimator(
    params: Mapping[str, Any], prototype: VariationalEstimator, shape: TableShape
) -> Any:
    """Return the unfitted estimator of a choice: a pipeline where something comes before it."""
    settings = {k: v for k, v in params.items() if k not in ("reduction", "n_components")}
    model = clone(prototype).set_params(**settings)
    steps: list[Any] = [TablePreprocessor()] if shape.is_frame else []
    if params["reduction"] != "none":
        steps.append(FeatureReduction(params["n_components"], method=params["reduction"]))
    return make_pipeline(*steps, model) if steps else model


def _check_range(name: str, value: Any, example: Any) -> None:
    has_integers = isinstance(example[0], int)
    is_bound = (lambda v: is_integer(v, 1)) if has_integers else (lambda v: is_number(v, 1e-9))
    is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(map(is_bound, value))
    if not is_pair or value[0] > value[1]:
        raise ValueError(f"{name} must be the least and the most, such as {example}, got {value!r}")


def _nearest(value: Any, names: tuple[str, ...]) -> str:
    return value if isinstance(value, str) and value in names else names[0]


def _within(value: Any, low: Any, high: Any) -> Any:
    return min(max(value, low), high)
