"""Checks of the Keras layer, run as a script in a process per backend of Keras.

    KERAS_BACKEND=jax python tests/layers/keras_checks.py folder

It prints one line of JSON: check → None, or the traceback of its failure. Models saved into the
folder by earlier runs are loaded as well.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from qmlplay import Feature, Operation, VariationalClassifier, Weight, get_backend
from qmlplay.circuit import ParametricCircuit
from qmlplay.keras import QuantumLayer
from qmlplay.model.layer import LayerDesign, layer_design

FRAMEWORK = keras.backend.backend()
FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-2, 2, (6, 3))
COTANGENTS = RANDOM.normal(size=(6, 3))
ROWS = RANDOM.uniform(-1, 1, (60, 3)).astype("float32")
LABELS = (ROWS[:, 0] * ROWS[:, 1] > 0).astype("float32")
#: None computes in the framework where it can; the others are called back.
BACKENDS = (None, "numpy", "qiskit")


def as_array(tensor):
    return keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float64"))


def expected(design, weights, rows=X):
    return design.vjp(np.asarray(rows, float), np.asarray(weights, float), get_backend("numpy"))


def gradients(layer, rows, cotangents):
    """Return derivatives of Σ cotangents · outputs by the layer's weights and by its inputs."""
    if FRAMEWORK == "tensorflow":
        import tensorflow as tf

        inputs = tf.constant(rows)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = tf.reduce_sum(layer(inputs) * cotangents)
        found = tape.gradient(total, [layer.circuit_weights.value, inputs])
    elif FRAMEWORK == "torch":
        import torch

        inputs = torch.tensor(rows, requires_grad=True)
        total = (layer(inputs) * torch.tensor(cotangents)).sum()
        found = torch.autograd.grad(total, [layer.circuit_weights.value, inputs])
    else:
        import jax

        def total(weights, inputs):
            return (layer.stateless_call([weights], [], inputs)[0] * cotangents).sum()

        found = jax.grad(total, (0, 1))(layer.circuit_weights.value, jax.numpy.asarray(rows))
    return [as_array(value) for value in found]


def small_model(backend=None, **settings):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(3, activation="tanh"),
            QuantumLayer(n_layers=1, backend=backend),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy", **settings)
    return model


def predictions(model):
    return model.predict(ROWS, verbose=0)


def refused(kind, text, call):
    with pytest.raises(kind, match=re.escape(text)):
        call()


def check_values():
    for backend in BACKENDS:
        for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
            layer = QuantumLayer(n_layers=2, backend=backend, dtype=dtype, random_state=3)
            found = layer(keras.ops.convert_to_tensor(X, dtype))
            assert keras.backend.standardize_dtype(found.dtype) == dtype
            weights = layer.design.first_weights(3)
            assert_allclose(as_array(layer.circuit_weights), weights, atol=1e-6)
            values, _ = expected(layer.design, weights)
            assert_allclose(as_array(found), values, rtol=0, atol=tolerance)


def check_closed_form():
    turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    layer = QuantumLayer(design=LayerDesign(circuit, ("Z", "X")), dtype="float64")
    rows = np.array([[0.3], [-1.2]])
    found = as_array(layer(keras.ops.convert_to_tensor(rows, "float64")))
    angle = rows + as_array(layer.circuit_weights)
    values = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    assert_allclose(found, values, rtol=0, atol=1e-12)


def check_gradients():
    for backend in BACKENDS:
        layer = QuantumLayer(n_layers=2, backend=backend, dtype="float64", random_state=3)
        layer.build((None, 3))
        weights = as_array(layer.circuit_weights)
        _, pullback = expected(layer.design, weights)
        for found, slopes in zip(
            gradients(layer, X, COTANGENTS), pullback(COTANGENTS), strict=True
        ):
            assert_allclose(found, slopes, rtol=0, atol=1e-12)
        step = 1e-6
        for k, unit in enumerate(step * np.eye(len(weights))[:5]):
            ends = []
            for moved in (weights + unit, weights - unit):
                layer.set_weights([moved])
                outputs = layer(keras.ops.convert_to_tensor(X, "float64"))
                ends.append((as_array(outputs) * COTANGENTS).sum())
            layer.set_weights([weights])
            by_weights, _ = gradients(layer, X, COTANGENTS)
            assert abs(by_weights[k] - (ends[0] - ends[1]) / (2 * step)) < 1e-6


