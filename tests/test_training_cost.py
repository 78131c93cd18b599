"""The cost of a training, announced before it starts, against what is then run."""

import copy
from collections import Counter

import numpy as np
import pytest

from qmlplay import VariationalClassifier, get_backend, load_dataset, load_model
from qmlplay.backends import Backend
from qmlplay.training import TrainingCost
from qmlplay.training.optimizers import OPTIMIZERS

MOONS = load_dataset("moons", n_samples=30, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    settings = {"max_iter": 4, "n_layers": 1, "random_state": 0, "n_iter_no_change": None}
    return VariationalClassifier(**(settings | parameters))


def test_figures_by_hand():
    cost = classifier(shots=100).training_cost(X)
    # Per sample: the circuit, and two shifts for 2 sums of features, 2 RY, 2 RZ and an RXX.
    assert cost == TrainingCost("adam", "parameter_shift", 15, 30 * 15, 4 * 30 * 15, 100)
    assert cost.max_shots == 4 * 30 * 15 * 100
    spsa = classifier(shots=100, gradient_method="spsa").training_cost(X)
    assert spsa == TrainingCost("adam", "spsa", 2, 60, 240, 100)
    exact = classifier().training_cost(X)
    assert exact == TrainingCost("adam", "adjoint", 2, 60, 240, None)
    assert exact.max_shots is None
    free = classifier(optimizer="spsa", noise="low").training_cost(X)
    assert free == TrainingCost("spsa", None, 1, 60, 240, None)


def test_one_clear_line():
    text = str(classifier(shots=1000, max_iter=100, n_layers=4).training_cost(X))
    assert text == (
        "adam by parameter_shift: 57 circuits per sample and gradient, 1,710 per iteration, "
        "at most 171,000 circuits of 1,000 shots in all (171,000,000 shots)"
    )
    assert str(classifier(optimizer="cobyla").training_cost(X)) == (
        "cobyla: 1 circuits per sample and loss, 30 per iteration, at most 120 circuits in all"
    )


def test_a_sum_of_features_is_one_turn():
    wide = np.zeros((5, 64))
    # In each of 4 layers 8 sums, 8 RY, 8 RZ and 8 RXX; the former default turned 64 + 16 times.
    assert classifier(n_layers=4, shots=10).training_cost(wide).circuits_per_sample == 257
    former = classifier(n_layers=4, shots=10, encoding="angle", ansatz="hardware_efficient")
    assert former.training_cost(wide).circuits_per_sample == 641


def test_more_classes_need_more_settings():
    model = classifier(n_qubits=1, shots=10, encoding="angle")
    assert model.training_cost(IRIS.X).circuits_per_sample == 1 + 2 * 6
    assert model.training_cost(IRIS.X, IRIS.y).circuits_per_sample == 3 * (1 + 2 * 6)  # Z, X, Y


class Counting(Backend):
    """Expectations alone; counts the circuits, one per sample."""

    name = "counting"

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def expectations(self, circuit, angles, observables):
        self.counts["circuits"] += max(np.size(angle) for angle in angles)
        return get_backend("numpy").expectations(circuit, angles, observables)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"early_stopping": True, "validation_fraction": 0.21}])
def test_no_optimiser_runs_more_than_announced(optimizer, options):
    backend = Counting()
    model = classifier(backend=backend, optimizer=optimizer, **options)
    cost = model.training_cost(X)
    assert backend.counts["circuits"] == 0
    model.fit(X, y)
    run = backend.counts["circuits"]
    assert run == model.n_circuit_evaluations_
    assert model.training_cost_ == cost
    if optimizer in ("adam", "sgd", "spsa", "cobyla"):
        assert run == cost.max_circuits  # sharp where nothing ends it before
    else:
        assert 0 < run <= cost.max_circuits


@pytest.mark.parametrize("batch_size", [7, 30, 400])
def test_batches_change_nothing_in_sum(batch_size):
    backend = Counting()
    model = classifier(backend=backend, batch_size=batch_size)
    cost = model.training_cost(X)
    model.fit(X, y)
    assert backend.counts["circuits"] == cost.max_circuits == 4 * 30 * 15


def test_partial_fit_costs_one_iteration():
    model = classifier(shots=10).partial_fit(X, y, classes=[0, 1])
    assert model.training_cost_.max_circuits == 30 * 15 == model.n_circuit_evaluations_


def test_nothing_is_changed_or_run_by_asking():
    model = classifier(shots=10)
    before = copy.copy(vars(model))
    model.training_cost(X, y)
    assert vars(model) == before


def test_it_is_said_when_verbose_and_silent_otherwise(capsys):
    classifier(shots=10, verbose=1).fit(X, y)
    shown = capsys.readouterr()
    assert "adam by parameter_shift: 15 circuits per sample and gradient" in shown.err
    assert shown.out == ""
    classifier(shots=10).fit(X, y)
    assert capsys.readouterr() == ("", "")


def test_it_is_in_the_model_file(tmp_path):
    model = classifier(shots=10).fit(X, y)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.training_cost_ == model.training_cost_
    assert again.gradient_method_ == "parameter_shift"


def test_bad_input():
    with pytest.raises(ValueError, match="max_iter must be"):
        classifier(max_iter=0).training_cost(X)
    with pytest.raises(ValueError, match="contains NaN"):
        classifier().training_cost([[np.nan]])
    with pytest.raises(ValueError, match="only one class"):
        classifier().training_cost(X, np.zeros(30))
    with pytest.raises(ValueError, match="X must hold numbers"):
        classifier().training_cost([["a"], ["b"]])
    with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[30, 29\]"):
        classifier().training_cost(X, y[:-1])
