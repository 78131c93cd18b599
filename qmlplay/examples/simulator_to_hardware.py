"""From simulator to hardware: one trained model, exact, with shots, with noise, on a device.

With an IBM Quantum account, name one of its devices to spend some of its time:

    python -m qmlplay.examples.simulator_to_hardware ibm_...
"""

import os
import sys
from tempfile import TemporaryDirectory

import numpy as np

from qmlplay import VariationalClassifier, ibm, load_dataset

data = load_dataset("moons", n_samples=120, random_state=0)
model = VariationalClassifier(n_layers=2, random_state=0).fit(data.X[:80], data.y[:80])
X, y = data.X[80:], data.y[80:]

exact = model.predict_proba(X)[:, 1]
variants = {
    "exact": model,
    "512 shots": model.with_backend("numpy", shots=512),
    "low noise": model.with_backend("numpy", noise="low"),
    "high noise": model.with_backend("numpy", noise="high"),
}
for name, variant in variants.items():
    difference = np.abs(variant.predict_proba(X)[:, 1] - exact).mean()
    print(f"{name:>10}: accuracy {variant.score(X, y):.3f}, probabilities off by {difference:.3f}")


def on_device(device: str) -> None:
    """Show what it would take, run it, and compare."""
    plan = ibm.plan(model, X, y, shots=512, device=device, seed=1)
    print(plan)
    run = ibm.submit(plan, max_qpu_seconds=plan.suggested_budget)
    print(run.wait(timeout=3600).compare())


if len(sys.argv) > 1:
    on_device(sys.argv[1])  # ibm.list_runs() shows it, ibm.resume(key) takes it up again
else:
    # A snapshot of a machine, simulated here: no account, no network, and nothing worth keeping.
    with TemporaryDirectory() as folder:
        os.environ["QMLPLAY_HOME"] = folder
        on_device("fake_manila")

# Expected output:
#      exact: accuracy 0.975, probabilities off by 0.000
#  512 shots: accuracy 0.975, probabilities off by 0.007
#  low noise: accuracy 0.975, probabilities off by 0.003
# high noise: accuracy 0.975, probabilities off by 0.026
# Plan for IBM Quantum; nothing is posted yet
#     device: fake_manila (simulated here from an old snapshot: no account, no queue, no cost)
#     qubits: 2 of 5: 3, 4
#    circuit: depth 29, 4 two-qubit gates after transpiling (9 and 2 before)
# executions: 20,480 in 1 job: 40 samples, 1 basis, 512 shots, resilience level 0
#  estimated: 7.3 QPU seconds: 2 s a job, 0.25 ms between executions on the real machine
#   to go on: qmlplay.ibm.submit(plan, max_qpu_seconds=10)
# 40 samples on fake_manila, 512 shots each
#                            run rms difference rms z label flips      accuracy [95 %]
#                          exact         0.0000  0.00           0 0.975 [0.871, 0.996]
#           same shots, no noise         0.0397  1.01           0 0.975 [0.871, 0.996]
# simulated noise of fake_manila         0.0520  1.64           0 0.975 [0.871, 0.996]
#                    fake_manila         0.0523  1.61           0 0.975 [0.871, 0.996]
# differences are of expectations, from the exact ones; z: in standard errors
# QPU seconds: 0.0 used, 7.3 estimated
# fake_manila is an old snapshot of a machine, simulated here
