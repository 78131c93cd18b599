"""What notebooks show: true numbers, nothing that runs, and scikit-learn's own diagrams kept."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sklearn
from html_page import Page, assert_harmless
from own_models import Broken
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch, estimator_html_repr

from qmlplay import (
    NoiseModel,
    VariationalClassifier,
    compare,
    get_backend,
    list_datasets,
    load_dataset,
    load_model,
)
from qmlplay.ansatze import get_ansatz
from qmlplay.datasets import as_dataset
from qmlplay.errors import ModelFileWarning
from qmlplay.html import line_chart, scatter_chart
from qmlplay.palette import GATE_COLORS, LINK_ANYWHERE

HOSTILE = "<script>alert('1')</script>\"><img src=x onerror=alert(2)> {{ 7*7 }} &amp;"
MOONS = load_dataset("moons", n_samples=60, random_state=0)


def classifier(**options):
    return VariationalClassifier(
        **({"max_iter": 3, "n_layers": 1, "random_state": 0, "n_iter_no_change": None} | options)
    )


def hostile_frame():
    frame = pd.DataFrame(MOONS.X, columns=[HOSTILE, "b'\""])
    return frame.assign(kind=np.array([HOSTILE, "b"])[MOONS.y])


def fact(page, name):
    """Return what a definition list says about something, and whether it was automatic."""
    pattern = rf"<dt>{name}</dt><dd>(.*?)</dd>"
    found = re.search(pattern, page)
    text, automatic, _ = found.group(1).partition('<span class="q-auto">')
    return text, bool(automatic)


# Datasets


@pytest.mark.parametrize("name", list_datasets("regression"))
def test_every_regression_is_shown(name):
    data = load_dataset(name, random_state=0)
    page = Page(data._repr_html_())
    assert page.tags.count("tr") == 1 + 5
    assert f"{len(data.X):,} samples, {data.X.shape[1]} feature" in page.words
    assert "regression" in page.words
    assert data.target_names[0] in page.words
    assert f"{data.y[0]:.4g}" in page.words


@pytest.mark.parametrize("name", list_datasets("classification"))
def test_every_dataset_is_shown(name):
    data = load_dataset(name, random_state=0)
    html = data._repr_html_()
    page = Page(html)  # a description may name a source: text, nothing that is fetched
    assert page.links == []
    assert "script" not in page.tags
    assert page.tags.count("tr") == 1 + 5
    assert f"{len(data.X):,} samples, {data.X.shape[1]} feature" in page.words
    assert all(line.strip() in "".join(page.text) for line in data.DESCR.splitlines())
    for target, count in zip(data.target_names, np.bincount(data.y), strict=True):
        assert f"{target}: {count:,}" in page.words
    assert len(html) < 60_000


def test_the_first_rows_are_the_first_rows():
    data = load_dataset("iris")
    (cells,) = (re.findall("<td[^>]*>(.*?)</td>", row) for row in [data._repr_html_()])
    rows = np.array(cells).reshape(5, 5)
    np.testing.assert_allclose(rows[:, :4].astype(float), data.X[:5])
    assert rows[:, 4].tolist() == ["setosa"] * 5


def test_many_features_are_counted_not_shown():
    page = load_dataset("digits")._repr_html_()
    assert "56 more" in page
    assert "pixel_0_7" in page
    assert "pixel_1_0<" not in page
    assert "samples in the plane" not in page


def test_a_picture_has_every_sample_or_some_of_every_class():
    marks = scatter_chart(MOONS.X, MOONS.y, ["a", "b"]).marks
    assert [len(places) for _, _, places in marks] == np.bincount(MOONS.y).tolist()
    assert len({shape for _, shape, _ in marks}) == len(marks)  # for who sees no colours
    many = load_dataset("moons", n_samples=5000, random_state=0)
    marks = scatter_chart(many.X, many.y, ["a", "b"]).marks
    assert sum(len(places) for _, _, places in marks) == 400
    # x to the right, y upwards
    (_, _, places), *_ = scatter_chart([[0, 0], [1, 3], [2, 1]], [0, 0, 0], "ab").marks
    assert places == [(0.0, 150.0), (85.0, 0.0), (170.0, 100.0)]


@pytest.mark.parametrize("values", [[1e308, -1e308], [5.0, 5.0], [0.0, 5e-324]])
def test_pictures_of_extreme_numbers(values):
    chart = scatter_chart([[v, v] for v in values], [0, 0], "ab")
    assert np.isfinite([place for _, _, places in chart.marks for place in places]).all()
    assert "nan" not in line_chart("loss", values).points
    assert line_chart("loss", []) is None
    assert line_chart("loss", [1.0, np.inf]) is None
    assert scatter_chart([[1.0]], [0], ["a"]) is None


def test_own_data_with_hostile_names():
    page = assert_harmless(as_dataset(hostile_frame(), "kind", name=HOSTILE)._repr_html_())
    assert page.text.count(HOSTILE) >= 3  # the name, a column, a class: escaped, not dropped
    assert "img" not in page.tags
    assert "49" not in page.words.replace("0.49", "")  # no template in a template


def test_one_feature_and_labels_of_other_kinds():
    page = as_dataset((np.arange(6.0)[:, None], [True, False] * 3))._repr_html_()
    assert "6 samples, 1 feature, 2 classes" in Page(page).words


def test_a_dataset_is_still_a_bunch():
    data = load_dataset("moons", n_samples=20, random_state=0)
    assert isinstance(data, Bunch)
    for other in (pickle.loads(pickle.dumps(data)), copy.deepcopy(data)):
        assert other._repr_html_() == data._repr_html_()
        assert other.keys() == data.keys()
    data.X = data.X[:5]  # the user's own change, half done
    assert data._repr_html_() is None
    del data["X"]
    assert data._repr_html_() is None


# Classifiers


def test_unfitted_models_and_pipelines_keep_the_diagram():
    model = classifier()
    without_ids = re.compile(r"sk-[\w-]+|\d{4,}")
    shown, expected = model._repr_html_(), estimator_html_repr(model)
    assert without_ids.sub("", shown) == without_ids.sub("", expected)
    model.fit(MOONS.X, MOONS.y)
    pipeline = make_pipeline(StandardScaler(), model)
    search = GridSearchCV(pipeline, {"variationalclassifier__n_layers": [1]})
    for whole in (pipeline, search):
        assert "VariationalClassifier" in whole._repr_html_()
        assert "sk-container" in whole._repr_html_()
        assert 'class="qmlplay-html"' not in whole._repr_html_()


def test_the_bundle_of_a_fitted_model():
    model = classifier().fit(MOONS.X, MOONS.y)
    bundle = model._repr_mimebundle_()
    assert bundle == {"text/plain": repr(model), "text/html": model._repr_html_()}
    assert 'class="qmlplay-html"' in bundle["text/html"]
    assert 'class="qmlplay-html"' not in clone(model)._repr_html_()
    with sklearn.config_context(display="text"):
        assert model._repr_mimebundle_() == {"text/plain": repr(model)}
        with pytest.raises(AttributeError):
            _ = model._repr_html_


def test_what_was_chosen_is_told():
    model = classifier().fit(MOONS.X, MOONS.y)
    page = model._repr_html_()
    assert_harmless(page)
    assert fact(page, "qubits") == ("2", True)
    assert fact(page, "observables") == ("ZI, IZ", True)
    assert fact(page, "gradients") == ("adjoint", True)
    assert fact(page, "batch size") == ("60 samples per step", True)
    assert fact(page, "classes") == ("0, 1", False)
    assert fact(page, "backend") == ("NumPy, exact", False)
    assert fact(page, "trainable numbers") == (f"{model.n_parameters_}", False)
    assert fact(page, "iterations") == ("3 of at most 3: all that were allowed", False)
    first, last = model.loss_curve_[0], model.loss_curve_[-1]
    assert fact(page, "loss") == (f"{first:.4g} → {last:.4g} (log_loss)", False)
    count = f"{model.n_circuit_evaluations_:,} that hardware would have run"
    assert fact(page, "circuits") == (count, False)
    assert "".join(Page(page).text).count(model.draw()) == 1  # coloured, and as it was


def test_what_was_asked_for_is_told():
    model = classifier(
        n_qubits=3, batch_size=7, gradient_method="spsa", shots=2000, noise="low", reupload=False
    ).fit(MOONS.X, MOONS.y)
    page = model._repr_html_()
    assert fact(page, "qubits") == ("3", False)
    assert fact(page, "gradients") == ("spsa", False)
    assert fact(page, "batch size") == ("7 samples per step", False)
    assert fact(page, "backend") == ("NumPy, 2,000 shots per circuit, noise low", False)
    assert fact(page, "layers") == ("angle_sum encoding, 1 × hardware_efficient_rxx ansatz", False)
    assert '<dd class="q-best">2000<span' in page  # among the parameters, marked as set


@pytest.mark.parametrize(
    ("options", "reason", "text"),
    [
        ({}, "max_iter", "all that were allowed"),
        (
            {"n_iter_no_change": 1, "tol": 9.0},
            "n_iter_no_change",
            "no better by 9 for 1 iterations",
        ),
        ({"max_time": 1e-9}, "max_time", "max_time=1e-09 s was over"),
        ({"callbacks": [lambda state: True]}, "callbacks", "a callback ended it"),
        ({"optimizer": "lbfgs", "max_iter": 500, "tol": 1.0}, "optimizer", "lbfgs was done"),
    ],
)
def test_why_training_ended(options, reason, text):
    model = classifier(**options).fit(MOONS.X, MOONS.y)
    assert model.stop_reason_ == reason
    assert fact(model._repr_html_(), "iterations")[0].endswith(f": {text}")


def test_ctrl_c_and_steps_of_ones_own_are_told():
    def stop(state):
        raise KeyboardInterrupt

    model = classifier(callbacks=[stop]).fit(MOONS.X, MOONS.y)
    assert model.stop_reason_ == "interrupted"
    assert "1 of at most 3: interrupted by Ctrl-C" in model._repr_html_()
    model = classifier().partial_fit(MOONS.X, MOONS.y, [0, 1]).partial_fit(MOONS.X, MOONS.y)
    assert model.stop_reason_ == "partial_fit"
    assert "2 of at most 3: by partial_fit" in model._repr_html_()


def test_interrupted_before_the_first_iteration_was_done():
    def stop(state):
        raise KeyboardInterrupt

    model = classifier(callbacks=[stop], batch_size=10).fit(MOONS.X, MOONS.y)
    assert model.loss_curve_ == []
    assert "0 of at most 3: interrupted by Ctrl-C" in model._repr_html_()


def test_the_history_is_drawn_to_scale():
    model = classifier(max_iter=12, early_stopping=True).fit(MOONS.X, MOONS.y)
    page = model._repr_html_()
    loss, accuracy = re.findall('<polyline[^>]*points="(.*?)"', page)
    for curve, points in ((model.loss_curve_, loss), (model.validation_scores_, accuracy)):
        places = np.array([point.split(",") for point in points.split()], dtype=float)
        assert len(places) == len(curve) == model.n_iter_
        assert (np.diff(places[:, 0]) > 0).all()
        low, high = min(curve), max(curve)
        heights = (90 - places[:, 1]) / 90 * (high - low) + low
        np.testing.assert_allclose(heights, curve, atol=(high - low) * 1e-3)


def test_the_circuit_is_drawn_with_every_gate_once_in_its_colours():
    model = classifier(n_layers=2, encoding="zz", n_qubits=3, ansatz="hardware_efficient")
    model.fit(MOONS.X, MOONS.y)
    page = model._repr_html_()
    svg = page[page.index('<svg class="q-circuit"') :]
    svg = svg[: svg.index("</svg>")]
    gates = model.circuit_.circuit.gates
    assert svg.count("<title>") == len(gates)
    controls = sum(gate.name == "cx" for gate in gates)
    assert svg.count('class="q-ring"') == svg.count('<circle class="q-gate-link"') == controls > 0
    boxes = Counter(re.findall(r'<polygon class="q-gate-(\w+)"', svg))
    one_qubit = {name: sum(g.name == name for g in gates) for name in ("h", "ry", "rz", "p")}
    assert boxes["fixed"] == one_qubit["h"]
    assert boxes["weight"] == one_qubit["ry"] + one_qubit["rz"]
    texts = re.findall(r'<text class="q-in-gate"[^>]*>(.*?)</text>', svg)
    assert sum(text.startswith("RY(w") for text in texts) == one_qubit["ry"]
    assert "Circuit of 3 qubits and" in svg
    names = re.findall(r'class="q-qubit">(q\d)<', svg)
    assert set(names) == {"q0", "q1", "q2"}


def test_a_circuit_too_large_for_a_picture_is_drawn_as_text():
    model = classifier(n_layers=40, n_qubits=4).fit(MOONS.X, MOONS.y)
    page = model._repr_html_()
    assert '<svg class="q-circuit"' not in page
    assert "RY(w" in page


def test_gates_are_told_apart():
    def kinds_of(**options):
        page = classifier(n_layers=2, **options).fit(MOONS.X, MOONS.y)._repr_html_()
        drawing = page[page.index("<pre>") : page.index("</pre>")]
        return re.findall(r'<span class="q-(\w+)">(.*?)</span>', drawing), page

    plain = {"encoding": "angle", "ansatz": "hardware_efficient"}
    found, page = kinds_of(**plain)
    assert {kind for kind, text in found if "x" in text} == {"scaled"}
    assert {kind for kind, text in found if "x" not in text and "w" in text} == {"weight"}
    assert [kind for kind, text in found if text in "●⊕"] == ["link"] * 4
    legend = "RY data times weight · RY weight (trainable) · ●│ entangler"
    assert legend in Page(page).words
    found, _ = kinds_of(**plain, trainable_scaling=False)
    assert {kind for kind, text in found if "x" in text} == {"data"}
    found, _ = kinds_of(encoding="zz", trainable_scaling=False)
    assert any(kind == "data" and "(π−x0)(π−x1)" in text for kind, text in found)
    assert {kind for kind, text in found if text == "H"} == {"fixed"}


def test_hostile_classes_features_and_functions():
    def spy(n_qubits, layer):
        return get_ansatz("hardware_efficient")(n_qubits, layer)

    spy.__name__ = HOSTILE
    frame = hostile_frame()
    model = classifier(ansatz=spy).fit(frame.drop(columns="kind"), frame["kind"])
    page = assert_harmless(model._repr_html_())
    assert "img" not in page.tags
    assert HOSTILE in "".join(page.text)


def test_objects_as_parameters():
    noise = NoiseModel(depolarizing_2q=0.01)
    model = classifier(noise=noise, random_state=np.random.RandomState(0), max_iter=1)
    page = model.fit(MOONS.X[:9], MOONS.y[:9])._repr_html_()
    assert "depolarizing_2q=0.01" in assert_harmless(page).words
    model = classifier(backend=get_backend("numpy", shots=9), optimizer="spsa", max_iter=1)
    assert "NumPy, 9 shots per circuit" in model.fit(MOONS.X, MOONS.y)._repr_html_()


def test_in_training_and_from_a_file(tmp_path):
    seen = []
    path = tmp_path / "model.qmlplay"

    def look(state):
        seen.append(state.estimator._repr_html_())
        state.estimator.save(path)

    model = classifier(callbacks=[look]).fit(MOONS.X, MOONS.y)
    assert [f"{n} of at most 3" in page for n, page in enumerate(seen, start=1)] == [True] * 3
    with pytest.warns(ModelFileWarning, match="callbacks"):
        assert load_model(path).stop_reason_ is None
    model.set_params(callbacks=None).save(path)
    again = load_model(path)
    assert (again.batch_size_, again.stop_reason_) == (60, "max_iter")
    for name in ("iterations", "batch size", "loss", "gradients", "circuits", "qubits"):
        assert fact(again._repr_html_(), name) == fact(model._repr_html_(), name)


def test_a_file_of_an_earlier_version(tmp_path, monkeypatch):
    from qmlplay.model import files

    def without(path, content, arrays, version):
        kept = {k: v for k, v in content.items() if k not in ("batch_size", "stop_reason")}
        honest(path, json.loads(json.dumps(kept)), arrays, version=version)

    honest = files.write_archive
    monkeypatch.setattr(files, "write_archive", without)
    classifier().fit(MOONS.X, MOONS.y).save(tmp_path / "old.qmlplay")
    page = load_model(tmp_path / "old.qmlplay")._repr_html_()
    assert fact(page, "iterations") == ("3 of at most 3", False)
    assert "batch size" not in page


def test_a_huge_circuit_is_cut_and_says_so():
    model = classifier(n_layers=250, max_iter=1).fit(MOONS.X[:8], MOONS.y[:8])
    page = model._repr_html_()
    assert "the rest: print(model.draw())" in page
    assert len(page) < 150_000


# Comparisons


@pytest.fixture(scope="module")
def result():
    names = ["numpy", "no_entanglement", "svc_rbf"]
    return compare(["moons", "iris"], models=names, classifier=classifier(), seeds=2)


@pytest.fixture(scope="module")
def page_of_result(result):
    return result.to_html()


def test_the_page_has_every_part(result, page_of_result):
    page = assert_harmless(page_of_result)
    assert [text for text in page.text if text in ("moons", "iris")].count("iris") >= 1
    assert page.tags.count("h2") == 2
    assert page.tags.count("img") == 5  # boundaries need two features
    assert all(value for name, value in page.attributes if name == "alt")
    assert "3 models, 2 datasets, 2 splits" in page.words
    assert "210 training samples, 90 test samples, 2 features, 2 classes" in page.words
    assert "The quantum model of the first split, trained on NumPy" in page.words
    assert result.fitted["iris", "numpy"].draw() in "".join(page.text)


def test_the_page_follows_light_and_dark(page_of_result):
    page = page_of_result
    assert "color-scheme: light dark" in page
    assert "Canvas" in page
    colours = re.findall(r"[{;]\s*(?:background|color):\s*([^;}]*)", page)
    fixed = {c for c in colours if c.startswith("#")}
    boxes = {c for kind in ("data", "weight", "fixed") for c in vars(GATE_COLORS[kind]).values()}
    assert fixed <= {"#fff", LINK_ANYWHERE} | boxes  # behind pictures; letters on boxes; links
    assert len(fixed) == 6


def test_the_best_of_each_dataset_is_bold(result):
    table = result.table
    bold = re.findall(r'q-best">(\d\.\d+) ±', result._repr_html_())
    best = table.groupby("dataset", sort=False)["test_accuracy"].transform("max")
    expected = table.loc[np.isclose(table["test_accuracy"], best), "test_accuracy"]
    assert bold == [f"{value:.3f}" for value in expected]


def test_failures_and_hostile_models():
    models = {HOSTILE: Broken(random_state=0), "svc": Broken()}
    data = as_dataset(hostile_frame(), "kind", name=HOSTILE)
    outcome = compare(data, models=models, seeds=[1])
    for page in map(assert_harmless, (outcome._repr_html_(), outcome.to_html())):
        assert "img" not in page.tags
        assert HOSTILE in "".join(page.text)
        assert "RuntimeError: the moon is in the wrong house" in page.words
    assert "q-best" not in re.sub("<style>.*?</style>", "", outcome.to_html(), flags=re.DOTALL)
