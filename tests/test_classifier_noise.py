"""The classifier with noise, with shots, and with both: settings, files, errors."""

import json
import pickle
import zipfile

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from qmlplay import (
    NoiseModel,
    VariationalClassifier,
    get_backend,
    load_dataset,
    load_model,
)

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X, y = MOONS.X, MOONS.y
OWN = NoiseModel(depolarizing_2q=0.03, amplitude_damping=0.01, readout_error=(0.01, 0.05))


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 3, "n_layers": 2, "random_state": 0} | parameters))


@pytest.fixture(scope="module")
def exact_model():
    """Trained without noise."""
    return classifier().fit(X, y)


@pytest.mark.parametrize("noise", ["low", "medium", "high", OWN])
@each_backend("backend")
def test_noisy_predictions_agree_on_every_backend(noise, backend, exact_model):
    expected = exact_model.with_backend("numpy", noise=noise).predict_proba(X[:8])
    assert np.abs(expected - exact_model.predict_proba(X[:8])).max() > 1e-4
    found = exact_model.with_backend(backend, noise=noise).predict_proba(X[:8])
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_expectations_are_what_decisions_are_made_of(exact_model):
    for model in (exact_model, exact_model.with_backend("numpy", noise="high", shots=100)):
        values, std = model.expectations(X, return_std=True)
        assert values.shape == std.shape == (40, 2)
        np.testing.assert_array_equal(values, model.expectations(X))
        decisions = values @ model.readout_.scale[:, 0] + model.readout_.bias[0]
        np.testing.assert_allclose(decisions, model.decision_function(X), atol=1e-12)
    np.testing.assert_array_equal(exact_model.expectations(X, return_std=True)[1], 0)


@each_backend("backend")
@pytest.mark.parametrize("noise", [None, "medium"])
def test_standard_errors_are_those_of_the_scatter(backend, noise, exact_model):
    exact = exact_model.with_backend(backend, noise=noise).expectations(X)
    found, std = exact_model.with_backend(backend, noise=noise, shots=400).expectations(
        X, return_std=True
    )
    inner = np.abs(exact) < 0.9  # near ±1 few shots show no scatter
    z = ((found - exact) / np.where(inner, std, 1))[inner]
    assert np.abs(z).max() < 5
    assert 0.65 < np.sqrt(np.mean(z**2)) < 1.45  # up to 80 values, two from the same shots


def test_shots_and_noise_repeat_with_a_seed_and_differ_without():
    model = classifier(shots=50, noise="medium").fit(X, y)
    again = classifier(shots=50, noise="medium").fit(X, y)
    np.testing.assert_array_equal(model.weights_, again.weights_)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba(X))
    model.set_params(random_state=1)
    assert not np.array_equal(model.predict_proba(X), again.predict_proba(X))
    model.set_params(random_state=None)
    assert not np.array_equal(model.predict_proba(X), model.predict_proba(X))


