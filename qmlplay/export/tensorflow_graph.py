"""The plan of an export as operations of TensorFlow, real numbers in single precision.

A state is two tensors (n_samples, 2**n_qubits), its real and its imaginary part. Numbers that are
known beforehand are multiplied in double precision here, and rounded once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from qmlplay.export.angle_products import AngleProducts
from qmlplay.export.circuit_form import CircuitForm
from qmlplay.export.circuit_steps import DataPhases, RowMoves, WindowMatrix
from qmlplay.export.expectation_groups import ExpectationGroup, expectation_groups
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.fourier_form import FourierForm
from qmlplay.export.input_columns import NumberInput
from qmlplay.model.scaling import FARTHEST, InputScaling
from qmlplay.typing import Real

__all__ = ["predictions"]

#: Real and imaginary part.
State = tuple[Any, Any]


def predictions(inputs: ExportedInputs, plan: ExportPlan, X: Any) -> dict[str, Any]:
    """Return the outputs of a model, by name, for columns (n_samples, n_columns)."""
    if len(inputs.columns) < len(inputs.names):
        X = tf.gather(X, inputs.places, axis=1)
    if any(isinstance(c, NumberInput) and c.median is not None for c in inputs.columns):
        X = _filled(inputs, X)
    for step in inputs.maps:
        X = tf.matmul(_centered(X, step.center), _single(step.matrix))
    values = _decisions(plan, X)
    if plan.target_scaling is not None:
        scaling = plan.target_scaling
        shape = [-1, *scaling.center.shape]
        numbers = tf.reshape(values, shape) * _single(scaling.scale) + _single(scaling.center)
        return {"prediction": numbers}
    if plan.n_outputs == 1:
        label = tf.cast(values[:, 0] > 0, tf.int32)
        probabilities = tf.sigmoid(tf.concat([-values, values], axis=1))
    else:
        label = tf.argmax(values, axis=1, output_type=tf.int32)
        probabilities = tf.nn.softmax(values, axis=1)
    return {"label": label, "probabilities": probabilities}


def _filled(inputs: ExportedInputs, X: Any) -> Any:
    """Return the numbers that columns become: medians for gaps, and marks of these."""
    numbers = []
    for i, column in enumerate(inputs.columns):
        assert isinstance(column, NumberInput)
        values = X[:, i : i + 1]
        if column.median is not None:
            is_gap = tf.math.is_nan(values)
            values = tf.where(is_gap, np.float32(column.median), values)
            numbers += [values, tf.cast(is_gap, tf.float32)] if column.marks_gaps else [values]
        else:
            numbers.append(values)
    return tf.concat(numbers, axis=1)


def _decisions(plan: ExportPlan, X: Any) -> Any:
    """Return decision values (n_samples, n_outputs) of features (n_samples, n_features)."""
    radians = _radians(plan.scaling, X)
    products = _products(plan.angles, radians)
    if isinstance(plan.form, FourierForm):
        terms = _polynomial_terms(plan.form, products, plan.readout.scale)
    else:
        state = _begin(plan.form, radians)
        for step in plan.form.steps:
            state = _after(step, state, products, plan)
        groups = expectation_groups(plan.observables, plan.n_qubits)
        terms = [_group_terms(group, state, plan.readout.scale) for group in groups]
    return tf.add_n(terms) + _single(plan.readout.bias)


def _centered(X: Any, center: Real) -> Any:
    """Return X − center, without the rounding of the center to single precision."""
    rounded = center.astype(np.float32)
    return (X - rounded) - _single(center - rounded)


def _single(values: Real) -> Any:
    return tf.constant(np.asarray(values), dtype=tf.float32)


def _radians(scaling: InputScaling, X: Any) -> Any:
    """Return features in radians, held once the centre is taken off, which rounds less."""
    held = _centered(X, scaling.center)
    if scaling.holds:
        limits = (np.clip(end - scaling.center, *_FINITE) for end in (scaling.low, scaling.high))
        low, high = map(_single, limits)
        held = tf.minimum(tf.maximum(held, low), high)
    radians = held * _single(scaling.slope)
    return tf.minimum(tf.maximum(radians, -FARTHEST), FARTHEST)


_FINITE = (float(np.finfo(np.float32).min), float(np.finfo(np.float32).max))


def _products(angles: AngleProducts, radians: Any) -> Any:
    """Return the products of factors (n_samples, n_products)."""
    if not len(angles.products):
        return tf.zeros_like(radians[:, :1])
    factors = tf.gather(radians, angles.features, axis=1)
    if angles.is_linear:
        return tf.gather(factors, angles.products[:, 0], axis=1)
    factors = factors * _single(angles.signs) + _single(angles.shifts)
    factors = tf.concat([factors, tf.ones_like(factors[:, :1])], axis=1)
    product = tf.gather(factors, angles.products[:, 0], axis=1)
    for column in angles.products.T[1:]:
        product = product * tf.gather(factors, column, axis=1)
    return product


def _polynomial_terms(form: FourierForm, products: Any, scale: Real) -> list[Any]:
    phases = tf.matmul(products, _single(form.frequencies.T))
    return [
        tf.matmul(tf.cos(phases), _single(form.cosines @ scale)),
        tf.matmul(tf.sin(phases), _single(form.sines @ scale)),
    ]


def _begin(form: CircuitForm, radians: Any) -> State:
    """Return the state before the first step, for every sample."""
    if form.start is not None:
        ones = tf.ones_like(radians[:, :1])
        return ones * _single(form.start.real), ones * _single(form.start.imag)
    rows = radians[:, : form.n_amplitudes]
    rows = rows / tf.reduce_max(tf.abs(rows), axis=1, keepdims=True)
    rows = rows / tf.sqrt(tf.reduce_sum(rows * rows, axis=1, keepdims=True))
    filled = tf.pad(rows, [[0, 0], [0, 2**form.n_qubits - form.n_amplitudes]])
    return filled, tf.zeros_like(filled)


def _after(
    step: WindowMatrix | RowMoves | DataPhases, state: State, products: Any, plan: ExportPlan
) -> State:
    size = 1 << plan.n_qubits
    if isinstance(step, WindowMatrix):
        return _multiplied(step, state, size)
    if isinstance(step, RowMoves):
        return _moved(step, state)
    return _turned(step, state, products, plan.angles.coefficients, size)


def _multiplied(step: WindowMatrix, state: State, size: int) -> State:
    """Return the state after a matrix on a window, whose qubits come last for a moment."""
    rows = 1 << step.width
    after = size >> (step.first + step.width)
    re, im = step.matrix.real.T, step.matrix.imag.T
    matrix = _single(np.block([[re, im], [-im, re]]))
    if after > 1:
        state = tuple(_swapped(part, rows, after) for part in state)
    joined = tf.concat([tf.reshape(part, [-1, rows]) for part in state], axis=1)
    parts = tf.split(tf.matmul(joined, matrix), 2, axis=1)
    if after > 1:
        parts = [_swapped(part, after, rows) for part in parts]
    return tf.reshape(parts[0], [-1, size]), tf.reshape(parts[1], [-1, size])


def _swapped(part: Any, rows: int, columns: int) -> Any:
    return tf.transpose(tf.reshape(part, [-1, rows, columns]), [0, 2, 1])


def _moved(step: RowMoves, state: State) -> State:
    if (step.source != np.arange(len(step.source))).any():
        state = tf.gather(state[0], step.source, axis=1), tf.gather(state[1], step.source, axis=1)
    if step.phases.imag.any():
        return _times(state, _single(step.phases.real), _single(step.phases.imag))
    if (step.phases != 1).any():
        return state[0] * _single(step.phases.real), state[1] * _single(step.phases.real)
    return state


def _times(state: State, re: Any, im: Any) -> State:
    """Return the state times re + i·im, amplitude by amplitude."""
    return state[0] * re - state[1] * im, state[0] * im + state[1] * re


def _turned(step: DataPhases, state: State, products: Any, coefficients: Real, size: int) -> State:
    """Return the state after its phases by data."""
    per_product = coefficients[step.angles].T @ step.eigenvalues
    constants = np.remainder(step.constants, 2 * np.pi)
    phases = tf.matmul(products, _single(per_product)) + _single(constants)
    re, im = tf.cos(phases), -tf.sin(phases)
    rows = 1 << step.width
    if rows == size:
        return _times(state, re, im)
    window = [-1, 1 << step.first, rows, size >> (step.first + step.width)]
    view = tf.reshape(state[0], window), tf.reshape(state[1], window)
    re, im = tf.reshape(re, [-1, 1, rows, 1]), tf.reshape(im, [-1, 1, rows, 1])
    turned = _times(view, re, im)
    return tf.reshape(turned[0], [-1, size]), tf.reshape(turned[1], [-1, size])


def _group_terms(group: ExpectationGroup, state: State, scale: Real) -> Any:
    """Return what a group of Pauli strings adds to decision values."""
    re, im = state
    if not group.mask:
        part = re * re + im * im
    else:
        flipped = np.arange(len(group.weights)) ^ group.mask
        other_re, other_im = tf.gather(re, flipped, axis=1), tf.gather(im, flipped, axis=1)
        part = (
            re * other_im - im * other_re if group.is_imaginary else re * other_re + im * other_im
        )
    return tf.matmul(part, _single(group.weights @ scale))
