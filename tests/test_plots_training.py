"""Pictures of training and of results: frames, curves, cost, confusion, parity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from own_models import Broken
from PIL import Image
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.svm import SVC

from qmlplay import VariationalClassifier, compare, get_backend, load_dataset
from qmlplay.circuit import Circuit, Gate
from qmlplay.diagnostics import parity
from qmlplay.plots import (
    BoundariesDisplay,
    ConfusionDisplay,
    CostDisplay,
    CurvesDisplay,
    FrameRecorder,
    HistoryRecorder,
    ParityDisplay,
    ScoresDisplay,
    TrainingFramesDisplay,
)
from qmlplay.plots.recorders import train_watched

MODEL = VariationalClassifier(max_iter=6, n_layers=1, random_state=0)
DATA = load_dataset("moons", n_samples=60, random_state=0)
X, y = DATA.X, DATA.y


@pytest.fixture(scope="module")
def frames():
    return TrainingFramesDisplay.from_estimator(MODEL, X, y, resolution=8)


@pytest.fixture(scope="module")
def result():
    models = ["numpy", "cirq", "dummy", "k_nearest_neighbours"]
    return compare("moons", models=models, classifier=MODEL, seeds=2)


# Decision boundary of one estimator


def test_boundary_of_one_estimator_with_test_samples_apart():
    model = VariationalClassifier(max_iter=3, random_state=0).fit(X[:40], y[:40])
    display = BoundariesDisplay.from_estimator(model, X[:40], y[:40], X[40:], y[40:], resolution=7)
    (ax,) = display.plot().axes_
    assert ax.get_title() == (
        f"VariationalClassifier\ntest accuracy {model.score(X[40:], y[40:]):.3f}"
    )
    circles, triangles = ax.collections[-2:]
    assert [len(circles.get_offsets()), len(triangles.get_offsets())] == [40, 20]
    assert len(circles.get_paths()[0].vertices) > len(triangles.get_paths()[0].vertices)


def test_boundary_without_test_samples():
    table = pd.DataFrame(X, columns=["length", "width"])
    labels = np.where(y == 1, "yes", "no")
    model = VariationalClassifier(max_iter=3).fit(table, labels)
    display = BoundariesDisplay.from_estimator(model, table, labels, title="mine", resolution=7)
    (ax,) = display.plot().axes_
    assert ax.get_title() == f"mine\ntrain accuracy {model.score(table, labels):.3f}"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "width")
    legend = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert legend == ["class no", "class yes", "train samples"]


def test_third_class_has_a_pattern_for_print_in_grey():
    iris = load_dataset("iris")
    model = LogisticRegression(max_iter=1000).fit(iris.X[:, 2:], iris.y)
    display = BoundariesDisplay.from_estimator(model, iris.X[:, 2:], iris.y, resolution=20)
    (ax,) = display.plot().axes_
    hatches = [getattr(drawing, "hatches", None) for drawing in ax.collections]
    assert [hatch for hatch in hatches if hatch and any(hatch)] == [["..."]]
    patches = display.figure_.legends[0].get_patches()
    assert [patch.get_hatch() for patch in patches] == ["", "", "..."]


# Frames


def test_frames_are_those_of_the_training(frames):
    assert [frame.iteration for frame in frames.frames] == [1, 2, 3, 4, 5, 6]
    assert [frame.loss for frame in frames.frames] == frames.estimator.loss_curve_
    assert MODEL.callbacks is None  # the model stays as it is
    grid = FrameRecorder(X, resolution=8).plane.points.reshape(-1, 2)
    np.testing.assert_array_equal(
        frames.frames[-1].probabilities.reshape(-1, 2), frames.estimator.predict_proba(grid)
    )
    first, last = frames.frames[0].probabilities, frames.frames[-1].probabilities
    assert np.abs(first - last).max() > 0.05


def test_strip_of_frames(frames):
    axes = frames.plot(n_panels=4).axes_
    titles = [ax.get_title().split(",")[0] for ax in axes]
    assert titles[0] == "iteration 1"
    assert titles[-1] == "iteration 6"
    assert len(set(titles)) == 4
    assert len(frames.plot(n_panels=50).axes_) == 6
    given = Figure().subplots(1, 2)
    assert frames.plot(ax=given).figure_ is given[0].get_figure()
    assert [ax.get_title().split(",")[0] for ax in given] == ["iteration 1", "iteration 6"]


@pytest.mark.slow
def test_gif_is_readable_and_its_frames_differ(frames, tmp_path):
    path = tmp_path / "training.gif"
    frames.save_gif(path, fps=5, dpi=40)
    with Image.open(path) as picture:
        assert picture.format == "GIF"
        assert picture.n_frames == 6
        assert picture.info["duration"] == 200
        shots = []
        for place in range(6):
            picture.seek(place)
            shots.append(np.asarray(picture.convert("RGB")).astype(float))
    assert np.abs(shots[0] - shots[-1]).mean() > 1


def test_recorder_as_a_callback_of_fit():
    table = pd.DataFrame(X, columns=["$a$", "b"])
    recorder = FrameRecorder(table, every=4, resolution=5)
    model = VariationalClassifier(max_iter=9, batch_size=20, callbacks=[recorder]).fit(table, y)
    assert [frame.iteration for frame in recorder.frames] == [1, 5, 9]
    assert recorder.frames[0].loss == model.loss_curve_[0]
    display = TrainingFramesDisplay.from_recorder(recorder, table, y)
    assert display.plot().axes_[0].get_xlabel() == "$a$"
    assert display.feature_names == ["$a$", "b"]


def test_other_callbacks_still_run():
    seen = []
    model = VariationalClassifier(max_iter=3, callbacks=[lambda state: seen.append(state.step)])
    assert len(TrainingFramesDisplay.from_estimator(model, X, y, resolution=3).frames) == 3
    assert seen == [1, 2, 3]


def test_frames_bad_input():
    with pytest.raises(ValueError, match=r"2 features, got 3: reduce .* PCA\(2\)"):
        TrainingFramesDisplay.from_estimator(MODEL, np.ones((4, 3)), [0, 1, 0, 1])
    with pytest.raises(TypeError, match="LogisticRegression has no parameter callbacks"):
        TrainingFramesDisplay.from_estimator(LogisticRegression(), X, y)
    with pytest.raises(ValueError, match=r"fit with callbacks=\[recorder\] first"):
        TrainingFramesDisplay.from_recorder(FrameRecorder(X), X, y)
    with pytest.raises(ValueError, match="every must be at least 1"):
        FrameRecorder(X, every=0)


# Curves


def test_curves_of_fitted_models():
    plain = VariationalClassifier(max_iter=5).fit(X, y)
    watched = VariationalClassifier(max_iter=5, early_stopping=True, random_state=0).fit(X, y)
    display = CurvesDisplay.from_estimators({"plain": plain, "watched": watched}).plot()
    (ax,) = display.axes_  # not every curve has an accuracy
    first, second = ax.get_lines()
    assert list(first.get_ydata()) == plain.loss_curve_
    assert (first.get_label(), second.get_label()) == ("plain", "watched")
    assert first.get_linestyle() != second.get_linestyle()
    both = CurvesDisplay.from_estimators({"watched": watched}).plot()
    assert both.axes_[1].get_title() == "validation accuracy"
    assert list(both.axes_[1].get_lines()[0].get_ydata()) == watched.validation_scores_


def test_curves_of_backends_from_training():
    models = {name: MODEL.__class__(name, max_iter=4, random_state=0) for name in ("numpy", "cirq")}
    display = CurvesDisplay.from_training(models, X[:40], y[:40], X[40:], y[40:])
    one, other = display.curves.values()
    np.testing.assert_allclose(one.losses, other.losses, atol=1e-9)
    assert one.accuracies["test"] == other.accuracies["test"]
    model = models["numpy"].fit(X[:40], y[:40])
    assert one.losses == model.loss_curve_
    assert one.accuracies["test"][-1] == model.score(X[40:], y[40:])
    assert one.accuracies["train"][-1] == model.score(X[:40], y[:40])
    assert list(one.seconds) == sorted(one.seconds)
    loss, accuracy = display.plot(x="seconds", log=True).axes_
    assert loss.get_yscale() == "log"
    assert loss.get_xlabel() == "training time [s]"
    assert accuracy.get_title() == "test accuracy"
    assert list(loss.get_lines()[0].get_xdata()) == one.seconds


def test_history_counts_iterations_not_steps():
    recorder = HistoryRecorder(X, y)
    model = VariationalClassifier(max_iter=3, batch_size=25)
    trained = train_watched(model, X, y, recorder)
    assert recorder.iterations == [1, 2, 3]
    assert recorder.losses == pytest.approx(trained.loss_curve_)
    assert recorder.test_accuracies == []


def test_curves_on_axes_of_the_user():
    display = CurvesDisplay.from_training({"a": MODEL}, X, y)
    axes = Figure().subplots(1, 2)
    assert display.plot(ax=axes).axes_ == list(axes)
    assert axes[0].get_legend() is not None
    with pytest.raises(ValueError, match=r"ax must be 2 axes \(for loss and accuracy\), got 1"):
        display.plot(ax=axes[0])


def test_curves_bad_input():
    with pytest.raises(ValueError, match="dict of label"):
        CurvesDisplay.from_estimators({})
    with pytest.raises(NotFittedError):
        CurvesDisplay.from_estimators({"a": MODEL})
    with pytest.raises(TypeError, match="no parameter callbacks"):
        CurvesDisplay.from_training({"a": LogisticRegression()}, X, y)
    with pytest.raises(ValueError, match="belong together"):
        CurvesDisplay.from_training({"a": MODEL}, X, y, X)
    fitted = CurvesDisplay.from_estimators({"a": VariationalClassifier(max_iter=1).fit(X, y)})
    with pytest.raises(ValueError, match="from_training measures them"):
        fitted.plot(x="seconds")
    with pytest.raises(ValueError, match="unknown x 'second': did you mean 'seconds'"):
        fitted.plot(x="second")


# Cost


@pytest.mark.slow
def test_cost_shows_every_model_once_per_side(result):
    display = CostDisplay.from_comparison(result).plot()
    assert list(display.table["model"]) == list(result.table["model"])
    left, right = display.axes_
    for ax, column in ((left, "fit_seconds"), (right, "n_parameters")):
        known = display.table[display.table[column].notna() & (display.table[column] > 0)]
        at = {
            (bars.lines[0].get_xdata()[0], bars.lines[0].get_ydata()[0]) for bars in ax.containers
        }
        expected = known[[column, "test_accuracy"]].astype(float).itertuples(index=False, name=None)
        inside = {(x, y) for x, y in expected if y >= min(shown for _, shown in at)}
        assert {pair for pair in at if pair in inside} == inside
    legend = [text.get_text() for text in display.figure_.legends[0].get_texts()]
    assert legend == ["quantum model", "classical model"]
    assert left.get_ylabel() == "test accuracy"
    display.figure_.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in display.figure_.axes]
    boxes.append(display.figure_.legends[0].get_window_extent())
    assert not any(boxes[i].overlaps(boxes[j]) for i, j in ((0, 1), (0, 2), (1, 2)))


def costs(**scores):
    """Return the cost picture of models with these scores, sizes and kinds."""
    rows = [
        {
            "model": name, "kind": kind, "test_accuracy": score, "test_accuracy_std": 0.01,
            "fit_seconds": seconds, "n_parameters": size,
        }
        for name, (kind, score, seconds, size) in scores.items()
    ]  # fmt: skip
    display = CostDisplay(pd.DataFrame(rows), "made up").plot()
    names = [[text.get_text() for text in ax.texts] for ax in display.axes_]
    return display, names


def test_identical_backends_have_one_marker_with_their_names():
    same = {name: ("quantum", 0.97, second, 31) for second, name in enumerate(("numpy", "cirq"), 1)}
    display, (left, right) = costs(**same, svc_rbf=("classical", 0.96, 0.1, 99))
    assert sorted(right) == ["quantum (NumPy, Cirq)", "svc_rbf"]
    assert sorted(left) == ["quantum (Cirq)", "quantum (NumPy)", "svc_rbf"]
    assert [len(ax.containers) for ax in display.axes_] == [3, 2]


def test_a_model_that_guesses_does_not_press_the_others_together():
    display, (_, right) = costs(
        numpy=("quantum", 0.97, 1, 31), svc_rbf=("classical", 0.96, 1, 99),
        mlp=("classical", 0.95, 1, 30), dummy=("classical", 0.5, 1, 2),
    )  # fmt: skip
    low, high = display.axes_[1].get_ylim()
    assert 0.9 < low < 0.94
    assert high < 1
    assert "dummy 0.50 ↓" in right
    assert all("↓" not in name for name in right if name != "dummy 0.50 ↓")


@pytest.mark.slow
def test_names_in_the_cost_picture_do_not_overlap():
    many = {f"model_{k}": ("classical", 0.9 + 1e-4 * k, 1 + k, 10 + k) for k in range(14)}
    display, _ = costs(**many)
    display.figure_.draw_without_rendering()
    for ax in display.axes_:
        boxes = [Text.get_window_extent(text) for text in ax.texts]  # without the line to the point
        heights = sorted(box.y0 for box in boxes)
        assert min(np.diff(heights)) > 0.8 * boxes[0].height


@pytest.mark.parametrize("score", [1.0, 0.4])
def test_scores_that_are_all_the_same_are_not_magnified(score):
    display, _ = costs(numpy=("quantum", score, 1, 31), svc_rbf=("classical", score, 2, 99))
    low, high = display.axes_[0].get_ylim()
    assert high - low > 0.05
    assert high < score + 0.02
    display.figure_.draw_without_rendering()
    assert not display.axes_[0].yaxis.get_major_formatter().get_offset()


def test_long_names_leave_the_axes_their_room():
    name = "my pipeline of many parts, each with its parameters, " * 4
    result = compare("moons", models={name: DummyClassifier(), "svc_rbf": SVC()}, seeds=1)
    for display in (CostDisplay.from_comparison(result), ScoresDisplay.from_comparison(result)):
        display.plot().figure_.draw_without_rendering()
        assert min(ax.get_position().width for ax in display.axes_) > 0.15


def test_cost_bad_input(result):
    with pytest.raises(ValueError, match="unknown dataset 'mons'"):
        CostDisplay.from_comparison(result, "mons")
    failed = compare("moons", models={"broken": Broken()}, seeds=[1])
    with pytest.raises(ValueError, match="every model failed"):
        CostDisplay.from_comparison(failed).plot()
    with pytest.raises(ValueError, match="ax must be 2 axes"):
        CostDisplay.from_comparison(result).plot(ax=[Figure().subplots()])


# Confusion


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
def test_confusion_is_scikit_learns(normalize):
    rng = np.random.default_rng(0)
    true, predicted = rng.choice(["$a", "b", "see"], (2, 50))
    display = ConfusionDisplay.from_predictions(true, predicted, normalize=normalize).plot()
    np.testing.assert_array_equal(
        display.matrix, confusion_matrix(true, predicted, normalize=normalize)
    )
    assert display.title == f"confusion matrix (accuracy {np.mean(true == predicted):.3f})"
    texts = [text.get_text() for text in display.ax_.texts]
    form = "{:d}" if normalize is None else "{:.2f}"
    assert texts == [form.format(value) for value in display.matrix.ravel()]
    assert display.ax_.get_ylabel() == "true class"


def test_confusion_of_an_estimator():
    model = LogisticRegression().fit(X, y)
    display = ConfusionDisplay.from_estimator(model, X, y)
    assert display.matrix.trace() / len(y) == model.score(X, y)
    with pytest.raises(NotFittedError):
        ConfusionDisplay.from_estimator(VariationalClassifier(), X, y)
    with pytest.raises(ValueError, match="normalize"):
        ConfusionDisplay.from_predictions(y, y, normalize="rows")


# Parity


def test_parity_of_a_comparison(result):
    display = ParityDisplay.from_comparison(result).plot()
    table = display.differences
    assert list(table.columns) == ["numpy", "cirq"]
    assert np.isnan(table.loc["numpy", "numpy"])
    assert np.nanmax(table) == result.parity
    assert display.title == "moons: parity between backends"
    texts = [text.get_text() for text in display.ax_.texts]
    assert (texts[0], texts[3]) == ("–", "–")
    assert "e-" in texts[1] or texts[1] == "0"


def test_parity_of_an_estimator_and_of_a_table():
    model = VariationalClassifier(max_iter=1).fit(X, y)
    same = ParityDisplay.from_estimator(model, X[:5], ["numpy", "pennylane"])
    assert np.nanmax(same.differences) < 1e-12
    turn = Circuit(1, (Gate("ry", (0,), 0),))
    rough = get_backend("numpy", shots=50, seed=1)
    display = ParityDisplay.from_table(parity(turn, [1.0], ["Z"], ["cirq", rough])).plot()
    assert display.differences.loc["cirq", "numpy"] > 1e-3
    assert display.ax_.texts[1].get_color() == "white"  # on a dark square
    assert display.figure_.axes[1].get_ylabel() == "max |Δ expectation|"


def test_parity_bad_input(result):
    with pytest.raises(ValueError, match="unknown dataset"):
        ParityDisplay.from_comparison(result, "iris")
    alone = compare("moons", models=["dummy"], seeds=1)
    with pytest.raises(ValueError, match="at least two backends"):
        ParityDisplay.from_comparison(alone)
    with pytest.raises(NotFittedError):
        ParityDisplay.from_estimator(MODEL, X)
