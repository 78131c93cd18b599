"""Weights of samples and classes: which labels are classes, and how much each one counts."""

import numpy as np
import pytest
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.utils.class_weight import compute_class_weight

from qmlplay import VariationalClassifier, load_dataset, load_model

MOONS = load_dataset("moons", n_samples=40, random_state=0)
X = MOONS.X
y = np.where(MOONS.X[:, 0] > 1.2, 1, 0)  # some ten of the second class
NAMES = np.array(["well", "sick"])[y]
RARE = np.r_[2, 2, y[2:]]  # two samples of a third class


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 3, "n_layers": 1, "random_state": 0} | parameters))


def same_numbers(one, other):
    np.testing.assert_allclose(one.model_.numbers, other.model_.numbers, rtol=0, atol=1e-8)


def test_a_label_without_weight_is_a_class():
    weights = np.where(RARE == 2, 0.0, 1.0)
    model = classifier().fit(X, RARE, weights)
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (40, 3)
    logistic = LogisticRegression().fit(X, RARE, weights)  # scikit-learn does the same
    assert logistic.classes_.tolist() == [0, 1, 2]
    early = classifier(early_stopping=True).fit(X, RARE, weights)
    assert early.classes_.tolist() == [0, 1, 2]
    stream = classifier().partial_fit(X, RARE, [0, 1, 2], weights)
    assert stream.classes_.tolist() == [0, 1, 2]


@pytest.mark.parametrize("labels", [y, NAMES, y == 1], ids=["numbers", "text", "booleans"])
def test_weights_may_leave_one_class_alone(labels):
    classes = np.unique(labels)
    model = classifier(max_iter=30).fit(X, labels, (labels == classes[0]).astype(float))
    assert model.classes_.tolist() == classes.tolist()
    assert set(model.predict(X)) == {classes[0]}


def test_an_unknown_label_is_one_without_weight_too():
    model = classifier().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"y has labels \[2\]"):
        model.partial_fit(X, RARE, sample_weight=np.where(RARE == 2, 0.0, 1.0))


META = {
    "bagging": BaggingClassifier(classifier(), n_estimators=6, random_state=0),
    "boosting": AdaBoostClassifier(classifier(), n_estimators=2, random_state=0),
    "one vs rest": OneVsRestClassifier(classifier()),
    "one vs one": OneVsOneClassifier(classifier()),
    "vote": VotingClassifier([("a", classifier()), ("b", LogisticRegression())], voting="soft"),
}


@pytest.mark.parametrize("meta", META.values(), ids=META.keys())
def test_a_rare_class_inside_other_estimators(meta):
    meta.fit(X, RARE)
    assert meta.classes_.tolist() == [0, 1, 2]
    assert set(meta.predict(X)) <= {0, 1, 2}


BAD = {
    "negative": (np.r_[-1.0, np.ones(39)], "Negative values in data passed to `sample_weight`"),
    "NaN": (np.r_[np.nan, np.ones(39)], "sample_weight contains NaN"),
    "infinite": (np.r_[np.inf, np.ones(39)], "sample_weight contains infinity"),
    "none": (np.zeros(40), "at least (one non-zero|some must be positive)"),
}


@pytest.mark.parametrize(("weights", "message"), BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("options", [{}, {"early_stopping": True}, {"class_weight": "balanced"}])
def test_weights_that_are_none(weights, message, options):
    model = classifier(**options)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, weights)
    if "class_weight" not in options:
        with pytest.raises(ValueError, match=message):
            model.partial_fit(X, y, [0, 1], weights)
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize("labels", [y, NAMES, RARE], ids=["numbers", "text", "three"])
@pytest.mark.parametrize("kind", ["balanced", "dict"])
def test_class_weights_are_weights_of_samples(labels, kind):
    classes = np.unique(labels)
    asked = "balanced" if kind == "balanced" else {classes[0]: 3, classes[-1]: 0.5}
    by_class = compute_class_weight(asked, classes=classes, y=labels)
    by_sample = by_class[np.searchsorted(classes, labels)]
    same_numbers(
        classifier(class_weight=asked).fit(X, labels), classifier().fit(X, labels, by_sample)
    )
    given = np.linspace(0.5, 2, 40)
    if kind == "dict":
        same_numbers(
            classifier(class_weight=asked).fit(X, labels, given),
            classifier().fit(X, labels, given * by_sample),
        )
        stream, other = classifier(class_weight=asked), classifier()
        for _ in range(2):
            stream.partial_fit(X, labels, classes, given)
            other.partial_fit(X, labels, classes, given * by_sample)
        same_numbers(stream, other)


