"""Angle formulas: values, derivatives, and what is remembered of them."""

import json
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from qmlplay import get_backend
from qmlplay.circuit import (
    AmplitudeAngle,
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Formula,
    OffsetFeature,
    Operation,
    ParametricCircuit,
    Polynomial,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.formulas import formula_from_dict

FORMULAS = [
    Fixed(0.7),
    Weight(1),
    Feature(2),
    Feature(1, -2.5),
    OffsetFeature(1, 2, -1.5),
    OffsetFeature(0, 0),
    AmplitudeAngle(3, 0),  # the only one of the three that depends on all features
    WeightedFeature(0, 1),
    WeightedFeature(2, 0, 1.5, 2),
    WeightedFeature(1, 2, 1.0, 2),  # one weight as factor and offset
    FeatureProduct((0, 2)),
    FeatureProduct((0, 1), 2.0, math.pi),
    FeatureProduct((2, 0, 1), -0.5, 0.3, 1),
    FeatureProduct((1,), 2.0, 0.1, 0),
    FeatureSum((2, 0), -1.5),
    FeatureSum((2, 0, 1), 0.5, 0),
    FeatureSum((1,), 2.0, 2),
    Polynomial(((2.0, (), (1,)), (0.5, (), ()))),
    Polynomial(((-1.5, (0, 0), (2,)), (1.0, (1,), ()), (0.25, (), (0, 0, 1)))),
    Polynomial(((3.0, (2, 0), (0, 2)),)),
    Polynomial(((1.0, (0,), (0,)), (2.0, (2,), ()), (3.0, (), (1,)))),
]
KINDS = pytest.mark.parametrize("formula", FORMULAS, ids=repr)


@pytest.fixture
def data():
    generator = np.random.default_rng(4)
    return generator.normal(size=(5, 3)), generator.normal(size=3), generator.normal(size=5)


def loss(formula, X, w, cotangent):
    """Σ cotangent · angle: its derivative by the angle is the cotangent."""
    return float(np.sum(cotangent * formula.value(X, w)))


def differences(function, array, step=1e-6):
    """Return the derivatives of a function by the entries of an array."""
    slopes = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        ends = []
        for sign in (1, -1):
            moved = array.copy()
            moved[place] += sign * step
            ends.append(function(moved))
        slopes[place] = (ends[0] - ends[1]) / (2 * step)
    return slopes


def test_values(data):
    X, w, _ = data
    a, b, c = X.T
    expected = [
        0.7,
        w[1],
        c,
        -2.5 * b,
        -1.5 * b + w[2],
        a + w[0],
        2 * np.arctan2(np.abs(c), np.hypot(a, b)),
        w[1] * a,
        1.5 * w[0] * c + w[2],
        w[2] * b + w[2],
        a * c,
        2 * (math.pi - a) * (math.pi - b),
        -0.5 * w[1] * (0.3 - a) * (0.3 - b) * (0.3 - c),
        2 * w[0] * (0.1 - b),
        -1.5 * (c + a),
        0.5 * (w[0] * c + w[1] * a + w[2] * b),
        2 * w[2] * b,
        2 * w[1] + 0.5,
        -1.5 * w[2] * a**2 + b + 0.25 * w[0] ** 2 * w[1],
        3 * w[0] * w[2] * a * c,
        w[0] * a + 2 * c + 3 * w[1],
    ]
    for formula, value in zip(FORMULAS, expected, strict=True):
        np.testing.assert_allclose(formula.value(X, w), value, rtol=1e-14)


@KINDS
def test_a_float_is_shared_and_an_array_has_one_value_per_sample(formula, data):
    value = formula.value(*data[:2])
    assert isinstance(value, np.ndarray) == bool(formula.features)
    assert np.shape(value) == ((5,) if formula.features else ())
    if not formula.features:
        assert type(value) is float


@KINDS
def test_weight_gradient(formula, data):
    X, w, cotangent = data
    gradient = cotangent if formula.features else float(cotangent.sum())
    out = np.array([10.0, 20.0, 30.0])  # it adds to what is there
    formula.weight_gradient(gradient, X, w, out)
    expected = differences(lambda v: loss(formula, X, v, cotangent), w)
    np.testing.assert_allclose(out - [10, 20, 30], expected, atol=1e-7)


@KINDS
def test_input_gradient(formula, data):
    X, w, cotangent = data
    gradient = cotangent if formula.features else float(cotangent.sum())
    out = np.full(X.shape, 5.0)
    formula.input_gradient(gradient, X, w, out)
    expected = differences(lambda v: loss(formula, v, w, cotangent), X)
    np.testing.assert_allclose(out - 5, expected, atol=1e-7)


@KINDS
def test_weights_and_features_are_those_that_matter(formula, data):
    X, w, cotangent = data
    by_weight = differences(lambda v: loss(formula, X, v, cotangent), w)
    by_input = differences(lambda v: loss(formula, v, w, cotangent), X)
    assert set(formula.weights) == set(np.flatnonzero(np.abs(by_weight) > 1e-9))
    used = np.flatnonzero(np.abs(by_input).max(axis=0) > 1e-9)
    assert set(formula.features) == set(used)


@KINDS
def test_shifted_reads_weights_further_on(formula, data):
    X, w, _ = data
    moved = formula.shifted(4)
    assert moved.weights == tuple(i + 4 for i in formula.weights)
    np.testing.assert_array_equal(
        moved.value(X, np.concatenate([np.full(4, np.nan), w])), formula.value(X, w)
    )


def test_scaling_of_a_feature_with_an_offset_leaves_the_offset(data):
    X, w, _ = data
    scaled = OffsetFeature(1, 2, -1.5).with_scaling(0)
    assert scaled == WeightedFeature(1, 0, -1.5, 2)
    np.testing.assert_allclose(scaled.value(X, w), -1.5 * w[0] * X[:, 1] + w[2])


@pytest.mark.parametrize("formula", [Feature(1, 2.0), FeatureProduct((0, 1), 2.0, math.pi)])
def test_with_scaling_multiplies_by_a_weight_that_starts_at_one(formula, data):
    X, w, _ = data
    scaled = formula.with_scaling(2)
    assert scaled.scaling_weight == 2
    assert formula.scaling_weight is None
    np.testing.assert_allclose(scaled.value(X, w), w[2] * formula.value(X, w))
    np.testing.assert_array_equal(scaled.value(X, np.ones(3)), formula.value(X, w))


def test_with_scaling_gives_every_term_of_a_sum_a_weight_of_its_own(data):
    X, w, _ = data
    scaled = FeatureSum((2, 0), 0.5).with_scaling(1)
    assert scaled.scaling_weights == scaled.weights == (1, 2)
    np.testing.assert_allclose(scaled.value(X, w), 0.5 * (w[1] * X[:, 2] + w[2] * X[:, 0]))


def test_a_sum_is_what_turns_one_after_the_other_are(data):
    X, w, _ = data
    single = [WeightedFeature(2, 0, 0.5), WeightedFeature(0, 1, 0.5), WeightedFeature(1, 2, 0.5)]
    together = FeatureSum((2, 0, 1), 0.5, 0)
    turns = [Operation("ry", 0, formula) for formula in single]
    circuits = [
        ParametricCircuit.from_operations(1, operations, 3)
        for operations in (turns, [Operation("ry", 0, together)])
    ]
    states = [get_backend("numpy").statevector(c.circuit, c.angles(X, w)) for c in circuits]
    np.testing.assert_allclose(*states, atol=1e-14)


def test_with_scaling_multiplies_the_terms_of_a_polynomial_that_read_features(data):
    X, w, _ = data
    scaled = Polynomial(((2.0, (0, 1), ()), (0.5, (), ()), (1.0, (), (0,)))).with_scaling(2)
    assert scaled.scaling_weights == (2,)
    expected = 2 * w[2] * X[:, 0] * X[:, 1] + 0.5 + w[0]
    np.testing.assert_allclose(scaled.value(X, w), expected)


def test_a_polynomial_has_one_order_of_terms():
    terms = ((1.0, (1, 0), (2, 1)), (2, [0], ()))
    assert Polynomial(terms) == Polynomial(list(reversed(terms)))
    assert Polynomial(terms).terms == ((2.0, (0,), ()), (1.0, (0, 1), (1, 2)))


def test_bilinear_terms_are_the_value(data):
    X, w, _ = data
    for formula in FORMULAS:
        if (terms := formula.bilinear_terms) is not None:
            total = sum(
                c * (1 if j is None else w[j]) * (1 if i is None else X[:, i]) for c, j, i in terms
            )
            np.testing.assert_allclose(formula.value(X, w), total, rtol=1e-14)
    assert Polynomial(((1.0, (0, 1), ()),)).bilinear_terms is None
    assert Polynomial(((1.0, (0,), (0, 1)),)).bilinear_terms is None
    assert Polynomial(((1.0, (0,), (0,)), (1.0, (0,), ()))).bilinear_terms is None


def test_with_scaling_leaves_formulas_without_features_alone():
    assert Weight(1).with_scaling(5) == Weight(1)
    assert Fixed(0.5).with_scaling(5) == Fixed(0.5)


@KINDS
def test_round_trips_and_hash(formula):
    again = formula_from_dict(json.loads(json.dumps(formula.to_dict())))
    assert again == formula
    assert type(again) is type(formula)
    assert hash(again) == hash(formula)
    assert pickle.loads(pickle.dumps(formula)) == formula


def test_all_differ():
    assert len(set(FORMULAS)) == len(FORMULAS)
    assert Weight(0) != Feature(0)


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="unknown angle formula 'Wait': did you mean 'Weight'"):
        formula_from_dict({"type": "Wait", "index": 0})


