"""Columns and pages of exported models: ranges, steps of pipelines, and text that stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from qmlplay import (
    FeatureReduction,
    QuantumKernelClassifier,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)
from qmlplay.export import to_html
from qmlplay.export.affine_steps import affine_map
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.input_columns import number_input

IRIS = load_dataset("iris")
HOSTILE = "</script><script>alert(1)</script>\"'><img src=x> {{7*7}} & \u2028"


def classifier(X=IRIS.X, y=IRIS.y, **settings):
    return VariationalClassifier(**{"n_layers": 1, "max_iter": 1} | settings).fit(X, y)


@pytest.mark.parametrize(
    "step",
    [
        FeatureReduction(2),
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-2, 5)),
        RobustScaler(),
        RobustScaler(with_centering=False, with_scaling=False),
        MaxAbsScaler(),
        PCA(2),
        PCA(3, whiten=True),
    ],
    ids=str,
)
def test_affine_steps_are_what_they_do(step):
    step.fit(IRIS.X)
    rows = np.random.default_rng(0).normal(size=(50, 4)) * 10
    np.testing.assert_allclose(
        affine_map("step", step).apply(rows), step.transform(rows), rtol=1e-12, atol=1e-12
    )


def test_other_steps_are_refused():
    model = make_pipeline(PowerTransformer(), VariationalClassifier(max_iter=1)).fit(IRIS.X, IRIS.y)
    with pytest.raises(TypeError, match=r"'powertransformer', PowerTransformer.*pipeline\[-1\]"):
        to_html(model)
    clipped = MinMaxScaler(clip=True).fit(IRIS.X)
    with pytest.raises(ValueError, match="fit it with clip=False"):
        affine_map("scale", clipped)


def test_what_is_no_model():
    with pytest.raises(NotFittedError):
        to_html(VariationalClassifier())
    with pytest.raises(TypeError, match="got StandardScaler, which has no circuit"):
        to_html(StandardScaler().fit(IRIS.X))
    kernel = QuantumKernelClassifier(bandwidth=0.5).fit(IRIS.X[::10], IRIS.y[::10])
    with pytest.raises(TypeError, match="whose circuit compares samples"):
        to_html(kernel)
    with pytest.raises(TypeError, match="got list"):
        to_html([1, 2])


def ranges(model):
    return [(c.low, c.high, c.is_known) for c in ExportedInputs.of(model).columns]


def test_ranges_are_those_of_the_training_data():
    for (low, high, known), column in zip(ranges(classifier()), IRIS.X.T, strict=True):
        assert known
        assert column.min() - 0.05 < low <= column.min()
        assert column.max() <= high < column.max() + 0.05


def test_ranges_go_through_scalers():
    model = make_pipeline(MinMaxScaler(), StandardScaler(), VariationalClassifier(max_iter=1))
    expected = np.array(ranges(classifier(IRIS.X * 100)))
    np.testing.assert_allclose(ranges(model.fit(IRIS.X * 100, IRIS.y)), expected)


def test_a_published_range_of_angles():
    low, high, known = ranges(classifier(encoding="zz", scale_inputs=True))[0]
    assert (low, high, known) == (4.3, 7.9, True)


def test_ranges_that_are_a_guess_are_called_so():
    model = make_pipeline(FeatureReduction(2), VariationalClassifier(max_iter=1))
    model.fit(IRIS.X, IRIS.y)
    spread = IRIS.X.std(axis=0)
    for (low, high, known), column, s in zip(ranges(model), IRIS.X.T, spread, strict=True):
        assert not known
        assert low < column.min() + s
        assert high > column.max() - s
        assert high - low < 20 * s
    assert "All ranges are guesses" in to_html(model)
    assert "are guesses" not in to_html(classifier())


def test_radians_have_no_range():
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, (40, 2))
    model = classifier(angles, angles[:, 0] > 3, scale_inputs=False)
    assert ranges(model) == [(-3.15, 6.3, False)] * 2


@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 1), (-1e-9, 1e-9), (1e300, 1.5e300), (1000.123, 1000.124), (-0.3, 7), (5, 5.00001)],
)
def test_sliders_have_round_steps(low, high):
    column = number_input("x", low, high)
    rounding = 1e-6 * column.step
    assert column.low - rounding <= low < high <= column.high + rounding
    assert 100 <= (column.high - column.low) / column.step <= 251
    assert re.fullmatch(r"[125](e[+-]\d+)?|0\.0*[125]|[125]0*(\.0)?", f"{column.step}")
    assert column.low <= column.start <= column.high


def test_page_is_one_file_that_loads_nothing():
    page = to_html(classifier(), title="Iris")
    assert re.findall(r"""(?:src|href)\s*=\s*["']?([^"'>]*)""", page.split("<script", 1)[0]) == [
        "#rows-table"
    ]
    assert "://" not in page
    assert "import(" not in page
    assert "fetch(" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert policy.startswith("default-src 'none'; ")
    for tag, name in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert f"{len(page.encode()) / 1000:.0f} kB" in page


def test_hostile_text_stays_text(tmp_path):
    X = pd.DataFrame(IRIS.X, columns=[HOSTILE, "b", "c", "d"])
    classes = np.array([HOSTILE, "b\ud800", "c"], dtype=object)
    page = to_html(classifier(X, classes[IRIS.y]), tmp_path / "page.html", title=HOSTILE)
    assert (tmp_path / "page.html").read_text("utf-8") == page
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    plan = json.loads(re.search(r'id="plan">(.*?)</script>', page).group(1))
    assert plan["inputs"][0]["name"] == HOSTILE
    assert set(plan["classes"]) == {HOSTILE, "b?", "c"}
    assert "alert(1)49" not in page
    assert page.count("{{7*7}}") == page.count("alert(1)")


def test_numbers_of_a_page_are_the_model():
    clf = classifier()
    page = to_html(clf)
    plan = json.loads(re.search(r'id="plan">(.*?)</script>', page).group(1))
    np.testing.assert_array_equal(plan["readout"]["scale"], clf.readout_.scale)
    rows, decisions = plan["check"]["rows"], plan["check"]["decisions"]
    np.testing.assert_allclose(clf.decision_function(rows), decisions, rtol=1e-12)


def test_every_estimator_has_the_method(tmp_path):
    x = np.linspace(-1, 1, 20)[:, None]
    model = VariationalRegressor(max_iter=1).fit(x, x[:, 0])
    assert model.to_html(tmp_path / "a.html") == to_html(model)
    assert "VariationalRegressor" in (tmp_path / "a.html").read_text("utf-8")


def test_columns_that_tell_nothing_are_not_asked_for():
    table = pd.DataFrame({"a": np.arange(20.0), "same": 1.0, "b": np.arange(20.0) ** 2})
    model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=1))
    inputs = ExportedInputs.of(model.fit(table, np.arange(20) > 9))
    assert [column.name for column in inputs.columns] == ["a", "b"]
    assert (inputs.names, inputs.places) == (("a", "same", "b"), (0, 2))
    _, rows = inputs.drawn(5)
    np.testing.assert_array_equal(inputs.features(rows), rows[["a", "b"]])
