"""Files of skops: pipelines come back to the last bit, and only known types are trusted."""

import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from test_files_forget_nothing import VALUES, same_parameter

from qmlplay import (
    FeatureReduction,
    QuantumKernel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
)
from qmlplay.circuit import PauliSum
from qmlplay.interop import from_qiskit
from qmlplay.sharing import trusted_types

pytestmark = pytest.mark.needs("skops")

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X, y = MOONS.X, MOONS.y
NUMBERS = X[:, 0] + 2 * X[:, 1]
FRAME = pd.DataFrame(
    {
        "x": X[:, 0],
        "y": X[:, 1],
        "color": ["red", "blue", "green", None] * 10,
        "on": pd.date_range("2024-02-28", periods=40, freq="31h"),
    }
)


@pytest.fixture(scope="module")
def skops():
    return pytest.importorskip("skops.io")


def quick(**parameters):
    return VariationalClassifier(**({"max_iter": 2, "n_layers": 1, "random_state": 0} | parameters))


#: Of scikit-learn, in the results of its searches and votes; skops asks for them by itself.
OF_SEARCHES = [
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.model_selection._split.StratifiedKFold",
    "sklearn.utils._bunch.Bunch",
]


def through_skops(skops, model, more=()):
    data = skops.dumps(model)
    assert set(skops.get_untrusted_types(data=data)) <= {*trusted_types(), *more}
    return skops.loads(data, trusted=[*trusted_types(), *more])


def answers(model, rows):
    names = ("predict_proba", "decision_function", "predict")
    return [getattr(model, name)(rows).tolist() for name in names if hasattr(model, name)]


PIPELINES = {
    "alone": (quick, X, y),
    "text as labels": (quick, X, np.array(["no", "yes"])[y]),
    "objects as labels": (quick, X, np.array(["no", "yes"], dtype=object)[y]),
    "regressor": (lambda: VariationalRegressor(max_iter=2, random_state=0), X, NUMBERS),
    "two targets": (lambda: VariationalRegressor(max_iter=2), X, np.column_stack([NUMBERS, X])),
    "kernel": (QuantumKernelClassifier, X, y),
    "kernel regressor": (QuantumKernelRegressor, X, NUMBERS),
    "scaled": (lambda: make_pipeline(StandardScaler(), PCA(2), quick()), X, y),
    "table": (lambda: make_pipeline(TablePreprocessor(), FeatureReduction(2), quick()), FRAME, y),
    "columns": (
        lambda: make_pipeline(
            ColumnTransformer(
                [("number", StandardScaler(), ["x", "y"]), ("text", OneHotEncoder(), ["color"])]
            ),
            FeatureReduction(2, "pls"),
            QuantumKernelClassifier(bandwidth=0.5),
        ),
        FRAME,
        y,
    ),
    "kernel of scikit-learn's": (
        lambda: make_pipeline(MinMaxScaler(), SVC(kernel=QuantumKernel("angle_ry"))),
        X,
        y,
    ),
    "search": (lambda: GridSearchCV(quick(), {"n_layers": [1, 2]}, cv=2), X, y),
    "vote": (lambda: VotingClassifier([("a", quick()), ("b", quick(n_layers=2))]), X, y),
}


@pytest.mark.parametrize(("make", "rows", "answer"), PIPELINES.values(), ids=PIPELINES)
def test_pipelines_come_back_to_the_last_bit(skops, make, rows, answer):
    model = make().fit(rows, answer)
    again = through_skops(skops, model, OF_SEARCHES)
    assert answers(again, rows) == answers(model, rows)
    assert repr(clone(again)) == repr(clone(model))


@each_backend()
def test_every_simulator_answers_as_before(skops, name):
    for backend in (name, get_backend(name, shots=20, seed=5)):
        model = make_pipeline(StandardScaler(), quick().fit(X, y).with_backend(backend))
        model[0].fit(X)
        assert answers(through_skops(skops, model), X) == answers(model, X)


def test_training_goes_on(skops):
    model = quick(max_iter=3, warm_start=True).fit(X, y)
    again = through_skops(skops, model)
    assert again.fit(X, y).loss_curve_ == model.fit(X, y).loss_curve_
    assert (again.stop_reason_, again.training_cost_) == (model.stop_reason_, model.training_cost_)


#: What a table of the package would bring back, but functions are in it: skops keeps none.
HAS_FUNCTIONS = {"optimizer"}
GIVEN = [(name, v) for name, vs in VALUES.items() for v in vs] + [
    ("observables", [PauliSum((("XI", 1.0), ("ZZ", 0.5)))])
]


