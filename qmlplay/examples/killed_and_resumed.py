"""A training that is killed and goes on to the last bit, and a comparison that goes on too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.callbacks import Checkpoint
from qmlplay.training import TrainingState

data = load_dataset("moons", n_samples=60, random_state=0)


def train(*callbacks: Any) -> VariationalClassifier:
    model = VariationalClassifier(
        n_layers=2, max_iter=12, random_state=0, verbose=0, callbacks=callbacks
    )
    return model.fit(data.X, data.y)


def train_and_be_killed(file: str) -> None:
    def kill(state: TrainingState) -> None:
        if state.iteration == 5:
            os.kill(os.getpid(), signal.SIGKILL)  # nobody is asked

    train(Checkpoint(file, every=1), kill)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        train_and_be_killed(sys.argv[1])

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "training.qmlplay"
        killed = subprocess.run([sys.executable, __file__, str(file)], check=False)
        print(f"killed by signal {-killed.returncode}; {file.name} is there: {file.exists()}")

        steps: list[int] = []
        again = train(Checkpoint(file, every=1), lambda state: steps.append(state.iteration))
        print(f"went on with iteration {steps[0]}, to iteration {again.n_iter_}")

        whole = train()
        print("same weights:", np.array_equal(again.weights_, whole.weights_))
        print("same losses:", again.loss_curve_ == whole.loss_curve_)

        models = ["logistic_regression", "svc_rbf"]
        first = compare("moons", models=models, seeds=2, resume=folder, verbose=0)
        more = compare("moons", models=models, seeds=3, resume=folder, verbose=0)  # two runs more
        print(f"comparison: {len(first.runs)} runs, then {len(more.runs)}")
        new = compare("moons", models=models, seeds=3, verbose=0)
        print("same scores:", more.runs["test_accuracy"].equals(new.runs["test_accuracy"]))

# Expected output:
# killed by signal 9; training.qmlplay is there: True
# went on with iteration 6, to iteration 12
# same weights: True
# same losses: True
# comparison: 4 runs, then 6
# same scores: True