def check_cotangents_of_zero():
    for backend in BACKENDS:
        layer = QuantumLayer(n_layers=1, backend=backend, dtype="float64", random_state=0)
        layer.build((None, 3))
        for found in gradients(layer, X, np.zeros((6, 3))):
            assert not found.any()
        keras.utils.set_random_seed(0)
        dead = keras.layers.Dense(
            2, activation="relu", bias_initializer=keras.initializers.Constant(-100.0)
        )
        quantum = QuantumLayer(n_layers=1, backend=backend)
        model = keras.Sequential([keras.Input((3,)), quantum, dead, keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1.0), "mse")
        before = as_array(quantum.circuit_weights)
        model.fit(ROWS, LABELS, epochs=1, verbose=0)
        assert_array_equal(as_array(quantum.circuit_weights), before)


def check_a_shared_layer():
    layer = QuantumLayer(n_layers=1, backend="numpy", dtype="float64", random_state=0)
    layer.build((None, 3))
    _, pullback = expected(layer.design, as_array(layer.circuit_weights))
    _, other = expected(layer.design, as_array(layer.circuit_weights), X / 2)
    inputs = keras.Input((3,), dtype="float64")
    outputs = keras.ops.add(layer(inputs), layer(inputs / 2))
    model = keras.Model(inputs, outputs)
    model.circuit_weights = layer.circuit_weights
    by_weights, by_X = gradients(model, X, COTANGENTS)
    slopes = pullback(COTANGENTS), other(COTANGENTS)
    assert_allclose(by_weights, slopes[0][0] + slopes[1][0], rtol=0, atol=1e-12)
    assert_allclose(by_X, slopes[0][1] + slopes[1][1] / 2, rtol=0, atol=1e-12)


def check_fit():
    losses = {}
    for backend in BACKENDS:
        model = small_model(backend)
        before = as_array(model.layers[1].circuit_weights)
        losses[backend] = model.fit(ROWS, LABELS, epochs=5, verbose=0, batch_size=16).history[
            "loss"
        ]
        assert losses[backend][-1] < losses[backend][0]
        assert abs(as_array(model.layers[1].circuit_weights) - before).max() > 0.01
        assert model.layers[1].count_params() == len(before)
    for backend in BACKENDS[1:]:
        assert_allclose(losses[backend], losses[None], rtol=0, atol=1e-4)
    eager = small_model(run_eagerly=True)
    found = eager.fit(ROWS, LABELS, epochs=5, verbose=0, batch_size=16).history["loss"]
    assert_allclose(found, losses[None], rtol=0, atol=1e-4)


def check_compiled():
    if FRAMEWORK == "torch":  # Keras compiles only on demand there, for a minute
        return
    model = small_model("numpy")
    model.fit(ROWS, LABELS, epochs=1, verbose=0)
    assert model.jit_compile == (FRAMEWORK == "jax")


def check_frozen():
    model = small_model()
    model.layers[1].trainable = False
    model.compile("sgd", "mse")
    before = as_array(model.layers[1].circuit_weights)
    model.fit(ROWS, LABELS, epochs=1, verbose=0)
    assert_array_equal(as_array(model.layers[1].circuit_weights), before)
    assert model.layers[1].trainable_weights == []


