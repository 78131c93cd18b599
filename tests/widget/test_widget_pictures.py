"""Pictures of the plane against exact evaluation on a much finer grid, and against draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from qmlplay.backends import get_backend
from qmlplay.classifier import VariationalClassifier
from qmlplay.encodings import ENCODINGS
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views.frames import make_frame, quantum_frame
from qmlplay.widget.views.run_curves import MOST_POINTS, CurvePoint, extended
from qmlplay.widget.views.shot_noise import flip_shares, single_shot_decisions

FINE = 400


def fitted(dataset="moons", **settings):
    configuration = Configuration.for_dataset(dataset, **{"max_iter": 2, **settings})
    plane = make_plane(configuration)
    model = VariationalClassifier(**model_parameters(configuration))
    return model.fit(plane.split.X_train, plane.split.y_train), plane


def as_drawn(frame, side=FINE):
    """Return the classes of the page's picture (side, side), from what is sent to it."""
    told = frame.to_dict()
    n = told["resolution"]
    p = np.frombuffer(told["probabilities"], np.uint8).reshape(n, n, -1).astype(float)
    places = np.linspace(0, n - 1, side)
    if told["picture"].get("has_steps"):
        nearest = np.round(places).astype(int)
        return p[np.ix_(nearest, nearest)].argmax(axis=2)
    low = np.minimum(places.astype(int), n - 2)
    share = (places - low)[:, None, None]
    rows = p[low] * (1 - share) + p[low + 1] * share
    share = share.transpose(1, 0, 2)
    return (rows[:, low] * (1 - share) + rows[:, low + 1] * share).argmax(axis=2)


def exact_classes(estimator, plane, side=FINE):
    return estimator.predict_proba(plane.grid(side)).argmax(axis=1).reshape(side, side)


CASES = [("moons", encoding, 3, 2) for encoding in ENCODINGS] + [
    ("ad_hoc", "zz", 3, 4),  # the boundary that 48 × 48 points got wrong on up to 14 % of the area
    ("ad_hoc", "zz", 4, 1),
    ("iris", "angle_sum", 4, 4),
    ("moons", "angle_sum", 1, 10),
    ("spirals", "reuploading", 2, 10),
]


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "encoding", "n_qubits", "n_layers"), CASES)
def test_at_most_one_percent_of_the_area_is_in_the_wrong_class(
    dataset, encoding, n_qubits, n_layers
):
    clf, plane = fitted(dataset, encoding=encoding, n_qubits=n_qubits, n_layers=n_layers)
    frame = quantum_frame(clf, plane, 2)
    assert (as_drawn(frame) != exact_classes(clf, plane)).mean() <= 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "encoding", "n_qubits", "n_layers"),
    [("moons", "zz", 8, 4), ("iris", "iqp", 8, 2), ("spirals", "reuploading", 7, 6),
     ("ad_hoc", "zz", 5, 2)],
)  # fmt: skip
def test_boundaries_of_many_qubits(dataset, encoding, n_qubits, n_layers):
    """With angles anywhere, as late in training."""
    clf, plane = fitted(
        dataset,
        encoding=encoding,
        n_qubits=n_qubits,
        n_layers=n_layers,
        ansatz="strongly_entangling",
        max_iter=1,
    )
    numbers, circuit = clf.model_.numbers, clf.model_.circuit
    of_gates = sorted(set(range(circuit.n_weights)) - set(circuit.scaling_weights))
    numbers[of_gates] = np.random.default_rng(5).uniform(0, 2 * np.pi, len(of_gates))
    clf.model_ = clf.model_.with_numbers(numbers)
    frame = quantum_frame(clf, plane, 1, is_scored=False)
    assert (as_drawn(frame, 150) != exact_classes(clf, plane, 150)).mean() <= 0.01


@pytest.mark.parametrize("scale", [10.0, 60.0, 250.0, 1000.0])
def test_a_boundary_that_is_too_fine_to_be_drawn_is_said_to_be(scale):
    """Weights set by hand may turn as often as they like: more often than pixels can show."""
    clf, plane = fitted("moons", encoding="angle", n_qubits=2, n_layers=1)
    numbers = clf.model_.numbers
    numbers[list(clf.model_.circuit.scaling_weights)] = scale
    clf.model_ = clf.model_.with_numbers(numbers)
    frame = quantum_frame(clf, plane, 2)
    wrong = (as_drawn(frame) != exact_classes(clf, plane)).mean()
    assert wrong <= 0.01 or not frame.picture["is_resolved"]
    assert frame.picture["is_resolved"] == (scale < 100)


def test_probabilities_are_those_of_the_model():
    clf, plane = fitted(n_layers=4)
    frame = quantum_frame(clf, plane, 2)
    n = frame.probabilities.shape[0]
    expected = clf.predict_proba(plane.grid(n)).reshape(n, n, 2)
    assert np.abs(frame.probabilities - expected).max() < 2e-3


def test_far_outliers_bend_no_picture():
    clf, plane = fitted("moons", n_layers=2)
    X = plane.split.X_train.copy()
    X[0] = [40.0, -30.0]
    plane = replace(plane, split=replace(plane.split, X_train=X))
    clf = VariationalClassifier(max_iter=2, random_state=0).fit(X, plane.split.y_train)
    assert clf.model_.scaling.holds
    frame = quantum_frame(clf, plane, 2)
    n = frame.probabilities.shape[0]
    expected = clf.predict_proba(plane.grid(n)).reshape(n, n, 2)
    assert np.abs(frame.probabilities - expected).max() < 2e-3