def test_balanced_counts_samples_by_their_weights():
    counts = np.random.default_rng(0).integers(0, 4, 40)
    weighted = classifier(class_weight="balanced").fit(X, y, counts)
    repeated = np.repeat(X, counts, axis=0), np.repeat(y, counts)
    same_numbers(weighted, classifier(class_weight="balanced").fit(*repeated))


def test_balanced_makes_rare_classes_count():
    few = np.r_[np.flatnonzero(MOONS.y == 0), np.flatnonzero(MOONS.y == 1)[:5]]
    data = X[few], MOONS.y[few]
    plain, balanced = (
        classifier(class_weight=weight, max_iter=15).fit(*data).predict(data[0]).sum()
        for weight in (None, "balanced")
    )
    assert balanced > plain


def test_scores_of_early_stopping_are_weighted_by_class():
    """Weight 0 for a class: the scores are then the shares of the other one alone."""
    asked = {0: 0, 1: 1}
    model = classifier(early_stopping=True, class_weight=asked, validation_fraction=0.3).fit(X, y)
    other = classifier(early_stopping=True, validation_fraction=0.3)
    other.fit(X, y, (y == 1).astype(float))
    assert model.validation_scores_ == other.validation_scores_


def test_partial_fit_refuses_balanced():
    with pytest.raises(ValueError, match=r"'balanced' is not supported .*compute_class_weight\("):
        classifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1])
    model = classifier(class_weight="balanced").fit(X, y)
    with pytest.raises(ValueError, match=r"give class_weight=dict\(zip\(classes, weights\)\)"):
        model.partial_fit(X, y)


ODD = [
    ("balance", ValueError, r"must be None, 'balanced' or a dict .* got 'balance'"),
    ([1, 2], TypeError, r"must be None, 'balanced' or a dict .* got \[1, 2\]"),
    (2, TypeError, "must be None, 'balanced' or a dict .* got 2"),
    ({0: -1}, ValueError, r"class_weight\[0\] must be a number in \[0, inf\), got -1"),
    ({0: np.nan}, ValueError, r"class_weight\[0\] must be a number"),
    ({0: np.inf}, ValueError, r"class_weight\[0\] must be a number"),
    ({0: "2"}, TypeError, r"class_weight\[0\] must be a number .*got '2'"),
    ({0: 0, 1: 0}, ValueError, "all sample weights are 0"),
    ({0: 2, 7: 3}, ValueError, r"class_weight has labels \[7\] that are no classes .*\[0, 1\]"),
    ({"0": 2}, ValueError, r"class_weight has labels \['0'\] that are no classes"),
]


@pytest.mark.parametrize(("asked", "error", "message"), ODD)
def test_class_weights_that_are_none(asked, error, message):
    with pytest.raises(error, match=message):
        classifier(class_weight=asked).fit(X, y)


@pytest.mark.parametrize(
    ("labels", "asked"),
    [
        (y, {0: 1, 1: 2.5}),
        (y, {np.int64(0): np.float32(1.5)}),
        (NAMES, {"well": 1, "sick": 3}),
        (y == 1, {False: 1, True: 2}),
        (y + 0.0, {0.0: 2}),
        (y, "balanced"),
    ],
    ids=str,
)
def test_class_weights_are_in_files(labels, asked, tmp_path):
    model = classifier(class_weight=asked).fit(X, labels)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.class_weight == model.class_weight
    same_numbers(again.fit(X, labels), model)


def test_the_only_sample_of_a_class_is_trained_on_and_not_set_aside():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(41, 2)), np.r_[np.arange(40) % 2, 2]
    settings = {"early_stopping": True, "max_iter": 2, "n_layers": 1, "random_state": 0}
    for seed in range(3):
        model = VariationalClassifier(**settings | {"random_state": seed}).fit(X, y)
        assert model.classes_.tolist() == [0, 1, 2]
    bagged = BaggingClassifier(VariationalClassifier(**settings), 5, random_state=0)
    assert bagged.fit(X, y).predict_proba(X).shape == (41, 3)