def check_save_and_load():
    for backend in (None, "numpy", get_backend("numpy", precision="single", n_threads=2)):
        model = small_model(backend)
        model.fit(ROWS, LABELS, epochs=1, verbose=0)
        path = FOLDER / "model.keras"
        model.save(path)
        names = zipfile.ZipFile(path).namelist()
        assert sorted(names) == ["config.json", "metadata.json", "model.weights.h5"]
        again = keras.saving.load_model(path, safe_mode=True)
        assert_array_equal(predictions(again), predictions(model))
        assert again.layers[1].design == model.layers[1].design
        assert repr(again.layers[1].backend) == repr(model.layers[1].backend)
        again.fit(ROWS, LABELS, epochs=1, verbose=0)
        other = keras.models.clone_model(model)
        assert other.count_params() == model.count_params()


def check_models_of_other_frameworks():
    model = small_model()
    model.fit(ROWS, LABELS, epochs=1, verbose=0)
    model.save(FOLDER / f"of_{FRAMEWORK}.keras")
    np.save(FOLDER / f"of_{FRAMEWORK}.npy", predictions(model))
    for path in sorted(FOLDER.glob("of_*.keras")):
        found = predictions(keras.saving.load_model(path))
        assert_allclose(found, np.load(path.with_suffix(".npy")), rtol=0, atol=1e-5)


def check_config():
    unbuilt = QuantumLayer(encoding="zz", n_layers=2, n_outputs=2, random_state=4, name="zz")
    config = unbuilt.get_config()
    assert json.loads(json.dumps(config))["encoding"] == "zz"
    assert QuantumLayer.from_config(config).get_config() == config
    unbuilt.build((None, 2))
    built = json.loads(json.dumps(unbuilt.get_config()))
    again = QuantumLayer.from_config(built)
    assert again.design == unbuilt.design
    assert again.name == "zz"
    assert_array_equal(as_array(again(X[:, :2])), as_array(unbuilt(X[:, :2])))
    stored = keras.saving.serialize_keras_object(unbuilt)
    assert stored["registered_name"] == "qmlplay>QuantumLayer"


def check_circuits_of_ones_own():
    def encoding(n_qubits, n_features):
        return [Operation("rx", q, Feature(q % n_features, 0.5)) for q in range(n_qubits)]

    layer = QuantumLayer(encoding=encoding, n_qubits=4, n_layers=1, observables=["ZIII", "XYZI"])
    refused(ValueError, "build it first", layer.get_config)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), layer])
    path = FOLDER / "own.keras"
    model.save(path)
    assert_array_equal(predictions(keras.saving.load_model(path)), predictions(model))

    class MyBackend(type(get_backend("numpy"))):
        name = "mine"

    mine = QuantumLayer(backend=MyBackend(), n_layers=1)
    assert as_array(mine(ROWS)).shape == (60, 3)
    refused(ValueError, "is of your own", mine.get_config)


def check_precisions():
    values, _ = expected(layer_design(3, n_layers=2), layer_design(3, n_layers=2).first_weights(0))
    for policy, tolerance in (("mixed_float16", 1e-2), ("mixed_bfloat16", 5e-2)):
        layer = QuantumLayer(n_layers=2, random_state=0, dtype=policy)
        found = layer(X.astype("float32"))
        assert keras.backend.standardize_dtype(found.dtype) == policy.removeprefix("mixed_")
        assert keras.backend.standardize_dtype(layer.circuit_weights.dtype) == "float32"
        assert_allclose(as_array(found), values, rtol=0, atol=tolerance)


def check_shapes():
    layer = QuantumLayer(n_layers=1, n_outputs=2)
    assert layer.compute_output_shape((None, 3)) == (None, 2)
    assert layer(keras.KerasTensor((None, 3))).shape == (None, 2)
    values = as_array(layer(ROWS))
    folded = as_array(layer(ROWS.reshape(2, 30, 3)))
    assert_allclose(folded, values.reshape(2, 30, 2), rtol=0, atol=1e-6)
    assert as_array(layer(ROWS[:0])).shape == (0, 2)
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, 2)


