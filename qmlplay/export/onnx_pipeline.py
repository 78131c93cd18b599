"""An ONNX model of a fitted estimator, or of a whole pipeline that ends in one."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.checks import check_choice, check_flag
from qmlplay.export.export_plan import FORMS, ExportPlan
from qmlplay.export.exportable_model import ExportableModel
from qmlplay.export.onnx_model import PRECISIONS, add_description, check_installed, onnx_model
from qmlplay.export.skl2onnx_converters import register_converters
from qmlplay.model.archive import write_whole

if TYPE_CHECKING:
    import onnx

__all__ = ["to_onnx"]


def to_onnx(
    estimator: Any,
    path: str | PathLike[str] | None = None,
    *,
    dtype: str = "float32",
    form: str = "auto",
    raw_scores: bool = False,
) -> onnx.ModelProto:
    """Return a fitted estimator or pipeline as an ONNX model, and write it where a path is given.

    Parameters
    ----------
    estimator : VariationalClassifier, VariationalRegressor, or Pipeline that ends in one
        Fitted. skl2onnx converts a pipeline: its steps may be scikit-learn's,
        `qmlplay.FeatureReduction`, and `qmlplay.TablePreprocessor` where all columns are numbers.
        Between steps numbers are rounded to `dtype`.
    path, dtype, form, raw_scores
        As in `VariationalClassifier.to_onnx`, which says what is in the file. The input ``X`` is
        one table of numbers, (n_samples, n_columns), as the first step takes it.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    ImportError
        If ``onnx`` is not installed, or ``skl2onnx`` for a pipeline; the text is the command to
        type.
    TypeError
        If the estimator is another one: kernel models, for instance, would need a circuit for
        each of their training samples.
    ValueError
        As in `VariationalClassifier.to_onnx`.
    NotImplementedError
        If a step of the pipeline cannot be converted.
    OSError
        If the file cannot be written; an older file of that name is then left whole.
    """
    check_choice("dtype", dtype, PRECISIONS)
    check_choice("form", form, FORMS)
    check_flag("raw_scores", raw_scores)
    steps, last = _parts(estimator)
    check_is_fitted(last)
    check_installed()
    plan = ExportPlan.of(last.model_, form)
    if raw_scores and plan.classes is None:
        raise ValueError("raw_scores=True is for classifiers: a regressor has no probabilities")
    if steps:
        model = _with_skl2onnx(estimator, steps[0], last, plan, dtype, form, raw_scores)
    else:
        model = onnx_model(plan, dtype=dtype, raw_scores=raw_scores)
    columns = vars(steps[0] if steps else last).get("feature_names_in_", ())
    add_description(model, plan, [str(column) for column in columns])
    if path is not None:
        write_whole(
            Path(os.path.realpath(path)),
            model.SerializeToString(),
            advice="give a file in a folder that exists and that you may write to",
        )
    return model


def _parts(estimator: Any) -> tuple[list[Any], Any]:
    """Return the steps that do something, and the quantum model after them."""
    steps, last = [], estimator
    while isinstance(last, Pipeline):
        steps += [step for _, step in last.steps[:-1] if step not in (None, "passthrough")]
        last = last.steps[-1][1]
    if not isinstance(last, ExportableModel):
        raise TypeError(
            f"got {type(last).__name__}{' at the end' if last is not estimator else ''}: what is "
            f"exported to ONNX is a fitted VariationalClassifier or VariationalRegressor, or a "
            f"pipeline that ends in one. Kernel models cannot be, as they need a circuit for each "
            f"of their training samples; of a search take best_estimator_; for other estimators "
            f"around a model call qmlplay.export.register_converters() and skl2onnx.to_onnx"
        )
    return steps, last


def _with_skl2onnx(
    pipeline: Any, first: Any, last: Any, plan: ExportPlan, dtype: str, form: str, raw_scores: bool
) -> Any:
    """Return the model that skl2onnx makes of a pipeline."""
    register_converters()
    import onnx.checker
    import skl2onnx
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if PRECISIONS[dtype] == np.float64 else FloatTensorType
    options: dict[str, Any] = {"form": form}
    if plan.classes is not None:
        options |= {"zipmap": False, "raw_scores": raw_scores}
    try:
        model = skl2onnx.to_onnx(
            pipeline,
            initial_types=[("X", kind([None, first.n_features_in_]))],
            options={id(last): options},
        )
        onnx.checker.check_model(model, full_check=True)
    except NotImplementedError:
        raise
    except Exception as error:  # skl2onnx raises what comes
        raise NotImplementedError(
            f"skl2onnx {skl2onnx.__version__} does not convert this pipeline as a table of "
            f"{dtype}: {str(error).splitlines()[0]} Export the last step alone, "
            f"pipeline[-1].to_onnx(), and give it what pipeline[:-1].transform(X) returns; or try "
            f"the other dtype; or, where columns go by name, call register_converters() and "
            f"skl2onnx.to_onnx(pipeline, X[:1]) with the frame itself"
        ) from error
    return model
