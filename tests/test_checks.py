"""Numbers that people give: one table of values, and every check treats them alike."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.backends.noise import NoiseModel
from qmlplay.baselines import matched_hidden_units
from qmlplay.checks import (
    check_count,
    check_finite,
    check_flag,
    check_interval,
    check_positive,
    check_probability,
    check_seed,
    is_flag,
    is_integer,
    is_number,
    real_number,
    whole_number,
)
from qmlplay.circuit import Operation, ParametricCircuit, Weight
from qmlplay.circuit.drawing import draw_text
from qmlplay.compare.setup import check_seeds, stratified_split
from qmlplay.diagnostics import global_cost, gradient_variance, random_weights
from qmlplay.encodings import ZZFeatureMap
from qmlplay.ibm.preparation import check_level
from qmlplay.ibm.preparation import check_seed as check_device_seed
from qmlplay.ibm.submission import check_budget
from qmlplay.mitigation.folding import folded_scale_factor
from qmlplay.progress import check_verbose
from qmlplay.widget.settings.configuration import RULES

#: One qubit, turned by one weight.
ROTATION = ParametricCircuit.from_operations(1, [Operation("rx", 0, Weight(0))], n_features=0)

#: value, is it an integer, is it a finite number
VALUES = [
    (1, True, True),
    (np.int64(1), True, True),
    (np.uint8(1), True, True),
    (10**400, True, True),
    (0.5, False, True),
    (1.0, False, True),
    (np.float32(0.5), False, True),
    (Fraction(1, 2), False, True),
    (True, False, False),
    (np.True_, False, False),
    (float("nan"), False, False),
    (np.float64("inf"), False, False),
    (-float("inf"), False, False),
    (1j, False, False),
    (np.complex128(1), False, False),
    (Decimal(1), False, False),
    ("1", False, False),
    (np.str_("1"), False, False),
    (b"1", False, False),
    (None, False, False),
    ([1], False, False),
    (np.array(1), False, False),
    (np.array(0.5), False, False),
    (np.array([1]), False, False),
]
NO_INTEGERS = [value for value, is_whole, _ in VALUES if not is_whole]
NO_NUMBERS = [value for value, _, is_real in VALUES if not is_real]


@pytest.mark.parametrize(("value", "is_whole", "is_real"), VALUES)
def test_what_counts_as_a_number(value, is_whole, is_real):
    assert is_integer(value) is is_whole
    assert is_number(value) is is_real
    assert is_flag(value) is isinstance(value, bool | np.bool_)


@pytest.mark.parametrize(
    ("closed", "inside"),
    [("both", [0, 0.5, 1]), ("left", [0, 0.5]), ("neither", [0.5])],
)
def test_the_ends_of_an_interval(closed, inside):
    values = [-0.1, 0, 0.5, 1, 1.1]
    assert [value for value in values if is_number(value, 0, 1, closed=closed)] == inside
    assert [value for value in (0, 1, 2, 3) if is_integer(value, 1, 2)] == [1, 2]


#: What takes an integer, in every part of the package, and what else is allowed there.
COUNTS = {
    "check_count": (lambda value: check_count("n", value), ()),
    "whole_number": (lambda value: whole_number("n", value, 1), ()),
    "check_seed": (check_seed, ()),
    "seeds": (check_seeds, (list, np.ndarray)),
    "a list of seeds": (lambda value: check_seeds([value]), ()),
    "seed on a device": (check_device_seed, (type(None),)),
    "resilience level": (check_level, ()),
    "shots": (lambda value: get_backend("numpy", shots=value), (type(None),)),
    "seed of a backend": (lambda value: get_backend("numpy", seed=value), (type(None),)),
    "threads": (lambda value: get_backend("numpy", n_threads=value), ()),
    "samples": (lambda value: load_dataset("moons", n_samples=value), ()),
    "random_state": (lambda value: load_dataset("xor", random_state=value), (type(None),)),
    "hidden units": (lambda value: matched_hidden_units(value, 2, 2), ()),
    "verbose": (check_verbose, (bool, np.bool_)),
    "playground": (lambda value: RULES["n_layers"].check("n_layers", value), ()),
    "gradient_variance": (lambda value: gradient_variance(ROTATION, "Z", weight=value), ()),
    "random_weights": (lambda value: random_weights(ROTATION, value), ()),
    "qubits of a cost": (global_cost, ()),
    "repetitions": (ZZFeatureMap, ()),
    "max_width": (lambda value: draw_text(ROTATION, max_width=value), ()),
}

#: What takes a number, likewise.
NUMBERS = {
    "check_positive": (lambda value: check_positive("rate", value), ()),
    "check_interval": (lambda value: check_interval("tol", value, 0, 1), ()),
    "check_probability": (lambda value: check_probability("p", value), ()),
    "real_number": (lambda value: real_number("noise", value), ()),
    "noise": (lambda value: NoiseModel(bit_flip=value), ()),
    "test_size": (lambda value: stratified_split(load_dataset("iris"), value, 0), ()),
    "budget": (check_budget, ()),
    "fit": (lambda value: VariationalClassifier(tol=value).fit([[0.0], [1.0]], [0, 1]), ()),
    "scale factor": (lambda value: folded_scale_factor(10, value), ()),
}


def refused(places, values):
    """Every place with every value that it must refuse."""
    return [
        pytest.param(function, value, id=f"{name}, {value!r}")
        for name, (function, others) in places.items()
        for value in values
        if not isinstance(value, others)
    ]


@pytest.mark.parametrize(
    ("function", "value"), refused(COUNTS, NO_INTEGERS) + refused(NUMBERS, NO_NUMBERS)
)
def test_every_place_refuses_what_is_no_number(function, value):
    with pytest.raises((TypeError, ValueError), match=r"must|needs"):
        function(value)


@pytest.mark.parametrize("value", [1, np.int64(1), np.uint8(1), np.int16(1)], ids=repr)
@pytest.mark.parametrize("name", sorted(COUNTS.keys() - {"samples", "gradient_variance"}))
def test_every_place_takes_integers_of_numpy(name, value):
    COUNTS[name][0](value)


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.float64(0.5), Fraction(1, 2)], ids=repr)
@pytest.mark.parametrize("name", sorted(NUMBERS.keys() - {"budget", "scale factor", "fit"}))
def test_every_place_takes_numbers_of_numpy(name, value):
    NUMBERS[name][0](value)


@pytest.mark.parametrize(
    ("check", "error", "message"),
    [
        (lambda: check_count("n", "1"), TypeError, "n must be an integer of at least 1, got '1'"),
        (lambda: check_count("n", 0, also="None"), ValueError, "at least 1 or None, got 0"),
        (lambda: check_flag("warm", 1), TypeError, "warm must be True or False, got 1"),
        (lambda: check_positive("rate", np.nan), ValueError, "rate must be a positive number"),
        (lambda: check_positive("rate", True), TypeError, "rate must be a positive number"),
        (lambda: check_interval("tol", 2, 0, 1), ValueError, r"a number in \[0, 1\), got 2"),
        (
            lambda: check_interval("share", 0, 0, 1, closed="neither"),
            ValueError,
            r"share must be a number in \(0, 1\), got 0",
        ),
        (lambda: check_probability("p", 2), ValueError, "p must be a probability .*; got p=2"),
        (lambda: check_seed(2**32), ValueError, r"an integer in \[0, 4294967295\], got 4294967296"),
        (lambda: whole_number("n", 4, 2, 3), ValueError, "n=4: .* at least 2 and at most 3"),
        (lambda: real_number("noise", -1), ValueError, r"noise=-1: must be a number in \[0, inf\)"),
    ],
)
def test_errors_say_what_came_and_what_is_allowed(check, error, message):
    with pytest.raises(error, match=message):
        check()


def test_limits_may_be_wider_than_the_type_of_a_number():
    assert is_number(np.float32(1), -1e300, 1e300)
    assert not is_number(np.float32(1), 1e300)
    check_finite("a", np.float16(2))
