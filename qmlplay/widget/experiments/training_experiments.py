"""Guided experiments with training, shots and noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from qmlplay.widget.experiments.experiment import Experiment, variants
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["TRAINING_EXPERIMENTS"]

_MOONS = Configuration.for_dataset("moons")

#: Name → experiment, of chapters 7 to 9.
TRAINING_EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "learning_rate": Experiment(
            "Learning rate 2",
            "Does a model learn twenty times faster with a learning rate twenty times larger?",
            "Press Play and watch the loss; then switch to 0.1.",
            "No: every step turns the gates by up to about two radians, so it jumps over the "
            "valley that it looks for. After 100 steps the loss is at least three times that of "
            "the learning rate 0.1, whose curve falls steadily.",
            "07_training",
            100,
            variants(
                replace(_MOONS, learning_rate_init=2.0),
                learning_rate_2={},
                **{"learning_rate_0.1": {"learning_rate_init": 0.1}},
            ),
        ),
        "plateau": Experiment(
            "A plateau",
            "Does a larger circuit learn faster?",
            "Press Play with 8 qubits and watch the first ten steps; then switch to 2 qubits.",
            "No: with 2 qubits the first ten steps lower the loss by a tenth or more, with 8 "
            "qubits by less than a twentieth. The gradients of a randomly started deep circuit "
            "shrink as qubits are added: a barren plateau. Here the descent still gets away after "
            "some more steps; with many qubits it would not.",
            "07_training",
            10,
            variants(
                replace(
                    Configuration.for_dataset("circles"),
                    encoding="angle",
                    ansatz="strongly_entangling",
                    optimizer="sgd",
                    learning_rate_init=0.02,
                    n_layers=10,
                    n_qubits=8,
                ),
                eight_qubits={},
                two_qubits={"n_qubits": 2},
            ),
        ),
        "shots": Experiment(
            "A hundred shots",
            "A device only counts outcomes. Can a model learn from 100 shots a circuit?",
            "Press Play and watch the loss; then switch to exact expectations.",
            "Yes: the accuracy is within five points of the exact one. But the curve trembles: "
            "of the last thirty steps at least five raise the loss, and none does without shots. "
            "The standard error of an expectation from 100 shots is up to 0.1.",
            "08_shots_and_noise",
            60,
            variants(
                replace(_MOONS, shots=100),
                **{"100_shots": {}},
                exact={"shots": None},
            ),
        ),
        "noise": Experiment(
            "High noise",
            "What do the errors of a device leave of a circuit of ten layers?",
            "Press Play and look at the Bloch vectors and the colours; then switch to no noise.",
            "Every gate loses a little, and the losses multiply: of no training sample is an "
            "expectation larger than a half, where without noise they reach 0.9 and more. The "
            "model is less sure and its loss at least three times as high, though most samples "
            "are still on the right side.",
            "08_shots_and_noise",
            60,
            variants(
                replace(_MOONS, noise="high", n_layers=10),
                high_noise={},
                no_noise={"noise": "none"},
            ),
        ),
        "spsa": Experiment(
            "Fewer circuits a step",
            "SPSA takes two values of the loss a step, however many weights there are. Is it "
            "cheaper?",
            "Press Play and compare the circuits per step below the loss; then switch to Adam.",
            "A step of SPSA needs less than a tenth of the circuits that the gradient of Adam "
            "needs by parameter shift. But it only follows one random direction: after 100 steps "
            "its loss is at least three times as high.",
            "09_from_simulator_to_ibm_quantum",
            100,
            variants(replace(_MOONS, optimizer="spsa"), SPSA={}, Adam={"optimizer": "adam"}),
        ),
    }
)
