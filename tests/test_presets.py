"""Presets: what they are made of, that they learn their problem, and where they go."""

import json
import pickle

import numpy as np
import pytest
from backend_helpers import each_backend
from cli_helpers import failure, run
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from qmlplay import (
    VariationalClassifier,
    compare,
    get_preset,
    list_datasets,
    list_presets,
    load_model,
)

NAMES = [
    "circuit_centric",
    "convolutional",
    "data_reuploading",
    "iqp_variational",
    "separable",
    "tree_tensor",
]


def few(name, n_samples=40):
    """Some samples of both classes of a preset's problem."""
    data = get_preset(name).load_problem(random_state=0)
    X, _, y, _ = train_test_split(
        data.X, data.y, train_size=n_samples, random_state=0, stratify=data.y
    )
    return X, y


@pytest.fixture(scope="module")
def fitted():
    return {
        name: VariationalClassifier.from_preset(name, max_iter=2, random_state=0).fit(*few(name))
        for name in NAMES
    }


def test_names_and_what_is_said_of_them():
    assert list_presets() == NAMES
    for name in NAMES:
        preset = get_preset(name)
        assert preset.name == name
        assert preset.problem in list_datasets("classification")
        assert preset.source.startswith("arXiv:")
        assert "paper" in preset.description
        assert " ± " in preset.description
        with pytest.raises(TypeError):
            preset.parameters["n_layers"] = 1
    with pytest.raises(ValueError, match="unknown preset 'tree_tensr': did you mean 'tree_tensor'"):
        get_preset("tree_tensr")
    with pytest.raises(ValueError, match="unknown preset 3"):
        VariationalClassifier.from_preset(3)


@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_the_parameters_and_what_is_given_counts(name):
    model = VariationalClassifier.from_preset(name)
    changed = {
        key: value
        for key, value in model.get_params().items()
        if repr(value) != repr(VariationalClassifier().get_params()[key])
    }
    assert changed == {
        key: value
        for key, value in get_preset(name).parameters.items()
        if repr(value) != repr(VariationalClassifier().get_params()[key])
    }
    other = VariationalClassifier.from_preset(name, n_layers=3, backend="cirq")
    assert (other.n_layers, other.backend) == (3, "cirq")
    assert repr(clone(model)) == repr(model)
    with pytest.raises(TypeError, match="no_such_parameter"):
        VariationalClassifier.from_preset(name, no_such_parameter=1)


def test_changing_a_model_leaves_the_preset_alone():
    VariationalClassifier.from_preset("tree_tensor").observables.append(1)
    assert VariationalClassifier.from_preset("tree_tensor").observables == [0]


def test_sizes_on_their_problems(fitted):
    """Counted by hand: weights of the circuit, and a scale per observable and a bias."""
    expected = {
        "circuit_centric": (5, 4 * 5 * 3 + 2),
        "convolutional": (6, 3 * 9 + 2 + 2),
        "data_reuploading": (1, 4 * (3 + 2) + 2),
        "iqp_variational": (2, 4 * 2 * 2 + 3),
        "separable": (4, 4 * 4 * 3 + 5),
        "tree_tensor": (6, 2 * 6 - 1 + 2),
    }
    found = {name: (clf.n_qubits_, clf.n_parameters_) for name, clf in fitted.items()}
    assert found == expected


def test_no_gate_on_two_qubits_in_the_separable_one(fitted):
    assert fitted["separable"].circuit_.circuit.n_two_qubit_gates == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("circuit_centric", 0.9),
        ("convolutional", 0.95),
        ("data_reuploading", 0.9),
        ("iqp_variational", 0.98),
        ("separable", 0.92),
        ("tree_tensor", 0.97),
    ],
)
def test_they_learn_the_problem_of_their_paper(name, least):
    """What tests/benchmarks/presets.py measures over five seeds, on another one."""
    data = get_preset(name).load_problem(random_state=20)
    X, X_test, y, y_test = train_test_split(
        data.X, data.y, test_size=0.3, random_state=20, stratify=data.y
    )
    clf = VariationalClassifier.from_preset(name, random_state=20).fit(X, y)
    assert clf.score(X_test, y_test) >= least


@each_backend("backend")
@pytest.mark.parametrize("name", NAMES)
def test_they_move_between_simulators(name, backend, fitted):
    X, _ = few(name)
    expected = fitted[name].decision_function(X[:3])
    moved = fitted[name].with_backend(backend)
    np.testing.assert_allclose(moved.decision_function(X[:3]), expected, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_files_pickles_pictures_and_exports(name, fitted, tmp_path):
    X, _ = few(name)
    clf = fitted[name]
    clf.save(tmp_path / "model.qmlplay")
    for again in (load_model(tmp_path / "model.qmlplay"), pickle.loads(pickle.dumps(clf))):
        assert again.get_params() == clf.get_params()
        np.testing.assert_array_equal(again.decision_function(X), clf.decision_function(X))
    assert f"q{clf.n_qubits_ - 1}" in clf.draw()
    assert clf.to_qiskit(X[0]).num_qubits == clf.n_qubits_
    assert "qubit[" in clf.to_openqasm(X[0])


def test_compare_takes_them_as_models_of_ones_own():
    models = {
        "paper": VariationalClassifier.from_preset("data_reuploading", max_iter=3),
        "control": VariationalClassifier.from_preset("separable", max_iter=3),
        "lines": LogisticRegression(),
    }
    table = compare("disk", models=models, seeds=1).table
    assert list(table["status"]) == ["ok"] * 3
    kinds = dict(zip(table["model"], table["kind"], strict=True))
    assert kinds == {"paper": "quantum", "control": "ablation", "lines": "classical"}


def test_compare_takes_one_as_the_quantum_model():
    clf = VariationalClassifier.from_preset("circuit_centric", max_iter=2)
    table = compare("iris", models=["numpy", "cirq"], classifier=clf, seeds=1).table
    # ⟨Z⟩ of one qubit does not tell three classes apart, and the row says what to do
    assert all("3 classes need at least 3 observables" in text for text in table["status"])
    clf.set_params(observables="auto")
    table = compare("iris", models=["numpy", "cirq"], classifier=clf, seeds=1).table
    assert list(table["status"]) == ["ok", "ok"]


# On the command line


def test_the_command_line_lists_them(capsys):
    assert "convolutional" in run(capsys, "presets")
    records = json.loads(run(capsys, "presets", "--json"))
    assert [record["name"] for record in records] == NAMES
    assert set(records[0]) == {"name", "what", "source", "problem"}


def test_the_command_line_describes_one(capsys):
    preset = get_preset("separable")
    assert preset.description in run(capsys, "presets", "separable")
    record = json.loads(run(capsys, "presets", "separable", "--json"))
    assert record["parameters"]["trainable_scaling"] is False
    assert record["parameters"]["ansatz"].startswith("NoEntanglement(")
    assert "did you mean 'separable'" in failure(capsys, "presets", "separabel")
    assert "did you mean 'separable'" in failure(capsys, "train", "disk", "--preset", "separabl")


def test_train_takes_one_and_options_change_it(capsys, tmp_path):
    out = str(tmp_path / "model.qmlplay")
    words = ["train", "disk", "--preset", "data_reuploading", "--out", out, "--no-progress"]
    run(capsys, *words, "--n-layers", "2", "--set", "max_iter=3")
    clf = load_model(out)
    assert (clf.encoding, clf.n_qubits, clf.n_layers, clf.max_iter) == ("reuploading", 1, 2, 3)
    assert clf.ansatz == get_preset("data_reuploading").parameters["ansatz"]
