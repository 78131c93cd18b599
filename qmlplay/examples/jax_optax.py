"""A hybrid model of your own in JAX: a circuit between two linear maps, trained with optax."""

import jax
import jax.numpy as jnp
import optax

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.jax import circuit_function, decision_function, trained_numbers
from qmlplay.model.layer import layer_design

jax.config.update("jax_enable_x64", True)  # else JAX computes with 32 bits
data = load_dataset("moons", n_samples=200, random_state=0)
X, y = jnp.asarray(data.X), jnp.asarray(data.y)

# The hybrid, in ten lines: numbers go in, a pure function comes out.
design = layer_design(3, n_layers=2)
circuit = circuit_function(design)
optimizer = optax.adam(0.1)


def first(seed: jax.Array) -> dict[str, jax.Array]:
    into, out = jax.random.split(seed)
    weights = jnp.asarray(design.first_weights(0))
    return {"into": jax.random.normal(into, (2, 3)), "weights": weights,
            "out": jax.random.normal(out, (3,)), "bias": jnp.zeros(())}  # fmt: skip


def loss(numbers: dict[str, jax.Array]) -> jax.Array:
    values = circuit(numbers["weights"], X @ numbers["into"])
    logits = values @ numbers["out"] + numbers["bias"]
    return optax.sigmoid_binary_cross_entropy(logits, y).mean()


@jax.jit  # type: ignore[untyped-decorator]
def train(seed: jax.Array) -> tuple[jax.Array, dict[str, jax.Array]]:
    def step(carried, _):  # type: ignore[no-untyped-def]
        numbers, state = carried
        value, slopes = jax.value_and_grad(loss)(numbers)
        updates, state = optimizer.update(slopes, state)
        return (optax.apply_updates(numbers, updates), state), value

    numbers = first(seed)
    (numbers, _), values = jax.lax.scan(step, (numbers, optimizer.init(numbers)), length=100)
    return values[-1], numbers


last, numbers = train(jax.random.key(0))
print(f"loss {float(loss(first(jax.random.key(0)))):.1f} at first, below 0.1 after training:",
      bool(last < 0.1))  # fmt: skip

# Eight random starts at once: the same function under vmap.
losses, several = jax.vmap(train)(jax.random.split(jax.random.key(1), 8))
print(
    "eight starts, one call:", several["weights"].shape, "losses differ:", len(set(losses.tolist()))
)

# Second derivatives: the curvature of the loss where training ended.
curvature = jax.hessian(lambda w: loss({**numbers, "weights": w}))(numbers["weights"])
print("Hessian", curvature.shape, "symmetric:", bool(jnp.allclose(curvature, curvature.T)))

# Other simulators are called from JAX, and differentiated by their own exact products.
angles = X @ numbers["into"]
expected = jax.grad(lambda w: circuit(w, angles).sum())(numbers["weights"])
for backend in ("numpy", "qiskit", "cirq", "pennylane"):
    other = circuit_function(design, backend=backend)
    slopes = jax.jit(jax.grad(lambda w, f=other: f(w, angles).sum()))(numbers["weights"])
    print(f"{backend}: same gradient within 1e-10: {bool(abs(slopes - expected).max() < 1e-10)}")

# A trained classifier as a pure function of all its numbers.
clf = VariationalClassifier(n_layers=2, random_state=0).fit(data.X, data.y)
difference = decision_function(clf)(trained_numbers(clf), X) - clf.decision_function(data.X)
print("the trained classifier says the same within 1e-10:", bool(abs(difference).max() < 1e-10))

# Expected output:
# loss 0.7 at first, below 0.1 after training: True
# eight starts, one call: (8, 24) losses differ: 8
# Hessian (24, 24) symmetric: True
# numpy: same gradient within 1e-10: True
# qiskit: same gradient within 1e-10: True
# cirq: same gradient within 1e-10: True
# pennylane: same gradient within 1e-10: True
# the trained classifier says the same within 1e-10: True
