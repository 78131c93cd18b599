"""The picture of attributions: what is drawn where, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.diagnostics import integrated_gradients
from qmlplay.plots import AttributionsDisplay

VALUES = np.array([[0.1, -0.5, 0.0], [0.2, 0.5, 0.0], [-0.3, 0.5, 0.1]])
DATA = np.arange(9.0).reshape(3, 3)


def dots(panel):
    return [collection.get_offsets() for collection in panel.collections]


def labels(panel):
    return [tick.get_text() for tick in panel.get_yticklabels()]


def test_panels_share_the_order_and_the_scale():
    display = AttributionsDisplay({"a": VALUES, "b": VALUES[:, ::-1] / 10}, DATA, ["u", "v", "w"])
    left, right = display.plot().axes_
    assert labels(left) == ["w", "u", "v"]  # the largest on top
    assert left.get_xlim() == right.get_xlim() == (-0.525, 0.525)
    for panel, values in ((left, VALUES), (right, VALUES[:, ::-1] / 10)):
        for row, k in enumerate((2, 0, 1)):
            np.testing.assert_allclose(dots(panel)[row][:, 0], values[:, k])
            assert np.abs(dots(panel)[row][:, 1] - row).max() < 0.4
        means = [text.get_text() for text in panel.texts]
        assert means == [f"{np.abs(values[:, k]).mean():.3g}" for k in (2, 0, 1)]
    assert [ax.get_title() for ax in display.axes_] == ["a", "b"]


def test_dots_of_one_value_lie_beside_each_other():
    panel = AttributionsDisplay({"a": np.ones((30, 1))}).plot().axes_[0]
    heights = dots(panel)[0][:, 1]
    assert len(np.unique(heights)) == 30
    assert abs(heights.mean()) < 1e-12


def test_colours_are_ranks_of_the_feature():
    data = np.array([[5.0, 1.0], [7.0, 1.0], [100.0, 1.0]])
    panel = AttributionsDisplay({"a": VALUES[:, :2]}, data).plot().axes_[0]
    shades = [collection.get_array().tolist() for collection in panel.collections]
    assert [0.0, 0.5, 1.0] in shades
    assert [0.0, 0.0, 0.0] in shades  # a constant column


def test_explanations_of_any_kind():
    shap_like = SimpleNamespace(
        values=np.stack([-VALUES, VALUES], axis=2), data=DATA, feature_names=["u", "v", "w"]
    )
    display = AttributionsDisplay.from_explanations({"of shap": shap_like, "array": VALUES})
    np.testing.assert_array_equal(display.values["of shap"], VALUES)
    np.testing.assert_array_equal(display.values["array"], VALUES)
    np.testing.assert_array_equal(display.data, DATA)
    assert display.feature_names == ["u", "v", "w"]
    first = AttributionsDisplay.from_explanations({"of shap": shap_like}, output=0)
    np.testing.assert_array_equal(first.values["of shap"], -VALUES)
    only = AttributionsDisplay.from_explanations({"array": VALUES})
    assert only.data is None
    assert only.feature_names == ["x0", "x1", "x2"]
    assert only.plot()._repr_png_()[1:4] == b"PNG"


def test_our_own_attributions():
    data = load_dataset("iris")
    model = VariationalClassifier(n_layers=1, max_iter=2, random_state=0).fit(data.X, data.y)
    parts = integrated_gradients(model, data.X)
    with pytest.raises(ValueError, match="ours explains 3 outputs: say which one"):
        AttributionsDisplay.from_explanations({"ours": parts})
    display = AttributionsDisplay.from_explanations({"ours": parts}, output=2)
    np.testing.assert_array_equal(display.values["ours"], parts.values[:, :, 2])


def test_axes_of_the_user():
    axes = Figure().subplots(1, 2)
    display = AttributionsDisplay({"a": VALUES, "b": VALUES}, DATA).plot(axes)
    assert display.axes_ == list(axes)
    with pytest.raises(ValueError, match="ax must be 2 axes"):
        display.plot(axes[0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (({},), "got shapes {}"),
        (({"a": VALUES, "b": VALUES[:2]},), "of one shape"),
        (({"a": VALUES[0]},), "of one shape"),
        (({"a": VALUES}, DATA[:2]), r"data must have shape \(3, 3\)"),
        (({"a": VALUES}, DATA, ["u"]), "feature_names must be 3 names"),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(ValueError, match=words):
        AttributionsDisplay(*arguments)
    with pytest.raises(ValueError, match="there is no output=2"):
        AttributionsDisplay.from_explanations({"a": np.zeros((2, 2, 2))}, output=2)


def test_nothing_but_zeros():
    assert AttributionsDisplay({"a": np.zeros((3, 2))}).plot().axes_[0].get_xlim() == (-1.0, 1.0)
