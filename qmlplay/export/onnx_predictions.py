"""All that a plan computes as ONNX operators: from raw features to labels and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit.pauli_sum import limits
from qmlplay.export.angle_products import AngleProducts
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.fourier_form import FourierForm
from qmlplay.export.onnx_circuit import add_circuit
from qmlplay.export.onnx_graph import OnnxGraph
from qmlplay.model.scaling import FARTHEST, InputScaling
from qmlplay.typing import Real

__all__ = ["add_predictions", "label_array"]

#: Single precision is wrong by some 1e-7 in expectations: where outputs would be wrong by more
#: than some 1e-6, states are in double precision all the same.
_MOST_AMPLIFICATION = 20
#: Single or double precision.
Precision = type[np.float32] | type[np.float64]


def add_predictions(
    graph: OnnxGraph,
    plan: ExportPlan,
    features: str,
    outputs: tuple[str, ...],
    dtype: Precision,
    *,
    labels: NDArray[Any] | None = None,
    raw_scores: bool = False,
) -> None:
    """Add a plan to a graph.

    Parameters
    ----------
    graph : OnnxGraph
    plan : ExportPlan
    features : str
        Name of the features (n_samples, n_features), of type `dtype`.
    outputs : tuple of str
        Names of the labels (n_samples,) and probabilities (n_samples, n_classes) of a classifier,
        or of the predictions (n_samples, n_targets) of a regressor.
    dtype : type
        Of the features, the states, and the probabilities or predictions. Features become angles,
        and angles cosines, in double precision all the same: else the error would grow with the
        length of the circuit, and with the distance from the training data. So are states whose
        expectations a readout multiplies by large numbers.
    labels : ndarray of shape (n_classes,), optional
        Of a classifier: strings or int64, as they come out.
    raw_scores : bool, default=False
        Whether decision values (n_samples, n_classes) take the place of probabilities; for two
        classes they are (−d, d).
    """
    decisions = _decisions(graph, plan, features, dtype)
    if labels is None:
        graph.add("Identity", decisions, output=outputs[0])
        return
    scores = decisions
    if plan.n_outputs == 1:
        both = graph.constant(np.array([[-1.0, 1.0]], dtype=dtype))
        scores = graph.add("Mul", decisions, both)
    index = graph.add("ArgMax", scores, axis=1, keepdims=0)
    graph.add("Gather", graph.constant(labels), index, axis=0, output=outputs[0])
    if raw_scores:
        graph.add("Identity", scores, output=outputs[1])
    elif plan.n_outputs == 1:
        graph.add("Sigmoid", scores, output=outputs[1])
    else:
        graph.add("Softmax", scores, axis=1, output=outputs[1])


def label_array(classes: tuple[Any, ...]) -> NDArray[Any]:
    """Return class labels as ONNX has them: whole numbers and booleans as int64, others as text.

    Examples
    --------
    >>> label_array((False, True)), label_array((1.0, 2.0))
    (array([0, 1]), array([1, 2]))
    >>> label_array(("no", "yes"))
    array(['no', 'yes'], dtype=object)
    """
    numbers = [label for label in classes if isinstance(label, bool | int | float)]
    is_whole = [float(number).is_integer() and abs(number) < 2**63 for number in numbers]
    if len(numbers) == len(classes) and all(is_whole):
        return np.array([int(number) for number in numbers], dtype=np.int64)
    return np.array([str(label) for label in classes], dtype=object)


def _decisions(graph: OnnxGraph, plan: ExportPlan, features: str, dtype: Precision) -> str:
    """Return the name of decision values, or of a regressor's predictions, a row per sample."""
    weights, bias = plan.readout.scale, plan.readout.bias
    inner = np.float64 if _amplification(plan) > _MOST_AMPLIFICATION else dtype
    if plan.target_scaling is not None:
        scale = plan.target_scaling.scale.reshape(-1)
        weights, bias = weights * scale, bias * scale + plan.target_scaling.center.reshape(-1)
    largest = float(np.abs(weights).sum(axis=0).max() + np.abs(bias).max())
    if largest > float(np.finfo(dtype).max):
        raise ValueError(
            f"predictions of this model reach {largest:.0e}, and float32 holds numbers up to "
            f'{np.finfo(np.float32).max:.0e}: export it with dtype="float64"'
        )
    values = features if dtype == np.float64 else graph.add("Cast", features, to=np.float64)
    columns = graph.add("Transpose", values, perm=[1, 0])
    radians = _radians(graph, plan.scaling, columns)
    products = _products(graph, plan.angles, radians)
    if isinstance(plan.form, FourierForm):
        sums = _fourier(graph, plan.form, products, weights, inner)
    else:
        sums = add_circuit(graph, plan, plan.form, (radians, products), weights, inner)
        if not plan.form.steps:
            sums = graph.add("Add", sums, _zeros(graph, radians, inner))
    rows = graph.add("Transpose", sums, perm=[1, 0])
    decisions = graph.add("Add", rows, graph.constant(bias[None].astype(inner)))
    return decisions if inner == dtype else graph.add("Cast", decisions, to=dtype)


