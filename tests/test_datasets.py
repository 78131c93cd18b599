"""What all datasets share: form, seeds, balance, descriptions and errors."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.datasets

from qmlplay.datasets import list_datasets, load_dataset

TABLES = ["breast_cancer", "digits", "iris", "wine"]
GENERATED = sorted(set(list_datasets("classification")) - set(TABLES))


NAMES = """
ad_hoc bars_and_stripes blobs breast_cancer checkerboard circles cluster_ising diabetes digits disk
fourier friedman1 hidden_manifold hyperplanes iris linearly_separable moons parity sine spirals
two_curves wine xor
"""


def test_names():
    assert list_datasets() == NAMES.split()
    both = [*list_datasets("classification"), *list_datasets("regression")]
    assert sorted(both) == list_datasets()
    with pytest.raises(ValueError, match="unknown task 'clustering'"):
        list_datasets("clustering")


@pytest.mark.parametrize("name", list_datasets("regression"))
def test_bunch_of_numbers(name):
    data = load_dataset(name, n_samples=61, random_state=3)
    assert data.X.shape == (61, len(data.feature_names))
    assert data.X.dtype == data.y.dtype == np.float64
    assert data.y.shape == (61,)
    assert np.isfinite(data.X).all()
    assert len(np.unique(data.y)) > 30
    assert (data.task, data.name, len(data.target_names)) == ("regression", name, 1)


@pytest.mark.parametrize("name", list_datasets("classification"))
def test_bunch(name):
    data = load_dataset(name, n_samples=61, random_state=3)
    assert data.X.shape == (61, len(data.feature_names))
    assert data.X.dtype == np.float64
    assert data.y.shape == (61,)
    assert data.y.dtype.kind == "i"
    assert len(np.unique(data.y)) == len(data.target_names)
    assert np.isfinite(data.X).all()
    assert (data.task, data.name) == ("classification", name)
    assert all(isinstance(text, str) for text in data.feature_names + data.target_names)


@pytest.mark.parametrize("name", list_datasets())
def test_description(name):
    text = load_dataset(name, n_samples=61, random_state=3).DESCR
    assert text.startswith(f"{name}: ")
    for part in ("What is hard: ", "Source: ", "n_samples=61", "random_state=3"):
        assert part in text


@pytest.mark.parametrize("name", list_datasets())
def test_seed_decides(name):
    first, again, other = (load_dataset(name, n_samples=60, random_state=s) for s in (1, 1, 2))
    source = load_dataset(name, n_samples=60, random_state=np.random.RandomState(1))
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y, again.y)
    np.testing.assert_array_equal(first.X, source.X)
    assert not np.array_equal(first.X, other.X)


@pytest.mark.parametrize("n_samples", [2, 7, 300])
@pytest.mark.parametrize("name", sorted(set(GENERATED) - {"blobs"}))
def test_balance(name, n_samples):
    y = load_dataset(name, n_samples=n_samples, random_state=0).y
    counts = np.bincount(y, minlength=2)
    assert counts.sum() == n_samples
    assert np.ptp(counts) <= 1


@pytest.mark.parametrize(
    ("name", "counts"), [("blobs", {"centers": 4}), ("spirals", {"n_classes": 4})]
)
def test_many_classes(name, counts):
    data = load_dataset(name, n_samples=42, random_state=0, **counts)
    assert sorted(np.bincount(data.y)) == [10, 10, 11, 11]
    assert len(data.target_names) == 4


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_those_of_scikit_learn(name):
    data, table = load_dataset(name), getattr(sklearn.datasets, f"load_{name}")()
    np.testing.assert_array_equal(data.X, table.data)
    np.testing.assert_array_equal(data.y, table.target)
    assert data.feature_names == list(table.feature_names)
    assert data.target_names == [str(label) for label in table.target_names]


def test_chosen_classes_and_stratified_subsets():
    digits = load_dataset("digits", classes=[8, 3], n_samples=100, random_state=0)
    assert set(digits.y) == {3, 8}
    assert digits.target_names == ["3", "8"]
    cancer = load_dataset("breast_cancer", n_samples=100, random_state=0)
    np.testing.assert_allclose(np.bincount(cancer.y), [37, 63], atol=1)  # 212 of 569 are malignant
    assert len(np.unique(cancer.X, axis=0)) == 100
    assert load_dataset("iris", n_samples=150, random_state=0).X.shape == (150, 4)


@pytest.mark.parametrize(
    ("name", "options", "kind", "message"),
    [
        ("mons", {}, ValueError, "unknown dataset 'mons': did you mean 'moons'"),
        (["moons"], {}, ValueError, "unknown dataset"),
        (
            "moons",
            {"nois": 0.1},
            TypeError,
            "moons option 'nois': did you mean 'noise'.*'n_samples'",
        ),
        ("breast_cancer", {"classes": [0, 1]}, TypeError, "Allowed: 'n_samples', 'random_state'"),
        ("moons", {"n_samples": 1}, ValueError, "n_samples=1: .* at least 2"),
        ("moons", {"n_samples": 10.0}, ValueError, r"n_samples=10\.0: must be a whole number"),
        ("moons", {"n_samples": True}, ValueError, "n_samples=True"),
        ("blobs", {"n_samples": 3, "centers": 4}, ValueError, "n_samples=3: .* at least 4"),
        ("xor", {"noise": -0.1}, ValueError, r"noise=-0\.1: must be a number in \[0, inf\)"),
        ("xor", {"noise": float("nan")}, ValueError, "noise=nan"),
        ("xor", {"noise": "much"}, ValueError, "noise='much'"),
        ("circles", {"factor": 1}, ValueError, r"factor=1: must be a number in \(0, 1\)"),
        ("circles", {"factor": 0.0}, ValueError, r"factor=0\.0"),
        ("ad_hoc", {"n_features": 4}, ValueError, "n_features=4: .* at least 2 and at most 3"),
        ("ad_hoc", {"gap": 0.999, "random_state": 0}, ValueError, "lower gap"),
        ("linearly_separable", {"margin": 1.9999}, ValueError, "lower margin"),
        ("two_curves", {"offset": 0}, ValueError, r"offset=0: must be a number in \(0, inf\)"),
        ("iris", {"n_samples": 151}, ValueError, "n_samples=151: .* at least 3 and at most 150"),
        ("iris", {"classes": [0]}, ValueError, r"classes=\[0\]: must be two or more"),
        ("iris", {"classes": [0, 3]}, ValueError, r"different labels of 0 \.\.\. 2"),
        ("iris", {"classes": 2}, ValueError, "classes=2: "),
        ("moons", {"random_state": -1}, ValueError, "random_state=-1: must be None"),
        ("moons", {"random_state": "a"}, ValueError, "random_state='a': must be None"),
    ],
)
def test_errors(name, options, kind, message):
    with pytest.raises(kind, match=message):
        load_dataset(name, **options)
