"""Runs and trainings that an earlier version left on the disk: read, and taken up to the digit.

The folder holds what commit 78d27b8 (version 0.1.0) wrote on fake_manila: a finished run, one that
lost its simulation with its process, a finished training, and one stopped after a step of three.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from qmlplay import ibm, load_dataset
from qmlplay.ibm import store

FILES = Path(__file__).with_name("stored_by_0_1_0")
DONE, LOST = "20261126-033757-2132757f", "20261126-033757-6350fd3d"
WHOLE, HALF = "20261126-033758-56ab7411", "20261126-033759-1348eead"
EXPECTATIONS = [[-0.4375, -0.40625], [0.5, 0.40625], [-0.8125, -0.65625]]
LOSSES = (1.1825084346172918, 0.6432632155506689, 1.569873478646846)
WEIGHTS = [
    1.0266095723472661,
    1.2354527354754326,
    0.3333265338860064,
    -0.011363415555286659,
    0.42220853449042917,
    -0.21222266560896394,
]


@pytest.fixture(autouse=True)
def stored(home):
    """Put a copy of the files where runs are kept."""
    shutil.copytree(FILES, store.folder())


def test_are_listed():
    assert ibm.list_runs()["key"].tolist() == [LOST, DONE]
    assert ibm.list_runs()["state"].tolist() == ["posted", "done"]
    assert ibm.list_trainings()["done"].tolist() == [1, 3]


def test_a_finished_run():
    run = ibm.resume(DONE)
    assert run.status() == "done"
    result = run.result()
    assert result.expectations.tolist() == EXPECTATIONS
    assert result.predictions.tolist() == ["high", "low", "high"]
    assert result.accuracy == 1.0
    assert run.compare().table["run"].iloc[-1] == "fake_manila"
    assert run.plan.to_dict()["qubits"] == [3, 4]


def test_a_lost_simulation_is_done_again_with_the_same_shots():
    assert ibm.resume(LOST).result(60).expectations.tolist() == EXPECTATIONS


def test_a_finished_training():
    result = ibm.resume_training(WHOLE)
    assert result.losses == LOSSES
    assert result.classifier.weights_.tolist() == WEIGHTS
    assert result.classifier.classes_.tolist() == ["high", "low"]


def test_a_training_goes_on_to_the_same_weights():
    result = ibm.resume_training(HALF)
    np.testing.assert_allclose(result.losses, LOSSES, rtol=1e-12)
    np.testing.assert_allclose(result.classifier.weights_, WEIGHTS, rtol=1e-12)


def test_the_data_of_a_training_are_in_radians():
    X = load_dataset("moons", n_samples=20, random_state=0).X
    scaling = ibm.resume_training(WHOLE).classifier.scaling_
    np.testing.assert_allclose(store.read_arrays(WHOLE, "training")["X"], scaling.radians(X))
