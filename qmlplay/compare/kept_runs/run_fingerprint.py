"""The fingerprint of a run: its data, their division, and the settings of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qmlplay.classifier.fingerprint import digest, parameter_texts
from qmlplay.compare.setup import Candidate, Split

__all__ = ["differences", "fingerprint_of"]

#: Parameters that say how a model works, and not what it learns.
_FREE = ("callbacks", "verbose", "n_jobs")
_WORDS = {
    "data": "the data are others",
    "division": "the rows are divided in another way (test_size or cv)",
}


def fingerprint_of(split: Split, candidate: Candidate, trained_on: str | None) -> dict[str, str]:
    """Return short texts that tell whether a run of a model on a split is another one's.

    Parameters
    ----------
    split : Split
    candidate : Candidate
    trained_on : str or None
        The model whose weights it takes, None where it is trained.
    """
    train, test = (
        _rows(X, y) for X, y in ((split.X_train, split.y_train), (split.X_test, split.y_test))
    )
    names = [str(name) for name in split.feature_names]
    settings = parameter_texts(candidate.estimator, without=_FREE)
    return {
        "data": digest(np.sort(np.concatenate([train, test])), names, split.task),
        "division": digest(train, test),
        "kind": candidate.kind,
        "trained on": trained_on or "itself",
    } | {f"parameter {name}": text for name, text in settings.items()}


def _rows(X: Any, y: Any) -> NDArray[np.uint64]:
    """Return a number for every sample, (n_samples,): the same for equal ones, in any process."""
    table = pd.DataFrame(X if isinstance(X, pd.DataFrame) else np.asarray(X))
    table.columns = pd.RangeIndex(table.shape[1])
    table = table.reset_index(drop=True)
    table["y"] = np.asarray(y)
    return np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)


def differences(fingerprint: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    """Return what is not as it was, in words.

    Examples
    --------
    >>> differences({"data": "1", "parameter alpha": "0.5"}, {"data": "2", "parameter alpha": "1"})
    ['the data are others', 'alpha was 1 and is 0.5']
    """
    changed = [
        name
        for name in dict.fromkeys([*fingerprint, *kept])
        if fingerprint.get(name) != kept.get(name)
    ]
    if "data" in changed:  # of which the division says nothing more
        changed = [name for name in changed if name != "division"]
    return [
        _WORDS.get(name)
        or f"{name.removeprefix('parameter ') or 'the estimator'} was "
        f"{kept.get(name, 'not there')} and is {fingerprint.get(name, 'not there')}"
        for name in changed
    ]
