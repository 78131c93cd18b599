"""--set name=value: every parameter of the estimator, checked, and never executed."""

from __future__ import annotations

import json
import os

import pytest
from cli_helpers import failure, run

from qmlplay import VariationalClassifier, load_model
from qmlplay.cli.set_option import parameter_value, parameters

TRAIN = ("train", "moons", "--max-iter", "1")
COMPARE = ("compare", "moons", "--models", "numpy,dummy", "--seeds", "1")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("5", 5), ("-3", -3), ("0.05", 0.05), ("1e-3", 0.001), (".5", 0.5), ("1E2", 100.0),
        ("none", None), ("None", None), ("NONE", None),
        ("true", True), ("False", False), ("FALSE", False),
        ("balanced", "balanced"), ("trueish", "trueish"), ("0x10", "0x10"), ("1 2", "1 2"),
        ("0,3.14", (0, 3.14)), ("(0, 3.14)", (0, 3.14)), ("[-1,1]", (-1, 1)), ("1,", (1,)),
        ("(0,0),(1,9)", ((0, 0), (1, 9))), ("((0,0), [1, 9])", ((0, 0), (1, 9))),
        ("yes:10,no:1", {"yes": 10, "no": 1}), ("{0: 1, 1: 2.5}", {0: 1, 1: 2.5}),
        ("a:b:2", {"a:b": 2}), ("{'1': 3}", {"1": 3}), ("a:b", "a:b"), ("f(0,1)", "f(0,1)"),
        ("1,(2", (1, "(2")), ("{}", "{}"),
        ("__import__('os').getcwd()", "__import__('os').getcwd()"),
    ],
)  # fmt: skip
def test_values(word, value):
    found = parameter_value(word)
    assert found == value
    assert type(found) is type(value)


def test_every_parameter_can_be_set_or_is_refused_with_a_reason():
    words = {
        "encoding": "dense", "ansatz": "no_entanglement", "gradient_method": "spsa",
        "loss": "log_loss", "optimizer": "sgd", "noise": "low", "shots": "100",
        "batch_size": "auto",
    }  # fmt: skip
    defaults = VariationalClassifier().get_params()
    refused = {}
    for name, default in defaults.items():
        word = words.get(name, str(default))
        try:
            found = parameters([f"{name}={word}"], [], [])
        except ValueError as error:
            refused[name] = str(error)
        else:
            assert found == {name: parameter_value(word)}
    assert set(refused) == {"callbacks", "verbose", "random_state", "warm_start", "backend"}
    assert all(f"--set {name} is not possible: " in text for name, text in refused.items())


def test_weights_by_label_and_ranges_by_feature_arrive(capsys):
    ranges = ("--set", "scale_inputs=(-2,-2),(3,3)")
    run(capsys, *TRAIN, "--set", "class_weight=lower moon:1,upper moon:4", *ranges)
    model = load_model("model.qmlplay")
    assert model.class_weight == {"lower moon": 1.0, "upper moon": 4.0}
    assert model.scaling_.seen((-1.5707963, 1.5707963))[0].round(4).tolist() == [-2, -2]
    message = failure(capsys, *TRAIN, "--set", "class_weight=lower moon:1,uper moon:4")
    assert "class_weight has labels ['uper moon'] that are no classes here" in message


def test_train_takes_them(capsys):
    settings = ["reupload=false", "learning_rate_init=0.05", "n_iter_no_change=none"]
    options = [word for text in settings for word in ("--set", text)]
    report = json.loads(run(capsys, "train", "moons", "--max-iter", "4", *options, "--json"))
    model = load_model(report["file"])
    assert (model.reupload, model.learning_rate_init, model.n_iter_no_change, model.max_iter) == (
        False, 0.05, None, 4,
    )  # fmt: skip
    # 2 scalings before the first of 4 layers, 4 rotations in each, and 5 of the readout
    without = VariationalClassifier(reupload=False).design(2).n_parameters
    assert report["parameters"] == without
    assert report["iterations"] == 4


def test_without_an_option_it_replaces_the_default_and_the_backend(capsys):
    report = json.loads(
        run(capsys, "train", "moons", "--set", "max_iter=2", "--set", "backend=cirq", "--json")
    )
    assert (report["iterations"], report["backend"]) == (2, "cirq")


@pytest.mark.slow
def test_compare_takes_them(capsys):
    plain, fewer = (
        json.loads(run(capsys, *COMPARE, "--max-iter", "1", *more, "--json"))["runs"][0]
        for more in ((), ("--set", "trainable_scaling=False"))
    )
    assert plain["n_parameters"] - fewer["n_parameters"] == 8  # 2 features, 4 layers


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*TRAIN, "--set", "learning_rate=0.1"], "did you mean 'learning_rate_init'?"),
        ([*TRAIN, "--set", "reuplaod=false"], "did you mean 'reupload'?"),
        ([*COMPARE, "--set", "max-iter=3"], "did you mean 'max_iter'?"),
        ([*TRAIN, "--set", "max_iter=6"], "--max-iter and --set max_iter=6 say the same thing"),
        ([*COMPARE, "--shots", "9", "--set", "shots=9"], "--shots and --set shots=9 say the same"),
        ([*TRAIN, "--backend", "cirq", "--set", "backend=numpy"], "leave one out"),
        ([*TRAIN, "--set", "tol=1", "--set", "tol=2"], "--set tol came twice"),
        ([*TRAIN, "--set", "tol"], "--set takes name=value, such as --set learning_rate_init=0.05"),
        ([*TRAIN, "--set", "=1"], "--set takes name=value"),
        ([*TRAIN, "--set", "tol="], "--set takes name=value"),
        ([*TRAIN, "--set", ""], "--set takes name=value"),
        ([*TRAIN, "--set", "callbacks=[print]"], "callbacks are Python functions"),
        ([*TRAIN, "--set", "random_state=3"], "use --seed or --seeds"),
        ([*TRAIN, "--set", "verbose=2"], "use --progress"),
        ([*COMPARE, "--set", "backend=cirq"], "--models numpy,cirq"),
        ([*TRAIN, "--set", "backend=cirk"], "did you mean 'cirq'?"),
        ([*TRAIN, "--set", "reupload=maybe"], "--set reupload=maybe: reupload must be"),
        ([*TRAIN, "--set", "momentum=2"], "--set momentum=2: momentum must be a number in [0, 1)"),
        ([*TRAIN, "--set", "n_layers=2.0"], "n_layers must be an integer"),
        ([*TRAIN, "--set", "loss=hinged"], "unknown loss 'hinged'"),
        ([*TRAIN, "--set", "learning_rate_init=lambda k: 1"], "must be a positive number"),
        ([*COMPARE, "--set", "tol=nan"], "--set tol=nan: tol must be a number in [0"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(capsys, monkeypatch, arguments, words):
    def refuse(*arguments, **options):
        raise AssertionError("something was trained before bad input was found")

    monkeypatch.setattr(VariationalClassifier, "fit", refuse)
    line = failure(capsys, *arguments)
    assert words in line
    assert len(line) < 1000
    assert os.listdir() == []
