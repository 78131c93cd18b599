"""A fitted estimator, or a pipeline around one, as an ONNX model."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from qmlplay.checks import check_choice
from qmlplay.export.skl2onnx_converters import register_converters
from qmlplay.model.archive import write_whole
from qmlplay.model.classifiers import check_quantum_model

if TYPE_CHECKING:
    import onnx

__all__ = ["to_onnx"]


def to_onnx(
    estimator: Any,
    path: str | PathLike[str] | None = None,
    *,
    dtype: str = "float32",
    form: str = "auto",
) -> onnx.ModelProto:
    """Return a trained model, with the steps before it, as an ONNX model; write it to a path.

    Of an estimator alone it is what its method ``to_onnx`` returns. Of a pipeline skl2onnx makes
    it, with our converters (see `register_converters`): one input ``X`` of all columns, outputs
    ``label`` and ``probabilities``, or ``variable``.

    Parameters
    ----------
    estimator : VariationalClassifier, VariationalRegressor, or Pipeline that ends in one
        Fitted; the steps may be all that skl2onnx converts, `FeatureReduction`, and a
        `TablePreprocessor` of numbers.
    path : str or path-like, optional
        The file; an older one of that name is replaced.
    dtype, form
        As in `VariationalClassifier.to_onnx`.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError, ValueError
        If it is something else, or a parameter is not allowed.
    NotImplementedError, RuntimeError
        From skl2onnx, if a step cannot be exported.
    ImportError
        If onnx (for pipelines skl2onnx, too) is not installed; the text is the command to type.
    OSError
        If the file cannot be written; an older file of that name is then left whole.
    """
    check_choice("dtype", dtype, ("float32", "float64"))
    last = estimator
    while isinstance(last, Pipeline):
        last = last[-1]
    check_quantum_model(last)
    if isinstance(estimator, Pipeline):
        proto = _pipeline(estimator, last, dtype, form)
    else:
        proto = estimator.to_onnx(dtype=dtype, form=form)
    if path is not None:
        write_whole(
            Path(os.path.realpath(path)),
            proto.SerializeToString(),
            advice="give a file in a folder that exists and that you may write to",
        )
    return proto


def _pipeline(pipeline: Pipeline, last: Any, dtype: str, form: str) -> Any:
    register_converters()
    from skl2onnx import to_onnx as converted

    options: dict[str, Any] = {"form": form}
    if is_classifier(last):
        options["zipmap"] = False
    row = np.zeros((1, pipeline.n_features_in_), dtype)
    return converted(pipeline, row, options={id(last): options})
