"""The file format of ONNX: a graph as a model, with what says what it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qmlplay._version import __version__
from qmlplay.export.circuit_form import CircuitForm
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.onnx_graph import OPSET, OnnxGraph
from qmlplay.export.onnx_predictions import Precision, add_predictions, label_array

if TYPE_CHECKING:
    import onnx

__all__ = ["PRECISIONS", "add_description", "check_installed", "onnx_model"]

#: The version of the file format that came with that of the operators.
_IR_VERSION = 7
PRECISIONS: dict[str, Precision] = {"float32": np.float32, "float64": np.float64}


def onnx_model(
    plan: ExportPlan, *, dtype: str = "float32", raw_scores: bool = False
) -> onnx.ModelProto:
    """Return a plan as an ONNX model, checked.

    Parameters
    ----------
    plan : ExportPlan
    dtype, raw_scores
        As in `VariationalClassifier.to_onnx`.

    Raises
    ------
    ValueError
        If a number of the model is too large for single precision.
    """
    import onnx.checker

    labels = None if plan.classes is None else label_array(plan.classes)
    outputs = ("variable",) if labels is None else ("label", "probabilities")
    graph = OnnxGraph()
    kind = PRECISIONS[dtype]
    add_predictions(graph, plan, "X", outputs, kind, labels=labels, raw_scores=raw_scores)
    model = _proto(graph, plan, kind, labels)
    onnx.checker.check_model(model, full_check=True)
    return model


def check_installed() -> None:
    """Raise ImportError, with the command to type, unless ONNX is installed."""
    try:
        import onnx  # noqa: F401 - said early, and what to type
    except ImportError as error:
        raise ImportError('to_onnx needs ONNX: pip install "qmlplay[onnx]"') from error


def _proto(
    graph: OnnxGraph, plan: ExportPlan, dtype: Precision, labels: NDArray[Any] | None
) -> onnx.ModelProto:
    """Return the model of a graph."""
    from onnx import TensorProto, helper, numpy_helper

    number = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    inputs = [helper.make_tensor_value_info("X", number, ["N", plan.n_features])]
    if labels is None:
        outputs = [helper.make_tensor_value_info("variable", number, ["N", plan.n_outputs])]
    else:
        text = TensorProto.STRING if labels.dtype == object else TensorProto.INT64
        outputs = [
            helper.make_tensor_value_info("label", text, ["N"]),
            helper.make_tensor_value_info("probabilities", number, ["N", len(labels)]),
        ]
    return helper.make_model(
        helper.make_graph(
            [
                helper.make_node(node.operator, node.inputs, node.outputs, **node.onnx_attributes)
                for node in graph.nodes
            ],
            "qmlplay",
            inputs,
            outputs,
            [numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
    )


def add_description(model: onnx.ModelProto, plan: ExportPlan, columns: list[str]) -> None:
    """Say in a model what it is: in words for people, and as properties for programs.

    Parameters
    ----------
    model : onnx.ModelProto
    plan : ExportPlan
    columns : list of str
        The names of the columns of X, in their order, if they have any.
    """
    from onnx import helper

    kind = "regressor" if plan.classes is None else "classifier"
    is_circuit = isinstance(plan.form, CircuitForm)
    form = "state vector" if is_circuit else "trigonometric polynomial"
    model.producer_name, model.producer_version = "qmlplay", __version__
    model.doc_string = (
        f"A variational quantum {kind} of qmlplay {__version__}: {plan.n_qubits} qubit(s), "
        f"{plan.n_features} feature(s), the exact {form}. Rows of X are raw features, in the "
        f"units of the training data; a row with NaN makes NaN."
    )
    properties = {
        "qmlplay_version": __version__,
        "n_qubits": str(plan.n_qubits),
        "form": "circuit" if is_circuit else "fourier",
    }
    if plan.classes is not None:
        properties["classes"] = json.dumps(label_array(plan.classes).tolist())
    if columns:
        properties["feature_names"] = json.dumps(columns)
    helper.set_model_props(model, properties)