@pytest.mark.parametrize(
    "formula",
    [
        Fixed(Fraction(1, 4)),
        Fixed(np.float32(0.5)),
        Feature(np.int8(1), np.longdouble(2)),
        FeatureProduct([np.int64(0), 1], np.float16(2), np.int32(3), np.uint8(1)),
        FeatureProduct(np.array([0, 0])),  # a square is a product like another
    ],
)
def test_numbers_of_every_kind_go_into_json(formula):
    assert formula_from_dict(json.loads(json.dumps(formula.to_dict()))) == formula


def test_the_base_class_cannot_be_used():
    with pytest.raises(TypeError, match="abstract"):
        Formula()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Feature(0, scale="x"), "scale of Feature must be a finite number, got 'x'"),
        (lambda: Feature(0, scale=[2]), "scale of Feature must be a finite number"),
        (lambda: Fixed(math.inf), "angle of Fixed must be a finite number"),
        (lambda: FeatureSum((0, 1, 0)), "indices of FeatureSum must differ"),
        (lambda: FeatureProduct((0, 1), shift=None), "shift of FeatureProduct must be a finite"),
        (lambda: Weight("a"), "index of Weight must be integers"),
        (lambda: Weight(None), "index of Weight must be integers"),
        (lambda: WeightedFeature(0, 0, offset=0.5), "offset of WeightedFeature must be integers"),
        (lambda: FeatureProduct((0, 1.5)), "indices of FeatureProduct must be integers"),
        (lambda: FeatureProduct((0, 1.7)), "indices of FeatureProduct must be integers, from 0"),
        (lambda: FeatureProduct((0, -1)), "indices of FeatureProduct must be .* from 0 on, got -1"),
        (lambda: FeatureProduct((0, True)), "indices of FeatureProduct must be .* got True"),
        (lambda: FeatureProduct(()), r"a tuple of integers, from 0 on, such as \(0, 1\), got \(\)"),
        (lambda: FeatureProduct(1), r"must be a tuple of integers, from 0 on, .* got 1"),
        (lambda: FeatureProduct("01"), "must be a tuple of integers, from 0 on, .* got '01'"),
        (lambda: FeatureProduct((0, 1), weight=-1), "weight of FeatureProduct must be .* got -1"),
        (lambda: FeatureProduct((0, 1), scale=math.nan), "scale of FeatureProduct must be a fin"),
        (lambda: FeatureProduct((0, 1), shift=math.nan), "shift of FeatureProduct must be a fin"),
        (lambda: Polynomial(()), "terms of Polynomial must be a tuple of"),
        (lambda: Polynomial(3), "terms of Polynomial must be a tuple of .* got 3"),
        (lambda: Polynomial(((1.0, (0,)),)), "a term of Polynomial is .* got"),
        (lambda: Polynomial(((math.nan, (), ()),)), "coefficient of Polynomial must be a finite"),
        (lambda: Polynomial(((1.0, (0.5,), ()),)), "features of Polynomial must be integers"),
        (lambda: Polynomial(((1.0, (), (-1,)),)), "weights of Polynomial must be integers"),
        (lambda: Polynomial(((1.0, (0, 1), ()), (2.0, (1, 0), ()))), "multiply different things"),
        (lambda: Weight(-1), "index of Weight must be integers, from 0 on, got -1"),
        (lambda: Weight(True), "index of Weight must be integers, from 0 on, got True"),
        (lambda: Weight(np.int64(-2)), "index of Weight must be integers, from 0 on"),
        (lambda: Weight(1.0), "index of Weight must be integers, from 0 on, got 1.0"),
        (lambda: Weight((0,)), r"index of Weight must be integers, from 0 on, got \(0,\)"),
        (lambda: Feature(-1), "index of Feature must be integers, from 0 on, got -1"),
        (lambda: Feature(0, scale=math.nan), "scale of Feature must be a finite number, got nan"),
        (lambda: Feature(0, scale=True), "scale of Feature must be a finite number, got True"),
        (lambda: Feature(0, scale=1j), "scale of Feature must be a finite number"),
        (lambda: Fixed(True), "angle of Fixed must be a finite number, got True"),
        (lambda: Fixed(None), "angle of Fixed must be a finite number, got None"),
        (lambda: WeightedFeature(-1, 0), "index of WeightedFeature must be integers, from 0 on"),
        (lambda: WeightedFeature(0, -1), "weight of WeightedFeature must be integers, from 0 on"),
        (lambda: WeightedFeature(0, 0, offset=-1), "offset of WeightedFeature must be integers"),
        (lambda: WeightedFeature(0, None), "weight of WeightedFeature must be integers"),
    ],
)
def test_fields_of_another_kind(make, message):
    with pytest.raises(ValueError, match=message):
        make()
