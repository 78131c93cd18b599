"""Pipelines and estimators around our models as ONNX, through skl2onnx and our converters."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    StandardScaler,
)

from qmlplay import (
    FeatureReduction,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)
from qmlplay.export import register_converters, to_onnx

pytestmark = pytest.mark.needs("onnx", "onnxruntime", "skl2onnx")
#: skl2onnx rounds to the type of X between steps.
CLOSE = {np.float32: 1e-5, np.float64: 1e-10}


@pytest.fixture(scope="module")
def data():
    return load_dataset("iris")


@pytest.fixture
def convert(data):
    """A function that converts with skl2onnx and returns what onnxruntime computes."""
    skl2onnx = pytest.importorskip("skl2onnx")
    register_converters()
    register_converters()  # a second call changes nothing

    def converted(estimator, dtype=np.float32, X=data.X, **options):
        sample = X[:1].astype(dtype)
        return run(skl2onnx.to_onnx(estimator, sample, options=options or None), X.astype(dtype))

    return converted


def run(model, X):
    import onnxruntime

    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, X if isinstance(X, dict) else {"X": X})


def quantum(**parameters):
    return VariationalClassifier(**{"n_layers": 1, "max_iter": 3, "random_state": 0} | parameters)


def check(came, estimator, X, dtype=np.float32):
    labels, probabilities = came
    same = X.astype(dtype).astype(float)
    expected = estimator.predict_proba(same)
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=CLOSE[dtype])
    is_sure = np.ptp(np.sort(expected)[:, -2:], axis=1) > 1e-4
    assert labels[is_sure].tolist() == estimator.predict(same)[is_sure].tolist()


@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize(
    "steps",
    [
        (),
        (StandardScaler(),),
        (MinMaxScaler(), PCA(2)),
        (FeatureReduction(2),),
        (TablePreprocessor(),),
        (TablePreprocessor(), FeatureReduction(3)),
    ],
    ids=lambda steps: "+".join(type(step).__name__ for step in steps) or "alone",
)
def test_pipelines(convert, data, steps, dtype):
    model = make_pipeline(*steps, quantum()).fit(data.X, np.array(data.target_names)[data.y])
    check(convert(model, dtype, zipmap=False), model, data.X, dtype)
    single = "float32" if dtype == np.float32 else "float64"
    check(run(to_onnx(model, dtype=single), data.X.astype(dtype)), model, data.X, dtype)


def test_a_list_of_dictionaries_is_the_default_of_skl2onnx(convert, data):
    model = quantum().fit(data.X, np.array(data.target_names)[data.y])
    _, rows = convert(model)
    probabilities = [[row[name] for name in model.classes_] for row in rows]
    same = data.X.astype(np.float32)
    np.testing.assert_allclose(probabilities, model.predict_proba(same), rtol=0, atol=1e-5)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_calibration_takes_raw_scores(convert, data, n_classes):
    is_taken = data.y < n_classes
    X, y = data.X[is_taken], data.y[is_taken]
    model = CalibratedClassifierCV(quantum(), cv=2).fit(X, y)
    check(convert(model, X=X, zipmap=False), model, X)


def test_raw_scores(convert, data):
    model = quantum().fit(data.X, data.y)
    _, scores = convert(model, np.float64, zipmap=False, raw_scores=True)
    np.testing.assert_allclose(scores, model.decision_function(data.X), rtol=0, atol=1e-10)


def test_places_for_labels(convert, data):
    model = quantum().fit(data.X, np.array(data.target_names)[data.y])
    labels, _ = convert(model, zipmap=False, nocl=True)
    expected = [model.classes_.tolist().index(label) for label in model.predict(data.X)]
    assert np.mean(labels == expected) > 0.99


@pytest.mark.parametrize("form", ["circuit", "fourier"])
def test_both_forms(convert, data, form):
    X = data.X[:, :2]
    model = quantum(encoding="angle").fit(X, data.y)
    check(convert(model, X=X, zipmap=False, form=form), model, X)


def test_searches(convert, data):
    search = GridSearchCV(make_pipeline(StandardScaler(), quantum()), GRID, cv=2)
    search.fit(data.X, data.y)
    labels, _ = convert(search)
    assert np.mean(labels == search.predict(data.X.astype(np.float32))) > 0.99
    check(run(to_onnx(search.best_estimator_), data.X.astype(np.float32)), search, data.X)


GRID = {"variationalclassifier__learning_rate_init": [0.05, 0.1]}


@pytest.mark.parametrize("around", [OneVsRestClassifier, BaggingClassifier])
def test_estimators_around_ours(convert, data, around):
    more = {"n_estimators": 2, "random_state": 0} if around is BaggingClassifier else {}
    model = around(quantum(), **more).fit(data.X, data.y)
    check(convert(model, zipmap=False), model, data.X)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_regressors(convert, data, n_targets):
    X, y = data.X[:, :2], data.X[:, 2 : 2 + n_targets]
    model = make_pipeline(StandardScaler(), VariationalRegressor(max_iter=3, random_state=0))
    model.fit(X, y if n_targets > 1 else y.ravel())
    (values,) = convert(model, X=X)
    expected = model.predict(X.astype(np.float32)).reshape(-1, n_targets)
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-5)


def test_own_subclasses(convert, data):
    class Renamed(VariationalClassifier):
        pass

    register_converters()
    model = Renamed(n_layers=1, max_iter=1, random_state=0).fit(data.X, data.y)
    check(convert(model, zipmap=False), model, data.X)


class TestTables:
    def test_columns_by_name(self, data):
        import skl2onnx

        frame = pd.DataFrame(data.X, columns=["a", "b", "c", "d"]).assign(e=["x", "y", "z"] * 50)
        columns = make_column_transformer(
            (StandardScaler(), ["d", "a"]), (OneHotEncoder(sparse_output=False), ["e"])
        )
        model = make_pipeline(columns, quantum()).fit(frame, data.y)
        with pytest.raises(NotImplementedError, match="where columns go by name"):
            to_onnx(model)
        register_converters()
        converted = skl2onnx.to_onnx(model, frame[:1], options={"zipmap": False})
        inputs = {name: frame[[name]].to_numpy() for name in frame}
        probabilities = run(converted, inputs)[1]
        np.testing.assert_allclose(probabilities, model.predict_proba(frame), rtol=0, atol=1e-5)

    def test_the_file_names_the_columns(self, data):
        frame = pd.DataFrame(data.X, columns=["d", "b", "ü", "a"])
        for model in (quantum(), make_pipeline(StandardScaler(), quantum())):
            properties = to_onnx(model.fit(frame, data.y)).metadata_props
            (names,) = (p.value for p in properties if p.key == "feature_names")
            assert json.loads(names) == ["d", "b", "ü", "a"]

    def test_gaps_become_medians_and_marks(self, convert):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(40, 3))
        X[::4, 1] = np.nan
        X[3, 2] = np.nan  # too rare to be marked
        X = np.column_stack([X[:, :1], np.ones(40), X[:, 1:]])  # a constant one is left out
        model = make_pipeline(TablePreprocessor(), quantum()).fit(X, np.arange(40) % 2)
        assert model[0].n_outputs_ == 4
        check(convert(model, np.float64, X=X, zipmap=False), model, X, np.float64)

    def test_text_is_refused(self, convert):
        X = np.array([[0.0, "red"], [1.0, "blue"], [2.0, "red"]], dtype=object)
        model = make_pipeline(TablePreprocessor(), quantum()).fit(X, [0, 1, 0])
        with pytest.raises(NotImplementedError, match=r"columns 'x1' that are no numbers.*pipeli"):
            to_onnx(model)


class TestRefusals:
    def test_steps_that_skl2onnx_does_not_know(self, data):
        class Unknown(StandardScaler):
            pass

        model = make_pipeline(Unknown(), quantum()).fit(data.X, data.y)
        with pytest.raises(NotImplementedError, match=r"pipeline\[-1\].to_onnx\(\)"):
            to_onnx(model)

    def test_steps_that_skl2onnx_converts_to_no_model(self, data):
        model = make_pipeline(PolynomialFeatures(), FeatureReduction(2), quantum())
        model.fit(data.X, data.y)
        check(run(to_onnx(model), data.X.astype(np.float32)), model, data.X)
        with pytest.raises(NotImplementedError, match=r"as a table of float64: .* other dtype"):
            to_onnx(model, dtype="float64")

    def test_old_operators(self, convert, data):
        import skl2onnx

        model = quantum().fit(data.X, data.y)
        with pytest.raises(NotImplementedError, match=r"opset 13 or newer: .* got 12"):
            skl2onnx.to_onnx(model, data.X[:1].astype(np.float32), target_opset=12)

    def test_other_estimators(self, data):
        with pytest.raises(TypeError, match="got PCA at the end: what is exported to ONNX"):
            to_onnx(Pipeline([("scale", StandardScaler()), ("pca", PCA())]).fit(data.X))

    def test_too_many_qubits(self, data):
        model = make_pipeline(StandardScaler(), quantum(n_qubits=11)).fit(data.X, data.y)
        with pytest.raises(ValueError, match="models of at most 10 are exported"):
            to_onnx(model)


def test_steps_that_do_nothing_need_no_skl2onnx(data, monkeypatch):
    model = make_pipeline("passthrough", quantum()).fit(data.X, data.y)
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    check(run(to_onnx(model), data.X.astype(np.float32)), model, data.X)
