"""Pictures: what is computed is kept, what is drawn can be looked up, nothing is global."""

from __future__ import annotations

import io
from base64 import b64decode

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.collections import PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from own_models import Broken, Recorder
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch

from qmlplay import VariationalClassifier, compare
from qmlplay.palette import CLASS_COLORS, KIND_COLORS
from qmlplay.plots import BoundariesDisplay, ProbabilitiesDisplay, ScoresDisplay
from qmlplay.plots.style import class_colors, new_figure

QUICK = VariationalClassifier(max_iter=2, n_layers=1)


@pytest.fixture(scope="module")
def result():
    names = ["numpy", "cirq", "no_entanglement", "dummy", "svc_rbf"]
    return compare(["moons", "iris"], models=names, classifier=QUICK, seeds=2)


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png", dpi=40)  # any warning is an error
    return figure


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def split_of(y, n_features=2):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(len(y), n_features)) + np.unique(y, return_inverse=True)[1][:, None]
    names = [f"x{i}" for i in range(n_features)]
    parts = {"X_train": X[::2], "X_test": X[1::2], "y_train": y[::2], "y_test": y[1::2]}
    return Bunch(**parts, feature_names=names, dataset="own")


def test_scores_keep_their_data_and_show_them(result):
    display = ScoresDisplay.from_comparison(result, "moons")
    assert display.dataset == "moons"
    assert len(display.runs) == 5 * 2
    assert set(display.runs["dataset"]) == {"moons"}
    left, right = drawn(display.plot().figure_).axes
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "svc_rbf", "dummy", "no_entanglement", "quantum (Cirq)", "quantum (NumPy)",
    ]  # fmt: skip
    marks = [marks for marks in left.collections if isinstance(marks, PathCollection)]
    dots = np.concatenate([one.get_offsets() for one in marks])
    expected = display.runs["test_accuracy"]
    np.testing.assert_allclose(sorted(dots[:, 0]), sorted(expected))
    assert left.get_xlabel().startswith("test accuracy")
    assert "[s]" in right.get_xlabel()
    assert right.get_xscale() == "log"
    assert display.figure_.get_suptitle() == "moons: accuracy and cost"
    assert legend_of(display.figure_) == [
        "quantum model", "the same without entangling ansatz", "classical model",
    ]  # fmt: skip


def test_scores_of_the_first_dataset_by_default(result):
    assert ScoresDisplay.from_comparison(result).dataset == "moons"
    assert result.plot().get_suptitle() == "moons: accuracy and cost"
    assert result.plot("iris").get_suptitle() == "iris: accuracy and cost"
    boundaries = result.plot(kind="boundaries")
    assert boundaries.get_suptitle() == "moons: decision boundaries (first split)"


def test_scores_on_axes_of_the_user(result):
    figure = Figure()
    axes = figure.subplots(1, 2)
    display = ScoresDisplay.from_comparison(result).plot(ax=axes)
    assert display.figure_ is figure
    assert axes[0].has_data()
    assert axes[1].has_data()
    assert axes[0].get_legend() is not None
    with pytest.raises(ValueError, match=r"ax must be 2 axes .* got 1"):
        display.plot(ax=axes[:1])


@pytest.mark.slow
def test_boundaries_have_a_panel_per_model_but_one_for_all_backends(result):
    display = BoundariesDisplay.from_comparison(result, resolution=12)
    titles = [panel.title.splitlines()[0] for panel in display.panels]
    assert titles == ["quantum (NumPy)", "no_entanglement", "dummy", "svc_rbf"]
    axes = drawn(display.plot().figure_).axes
    assert [ax.get_title().splitlines()[0] for ax in axes] == titles
    assert any(isinstance(drawing, ContourSet) for drawing in axes[-1].collections)
    labels = ["upper moon", "lower moon", "train samples", "test samples"]
    assert legend_of(display.figure_) == labels


def test_boundaries_keep_probabilities_of_the_grid(result):
    display = BoundariesDisplay.from_comparison(result, resolution=9)
    x_low, x_high, y_low, y_high = display.extent
    model = result.fitted["moons", "svc_rbf"]
    p = display.panels[-1].probabilities  # (n_y, n_x, n_classes)
    assert p.shape == (9, 9, 2)
    corners = [[x_low, y_low], [x_high, y_low], [x_low, y_high], [x_high, y_high]]
    np.testing.assert_allclose(
        [p[0, 0], p[0, -1], p[-1, 0], p[-1, -1]], model.predict_proba(corners)
    )
    X = np.concatenate([display.split.X_train, display.split.X_test])
    assert (X.min(axis=0) - [x_low, y_low] > 0).all()
    assert (X.max(axis=0) - [x_high, y_high] < 0).all()
    score = model.score(display.split.X_test, display.split.y_test)
    assert display.panels[-1].title.endswith(f"test accuracy {score:.3f}")


def test_models_of_the_user_each_get_a_panel():
    models = {"flat": QUICK, "deep": VariationalClassifier(max_iter=1, n_layers=2)}
    result = compare("moons", models=models | {"broken": Broken()}, seeds=[1])
    display = BoundariesDisplay.from_comparison(result, resolution=5)
    assert [panel.title.splitlines()[0] for panel in display.panels] == ["flat", "deep"]
    assert len(ScoresDisplay.from_comparison(result).plot().figure_.axes[0].get_yticks()) == 2