def test_noise_is_a_parameter_like_any_other():
    model = classifier(noise=OWN, shots=20).fit(X, y)
    copied = clone(model)
    assert copied.get_params()["noise"] == OWN
    assert not hasattr(copied, "weights_")
    again = pickle.loads(pickle.dumps(model))
    assert again.noise == OWN
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert "NoiseModel(depolarizing_2q=0.03" in repr(model)
    search = GridSearchCV(classifier(max_iter=1), {"noise": [None, "high", OWN]}, cv=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 3


def test_with_backend_sets_and_keeps_noise_and_shots(exact_model):
    noisy = exact_model.with_backend("cirq", noise="low", shots=30)
    assert (noisy.backend, noisy.noise, noisy.shots) == ("cirq", "low", 30)
    assert (exact_model.noise, exact_model.shots) == (None, None)
    moved = noisy.with_backend("numpy")
    assert (moved.noise, moved.shots) == ("low", 30)
    back = moved.with_backend("numpy", noise=None, shots=None)
    np.testing.assert_array_equal(back.predict_proba(X), exact_model.predict_proba(X))
    held = noisy.with_backend(get_backend("numpy", noise="high"))
    assert (held.noise, held.shots) == (None, None)
    expected = exact_model.with_backend("numpy", noise="high").predict_proba(X)
    np.testing.assert_array_equal(held.predict_proba(X), expected)


@pytest.mark.parametrize("noise", [None, "high", OWN, NoiseModel(readout_error=0.1)])
def test_noise_is_in_the_model_file(noise, tmp_path):
    model = classifier(noise=noise, max_iter=1).fit(X, y)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.get_params() == model.get_params()
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    held = model.with_backend(get_backend("cirq", noise=OWN, shots=9))
    held.save(tmp_path / "held")
    again = load_model(tmp_path / "held")
    assert (again.backend, again.noise, again.shots) == ("cirq", OWN, 9)


def rewrite(path, change):
    """Change the content of a model file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["model.json"])
    change(document["content"])
    members["model.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_files_from_before_noise_still_load(tmp_path, exact_model):
    exact_model.save(tmp_path / "m")

    def make_old(content):
        del content["noise_model"], content["training_cost"]
        del content["parameters"]["gradient_method"]

    rewrite(tmp_path / "m", make_old)
    again = load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(X), exact_model.predict_proba(X))
    assert (again.noise, again.gradient_method) == (None, "auto")
    assert again.training_cost_ is again.gradient_method_ is None
    again.save(tmp_path / "new")
    assert load_model(tmp_path / "new").training_cost_ is None
    again.fit(X, y)


@pytest.mark.parametrize(
    "entries",
    [
        {"noise_model": {"bit_flip": 2}},
        {"noise_model": {"bit_flop": 0.1}},
        {"noise_model": [1]},
        {"training_cost": {"optimizer": "adam"}},
        {"training_cost": 3},
    ],
)
def test_damaged_noise_in_a_file_is_refused(entries, tmp_path, exact_model):
    exact_model.save(tmp_path / "m")
    rewrite(tmp_path / "m", lambda content: content.update(entries))
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(tmp_path / "m")


BAD = {
    "a typo": ("mediun", ValueError, "unknown noise 'mediun': did you mean 'medium'"),
    "a number": (0.1, TypeError, "noise must be None, one of 'low', 'medium', 'high', or a Noise"),
    "a dict": ({"bit_flip": 0.1}, TypeError, r"NoiseModel such as .*got noise=\{'bit_flip'"),
    "a device": ("fake_manila", ValueError, "which backend='qiskit' alone simulates"),
}


@pytest.mark.parametrize(("noise", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_noise_is_refused_early_and_nothing_is_lost(noise, error, message):
    model = classifier().fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(error, match=message):
        model.set_params(noise=noise).fit(np.full((2, 2), np.nan), y)  # before the data are seen
    np.testing.assert_array_equal(model.set_params(noise=None).predict_proba(X), before)
    with pytest.raises(error, match=message):
        model.with_backend("numpy", noise=noise)
    with pytest.raises(error, match=message):
        classifier(noise=noise).training_cost(X)


def test_noise_beside_a_backend_object_is_refused():
    with pytest.raises(ValueError, match="is an object with settings of its own"):
        classifier(backend=get_backend("numpy"), noise="low").fit(X, y)


def test_expectations_refuse_bad_input(exact_model):
    with pytest.raises(Exception, match="not fitted"):
        classifier().expectations(X)
    with pytest.raises(ValueError, match="2 features"):
        exact_model.expectations(X[:, :1])
    with pytest.raises(ValueError, match="contains NaN"):
        exact_model.expectations([[np.nan, 0.0]])


def test_a_fake_device_on_qiskit(tmp_path, exact_model):
    pytest.importorskip("qiskit_ibm_runtime")
    model = exact_model.with_backend("qiskit", noise="fake_manila")
    moved = np.abs(model.expectations(X[:5]) - exact_model.expectations(X[:5])).mean()
    assert 0.001 < moved < 0.3
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.noise == "fake_manila"
    np.testing.assert_allclose(again.predict_proba(X[:5]), model.predict_proba(X[:5]), atol=1e-12)
    with pytest.raises(ValueError, match="fake_manila"):
        model.with_backend("cirq")
