"""Training in which nothing is learned: patience does not end it, and its end is a warning."""

import json
import warnings

import numpy as np
import pytest
from cli_helpers import run
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from qmlplay import VariationalClassifier, compare, load_dataset, load_model
from qmlplay.cli import main
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.training import Monitor, StopTraining
from qmlplay.training.losses import beats_prior, prior_loss
from qmlplay.training.optimizers import OPTIMIZERS

GENERATOR = np.random.default_rng(0)
X = GENERATOR.uniform(-1, 1, (40, 2))
Y = np.arange(40) % 2
CONSTANT = np.ones((40, 2))  # features that say nothing


def classifier(**parameters):
    return VariationalClassifier(**({"n_layers": 1, "random_state": 0} | parameters))


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("is_weighted", [True, False])
def test_the_prior_loss_is_that_of_the_dummy_of_scikit_learn(n_classes, is_weighted):
    y = GENERATOR.integers(0, n_classes, 50) ** 2  # not all labels from 0 on
    weights = GENERATOR.uniform(0.1, 3, 50) if is_weighted else np.ones(50)
    dummy = DummyClassifier(strategy="prior").fit(X[:1].repeat(50, 0), y, weights)
    p = dummy.predict_proba(X[:1].repeat(50, 0))
    expected = log_loss(y, p, sample_weight=weights)
    assert prior_loss("log_loss", y, weights) == pytest.approx(expected, abs=1e-12)
    brier = 1 - (dummy.class_prior_**2).sum()
    assert prior_loss("squared_error", y, weights) == pytest.approx(brier, abs=1e-12)


def test_one_class_leaves_nothing_to_learn():
    assert prior_loss("log_loss", np.ones(5, int), np.ones(5)) == 0
    assert beats_prior(0.3, 0.0)


def feed(losses, **options):
    """Return how many losses a monitor takes before it stops training, None for all."""
    watch = Monitor(publish=lambda w: None, estimator=None, **options)
    for n, loss in enumerate(losses, start=1):
        try:
            watch(np.zeros(1), loss, end=True)
        except StopTraining:
            return n
    return None


def test_patience_begins_where_something_is_learned():
    plateau, prior = [0.9, 0.66, *[0.69] * 30], np.log(2)
    settings = {"n_iter_no_change": 3, "prior_loss": prior}
    assert feed(plateau, n_iter_no_change=3) == 5
    assert feed(plateau, **settings) is None
    assert feed([*plateau, 0.5, 0.5, 0.5, 0.5, 0.5], **settings) == 36
    # A slow fall across the line, less than tol each time, is not waiting for all that was before.
    assert feed([0.66, 0.6590, 0.6584, 0.6583, 0.65825, 0.6582], tol=0.01, **settings) == 5
    # A noisy loss that now and then is below the line has not converged there.
    assert feed([0.69, 0.65, 0.70, 0.65] * 10, **settings) is None


def test_a_tolerance_as_large_as_the_whole_loss_still_ends_training():
    assert feed([0.69] * 9, n_iter_no_change=3, prior_loss=np.log(2), tol=0.7) == 4


def test_patience_with_a_validation_score_waits_as_well():
    options = {"n_iter_no_change": 3, "validate": lambda: 0.5}
    assert feed([0.69] * 20, **options, prior_loss=np.log(2)) is None
    assert feed([0.69] * 5 + [0.1] * 9, **options, prior_loss=np.log(2)) == 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_bars_and_stripes_are_learned_past_the_plateau(seed):
    data = load_dataset("bars_and_stripes", n_samples=100, random_state=seed)
    model = VariationalClassifier(reupload=False, random_state=seed).fit(data.X, data.y)
    assert model.n_iter_ > 60
    assert model.beats_prior_
    assert model.score(data.X, data.y) > 0.9


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("early_stopping", [True, False])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "spsa"])
def test_training_for_nothing_goes_on_to_the_end_and_warns(optimizer, early_stopping, loss):
    model = classifier(optimizer=optimizer, early_stopping=early_stopping, loss=loss, max_iter=60)
    with pytest.warns(ConvergenceWarning, match=r"hardly anything was learned in 60 .*n_layers=1"):
        model.fit(CONSTANT, Y)
    assert (model.n_iter_, model.stop_reason_, model.beats_prior_) == (60, "max_iter", False)
    assert model.prior_loss_ == pytest.approx({"log_loss": np.log(2), "squared_error": 0.5}[loss])


