"""The bandwidth: a factor of every angle that comes from features."""

from __future__ import annotations

import numpy as np
import pytest

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset, load_model


@pytest.fixture(scope="module")
def data():
    return load_dataset("moons", n_samples=40, random_state=0)


def radians(data, **settings):
    model = VariationalClassifier(max_iter=1, random_state=0, **settings).fit(data.X, data.y)
    return model.scaling_.radians(data.X)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"encoding": "zz"},
        {"encoding": "iqp"},
        {"scale_inputs": False},
        {"scale_inputs": (-2.0, 3.0)},
    ],
)
def test_multiplies_every_angle(data, settings):
    usual = radians(data, **settings)
    np.testing.assert_allclose(radians(data, bandwidth=0.25, **settings), usual / 4, atol=1e-14)
    assert np.array_equal(radians(data, bandwidth=1, **settings), usual)


def test_is_as_if_features_were_narrower(data):
    settings = {"scale_inputs": False, "max_iter": 3, "random_state": 0}
    narrow = VariationalClassifier(bandwidth=0.5, **settings).fit(data.X, data.y)
    halved = VariationalClassifier(**settings).fit(data.X / 2, data.y)
    np.testing.assert_allclose(
        narrow.predict_proba(data.X), halved.predict_proba(data.X / 2), atol=1e-12
    )


def test_is_no_range_that_data_have_left(data):
    model = VariationalClassifier(encoding="zz", bandwidth=7.0, max_iter=1, random_state=0)
    model.fit(data.X, data.y)  # a warning would be an error


def test_is_in_the_file(data, tmp_path):
    model = VariationalRegressor(bandwidth=0.5, max_iter=2, random_state=0)
    model.fit(data.X, data.X[:, 0])
    model.save(tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay")
    assert again.bandwidth == 0.5
    assert np.array_equal(again.predict(data.X), model.predict(data.X))