@pytest.mark.parametrize("labels", [["a", "b", "c"], [-1, 0, 5], ["$x$", "$\\frac$", "<c>"]])
def test_three_classes_of_any_label(labels):
    split = split_of(np.repeat(labels, 20))
    model = LogisticRegression().fit(split.X_train, split.y_train)
    display = BoundariesDisplay.from_estimators({"line": model}, split, resolution=20)
    assert display.panels[0].probabilities.shape == (20, 20, 3)
    figure = drawn(display.plot().figure_)
    assert len(legend_of(figure)) == 3 + 2
    image = figure.axes[0].images[0].get_array()
    best = display.panels[0].probabilities.argmax(axis=-1)
    for k, color in enumerate(class_colors(3)):  # each region has the hue of its class
        depth = 1 - np.asarray(image)[best == k].mean(axis=0)
        np.testing.assert_allclose(depth / depth.max(), (1 - color) / (1 - color).max(), atol=1e-9)
    drawings = figure.axes[0].collections
    assert sum(isinstance(drawing, ContourSet) for drawing in drawings) >= 2
    points = next(drawing for drawing in drawings if isinstance(drawing, PathCollection))
    expected = class_colors(3)[np.searchsorted(np.unique(split.y_train), split.y_train)]
    np.testing.assert_allclose(points.get_facecolors()[:, :3], expected)


def test_a_model_without_probabilities_is_sure():
    split = split_of(np.repeat([0, 1], 20))
    model = Recorder().fit(split.X_train, split.y_train)
    display = BoundariesDisplay.from_estimators({"first": model}, split, resolution=4)
    assert (display.panels[0].probabilities == [1, 0]).all()
    (ax,) = drawn(display.plot().figure_).axes
    assert not any(isinstance(drawing, ContourSet) for drawing in ax.collections)


def test_boundaries_on_axes_of_the_user(result):
    display = BoundariesDisplay.from_comparison(result, resolution=5)
    figure = Figure()
    axes = figure.subplots(2, 2).ravel()
    assert display.plot(ax=axes).figure_ is figure
    assert all(ax.has_data() for ax in axes)
    assert axes[0].get_legend() is not None
    with pytest.raises(ValueError, match="4 panels need as many axes, got 3"):
        display.plot(ax=axes[:3])
    one = BoundariesDisplay(display.panels[:1], display.extent, display.split)
    single = Figure().subplots()
    assert one.plot(ax=single).figure_ is single.get_figure()


def test_many_panels_share_rows_evenly(result):
    display = BoundariesDisplay.from_comparison(result, resolution=5)
    many = BoundariesDisplay(list(display.panels * 2)[:7], display.extent, display.split)
    axes = many.plot().figure_.axes
    grid = axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (2, 4)
    assert [ax.axison for ax in axes] == [True] * 7 + [False]


@pytest.mark.slow
def test_nothing_is_cut_off_or_on_top_of_each_other(result):
    split = split_of(np.repeat(["short", "a rather long name of a class", "mid name"], 20))
    model = LogisticRegression().fit(split.X_train, split.y_train)
    one = BoundariesDisplay.from_estimators({"line": model}, split, resolution=5)
    pictures = [one, BoundariesDisplay.from_comparison(result, resolution=5)]
    pictures.append(ScoresDisplay.from_comparison(result))
    for display in pictures:
        figure = drawn(display.plot().figure_)
        inner = figure.get_tightbbox()
        assert inner.x0 >= 0
        assert inner.x1 <= figure.get_figwidth()
        assert inner.y0 >= 0
        assert inner.y1 <= figure.get_figheight()
        boxes = [ax.get_tightbbox() for ax in figure.axes]
        boxes.append(figure.legends[0].get_window_extent())
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[place + 1 :])


def test_bad_input(result):
    with pytest.raises(ValueError, match="needs data with 2 features, got 4"):
        BoundariesDisplay.from_comparison(result, "iris")
    with pytest.raises(ValueError, match="no fitted model"):
        BoundariesDisplay.from_estimators({}, split_of(np.array([0, 1] * 4)))
    for display in (ScoresDisplay, BoundariesDisplay):
        with pytest.raises(ValueError, match="unknown dataset 'mons': did you mean 'moons'"):
            display.from_comparison(result, "mons")
    with pytest.raises(ValueError, match="unknown kind of plot 'score': did you mean 'scores'"):
        result.plot(kind="score")  # and the message names the four there are
    failed = compare("moons", models={"broken": Broken()}, seeds=[1])
    with pytest.raises(ValueError, match="every model failed"):
        failed.plot()
    with pytest.raises(ValueError, match="no fitted model"):
        failed.plot(kind="boundaries")
    lost = new_figure(1, 1).subplots()
    lost.remove()
    with pytest.raises(ValueError, match="belongs to no figure"):
        ScoresDisplay.from_comparison(result).plot(ax=[lost, lost])


def test_colours_differ():
    assert len(set(CLASS_COLORS)) == len(CLASS_COLORS) == 10
    assert len(set(KIND_COLORS.values())) == 4
    assert class_colors(12).shape == (12, 3)


def test_displays_are_shown_by_their_name():
    assert repr(ProbabilitiesDisplay([[0.25, 0.75]])) == "<ProbabilitiesDisplay>"


def test_jupyter_shows_two_dots_per_pixel():
    display = ProbabilitiesDisplay([[0.25, 0.75]])
    formatter = DisplayFormatter()  # as Jupyter asks: the bundle first, then one format each
    bundle, metadata = formatter.format(display)
    header = b64decode(bundle["image/png"])[16:24]
    dots = int.from_bytes(header[:4]), int.from_bytes(header[4:])
    shown = metadata["image/png"]
    assert dots == (2 * shown["width"], 2 * shown["height"])
    assert (shown["width"], shown["height"]) == tuple(100 * display.figure_.get_size_inches())
    assert bundle["text/plain"] == "<ProbabilitiesDisplay>"