@pytest.mark.parametrize("noise", ["low", "high"])
def test_device_noise_is_drawn(noise):
    clf, plane = fitted(n_layers=1, noise=noise, max_iter=1)
    frame = quantum_frame(clf, plane, 1)
    n = frame.probabilities.shape[0]
    expected = clf.predict_proba(plane.grid(n)).reshape(n, n, 2)
    assert np.abs(frame.probabilities - expected).max() < 2e-3
    assert frame.picture["noise"] == "drawn"


@pytest.mark.parametrize(
    "classifier",
    [LogisticRegression(), DecisionTreeClassifier(random_state=0), KNeighborsClassifier(3)],
    ids=["smooth", "tree", "neighbours"],
)
def test_classical_models_keep_their_edges(classifier):
    plane = make_plane(Configuration.for_dataset("checkerboard"))
    fitted = classifier.fit(plane.split.X_train, plane.split.y_train)
    frame = make_frame(fitted, plane)
    assert (as_drawn(frame) != exact_classes(fitted, plane)).mean() <= 0.015
    assert frame.picture["has_steps"] is (not isinstance(classifier, LogisticRegression))
    assert frame.test_accuracy == fitted.score(plane.split.X_test, plane.split.y_test)


def test_wrong_samples_are_those_that_the_model_gets_wrong():
    clf, plane = fitted("iris", n_layers=1, shots=50)
    frame = quantum_frame(clf, plane, 2)
    for part in ("train", "test"):
        X, y = getattr(plane.split, f"X_{part}"), getattr(plane.split, f"y_{part}")
        assert frame.wrong[part] == np.flatnonzero(clf.predict(X) != y).tolist()
        assert clf.score(X, y) == getattr(frame, f"{part}_accuracy")


# Shot noise ---------------------------------------------------------------------------------------


def draws(clf, X, shots, n_draws):
    """Return how often draws of the real simulator decide otherwise, (n_points,)."""
    exact = clf.model_.decisions(X, "numpy")
    flips = np.zeros(len(X))
    backend = get_backend("numpy", shots=shots, seed=1)
    for _ in range(n_draws):
        flips += clf.model_.predict(X, backend) != clf.model_.labels(exact)
    return flips / n_draws


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "n_qubits", "shots"),
    [("moons", 1, 1), ("moons", 1, 10), ("moons", 1, 100), ("moons", 2, 100), ("moons", 3, 30),
     ("moons", 2, 1000), ("iris", 2, 100), ("iris", 3, 1000),
     ("moons", 3, 1), ("iris", 2, 1), ("blobs", 3, 1)],
)  # fmt: skip
def test_flips_are_as_frequent_as_in_simulated_draws(dataset, n_qubits, shots):
    n_draws = 600
    clf, plane = fitted(dataset, n_layers=2, n_qubits=n_qubits, max_iter=20)
    X, model = plane.grid(20), clf.model_
    chances = get_backend("numpy").probabilities(model.circuit.circuit, model.angles(X))
    told = flip_shares(chances, single_shot_decisions(model), shots)
    seen = draws(clf, X, shots, n_draws)
    error = np.sqrt(np.maximum(told * (1 - told), 1 / n_draws) / n_draws)
    is_exact = n_qubits == 1 or shots == 1
    allowed = 6 * error + (0 if is_exact else 0.02)  # the central limit is no exact law
    assert (seen > 0.05).any()
    assert (np.abs(seen - told) <= allowed).all()
    band = (told > 0.02) & (told < 0.45)
    assert abs((seen - told)[band].mean()) <= 0.01 + 4 * error[band].mean() / np.sqrt(band.sum())


def test_shares_are_at_most_one():
    """Where both rivals are closer than not, in two shots of four classes on one qubit."""
    values = np.array([[-11.6, -0.2, 8.1, 3.6], [3.2, 3.1, 1.4, -12.4]])
    chance = np.linspace(0.005, 0.05, 40)
    shares = flip_shares(np.stack([chance, 1 - chance], axis=1), values, shots=2)
    assert 0 <= shares.min() <= shares.max() <= 1


def test_the_band_of_a_frame_is_around_the_boundary():
    clf, plane = fitted(n_layers=2, max_iter=10, shots=100)
    frame = quantum_frame(clf, plane, 10)
    assert frame.flips.shape == frame.probabilities.shape[:2]
    assert frame.flips.max() == pytest.approx(0.5, abs=0.05)
    margin = np.abs(frame.probabilities[..., 1] - 0.5)
    assert margin[frame.flips > 0.05].max() < margin[frame.flips < 0.001].max()
    more_shots = quantum_frame(clf.set_params(shots=10_000), plane, 10)
    assert (more_shots.flips > 0.05).mean() < 0.3 * (frame.flips > 0.05).mean()


# Curves -------------------------------------------------------------------------------------------


def test_curves_have_the_losses_of_both_parts():
    clf, plane = fitted(n_layers=1)
    first = quantum_frame(clf, plane, 1)
    frame = quantum_frame(clf, plane, 2, first)
    assert [point.step for point in frame.curve] == [1, 2]
    split, point = plane.split, frame.curve[-1]
    for X, y, loss in (
        (split.X_train, split.y_train, point.train_loss),
        (split.X_test, split.y_test, point.test_loss),
    ):
        assert loss == pytest.approx(log_loss(y, clf.predict_proba(X)), abs=1e-12)


def test_long_curves_are_thinned_and_never_forget_the_first_point():
    curve = ()
    for step in range(3 * MOST_POINTS):
        curve = extended(curve, CurvePoint(step, 0.1, 0.1, 1.0, 1.0))
    steps = [point.step for point in curve]
    assert len(curve) <= MOST_POINTS
    assert steps[0] == 0
    assert steps[-1] == 3 * MOST_POINTS - 1
    assert steps == sorted(set(steps))
