"""An ONNX model of a trained circuit, which onnxruntime and other runtimes run."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qmlplay._version import __version__
from qmlplay.checks import check_choice, check_flag
from qmlplay.export.circuit_form import CircuitForm
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.onnx_graph import OPSET, OnnxGraph
from qmlplay.export.onnx_predictions import Precision, add_predictions, label_array
from qmlplay.model import TrainedCircuit

if TYPE_CHECKING:
    import onnx

__all__ = ["PRECISIONS", "onnx_model"]

#: The version of the file format that came with that of the operators.
_IR_VERSION = 7
PRECISIONS: dict[str, Precision] = {"float32": np.float32, "float64": np.float64}


def onnx_model(
    model: TrainedCircuit,
    path: str | PathLike[str] | None = None,
    *,
    dtype: str = "float32",
    form: str = "auto",
    raw_scores: bool = False,
) -> onnx.ModelProto:
    """Return a trained model as one of ONNX, and write it to a file.

    Parameters
    ----------
    model : TrainedModel or TrainedRegression
        Such as ``clf.model_``.
    path, dtype, form, raw_scores
        As in `VariationalClassifier.to_onnx`, which also says what is raised.

    Returns
    -------
    onnx.ModelProto
    """
    check_choice("dtype", dtype, PRECISIONS)
    check_flag("raw_scores", raw_scores)
    onnx = _imported()
    plan = ExportPlan.of(model, form)
    labels = None if plan.classes is None else label_array(plan.classes)
    if labels is None and raw_scores:
        raise ValueError("raw_scores=True is for classifiers: a regressor has no probabilities")
    outputs = ("variable",) if labels is None else ("label", "probabilities")
    graph = OnnxGraph()
    kind = PRECISIONS[dtype]
    add_predictions(graph, plan, "X", outputs, kind, labels=labels, raw_scores=raw_scores)
    proto = _proto(onnx, graph, plan, kind, labels)
    onnx.checker.check_model(proto, full_check=True)
    if path is not None:
        with open(fspath(path), "wb") as file:
            file.write(proto.SerializeToString())
    return proto


def _imported() -> Any:
    try:
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise ImportError('to_onnx needs ONNX: pip install "qmlplay[onnx]"') from error
    return onnx


def _proto(
    onnx: Any, graph: OnnxGraph, plan: ExportPlan, dtype: Any, labels: NDArray[Any] | None
) -> Any:
    """Return the model of a graph."""
    helper = onnx.helper
    number = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    inputs = [helper.make_tensor_value_info("X", number, ["N", plan.n_features])]
    if labels is None:
        outputs = [helper.make_tensor_value_info("variable", number, ["N", plan.n_outputs])]
    else:
        text = onnx.TensorProto.STRING if labels.dtype == object else onnx.TensorProto.INT64
        outputs = [
            helper.make_tensor_value_info("label", text, ["N"]),
            helper.make_tensor_value_info("probabilities", number, ["N", len(labels)]),
        ]
    proto = helper.make_model(
        helper.make_graph(
            [
                helper.make_node(n.operator, n.inputs, n.outputs, **n.onnx_attributes)
                for n in graph.nodes
            ],
            "qmlplay",
            inputs,
            outputs,
            [onnx.numpy_helper.from_array(a, name) for name, a in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="qmlplay",
        producer_version=__version__,
        doc_string=_description(plan),
    )
    helper.set_model_props(proto, _properties(plan, labels))
    return proto


def _description(plan: ExportPlan) -> str:
    kind = "regressor" if plan.classes is None else "classifier"
    form = "state vector" if isinstance(plan.form, CircuitForm) else "trigonometric polynomial"
    return (
        f"A variational quantum {kind} of qmlplay {__version__}: {plan.n_qubits} qubit(s), "
        f"{plan.n_features} feature(s), the exact {form}. Rows of X are raw features, in the "
        f"units of the training data; a row with NaN makes NaN."
    )


def _properties(plan: ExportPlan, labels: NDArray[Any] | None) -> dict[str, str]:
    """Return what a program may want to know of the model."""
    properties = {
        "qmlplay_version": __version__,
        "n_qubits": str(plan.n_qubits),
        "form": "circuit" if isinstance(plan.form, CircuitForm) else "fourier",
    }
    if labels is not None:
        import json

        properties["classes"] = json.dumps(labels.tolist())
    return properties