@pytest.mark.parametrize(("name", "value"), GIVEN)
def test_every_parameter_comes_back(skops, name, value):
    model = VariationalClassifier(**{name: value})
    data = skops.dumps(model)
    if name in HAS_FUNCTIONS and not isinstance(value, str):
        assert any("optimizer" in kind for kind in skops.get_untrusted_types(data=data))
        with pytest.raises(Exception, match="Untrusted types"):
            skops.loads(data, trusted=trusted_types())
        return
    found = getattr(through_skops(skops, model), name)
    if name == "backend" and not isinstance(value, str):
        assert repr(found) == repr(value)
    else:
        assert same_parameter(found, value) or repr(found) == repr(value)


def test_a_circuit_from_elsewhere_comes_back(skops):
    encoding = from_qiskit(_small_circuit(), features="x")
    model = quick(encoding=encoding).fit(X, y)
    again = through_skops(skops, model)
    assert again.encoding == encoding
    assert answers(again, X) == answers(model, X)


def _small_circuit():
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterVector

    x = ParameterVector("x", 2)
    circuit = QuantumCircuit(2)
    circuit.ry(x[0], 0)
    circuit.ry(x[1], 1)
    circuit.cx(0, 1)
    return circuit


def test_no_type_is_trusted_for_nothing(skops):
    needed = set()
    objects = [make() for make, *_ in PIPELINES.values()]
    objects += [VariationalClassifier(**{name: value}) for name, value in GIVEN]
    encoding = from_qiskit(_small_circuit(), features="x")
    ansatz = from_qiskit(_weighted_circuit())
    objects += [quick(encoding=encoding, ansatz=ansatz)]
    for name in ("torch", "jax"):
        try:
            objects.append(quick(backend=get_backend(name)))
        except ImportError:  # of an extra
            continue
    for model in objects:
        needed |= set(skops.get_untrusted_types(data=skops.dumps(model)))
    optional = {name for name in trusted_types() if ".arrays." in name}
    assert set(trusted_types()) - optional <= needed


def _weighted_circuit():
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("w"), 0)
    circuit.cx(0, 1)
    return circuit


def test_trusted_types_are_classes_of_the_package():
    from importlib import import_module

    assert trusted_types() == sorted(set(trusted_types()))
    for name in trusted_types():
        module, _, kind = name.rpartition(".")
        assert module.startswith("qmlplay.")
        if ".arrays." not in module:
            assert isinstance(getattr(import_module(module), kind), type)


def test_a_file_is_as_small_as_its_numbers(skops):
    model = quick(max_iter=20, n_layers=4).fit(X, y)
    file = io.BytesIO()
    skops.dump(model, file, compression=zipfile.ZIP_DEFLATED)
    assert len(file.getvalue()) < 10_000  # it was 193 kB, and 46 kB of this kind
    assert len(pickle.dumps(model)) < 5_000


class Loud:
    """An object that would run something when it is unpickled."""

    def __reduce__(self):
        return print, ("a bomb has run",)


def test_functions_and_foreign_classes_are_refused(skops, capsys):
    for given in (
        {"callbacks": [print]},
        {"learning_rate_init": max},
        {"encoding": _weighted_circuit},
    ):
        data = skops.dumps(quick(**given))
        with pytest.raises(Exception, match="Untrusted types"):
            skops.loads(data, trusted=trusted_types())
    assert capsys.readouterr().out == ""


def rewritten(data, change):
    """Return a file of skops whose schema was changed by a hostile hand."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, change(content.decode()) if name == "schema.json" else content)
    return target.getvalue()


def test_a_hostile_file_is_refused(skops):
    data = skops.dumps(quick().fit(X, y))
    evil = rewritten(
        data,
        lambda text: text.replace("qmlplay.classifier.estimator", "os").replace(
            '"VariationalClassifier"', '"system"'
        ),
    )
    with pytest.raises(Exception, match=r"[Uu]ntrusted|os\.system"):
        skops.loads(evil, trusted=trusted_types())
    for name, other in (("ry", "evil"), ("classes", "clauses"), ("FeatureSum", "__import__")):
        changed = rewritten(data, lambda text, n=name, o=other: text.replace(n, o))
        assert changed != data
        with pytest.raises(ValueError, match="damaged, or was changed"):
            skops.loads(changed, trusted=trusted_types())


def test_a_hostile_schema_cannot_put_something_else_in_the_place_of_a_model(skops):
    model = quick().fit(X, y)
    schema = json.loads(zipfile.ZipFile(io.BytesIO(skops.dumps(model))).read("schema.json"))
    state = schema["content"]["content"]
    state["model_"] = state["backend"]  # a text

    def replaced(text):
        return json.dumps(schema)

    with pytest.raises(ValueError, match="damaged, or was changed"):
        skops.loads(rewritten(skops.dumps(model), replaced), trusted=trusted_types())