def check_unknown_numbers():
    for backend in BACKENDS:
        layer = QuantumLayer(n_layers=1, backend=backend)
        rows = ROWS[:3].copy()
        rows[1] = np.nan
        values = as_array(layer(rows))
        assert np.isnan(values[1]).all()
        assert np.isfinite(values[[0, 2]]).all()


def check_bad_input():
    layer = QuantumLayer(n_layers=1)
    layer.build((None, 3))
    design = layer_design(3)
    refused(ValueError, "expected axis -1", lambda: layer(ROWS[:, :2]))
    refused(ValueError, "min_ndim=2", lambda: layer(np.float32(1)))
    refused(TypeError, "floating-point numbers, got int", lambda: layer(ROWS.astype(int)))
    refused(TypeError, "floating-point numbers, got complex", lambda: layer(ROWS + 0j))
    refused(
        ValueError, "known number of features", lambda: QuantumLayer()(keras.KerasTensor((3, None)))
    )
    refused(ValueError, "n_layers must be", lambda: QuantumLayer(n_layers=0)(ROWS))
    refused(ValueError, "unknown backend 'nump'", lambda: QuantumLayer(backend="nump"))
    refused(ValueError, "leave out ['n_layers']", lambda: QuantumLayer(design=design, n_layers=2))
    refused(TypeError, "design must be a LayerDesign", lambda: QuantumLayer(design=3))
    refused(
        ValueError, "3 feature(s) of the layer", lambda: QuantumLayer(design=design)(ROWS[:, :2])
    )
    refused(
        ValueError,
        "observables=['Z'] have 1 letters",
        lambda: QuantumLayer(observables=["Z"])(ROWS),
    )
    refused(ValueError, "seed must be", lambda: QuantumLayer(random_state="a"))
    refused(ValueError, "Unrecognized keyword", lambda: QuantumLayer(layers=3))


def check_random_state():
    def first(**settings):
        layer = QuantumLayer(n_layers=1, **settings)
        layer.build((None, 2))
        return as_array(layer.circuit_weights)

    assert_array_equal(first(random_state=1), first(random_state=1))
    assert abs(first() - first()).max() > 0
    keras.utils.set_random_seed(5)
    before = first()
    keras.utils.set_random_seed(5)
    assert_array_equal(first(), before)


def check_shots():
    model = small_model(get_backend("numpy", shots=200, seed=0))
    found = model.fit(ROWS, LABELS, epochs=2, verbose=0).history["loss"]
    assert np.isfinite(found).all()


def check_the_circuit_of_a_trained_model():
    clf = VariationalClassifier(n_layers=1, max_iter=2, random_state=0).fit(ROWS, LABELS)
    model = clf.model_
    layer = QuantumLayer.from_model(model, dtype="float64")
    radians = keras.ops.convert_to_tensor(model.scaling.radians(ROWS.astype(float)), "float64")
    values = model.expectations(ROWS, "numpy")
    assert_allclose(as_array(layer(radians)), values, rtol=0, atol=1e-12)


def check_differentiated_once():
    if FRAMEWORK != "tensorflow":
        return
    import tensorflow as tf

    layer, rows = QuantumLayer(n_layers=1), tf.constant(ROWS[:2])

    def twice():
        with tf.GradientTape() as outer:
            outer.watch(rows)
            with tf.GradientTape() as inner:
                inner.watch(rows)
                total = tf.reduce_sum(layer(rows))
            slope = tf.reduce_sum(inner.gradient(total, rows) ** 2)
        return outer.gradient(slope, rows)

    refused(NotImplementedError, "first derivatives alone", twice)


CHECKS = {name: call for name, call in list(globals().items()) if name.startswith("check_")}


def main():
    found = {}
    for name, check in CHECKS.items():
        try:
            check()
            found[name] = None
        except Exception:
            found[name] = traceback.format_exc()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
