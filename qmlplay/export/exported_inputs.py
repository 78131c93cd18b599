"""The inputs of an exported model: the columns before the steps of a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING, Any, final

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.errors import listed
from qmlplay.export.affine_steps import AffineMap, affine_map
from qmlplay.export.input_columns import CategoryInput, InputColumn, NumberInput, number_input
from qmlplay.model import InputScaling, TrainedCircuit, TrainedModel
from qmlplay.model.classifiers import check_quantum_model
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.transformers import CategoryColumn, NumberColumn
from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExportedInputs"]

_LAST_STEP = (
    "Export the last step alone, pipeline[-1], and give it what pipeline[:-1].transform(X) returns"
)
#: Spreads of a column that a guessed range has on either side of the mean.
_SPREADS = 3
#: Where features are radians, no range is known: half a turn back, a turn forth.
_RADIANS = (-pi, 2 * pi)


@final
@dataclass(frozen=True)
class ExportedInputs:
    """The inputs of a model with the steps before it: columns, affine maps, and the model.

    Parameters
    ----------
    kind : str
        The name of the estimator's class.
    names : tuple of str
        All columns of the table.
    columns : tuple of InputColumn
        Those that made a difference in training.
    maps : tuple of AffineMap
        What is done to the numbers of all columns before the model gets them.
    model : TrainedCircuit
    steps : tuple of transformer
        The fitted steps themselves, which the maps stand for.
    """

    kind: str
    names: tuple[str, ...]
    columns: tuple[InputColumn, ...]
    maps: tuple[AffineMap, ...]
    model: TrainedCircuit
    steps: tuple[Any, ...]

    @classmethod
    def of(cls, estimator: Any) -> ExportedInputs:
        """Return the inputs of a fitted quantum model or of a pipeline that ends in one.

        Raises
        ------
        TypeError
            If there is no quantum model at the end, or a step that is no affine map of numbers.
        """
        named_steps, last = _unpacked(estimator)
        check_quantum_model(last)
        steps = [step for _, step in named_steps]
        preprocessor = None
        if steps and type(steps[0]) is TablePreprocessor:
            preprocessor, named_steps = steps[0], named_steps[1:]
            check_is_fitted(preprocessor)
        maps = tuple(affine_map(name, step) for name, step in named_steps)
        ranges = _ranges(last, maps)
        names = _names(steps[0] if steps else last)
        if preprocessor is None:
            columns = _plain_columns(names, ranges)
        else:
            columns = _table_columns(preprocessor, ranges)
        return cls(type(last).__name__, tuple(names), columns, maps, last.model_, tuple(steps))

    @property
    def is_classifier(self) -> bool:
        """Whether the model predicts classes."""
        return isinstance(self.model, TrainedModel)

    @property
    def places(self) -> tuple[int, ...]:
        """Where in the table the columns are."""
        return tuple(self.names.index(column.name) for column in self.columns)

    def check_numbers(self, runtime: str) -> None:
        """Raise TypeError where a column holds categories, which this runtime does not take."""
        others = [c.name for c in self.columns if not isinstance(c, NumberInput)]
        if others:
            raise TypeError(
                f"{listed(others)}: categories are exported to a page alone (to_html), and "
                f"{runtime} takes numbers. {_LAST_STEP}"
            )

    def drawn(self, n_rows: int, seed: int = 0) -> tuple[list[list[Any]], Any]:
        """Return random rows of the range: as a page has them, and as the first step takes them."""
        import pandas as pd

        random = np.random.default_rng(seed)
        drawn = [column.drawn(random, n_rows) for column in self.columns]
        rows = [list(row) for row in zip(*(values for values, _ in drawn), strict=True)]
        table = pd.DataFrame({k: cells for k, (_, cells) in enumerate(drawn)})
        return rows, table.set_axis([column.name for column in self.columns], axis=1)

    def features(self, table: pd.DataFrame) -> Real:
        """Return what the model gets for a table of the columns, made by the steps themselves."""
        values: Any = table
        if len(self.columns) < len(self.names):
            values = table.reindex(columns=list(self.names))
        if not self.steps or "feature_names_in_" not in vars(self.steps[0]):
            values = values.to_numpy()
        for step in self.steps:
            values = step.transform(values)
        return np.asarray(values, dtype=float)


def _unpacked(estimator: Any) -> tuple[list[tuple[str, Any]], Any]:
    """Return the steps that do something, by name, and what comes after them."""
    steps: list[tuple[str, Any]] = []
    while isinstance(estimator, Pipeline):
        steps += [step for step in estimator.steps[:-1] if step[1] not in (None, "passthrough")]
        estimator = estimator.steps[-1][1]
    return steps, estimator


def _names(first: Any) -> list[str]:
    return [str(name) for name in vars(first).get("feature_names_in_", ())] or [
        f"x{i}" for i in range(first.n_features_in_)
    ]


@dataclass(frozen=True)
class _Range:
    """Where the values of one number are, and where they are held."""

    low: float
    high: float
    held_low: float | None
    held_high: float | None
    is_known: bool


def _ranges(estimator: Any, maps: Sequence[AffineMap]) -> list[_Range]:
    """Return the ranges of the numbers before the maps."""
    scaling = estimator.model_.scaling
    ranges = _feature_ranges(scaling, estimator.encoding_use().input_range)
    for step in reversed(maps):
        ranges = _before(step, ranges)
    return ranges


def _feature_ranges(scaling: InputScaling, input_range: tuple[float, float] | None) -> list[_Range]:
    """Return the ranges of a model's features, as its scaling keeps them."""
    is_known = input_range is not None and scaling != InputScaling.identity(len(scaling.center))
    if input_range is None or not is_known:
        low, high = (np.full(len(scaling.center), end) for end in _RADIANS)
    else:
        low, high = scaling.seen(input_range)
    return [
        _Range(float(a), float(b), _limit(held_low), _limit(held_high), is_known)
        for a, b, held_low, held_high in zip(low, high, scaling.low, scaling.high, strict=True)
    ]


