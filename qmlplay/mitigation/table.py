"""The mitigation table: exact, noisy and mitigated expectations of a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.mitigation.extrapolation import extrapolate
from qmlplay.mitigation.folding import fold_global
from qmlplay.mitigation.readout_correction import seen_and_corrected
from qmlplay.mitigation.zne import check_scale_factors
from qmlplay.model.class_labels import check_one_column
from qmlplay.model.classifiers import check_classifier
from qmlplay.progress import progress_bar
from qmlplay.training.cost import n_settings

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["mitigation_table"]


def mitigation_table(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    noise: str | NoiseModel = "medium",
    shots: int | None = None,
    scale_factors: Sequence[float] = (1, 3, 5),
    backend: str | None = None,
    random_state: int | None = None,
    verbose: int | str = "auto",
) -> pd.DataFrame:
    """Compare a trained model's exact, noisy and mitigated expectations.

    All noisy rows are worked out from the same measurements, so that they differ by the
    mitigation alone.

    Parameters
    ----------
    clf : VariationalClassifier
        A fitted model.
    X : array-like of shape (n_samples, n_features)
        Data, in the units of the training data.
    y : array-like of shape (n_samples,), optional
        True labels, for the accuracy.
    noise : str or NoiseModel, default="medium"
        As in `VariationalClassifier`.
    shots : int or None, default=None
        Measurements per circuit; None is exact.
    scale_factors : sequence of float, default=(1, 3, 5)
        As in `zero_noise_extrapolation`; with the noisy circuit itself, 1, first.
    backend : str, optional
        Simulator of the noise; None takes the model's own.
    random_state : int, optional
        Seed of the shots.
    verbose : int or "auto", default="auto"
        "auto" shows a progress bar once the work has taken two seconds, in a terminal or a
        notebook only; 0 shows none, and 1 shows one in any case.

    Returns
    -------
    DataFrame
        A row per method, with the columns ``method``, ``mean_abs_error`` (of the expectations,
        against the exact ones), ``accuracy`` (with y only), and ``circuits`` (how many the
        method runs, one per sample, scale factor and measurement setting).

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError, ValueError
        If the data, the noise or the shots are not allowed, or the scale factors do not begin
        with 1.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.mitigation import mitigation_table
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(max_iter=30, random_state=0).fit(data.X, data.y)
    >>> table = mitigation_table(model, data.X[:20], data.y[:20], noise="high")
    >>> table[["method", "circuits"]]
                            method  circuits
    0                        exact        20
    1                        noisy        20
    2            readout corrected        20
    3                   ZNE linear        60
    4               ZNE Richardson        60
    5     readout + ZNE linear        60
    6  readout + ZNE Richardson        60
    >>> error = table.set_index("method")["mean_abs_error"]
    >>> bool(error["readout + ZNE Richardson"] < error["ZNE Richardson"] < error["noisy"])
    True
    """
    check_classifier(clf)
    exact = clf.with_backend("numpy", shots=None, noise=None).expectations(X)
    model = clf.model_
    circuit = model.circuit.circuit
    factors = check_scale_factors(circuit, scale_factors)
    if factors[0] != 1:
        raise ValueError(
            f"scale_factors must begin with 1, the noisy circuit itself; got {scale_factors!r}"
        )
    if y is not None:
        check_one_column(y)
    device = _device(clf, backend, shots, noise, random_state)
    angles = model.angles(X)
    measured = []
    with progress_bar(len(factors), "mitigation", verbose=verbose) as progress:
        for factor in scale_factors:
            folded = fold_global(circuit, angles, factor)
            measured.append(seen_and_corrected(device, *folded, model.observables))
            progress.advance(note=f"noise×{factor:g}")
    seen, corrected = zip(*measured, strict=True)
    n_circuits = len(exact) * n_settings(model.observables, shots)
    results = [
        ("exact", exact, len(exact)),
        ("noisy", seen[0], n_circuits),
        ("readout corrected", corrected[0], n_circuits),
    ]
    results += [
        (f"{method} {name}", extrapolate(factors, values, name.lower()), n_circuits * len(factors))
        for method, values in (("ZNE", seen), ("readout + ZNE", corrected))
        for name in ("linear", "Richardson")
    ]
    rows = []
    for method, mitigated, circuits in results:
        row: dict[str, Any] = {"method": method}
        row["mean_abs_error"] = float(np.abs(mitigated - exact).mean())
        if y is not None:
            predicted = model.labels(model.readout.decisions(mitigated))
            row["accuracy"] = float(accuracy_score(y, predicted))
        rows.append(row | {"circuits": circuits})
    return pd.DataFrame(rows)


def _device(
    clf: VariationalClassifier,
    backend: str | None,
    shots: int | None,
    noise: str | NoiseModel,
    seed: int | None,
) -> Backend:
    """Return the noisy simulator: the one named, or another of the model's own kind."""
    if backend is None and isinstance(clf.backend, Backend):
        return type(clf.backend)(shots=shots, noise=noise, seed=seed)
    return get_backend(backend or clf.backend, shots=shots, noise=noise, seed=seed)