def test_batches_of_unlearnable_labels_do_not_converge():
    labels = np.random.default_rng(1).integers(0, 2, 400)
    points = np.random.default_rng(2).uniform(-1, 1, (400, 2))
    model = classifier(batch_size=50, max_iter=60)
    with pytest.warns(ConvergenceWarning):
        model.fit(points, labels)
    assert model.n_iter_ == 60


@pytest.mark.parametrize("optimizer", ["lbfgs", "cobyla", "nelder_mead"])
def test_an_optimiser_that_ends_for_nothing_by_its_own_rule_is_told(optimizer):
    model = classifier(optimizer=optimizer, max_iter=5000, tol=1e-3)
    with pytest.warns(ConvergenceWarning, match="hardly anything was learned"):
        model.fit(CONSTANT, Y)
    assert (model.stop_reason_, model.beats_prior_) == ("optimizer", False)


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_iter": 49},  # a trial
        {"max_time": 1e-9},
        {"callbacks": [lambda state: state.step == 55]},
    ],
)
def test_who_ends_training_beforehand_is_not_warned(parameters):
    model = classifier(**parameters).fit(CONSTANT, Y)
    assert model.beats_prior_ is False


def test_steps_of_ones_own_are_not_warned_about():
    model = classifier()
    for _ in range(55):
        model.partial_fit(CONSTANT, Y, classes=[0, 1])
    assert model.beats_prior_ is False
    assert model.prior_loss_ == pytest.approx(np.log(2))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_who_has_learned_is_not_warned(optimizer):
    max_iter = 300 if optimizer in ("cobyla", "nelder_mead", "spsa") else 100
    model = classifier(optimizer=optimizer, max_iter=max_iter).fit(X, (X[:, 0] > 0) * 1)
    assert model.beats_prior_ is True


def test_weights_of_samples_make_the_prior():
    weights = np.where(Y == 1, 9.0, 1.0)
    model = classifier(max_iter=2).fit(X, Y, weights)
    assert model.prior_loss_ == pytest.approx(-0.9 * np.log(0.9) - 0.1 * np.log(0.1))


def test_files_keep_it(tmp_path):
    model = classifier(max_iter=3).fit(X, Y)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert (again.prior_loss_, again.beats_prior_) == (model.prior_loss_, model.beats_prior_)
    content, arrays = read_archive(tmp_path / "m")
    del content["prior_loss"]  # as in files of earlier versions
    write_archive(tmp_path / "old", content, arrays)
    old = load_model(tmp_path / "old")
    assert (old.prior_loss_, old.beats_prior_) == (None, None)
    for damage in (-1.0, "much", [0.7]):
        write_archive(tmp_path / "bad", content | {"prior_loss": damage}, arrays)
        with pytest.raises(ValueError, match="no model file"):
            load_model(tmp_path / "bad")


def test_a_comparison_is_not_interrupted_by_it():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = compare((CONSTANT + 0 * X, Y), models={"mine": classifier(max_iter=50)}, seeds=1)
    assert len(result.runs) == 1


def test_the_command_line_says_it_in_one_line(capsys, tmp_path):
    arguments = ["parity", "--max-iter", "50", "--n-layers", "1", "--optimizer", "spsa", "--json"]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        main(["train", *arguments, "--out", str(tmp_path / "m")])
    shown = capsys.readouterr()
    assert json.loads(shown.out)["iterations"] == 50
    (line,) = shown.err.splitlines()
    assert line.startswith("qmlplay: warning: hardly anything was learned in 50 iterations")
    assert "iterations: 60" in run(
        capsys, "train", "moons", "--max-iter", 60, "--out", tmp_path / "n"
    )