def _limit(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _before(step: AffineMap, ranges: list[_Range]) -> list[_Range]:
    """Return the ranges of an affine map's inputs, given those of its outputs.

    Where it mixes columns, they are guessed: the rows of the matrix are divided by the spreads.
    """
    if not step.is_diagonal:
        norms = np.linalg.norm(step.matrix, axis=1)
        reach = _SPREADS / np.where(norms > 0, norms, 1.0)
        return [
            _Range(float(center - r), float(center + r), None, None, False)
            for center, r in zip(step.center, reach, strict=True)
        ]
    return [
        _Range(
            center + r.low / slope,
            center + r.high / slope,
            None if r.held_low is None else center + r.held_low / slope,
            None if r.held_high is None else center + r.held_high / slope,
            r.is_known,
        )
        for center, slope, r in zip(
            step.center.tolist(), np.diag(step.matrix).tolist(), ranges, strict=True
        )
    ]


def _plain_columns(names: list[str], ranges: list[_Range]) -> tuple[InputColumn, ...]:
    return tuple(number_input(name, **vars(r)) for name, r in zip(names, ranges, strict=True))


def _table_columns(
    preprocessor: TablePreprocessor, ranges: list[_Range]
) -> tuple[InputColumn, ...]:
    """Return the columns of a table; those that told nothing in training are not asked for."""
    columns: list[InputColumn] = []
    place = 0
    for column in preprocessor.columns_:
        if not column.outputs:
            continue
        if isinstance(column, CategoryColumn):
            columns.append(CategoryInput.of(column))
        elif isinstance(column, NumberColumn):
            details = {"median": column.median, "marks_gaps": column.marks_gaps}
            columns.append(number_input(column.name, **vars(ranges[place]), **details))
        else:
            raise TypeError(
                f"column {column.name!r} holds {column.kind}s, and exported models take numbers "
                f"and categories. {_LAST_STEP}"
            )
        place += len(column.outputs)
    return tuple(columns)
