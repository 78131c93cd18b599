"""Functions in JAX: against closed forms, the NumPy backend, and differences of their values."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qmlplay import (
    Feature,
    Fixed,
    Operation,
    VariationalClassifier,
    VariationalRegressor,
    Weight,
    get_backend,
    load_dataset,
)
from qmlplay.circuit import ParametricCircuit, WeightedFeature
from qmlplay.model import Model
from qmlplay.model.layer import LayerDesign, layer_design

pytestmark = pytest.mark.needs("jax")

#: None simulates in JAX; the others are called from JAX.
BACKENDS = [
    None,
    "numpy",
    *(
        pytest.param(name, marks=pytest.mark.backend(name))
        for name in ("qiskit", "cirq", "pennylane")
    ),
]
ON_EACH = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(autouse=True)
def double_precision():
    """64 bits, which JAX has only on demand."""
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def turn_design(observables=("Z", "X")):
    """Return RY(x + w) on one qubit: ⟨Z⟩ = cos(x + w), ⟨X⟩ = sin(x + w)."""
    turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    return LayerDesign(ParametricCircuit.from_operations(1, turns, n_features=1), observables)


def own_design():
    """Return a circuit with a gate of three angles, constants, offsets and an unread feature."""
    operations = [
        Operation("u", 0, (Feature(1), Weight(0), WeightedFeature(0, 1, 0.5, offset=2))),
        Operation("h", 1),
        Operation("crx", (0, 1), Weight(3)),
        Operation("rzz", (1, 0), Fixed(0.7)),
        Operation("ry", 0, Weight(0)),
    ]
    circuit = ParametricCircuit.from_operations(2, operations, n_features=3)
    return LayerDesign(circuit, ("ZI", "XY", "YZ"))


DESIGNS = {
    "turn": turn_design,
    "default": lambda: layer_design(3, n_layers=2, n_outputs=4),
    "zz": lambda: layer_design(3, encoding="zz", ansatz="real_amplitudes", n_layers=1),
    "own": own_design,
    "no weight": lambda: LayerDesign(
        ParametricCircuit.from_operations(1, [Operation("rx", 0, Feature(0))], n_features=1), ("Y",)
    ),
    "no feature": lambda: LayerDesign(
        ParametricCircuit.from_operations(1, [Operation("rx", 0, Weight(0))], n_features=1), ("Y",)
    ),
}
OF_EACH_DESIGN = pytest.mark.parametrize(
    "design", [pytest.param(m, id=n) for n, m in DESIGNS.items()]
)


def numbers(design, n_samples=5, seed=0):
    """Return weights, rows and cotangents, all different."""
    random = np.random.default_rng([seed, n_samples])
    return (
        random.uniform(-2, 2, design.n_weights),
        random.uniform(-2, 2, (n_samples, design.n_features)),
        random.normal(size=(n_samples, design.n_outputs)),
    )


def function(design, backend=None):
    from qmlplay.jax import circuit_function

    return circuit_function(design, backend=backend)


def reference(design):
    return Model(get_backend("numpy"), design.circuit, design.observables)


@ON_EACH
def test_closed_form(backend):
    import jax
    import jax.numpy as jnp

    f = function(turn_design(), backend)
    w, X = jnp.array([0.7]), jnp.array([[0.3], [-1.2], [2.0]])
    angle = np.array(X + w)[:, 0]
    assert_allclose(f(w, X), np.stack([np.cos(angle), np.sin(angle)], 1), rtol=0, atol=1e-12)
    slope = jax.grad(lambda w, X: (f(w, X) @ jnp.array([1.0, 2.0])).sum(), (0, 1))(w, X)
    expected = -np.sin(angle) + 2 * np.cos(angle)
    assert_allclose(slope[0], [expected.sum()], rtol=0, atol=1e-12)
    assert_allclose(slope[1][:, 0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", [None, "numpy"])
@OF_EACH_DESIGN
@pytest.mark.parametrize("compiled", [False, True])
def test_as_the_numpy_backend(design, backend, compiled):
    import jax

    design = design()
    w, X, cotangents = numbers(design)
    values, pullback = reference(design).vjp(X, w)
    by_weights, by_X = pullback(cotangents)
    wrap = jax.jit if compiled else lambda f: f
    f = function(design, backend)
    assert_allclose(wrap(f)(w, X), values, rtol=0, atol=1e-12)
    assert_allclose(wrap(f)(w, X[2]), values[2], rtol=0, atol=1e-12)
    found, back = jax.vjp(wrap(f), w, X)
    for _ in range(2):  # a pullback may be called again
        slopes = back(cotangents)
        assert_allclose(slopes[0], by_weights, rtol=0, atol=1e-12)
        assert_allclose(slopes[1], by_X, rtol=0, atol=1e-12)
    assert_allclose(found, values, rtol=0, atol=1e-12)
    by_one = wrap(jax.grad(lambda w: (f(w, X) * cotangents).sum()))(w)
    assert_allclose(by_one, by_weights, rtol=0, atol=1e-12)
    by_other = wrap(jax.grad(lambda X: (f(w, X) * cotangents).sum()))(X)
    assert_allclose(by_other, by_X, rtol=0, atol=1e-12)


@ON_EACH
def test_against_differences(backend):
    import jax

    design = own_design()
    w, X, cotangents = numbers(design, 3)
    f = jax.jit(function(design, backend))

    def loss(w, X):
        return (f(w, X) * cotangents).sum()

    step = 1e-6
    by_weights, by_X = jax.grad(loss, (0, 1))(w, X)
    for k, unit in enumerate(step * np.eye(len(w))):
        difference = (loss(w + unit, X) - loss(w - unit, X)) / (2 * step)
        assert abs(by_weights[k] - difference) < 1e-6
    for place in np.ndindex(X.shape):
        unit = np.zeros(X.shape)
        unit[place] = step
        difference = (loss(w, X + unit) - loss(w, X - unit)) / (2 * step)
        assert abs(by_X[place] - difference) < 1e-6


@OF_EACH_DESIGN
def test_second_derivatives_and_forward_mode(design):
    import jax

    design = design()
    w, X, cotangents = numbers(design, 3)
    f = function(design)

    def loss(w, X):
        return (f(w, X) * cotangents).sum()

    gradient = jax.jit(jax.grad(loss, (0, 1)))
    hessian = jax.jit(jax.hessian(loss, (0, 1)))(w, X)
    step = 1e-6
    for k, unit in enumerate(step * np.eye(len(w))):
        ahead, behind = gradient(w + unit, X), gradient(w - unit, X)
        for block, one, other in zip(hessian[0], ahead, behind, strict=True):
            assert_allclose(block[k], (one - other) / (2 * step), rtol=0, atol=1e-6)
    by_X = np.array(hessian[1][1])
    assert_allclose(by_X, by_X.transpose(2, 3, 0, 1), rtol=0, atol=1e-12)  # symmetric
    forward, backward = jax.jacfwd(f, (0, 1))(w, X), jax.jacrev(f, (0, 1))(w, X)
    for one, other in zip(forward, backward, strict=True):
        assert_allclose(one, other, rtol=0, atol=1e-12)


@ON_EACH
def test_vmap_is_the_batch(backend):
    import jax

    design = own_design()
    w, X, cotangents = numbers(design)
    f = function(design, backend)
    model = reference(design)
    values, pullback = model.vjp(X, w)
    by_weights, by_X = pullback(cotangents)
    by_row = jax.vmap(f, (None, 0))
    assert_allclose(by_row(w, X), values, rtol=0, atol=1e-12)

    def loss(w, X):
        return (by_row(w, X) * cotangents).sum()

    for gradient in (jax.grad(loss, (0, 1)), jax.jit(jax.grad(loss, (0, 1)))):
        found = gradient(w, X)
        assert_allclose(found[0], by_weights, rtol=0, atol=1e-12)
        assert_allclose(found[1], by_X, rtol=0, atol=1e-12)
    per_row = jax.vmap(jax.grad(lambda w, x, c: f(w, x) @ c), (None, 0, 0))(w, X, cotangents)
    expected = [model.vjp(X[i : i + 1], w)[1](cotangents[i : i + 1])[0] for i in range(len(X))]
    assert_allclose(per_row, expected, rtol=0, atol=1e-12)
    jacobian = jax.jit(jax.jacrev(f))(w, X)
    assert_allclose(np.einsum("nkw,nk->w", jacobian, cotangents), by_weights, rtol=0, atol=1e-12)


@ON_EACH
def test_vmap_over_weights(backend):
    import jax

    design = own_design()
    w, X, cotangents = numbers(design)
    several = np.stack([w, w + 0.3, -w])
    f = function(design, backend)
    models = [reference(design).vjp(X, one) for one in several]
    values = np.stack([found for found, _ in models])
    assert_allclose(jax.vmap(f, (0, None))(several, X), values, rtol=0, atol=1e-12)
    nested = jax.vmap(jax.vmap(f, (None, 0)), (0, None))
    assert_allclose(nested(several, X), values, rtol=0, atol=1e-12)
    other = jax.vmap(jax.vmap(f, (0, None)), (None, 0))
    assert_allclose(other(several, X), values.swapaxes(0, 1), rtol=0, atol=1e-12)
    pairs = jax.vmap(f)(several, X[:3])
    assert_allclose(pairs, values[[0, 1, 2], [0, 1, 2]], rtol=0, atol=1e-12)
    gradient = jax.grad(lambda w: (f(w, X) * cotangents).sum())
    expected = [back(cotangents)[0] for _, back in models]
    for way in (jax.vmap(gradient), jax.jit(jax.vmap(gradient))):
        assert_allclose(way(several), expected, rtol=0, atol=1e-12)


def test_a_vectorised_call_is_one_batch(monkeypatch):
    import jax

    design = turn_design()
    w, X, _ = numbers(design, 6)
    backend, sizes = get_backend("numpy"), []
    original = type(backend).vjp

    def watched(self, circuit, angles, observables, **settings):
        sizes.append(max(np.size(angle) for angle in angles))
        return original(self, circuit, angles, observables, **settings)

    monkeypatch.setattr(type(backend), "vjp", watched)
    f = function(design, backend)
    jax.vmap(f, (None, 0))(w, X)
    jax.jit(jax.vmap(f, (0, None)))(np.stack([w, 2 * w]), X)
    assert sizes == [6, 12]
    sizes.clear()
    step = jax.jit(jax.value_and_grad(lambda w: f(w, X).sum()))
    for _ in range(3):
        step(w)
    assert sizes == [6] * 3  # backward does not repeat the forward run
    jax.jit(jax.jacrev(f))(w, X)
    assert sizes == [6] * 4


@ON_EACH
def test_precision_follows_the_inputs(backend):
    import jax.numpy as jnp

    design = own_design()
    w, X, _ = numbers(design)
    values, f = reference(design).expectations(X, w), function(design, backend)
    for dtype, tolerance in (("float32", 1e-5), ("float16", 2e-2), ("bfloat16", 5e-2)):
        found = f(jnp.asarray(w, dtype), jnp.asarray(X, dtype))
        assert found.dtype == dtype
        assert_allclose(found.astype(float), values, rtol=0, atol=tolerance)
    assert f(jnp.asarray(w, "float32"), X).dtype == "float64"


def test_pullbacks_in_any_order():
    import jax

    design = own_design()
    w, X, cotangents = numbers(design)
    f, expected, backs = function(design, "numpy"), [], []
    for weights in (w, w + 0.5):
        expected.append(reference(design).vjp(X, weights)[1](cotangents)[0])
        backs.append(jax.vjp(f, weights, X)[1])
    for k in (0, 1, 0, 0):
        assert_allclose(backs[k](cotangents)[0], expected[k], rtol=0, atol=1e-12)
    twice = jax.jit(jax.grad(lambda w: ((f(w, X) + f(w + 0.5, X)) * cotangents).sum()))
    assert_allclose(twice(w), sum(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_without_64_bits(backend):
    import jax

    jax.config.update("jax_enable_x64", False)  # as JAX is when nobody says otherwise
    design = own_design()
    w, X, cotangents = numbers(design)
    values, pullback = reference(design).vjp(X, w)
    f = function(design, backend)
    found, back = jax.vjp(f, w, X)
    assert found.dtype == "float32"
    assert_allclose(found, values, rtol=0, atol=1e-5)
    assert_allclose(back(cotangents.astype("float32"))[0], pullback(cotangents)[0], atol=1e-4)


def test_inside_a_scan():
    import jax

    design = turn_design()
    w, X, cotangents = numbers(design)
    slopes = {}
    for backend in (None, "numpy"):
        f = function(design, backend)

        def step(w, _, f=f):
            slope = jax.grad(lambda w: (f(w, X) * cotangents).sum())(w)
            return w - 0.1 * slope, slope

        slopes[backend] = jax.jit(lambda w, step=step: jax.lax.scan(step, w, length=5))(w)
    assert_allclose(slopes["numpy"][0], slopes[None][0], rtol=0, atol=1e-12)
    assert_allclose(slopes["numpy"][1], slopes[None][1], rtol=0, atol=1e-12)


@ON_EACH
def test_unknown_numbers_and_no_rows(backend):
    import jax

    design = own_design()
    w, X, _ = numbers(design)
    f = function(design, backend)
    spoiled = X.copy()
    spoiled[1, 0] = np.nan
    for wrap in (lambda f: f, jax.jit):
        values = np.array(wrap(f)(w, spoiled))
        assert np.isnan(values[1]).any()
        expected = reference(design).expectations(X[[0, 2]], w)
        assert_allclose(values[[0, 2]], expected, rtol=0, atol=1e-12)
        assert np.isnan(wrap(jax.grad(lambda w: f(w, spoiled).sum()))(w)).any()
        assert np.isnan(wrap(f)(np.full_like(w, np.inf), X)).any()
        assert wrap(f)(w, X[:0]).shape == (0, 3)
        assert not wrap(jax.grad(lambda w: f(w, X[:0]).sum()))(w).any()
        assert not wrap(jax.grad(lambda w: 0 * f(w, X).sum()))(w).any()


@pytest.mark.parametrize(
    "backend", ["numpy", pytest.param("qiskit", marks=pytest.mark.backend("qiskit"))]
)
def test_a_simulator_is_differentiated_once(backend):
    import jax

    design = turn_design()
    w, X, _ = numbers(design)
    f = function(design, backend)

    def loss(w):
        return f(w, X).sum()

    for refused in (
        lambda: jax.jacfwd(f)(w, X),
        lambda: jax.jvp(loss, (w,), (w,)),
        lambda: jax.hessian(loss)(w),
        lambda: jax.jit(jax.hessian(loss))(w),
        lambda: jax.jacrev(jax.jacrev(loss))(w),
        lambda: jax.grad(lambda w: (jax.grad(loss)(w) ** 2).sum())(w),
    ):
        with pytest.raises(NotImplementedError, match="backend=None"):
            refused()


def test_shots_and_noise():
    import jax

    design = turn_design()
    w, X, cotangents = numbers(design)
    f = function(design, get_backend("numpy", shots=40_000, seed=0))
    values, pullback = reference(design).vjp(X, w)
    assert_allclose(jax.jit(f)(w, X), values, atol=0.05)
    slope = jax.grad(lambda w: (f(w, X) * cotangents).sum())(w)
    assert_allclose(slope, pullback(cotangents)[0], atol=0.2)
    noisy = get_backend("numpy", noise="medium")
    model = Model(noisy, design.circuit, design.observables)
    expected, pullback = model.vjp(X, w)
    f = function(design, noisy)
    assert_allclose(f(w, X), expected, rtol=0, atol=1e-12)
    slope = jax.grad(lambda w: (f(w, X) * cotangents).sum())(w)
    assert_allclose(slope, pullback(cotangents)[0], rtol=0, atol=1e-12)


BAD = [
    (lambda f, w, X: f(w, X[None]), ValueError, r"x must be one row of shape .3,. or a batch"),
    (lambda f, w, X: f(w, X[:, :2]), ValueError, r"got shape \(5, 2\)"),
    (lambda f, w, X: f(w, 0.5), ValueError, r"got shape \(\)"),
    (lambda f, w, X: f(w[:-1], X), ValueError, r"weights must have shape \(4,\)"),
    (lambda f, w, X: f(np.stack([w, w]), X), ValueError, "jax.vmap"),
    (lambda f, w, X: f(w, X.astype(int)), TypeError, "x must be real floating-point .* int64"),
    (lambda f, w, X: f(w, X > 0), TypeError, "got bool"),
    (lambda f, w, X: f(w.astype(int), X), TypeError, "weights must be real floating-point"),
    (lambda f, w, X: f(w, X + 0j), TypeError, "got complex128"),
    (lambda f, w, X: f(w, "x"), TypeError, "x must be an array of real numbers"),
    (lambda f, w, X: f({"w": w}, X), TypeError, "weights must be an array"),
    (lambda f, w, X: f(w, [[0.1, 0.2], [0.3]]), TypeError, "x must be an array"),
]


@pytest.mark.parametrize("backend", [None, "numpy"])
@pytest.mark.parametrize(("call", "kind", "text"), BAD)
def test_bad_input(backend, call, kind, text):
    import jax

    design = own_design()
    w, X, _ = numbers(design)
    f = function(design, backend)
    with pytest.raises(kind, match=text):
        call(f, w, X)
    if text.startswith("x must be one"):
        with pytest.raises(kind, match=text):
            jax.jit(f)(w, X[None])


def test_a_model_is_needed():
    from qmlplay.jax import circuit_function, decision_function, trained_numbers

    with pytest.raises(TypeError, match="got ParametricCircuit"):
        circuit_function(own_design().circuit)
    with pytest.raises(ValueError, match="unknown backend 'nump'"):
        circuit_function(own_design(), backend="nump")
    with pytest.raises(ValueError, match="not fitted"):
        circuit_function(VariationalClassifier())
    for function_of_trained in (decision_function, trained_numbers):
        with pytest.raises(TypeError, match=r"fitted .* is needed, got LayerDesign"):
            function_of_trained(own_design())


def test_every_kind_of_model_has_a_function():
    from qmlplay.jax import circuit_function

    design = VariationalClassifier(n_layers=1).design(n_features=2, n_classes=2)
    layer = LayerDesign(design.circuit, design.observables)
    w, X, _ = numbers(layer)
    assert_allclose(circuit_function(design)(w, X), circuit_function(layer)(w, X), atol=1e-14)


@pytest.fixture(scope="module")
def trained():
    """Fitted estimators: two and three classes, numbers, several targets, outliers held."""
    moons = load_dataset("moons", n_samples=60, random_state=0)
    iris = load_dataset("iris")
    settings = {"n_layers": 2, "max_iter": 3, "random_state": 0}
    held = np.concatenate([moons.X, [[50.0, -80.0]]])
    labels = np.append(moons.y, 0)
    targets = np.column_stack([1e4 * moons.X[:, 0], moons.X[:, 1] ** 2])
    return {
        "two classes": (VariationalClassifier(**settings).fit(moons.X, moons.y), moons.X),
        "three classes": (VariationalClassifier(**settings).fit(iris.X, iris.y), iris.X),
        "held": (VariationalClassifier(**settings).fit(held, labels), held),
        "numbers": (VariationalRegressor(**settings).fit(moons.X, targets[:, 0]), moons.X),
        "targets": (VariationalRegressor(**settings).fit(moons.X, targets), moons.X),
    }


@ON_EACH
@pytest.mark.parametrize("name", ["two classes", "three classes", "held", "numbers", "targets"])
def test_a_trained_model(trained, name, backend):
    import jax

    from qmlplay.jax import circuit_function, decision_function, trained_numbers

    estimator, X = trained[name]
    model = estimator.model_
    if name == "held":
        assert model.scaling.is_held(X).any()
    is_regressor = name in ("numbers", "targets")
    expected = estimator.predict(X) if is_regressor else estimator.decision_function(X)
    tolerance = 1e-12 * max(1, np.abs(expected).max())
    for owner in (estimator, model):
        f, start = decision_function(owner, backend=backend), trained_numbers(owner)
        assert_allclose(f(start, X), expected, rtol=0, atol=tolerance)
        assert_allclose(jax.jit(f)(start, X), expected, rtol=0, atol=tolerance)
        assert_allclose(f(start, X[0]), expected[0], rtol=0, atol=tolerance)
    g = circuit_function(model, backend=backend)
    assert_allclose(g(start["weights"], X), model.expectations(X, "numpy"), rtol=0, atol=1e-12)


def test_the_gradients_of_a_trained_model(trained):
    import jax

    from qmlplay.jax import decision_function, trained_numbers

    estimator, X = trained["held"]
    f, start = decision_function(estimator), trained_numbers(estimator)
    slopes = jax.grad(lambda n, X: f(n, X).sum(), (0, 1))(start, X)
    decisions, pullback = estimator.model_.decisions_vjp(X, "numpy")
    by_numbers, by_X = pullback(np.ones(decisions.shape))
    found = np.concatenate([slopes[0][name].ravel() for name in ("weights", "scale", "bias")])
    assert_allclose(found, by_numbers, rtol=0, atol=1e-12 * np.abs(by_numbers).max())
    assert_allclose(slopes[1], by_X, rtol=0, atol=1e-12)
    assert not slopes[1][-1].any()  # both values of the last row are held
    again = estimator.model_.with_numbers(found)
    assert again.n_parameters == estimator.n_parameters_


def test_a_fixed_readout_is_not_trained():
    from qmlplay.jax import decision_function, trained_numbers

    data = load_dataset("moons", n_samples=40, random_state=0)
    clf = VariationalClassifier(n_layers=1, max_iter=2, readout="fixed", random_state=0)
    clf.fit(data.X, data.y)
    start = trained_numbers(clf)
    assert list(start) == ["weights"]
    found = decision_function(clf)(start, data.X)
    assert_allclose(found, clf.decision_function(data.X), rtol=0, atol=1e-12)
    with pytest.raises(TypeError, match="dict of 'weights', as"):
        decision_function(clf)({**start, "bias": np.zeros(1)}, data.X)


@pytest.mark.parametrize("backend", [None, "numpy"])
def test_sums_of_pauli_strings(backend):
    circuit = own_design().circuit
    single = LayerDesign(circuit, ("ZI", "XX"))
    w, X, _ = numbers(single)
    values = reference(single).expectations(X, w)
    summed = function(LayerDesign(circuit, ({"ZI": 0.5, "XX": -2.0},)), backend)
    assert_allclose(summed(w, X)[:, 0], values @ [0.5, -2.0], rtol=0, atol=1e-12)


def test_bad_numbers(trained):
    from qmlplay.jax import decision_function, trained_numbers

    estimator, X = trained["three classes"]
    f, start = decision_function(estimator), trained_numbers(estimator)
    with pytest.raises(TypeError, match="dict of 'weights', 'scale', 'bias'"):
        f(start["weights"], X)
    with pytest.raises(TypeError, match="got the names 'weights'"):
        f({"weights": start["weights"]}, X)
    with pytest.raises(ValueError, match="scale must have shape"):
        f({**start, "scale": start["scale"].T}, X)
    with pytest.raises(TypeError, match="bias must be real floating-point"):
        f({**start, "bias": np.zeros(3, dtype=int)}, X)


def test_trained_with_optax(trained):
    import jax

    from qmlplay.jax import decision_function, trained_numbers

    optax = pytest.importorskip("optax")
    estimator, X = trained["two classes"]
    y = estimator.predict(X)
    f, found = decision_function(estimator), trained_numbers(estimator)
    optimizer = optax.adam(0.1)
    state = optimizer.init(found)

    @jax.jit
    def step(found, state):
        loss, slopes = jax.value_and_grad(
            lambda n: optax.sigmoid_binary_cross_entropy(f(n, X), y).mean()
        )(found)
        updates, state = optimizer.update(slopes, state)
        return optax.apply_updates(found, updates), state, loss

    losses = []
    for _ in range(10):
        found, state, loss = step(found, state)
        losses.append(float(loss))
    assert losses[-1] < 0.8 * losses[0]
    parts = [np.array(found[name]).ravel() for name in ("weights", "scale", "bias")]
    model = estimator.model_.with_numbers(np.concatenate(parts))
    assert_allclose(model.decisions(X, "numpy")[:, 0], f(found, X), rtol=0, atol=1e-12)


def test_the_same_function_with_and_without_64_bits():
    import jax
    import jax.numpy as jnp

    from qmlplay.jax import circuit_function

    turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    f = circuit_function(LayerDesign(circuit, ("Z",)))
    for is_wide in (True, False, True):
        with jax.enable_x64(is_wide):
            w, X = jnp.array([0.5]), jnp.array([[0.0], [1.0]])
            np.testing.assert_allclose(jax.jit(f)(w, X), jnp.cos(X + w), atol=1e-6)
            np.testing.assert_allclose(
                jax.grad(lambda w, X=X: f(w, X).sum())(w), [-jnp.sin(X + w).sum()], atol=1e-6
            )
