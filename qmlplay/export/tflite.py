"""A trained model for TensorFlow Lite: a file of plain operators, in single precision."""

from __future__ import annotations

import io
import json
import logging
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from qmlplay._version import __version__
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.native_output import quiet_native_output
from qmlplay.export.page_content import plain_text
from qmlplay.export.single_precision import warn_of_rounding
from qmlplay.model.archive import write_whole

__all__ = ["to_tflite"]


def to_tflite(
    estimator: Any, path: str | PathLike[str] | None = None, *, form: str = "auto"
) -> bytes:
    """Return a trained model as a file of TensorFlow Lite, and write it where a path is given.

    The file computes in single precision with built-in operators alone, for any number of rows at
    once. TensorFlow writes it; running it needs ai-edge-litert (or another runtime of TensorFlow
    Lite) and neither TensorFlow nor qmlplay. There are no strings in it: a classifier returns the
    place of the label. Labels and column names are in an archive at the end of the file, where
    TensorFlow Lite's own tools look for them: ``zipfile.ZipFile(path)`` reads ``labels.txt``, a
    label a line, and ``model.json``.

    Features themselves come in single precision, seven digits: of a feature such as a time in
    seconds since 1970 too few are left. Nothing is quantised: with weights of 8 bits angles would
    be wrong by degrees.

    Parameters
    ----------
    estimator : VariationalClassifier, VariationalRegressor, or Pipeline that ends in one
        Fitted. The steps of a pipeline may be those that `to_html` takes, without categories;
        NaN is a gap where the first one is a `TablePreprocessor`.
    path : str or path-like, optional
        The file; an older one of that name is replaced.
    form : {"auto", "circuit", "fourier"}, default="auto"
        As in `qmlplay.export.ExportPlan.of`.

    Returns
    -------
    bytes
        The file. Its signature takes ``X``, float32 of shape (n_samples, n_columns), and returns
        ``label`` (int32, (n_samples,)) and ``probabilities`` (float32, (n_samples, n_classes)), or
        of a regressor ``prediction``, float32 of the shape that `predict` returns.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it is something else, or a step of the pipeline cannot be exported.
    ValueError
        If the model has more than 10 qubits, or angles that are no sums of products of features.
    ImportError
        If TensorFlow is not installed; the text is the command to type.
    OSError
        If the file cannot be written; an older file of that name is then left whole.
    """
    inputs = ExportedInputs.of(estimator)
    inputs.check_numbers("TensorFlow Lite")
    plan = ExportPlan.of(inputs.model, form)
    warn_of_rounding(inputs)
    data = _with_names(_converted(inputs, plan), inputs, plan)
    if path is not None:
        write_whole(
            Path(os.path.realpath(path)),
            data,
            advice="give a file in a folder that exists and that you may write to",
        )
    return data


def _converted(inputs: ExportedInputs, plan: ExportPlan) -> bytes:
    """Return the file that TensorFlow makes of the graph."""
    with quiet_native_output():
        try:
            import tensorflow as tf
        except ImportError as error:
            raise ImportError(
                'to_tflite needs TensorFlow: pip install "qmlplay[tflite]"'
            ) from error
        from qmlplay.export.tensorflow_graph import predictions

        rows = tf.TensorSpec([None, len(inputs.names)], tf.float32, name="X")
        predict = tf.function(lambda X: predictions(inputs, plan, X), input_signature=[rows])
        module = tf.Module()
        module.predict = predict
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [predict.get_concrete_function()], module
        )
        with _quiet_logger():
            return bytes(converter.convert())


@contextmanager
def _quiet_logger() -> Iterator[None]:
    """Keep to TensorFlow's errors for a while: its logger tells of files that come and go."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _with_names(data: bytes, inputs: ExportedInputs, plan: ExportPlan) -> bytes:
    """Return the file with labels and names after it, as TensorFlow Lite's own tools read them."""
    names = {
        "columns": inputs.names,
        "classes": plan.classes,
        "qmlplay": __version__,
    }
    whole = io.BytesIO(data)
    with zipfile.ZipFile(whole, "a") as archive:
        if plan.classes is not None:
            labels = (" ".join(plain_text(label).split("\n")) for label in plan.classes)
            archive.writestr(_member("labels.txt"), "\n".join(labels))
        archive.writestr(_member("model.json"), json.dumps(names))
    return whole.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name)  # with no time in it, so that the same model is the same file
