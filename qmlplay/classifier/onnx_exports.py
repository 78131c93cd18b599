"""The method of fitted estimators that makes an ONNX model of them."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from qmlplay.export.exportable_model import ExportableModel

if TYPE_CHECKING:
    import onnx

__all__ = ["OnnxExportsMixin"]


class OnnxExportsMixin(ExportableModel):
    """The method of a fitted estimator that makes an ONNX model of it."""

    def to_onnx(
        self,
        path: str | PathLike[str] | None = None,
        *,
        dtype: str = "float32",
        form: str = "auto",
        raw_scores: bool = False,
    ) -> onnx.ModelProto:
        """Return the trained model as an ONNX model, which runs without qmlplay and Python.

        It is the exact model, whatever shots and noise the backend has: a state vector, or the
        trigonometric polynomial that comes of it, as plain operators on real numbers. The input
        ``X`` takes any number of rows of raw features, in the units of the training data. Outputs
        are named as by skl2onnx: ``label`` and ``probabilities`` of a classifier, ``variable``
        (n_samples, n_targets) of a regressor. Labels are strings or int64; booleans and whole
        floats come out as int64, and labels of other kinds as text.

        Parameters
        ----------
        path : str or path-like, optional
            The file to write.
        dtype : {"float32", "float64"}, default="float32"
            Of the input, the states and the output. Probabilities are within 1e-5 or 1e-10 of
            those of the simulator for the same X; a value with many digits, such as a date in
            seconds, needs "float64" to be the same X.
        form : {"auto", "circuit", "fourier"}, default="auto"
            Whether the file holds the state vector or the trigonometric polynomial; "auto" takes
            the shorter one.
        raw_scores : bool, default=False
            Whether ``probabilities`` are decision values (n_samples, n_classes); for two classes
            these are (−d, d).

        Returns
        -------
        onnx.ModelProto
            Of opset 13. Its metadata have ``classes`` and ``feature_names`` (the columns of X, in
            their order, if they had names) as JSON, the ``form``, ``n_qubits`` and
            ``qmlplay_version``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model is not fitted.
        ImportError
            If ``onnx`` is not installed; the text is the command to type.
        TypeError, ValueError
            If a parameter is not allowed, or the model cannot be exported: it has more than 10
            qubits, or features as amplitudes elsewhere than at the beginning, or no or too long a
            trigonometric polynomial and that was asked for, or its numbers are too large for
            single precision. The text says what can be.
        OSError
            If the file cannot be written; an older file of that name is then left whole.

        Notes
        -----
        onnxruntime from 1.20 on is known to run it. Angles are in double precision whatever the
        dtype; a runtime without that names the operator that it lacks, and `to_tflite` and
        `to_html` do without.

        Nothing checks X in the file. A row with NaN has NaN for probabilities, and a label that
        means nothing. Infinity counts as far outside: it is held at a limit of the scaling, if
        there is one. A row of zeros has NaN, too, where features are amplitudes. Of a pipeline,
        this is the last step alone; `qmlplay.export.to_onnx` takes all of it, and
        `qmlplay.export.register_converters` tells skl2onnx how to.

        Examples
        --------
        ::

            clf.to_onnx("model.onnx")
            session = onnxruntime.InferenceSession("model.onnx")
            label, probabilities = session.run(None, {"X": X.astype(np.float32)})
        """
        from qmlplay.export import to_onnx

        return to_onnx(self, path, dtype=dtype, form=form, raw_scores=raw_scores)