def _amplification(plan: ExportPlan) -> float:
    """Return how many times the error of expectations of single strings reaches the outputs."""
    widths = [(high - low) / 2 for low, high in map(limits, plan.observables)]
    return float((np.abs(plan.readout.scale) * np.reshape(widths, (-1, 1))).sum(axis=0).max())


def _zeros(graph: OnnxGraph, radians: str, dtype: Precision) -> str:
    """Return zeros (1, n_samples), for circuits that are the same for every sample."""
    total = graph.add("ReduceSum", radians, graph.constant(np.array([0])), keepdims=1)
    return graph.add("Cast", graph.add("Mul", total, graph.constant(np.array(0.0))), to=dtype)


def _radians(graph: OnnxGraph, scaling: InputScaling, columns: str) -> str:
    """Return the name of features (n_features, n_samples) in radians, as `InputScaling` has it."""
    reach = FARTHEST / (np.pi / 2) * scaling.half_range
    with np.errstate(over="ignore"):
        low = np.maximum(scaling.low, scaling.center - reach)
        high = np.minimum(scaling.high, scaling.center + reach)
    operators = (
        ("Max", low),
        ("Min", high),
        ("Sub", scaling.center),
        ("Div", scaling.half_range),
        ("Mul", np.array([np.pi / 2])),
    )
    for operator, numbers in operators:
        columns = graph.add(operator, columns, graph.constant(numbers[:, None]))
    return columns


def _products(graph: OnnxGraph, angles: AngleProducts, radians: str) -> str:
    """Return the name of the products (n_products, n_samples) of features in radians."""
    add, constant = graph.add, graph.constant
    n_factors, order = len(angles.features), angles.products.shape[1]
    factors = add("Gather", radians, constant(angles.features), axis=0)
    if (angles.signs != 1).any():
        factors = add("Mul", factors, constant(angles.signs[:, None]))
    if angles.shifts.any():
        factors = add("Add", factors, constant(angles.shifts[:, None]))
    if (angles.products == n_factors).any():
        one_row = constant(np.array([0, 0, 1, 0])), constant(np.array(1.0))
        factors = add("Pad", factors, *one_row)
    products = add("Gather", factors, constant(angles.products[:, 0]), axis=0)
    for place in range(1, order):
        others = add("Gather", factors, constant(angles.products[:, place]), axis=0)
        products = add("Mul", products, others)
    return products


def _fourier(
    graph: OnnxGraph, form: FourierForm, products: str, weights: Real, dtype: Precision
) -> str:
    """Return the name of Σ weights · expectation (n_outputs, n_samples)."""
    cosines, sines = graph.waves(products, form.frequencies, np.zeros((1, 1)))
    waves = graph.add("Concat", cosines, sines, axis=0)
    if dtype != np.float64:
        waves = graph.add("Cast", waves, to=dtype)
    coefficients = np.concatenate([form.cosines, form.sines]) @ weights
    return graph.add("MatMul", graph.constant(coefficients.T.astype(dtype)), waves)
