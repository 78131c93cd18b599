"""Candidates of a comparison: the models of one split, each with its seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup.named_models import named_models
from qmlplay.compare.setup.quantum import kind_of
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.compare.setup.splits import Split

__all__ = ["Candidate", "check_rows", "lineup"]


@dataclass(frozen=True)
class Candidate:
    """A model that takes part in a comparison.

    Parameters
    ----------
    name : str
        Name in the table.
    kind : {"quantum", "ablation", "classical", "hybrid"}
        What it is; the verdict weighs them against each other, and has a line for hybrids.
    estimator : estimator
        Unfitted; it is cloned for every run.
    is_kind_given : bool, default=False
        Whether the kind was said, and not found out.
    is_by_name : bool, default=False
        Whether it is one of `list_models`, and no estimator of the user's own.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from qmlplay.compare import Candidate
    >>> Candidate("mine", "classical", LogisticRegression())
    Candidate(name='mine', kind='classical', estimator=LogisticRegression())
    """

    name: str
    kind: str
    estimator: Any
    is_kind_given: bool = field(default=False, repr=False)
    is_by_name: bool = field(default=False, repr=False)


def lineup(
    models: list[str] | dict[str, Any],
    prototype: VariationalEstimator,
    split: Split,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> list[Candidate]:
    """Return the models of one split, with its seed as their random state.

    Parameters
    ----------
    models : list of str or dict of str to estimator
        Checked by `check_models`.
    prototype : VariationalClassifier or VariationalRegressor
        The quantum model's settings.
    split : Split
    kinds : mapping of str to str, optional
        What was said of own models, checked by `check_kinds`.

    Returns
    -------
    list of Candidate
        In the order of `models`; what only belongs to those by name comes last.
    """
    chosen = models if isinstance(models, dict) else dict(zip(models, models, strict=True))
    names = [name for name, model in chosen.items() if isinstance(model, str)]
    made = named_models(names, prototype, split) if names else []
    named = {parts[0]: Candidate(*parts, is_by_name=True) for parts in made}
    listed = [
        named.pop(name)
        if isinstance(model, str)
        else _seeded(name, model, split.seed, kinds.get(name))
        for name, model in chosen.items()
    ]
    return [*listed, *named.values()]


def check_rows(lineups: Iterable[tuple[Split, Sequence[Candidate]]]) -> None:
    """Raise ValueError where a quantum model has no state for a row of a table, naming the row.

    Models inside pipelines are left to their own fit, as they get other columns.
    """
    for split, candidates in lineups:
        table = _table(split) if isinstance(split.X_train, np.ndarray) else np.ones((1, 1))
        if table.any(axis=1).all():  # the usual case, quickly
            continue
        for candidate in candidates:
            if isinstance(candidate.estimator, QuantumEstimator):
                candidate.estimator.check_rows(table)


def _table(split: Split) -> Real:
    """Return both parts in the order of the table; rows in neither are ones."""
    parts = [(split.train_rows, split.X_train), (split.test_rows, split.X_test)]
    n_rows = 1 + max(int(rows.max()) for rows, _ in parts)
    table = np.ones((n_rows, split.X_train.shape[1]))
    for rows, X in parts:
        table[rows] = X
    return table


def _seeded(name: str, estimator: Any, seed: int, kind: str | None) -> Candidate:
    model = clone(estimator)
    _set_random_state(model, seed)
    return Candidate(name, kind or kind_of(model), model, is_kind_given=kind is not None)


def _set_random_state(value: Any, seed: int) -> None:
    """Set every `random_state` of an estimator, also of those in its lists and dicts."""
    if isinstance(value, list | tuple):
        for item in value:
            _set_random_state(item, seed)
    elif isinstance(value, Mapping):
        _set_random_state(list(value.values()), seed)
    elif isinstance(value, BaseEstimator):
        parameters = value.get_params()
        names = [key for key in parameters if key.split("__")[-1] == "random_state"]
        value.set_params(**dict.fromkeys(names, seed))
        containers = [v for v in parameters.values() if isinstance(v, list | tuple | Mapping)]
        _set_random_state(containers, seed)
