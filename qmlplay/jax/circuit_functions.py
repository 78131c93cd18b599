"""Expectations and decision values as pure functions of weights and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import pi
from typing import Any

import jax.numpy as jnp

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.arrays.array_evaluation import expectations
from qmlplay.jax.function_inputs import checked_numbers, checked_rows, number_names
from qmlplay.jax.simulator_callback import simulated_expectations
from qmlplay.model import InputScaling, ModelDesign, TrainedCircuit, TrainedRegression
from qmlplay.model.classifiers import check_quantum_model
from qmlplay.model.layer import LayerDesign
from qmlplay.model.scaling import FARTHEST

__all__ = ["circuit_function", "decision_function", "trained_numbers"]

#: A JAX array, traced or not.
Array = Any


def circuit_function(
    model: Any, *, backend: str | Backend | None = None
) -> Callable[[Array, Array], Array]:
    """Return the expectations of a model as a pure function ``f(weights, x)``.

    It can be transformed by ``jax.jit``, ``jax.vmap`` and ``jax.grad``, over weights and data
    alike. Simulated in JAX it also has forward mode (``jax.jacfwd``) and second derivatives
    (``jax.hessian``).

    Parameters
    ----------
    model : LayerDesign, ModelDesign, TrainedCircuit or a fitted estimator
        What has a circuit and observables: the value of `qmlplay.model.layer.layer_design` or of
        ``VariationalClassifier().design(…)``, a fitted classifier or regressor, or its
        ``model_``.
    backend : str or Backend, optional
        None or "jax" simulates in JAX. Any other simulator, also with shots or noise, is
        called from JAX (``jax.pure_callback``) and differentiated by its own exact
        vector–Jacobian product, or by parameter shift: first derivatives in reverse mode.

    Returns
    -------
    callable
        ``f(weights, x)``: weights of shape (n_weights,), and x one row (n_features,) or a batch
        (n_samples, n_features), to expectations (n_observables,) or (n_samples, n_observables) in
        the precision of weights and x. x is in radians for a design, and in the units of the
        training data for a trained model.

    Raises
    ------
    TypeError
        If the model has no circuit. The function raises it if weights or x are no real
        floating-point numbers.
    ValueError
        If there is no such backend. The function raises it if a shape does not fit.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.

    Examples
    --------
    >>> import jax
    >>> import jax.numpy as jnp
    >>> from qmlplay import Feature, Operation, Weight
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.model.layer import LayerDesign
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    >>> f = circuit_function(LayerDesign(circuit, ("Z",)))  # cos(x + w)
    >>> w, X = jnp.array([0.5]), jnp.array([[0.0], [1.0]])
    >>> jax.jit(f)(w, X).round(3).tolist() == jnp.cos(X + w).round(3).tolist()
    True
    >>> slope = jax.grad(lambda w: f(w, X).sum())(w)
    >>> bool(jnp.allclose(slope, -jnp.sin(X + w).sum()))
    True
    """
    design, scaling = _design_and_scaling(model)
    evaluate = _evaluation(design, backend)

    def values(weights: Array, x: Array) -> Array:
        weights, rows, finish = checked_rows(design, weights, x)
        if not len(rows):
            return finish(jnp.zeros((0, design.n_outputs)))
        radians = rows if scaling is None else _radians(scaling, rows)
        return finish(evaluate(radians, weights))

    return values


def decision_function(
    model: TrainedCircuit | Any, *, backend: str | Backend | None = None
) -> Callable[[Mapping[str, Array], Array], Array]:
    """Return a trained model as a pure function ``f(numbers, x)`` of all its trainable numbers.

    Parameters
    ----------
    model : TrainedCircuit or a fitted estimator
        A fitted classifier or regressor, or its ``model_``.
    backend : str or Backend, optional
        As in `circuit_function`.

    Returns
    -------
    callable
        ``f(numbers, x)``: numbers as those of `trained_numbers`, and x in the units of the training
        data, of shape (n_features,) or (n_samples, n_features). It returns what a classifier's
        ``decision_function`` does, or a regressor's ``predict``, without the first dimension
        where x is one row.

    Raises
    ------
    TypeError, ValueError, sklearn.exceptions.NotFittedError
        As in `circuit_function`, also if the numbers have other names.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import VariationalClassifier
    >>> X = np.array([[0.0], [1.0]])
    >>> clf = VariationalClassifier(n_layers=1, max_iter=1).fit(X, ["a", "b"])
    >>> f, numbers = decision_function(clf), trained_numbers(clf)
    >>> bool(np.allclose(f(numbers, X), clf.decision_function(X), atol=1e-5))
    True
    >>> {name: array.shape for name, array in numbers.items()}
    {'weights': (7,), 'scale': (2, 1), 'bias': (1,)}
    """
    trained = _trained(model)
    values = circuit_function(trained, backend=backend)
    finish = _in_units(trained)

    def decisions(numbers: Mapping[str, Array], x: Array) -> Array:
        checked = checked_numbers(trained, numbers)
        return finish(values(checked["weights"], x) @ checked["scale"] + checked["bias"])

    return decisions


def trained_numbers(model: TrainedCircuit | Any) -> dict[str, Array]:
    """Return the trainable numbers of a trained model as a pytree for `decision_function`.

    Parameters
    ----------
    model : TrainedCircuit or a fitted estimator

    Returns
    -------
    dict of str to jax.Array
        ``"weights"`` (n_weights,), ``"scale"`` (n_observables, n_outputs) and ``"bias"``
        (n_outputs,), in 64 bits where JAX allows them; of a model with a fixed readout the weights
        alone. They are what `circuit_function` takes.

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError
        As in `circuit_function`.
    """
    trained = _trained(model)
    arrays = (trained.weights, trained.readout.scale, trained.readout.bias)
    names = number_names(trained)
    return {name: jnp.asarray(array) for name, array in zip(names, arrays, strict=False)}


def _trained(model: Any) -> TrainedCircuit:
    if isinstance(model, TrainedCircuit):
        return model
    check_quantum_model(model)
    trained: TrainedCircuit = model.model_
    return trained


def _design_and_scaling(model: Any) -> tuple[LayerDesign, InputScaling | None]:
    if isinstance(model, LayerDesign):
        return model, None
    if isinstance(model, ModelDesign):
        return LayerDesign(model.circuit, model.observables), None
    trained = _trained(model)
    return LayerDesign(trained.circuit, trained.observables), trained.scaling


def _evaluation(
    design: LayerDesign, backend: str | Backend | None
) -> Callable[[Array, Array], Array]:
    """Return the function from rows in radians and weights to expectations."""
    if backend is None or backend == "jax":
        return partial(expectations, design.circuit, design.observables)
    return simulated_expectations(design, get_backend(backend))


def _radians(scaling: InputScaling, X: Array) -> Array:
    """Return features in radians, as `InputScaling.radians`."""
    names = ("center", "half_range", "low", "high")
    center, half_range, low, high = (jnp.asarray(getattr(scaling, n), X.dtype) for n in names)
    # As its slopes have it: a value at a limit is not held yet.
    held = jnp.where(low > X, low, jnp.where(high < X, high, X))
    return jnp.clip((held - center) / half_range * (pi / 2), -FARTHEST, FARTHEST)


def _in_units(model: TrainedCircuit) -> Callable[[Array], Array]:
    """Return the function from decision values (…, n_outputs) to what the estimator returns."""
    if not isinstance(model, TrainedRegression):
        return lambda values: values[..., 0] if model.n_outputs == 1 else values
    target = model.target_scaling

    def finish(values: Array) -> Array:
        center, scale = (jnp.asarray(a, values.dtype) for a in (target.center, target.scale))
        return center + scale * (values if center.ndim else values[..., 0])

    return finish
