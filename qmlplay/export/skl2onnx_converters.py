"""Converters for skl2onnx, so that it takes pipelines with our estimators in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from qmlplay.errors import listed
from qmlplay.export.export_plan import FORMS, ExportPlan
from qmlplay.export.exportable_model import ExportableModel
from qmlplay.export.onnx_graph import OPSET, OnnxGraph
from qmlplay.export.onnx_predictions import Precision, add_predictions, label_array
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["register_converters"]

_FLAGS = [True, False]
_FORM_OPTION = {"form": list(FORMS)}
_CLASSIFIER_OPTIONS = {
    "zipmap": [True, False, "columns"],
    "nocl": _FLAGS,
    "output_class_labels": _FLAGS,
    "raw_scores": _FLAGS,
    **_FORM_OPTION,
}


def register_converters() -> None:
    """Tell skl2onnx how to convert our estimators and transformers, alone and in pipelines.

    Call it once before `skl2onnx.to_onnx` or `skl2onnx.convert_sklearn`, as is usual for
    estimators outside of scikit-learn; a second call changes nothing. Then they convert
    `VariationalClassifier` and `VariationalRegressor`, also as the last step of a pipeline or
    inside `GridSearchCV` and `CalibratedClassifierCV`, `FeatureReduction`, and
    `TablePreprocessor` where all columns are numbers. The options of classifiers are skl2onnx's
    (``zipmap``, ``nocl``, ``output_class_labels``, ``raw_scores``), and ``form`` as in
    `VariationalClassifier.to_onnx`. Subclasses that exist by then are registered, too.

    Raises
    ------
    ImportError
        If skl2onnx is not installed; the text is the command to type.

    Examples
    --------
    ::

        register_converters()
        pipeline = make_pipeline(StandardScaler(), VariationalClassifier()).fit(X, y)
        model = skl2onnx.to_onnx(pipeline, X[:1].astype(np.float32), options={"zipmap": False})
    """
    try:
        from skl2onnx import update_registered_converter
    except ImportError as error:
        raise ImportError(
            'register_converters needs skl2onnx: pip install "qmlplay[onnx]"'
        ) from error
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

    for kind in _subclasses(ExportableModel):
        shapes: Callable[[Any], None] = _regressor_shapes
        options: dict[str, Any] = _FORM_OPTION
        if issubclass(kind, ClassifierMixin):
            shapes, options = calculate_linear_classifier_output_shapes, _CLASSIFIER_OPTIONS
        update_registered_converter(kind, _alias(kind), shapes, _convert_model, options=options)
    for transformer, convert in (
        (FeatureReduction, _convert_reduction),
        (TablePreprocessor, _convert_preprocessor),
    ):
        update_registered_converter(transformer, _alias(transformer), _transformer_shapes, convert)


def _alias(kind: type[Any]) -> str:
    return f"Qmlplay{kind.__name__}"


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _precision(operator: Any) -> Precision:
    """Return the type of what an operator computes, as skl2onnx has it: that of its input."""
    from skl2onnx.common.data_types import guess_numpy_type

    return np.float64 if guess_numpy_type(operator.inputs[0].type) == np.float64 else np.float32


def _set_output(operator: Any, n_columns: int) -> None:
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    kind = DoubleTensorType if _precision(operator) == np.float64 else FloatTensorType
    operator.outputs[0].set_type(kind([operator.inputs[0].get_first_dimension(), n_columns]))


def _regressor_shapes(operator: Any) -> None:
    _set_output(operator, operator.raw_operator.model_.n_outputs)


def _transformer_shapes(operator: Any) -> None:
    _set_output(operator, operator.raw_operator.n_outputs_)


def _convert_model(scope: Any, operator: Any, container: Any) -> None:
    """Add a fitted classifier or regressor."""
    estimator = operator.raw_operator
    options = scope.get_options(estimator, {"raw_scores": False, "form": "auto"}, fail=False)
    options = options or {}
    labels = None
    if isinstance(estimator, ClassifierMixin):
        from skl2onnx.common.utils_classifier import get_label_classes

        labels = label_array(tuple(get_label_classes(scope, estimator).tolist()))
    graph = OnnxGraph()
    add_predictions(
        graph,
        ExportPlan.of(estimator.model_, options.get("form", "auto")),
        "X",
        tuple(output.full_name for output in operator.outputs),
        _precision(operator),
        labels=labels,
        raw_scores=options.get("raw_scores", False),
    )
    _emit(graph, scope, operator, container)


def _convert_reduction(scope: Any, operator: Any, container: Any) -> None:
    """Add the affine map of a reduction, in double precision."""
    reduction = operator.raw_operator
    graph = OnnxGraph()
    values = graph.add("Cast", "X", to=np.float64)
    centered = graph.add("Sub", values, graph.constant(reduction.center_[None]))
    reduced = graph.add("MatMul", centered, graph.constant(reduction.matrix_))
    graph.add("Cast", reduced, to=_precision(operator), output=operator.outputs[0].full_name)
    _emit(graph, scope, operator, container)


def _convert_preprocessor(scope: Any, operator: Any, container: Any) -> None:
    """Add a preprocessor of numbers alone: medians for gaps (NaN), and marks of them."""
    columns = operator.raw_operator.columns_
    others = [column.name for column in columns if column.outputs and column.kind != "number"]
    if others:
        raise NotImplementedError(
            f"TablePreprocessor has columns {listed(others)} that are no numbers, which are not "
            f"exported to ONNX: export the pipeline's last steps alone, such as "
            f"skl2onnx.to_onnx(pipeline[1:], …), and give them what pipeline[0].transform(X) "
            f"returns; or encode the columns with scikit-learn's ColumnTransformer"
        )
    precision = _precision(operator)
    medians = [getattr(column, "median", 0.0) for column in columns]
    places = [
        place
        for i, column in enumerate(columns)
        for place in (i, len(columns) + i)[: len(column.outputs)]
    ]
    graph = OnnxGraph()
    values = graph.add("Cast", "X", to=precision)
    is_gap = graph.add("IsNaN", values)
    filled = graph.add("Where", is_gap, graph.constant(np.array([medians], precision)), values)
    both = graph.add("Concat", filled, graph.add("Cast", is_gap, to=precision), axis=1)
    output = operator.outputs[0].full_name
    graph.add("Gather", both, graph.constant(np.array(places)), axis=1, output=output)
    _emit(graph, scope, operator, container)


def _emit(graph: OnnxGraph, scope: Any, operator: Any, container: Any) -> None:
    """Put a graph of the input "X" into the one that skl2onnx makes."""
    from onnx.helper import np_dtype_to_tensor_dtype

    if container.target_opset < OPSET:
        raise NotImplementedError(
            f"qmlplay's estimators need ONNX opset {OPSET} or newer: leave out target_opset, or "
            f"give target_opset={OPSET}; got {container.target_opset}"
        )
    if len(operator.inputs) != 1:
        raise NotImplementedError(
            f"{type(operator.raw_operator).__name__} takes one input with all columns, got "
            f"{len(operator.inputs)}: give initial_types=[('X', FloatTensorType([None, n]))]"
        )
    names = {"X": operator.inputs[0].full_name}
    names |= {output.full_name: output.full_name for output in operator.outputs}
    for name, array in graph.constants.items():
        names[name] = scope.get_unique_variable_name(name)
        is_text = array.dtype == object
        number = np_dtype_to_tensor_dtype(array.dtype)
        values = [text.encode() for text in array.tolist()] if is_text else array.ravel().tolist()
        container.add_initializer(names[name], number, list(array.shape), values)
    for node in graph.nodes:
        for output in node.outputs:
            names.setdefault(output, scope.get_unique_variable_name(output))
        container.add_node(
            node.operator,
            [names[name] for name in node.inputs],
            [names[name] for name in node.outputs],
            name=scope.get_unique_operator_name(node.operator),
            **node.onnx_attributes,
        )
