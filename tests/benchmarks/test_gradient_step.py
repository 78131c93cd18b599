"""Time of one full-batch gradient step, every backend: ``pytest tests/benchmarks``.

No time is asserted here: the machine may be busy. What is asserted is that the numbers timed
are right.
"""

from __future__ import annotations

import numpy as np
import pytest
from ours import INSTALLED
from workloads import WORKLOADS, Step

from qmlplay import get_backend


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize("workload", ["W1", "W2"])
def test_gradient_step(benchmark, backend, workload):
    step = Step(WORKLOADS[workload], get_backend(backend))
    expected_loss, expected_gradient = Step(WORKLOADS[workload], get_backend("numpy"))()
    loss, gradient = benchmark.pedantic(step, rounds=10, warmup_rounds=2)
    assert loss == pytest.approx(expected_loss, abs=1e-10)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=0, atol=1e-8)


def test_the_numbers_timed_against_central_differences():
    step = Step(WORKLOADS["W1"], get_backend("numpy"))
    _, gradient = step()
    for k in (0, 5, 23):
        ends = []
        for move in (1e-6, -1e-6):
            step.w[k] += move
            ends.append(step()[0])
            step.w[k] -= move
        assert gradient[k] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)
