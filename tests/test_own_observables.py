"""Observables of one's own: Pauli strings, sums of them, and qubits, against dense matrices."""

import json
import pickle
import zipfile

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.base import clone

from qmlplay import (
    Feature,
    NoiseModel,
    Operation,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    ibm,
    load_dataset,
    load_model,
)
from qmlplay.backends.pauli import expanded
from qmlplay.backends.testing import check_standard_errors, reference_densities, reference_states
from qmlplay.backends.testing.cases import random_case
from qmlplay.circuit import Circuit, Gate, ParametricCircuit, PauliSum
from qmlplay.circuit.gates import pauli_matrix
from qmlplay.compare import compare
from qmlplay.ibm.jobs import JobValues
from qmlplay.mitigation import corrected_expectations, zero_noise_extrapolation
from qmlplay.model import InputScaling, Readout, TrainedModel
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.plots import FourierDisplay
from qmlplay.training.cost import n_settings

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y
OWN = ["ZI", "XX", {"ZZ": 0.5, "XI": 1.0}]
#: As a backend takes them: a string, sums that share strings, the identity in one, and a qubit.
MIXED = ["ZXI", {"ZZI": 0.5, "XIY": -1.2, "III": 0.3}, {"ZXI": 2.0, "ZZI": 1}, 1]


def dense(observables, n_qubits):
    """Return the matrices, made without the code that is tested."""

    def terms(observable):
        if isinstance(observable, int):
            return {"".join("Z" if q == observable else "I" for q in range(n_qubits)): 1.0}
        return {observable: 1.0} if isinstance(observable, str) else observable

    return [sum(c * pauli_matrix(s) for s, c in terms(o).items()) for o in observables]


def expected(states, observables):
    n_qubits = states.shape[1].bit_length() - 1
    return np.stack(
        [
            np.einsum("ni,ij,nj->n", states.conj(), matrix, states).real
            for matrix in dense(observables, n_qubits)
        ],
        axis=1,
    )


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


class TestBackends:
    @each_backend()
    def test_expectations_are_those_of_dense_matrices(self, name):
        case = random_case(3, 3)
        states = reference_states(case.circuit, case.angles, case.n_samples)
        backend = get_backend(name)
        values = backend.expectations(case.circuit, case.angles, MIXED)
        np.testing.assert_allclose(values, expected(states, MIXED), atol=1e-12)

    @each_backend()
    def test_gradients_are_those_of_finite_differences(self, name):
        case, backend = random_case(4, 3), get_backend(name)
        circuit, angles = case.circuit, list(case.angles)
        cotangents = np.random.default_rng(0).normal(size=(case.n_samples, len(MIXED)))
        values, gradients = backend.expectations_and_gradients(circuit, angles, MIXED, cotangents)
        np.testing.assert_allclose(values, backend.expectations(circuit, angles, MIXED), atol=1e-12)
        _, pullback = backend.vjp(circuit, angles, MIXED)
        both = (backend.gradients(circuit, angles, MIXED, cotangents), pullback(cotangents))
        for slot, h in ((0, 1e-5), (3, 1e-5), (circuit.n_slots - 1, 1e-5)):
            ends = []
            for sign in (1, -1):
                moved = [*angles]
                moved[slot] = angles[slot] + sign * h
                sums = (cotangents * backend.expectations(circuit, moved, MIXED)).sum(axis=1)
                ends.append(sums if isinstance(angles[slot], np.ndarray) else sums.sum())
            numeric = (ends[0] - ends[1]) / (2 * h)
            for found in (gradients, *both):
                np.testing.assert_allclose(found[slot], numeric, atol=1e-6)

    @each_backend(names=["numpy", "cirq"])
    def test_parameter_shift_and_noise(self, name):
        noise = NoiseModel(depolarizing_1q=0.01, depolarizing_2q=0.03, amplitude_damping=0.02)
        case, noisy = random_case(5, 2), get_backend(name, noise=noise)
        observables = ["ZX", {"ZZ": 0.5, "XY": -1.0, "II": 2.0}]
        densities = reference_densities(case.circuit, case.angles, case.n_samples, noise)
        values = np.stack(
            [np.einsum("nij,ji->n", densities, m).real for m in dense(observables, 2)], axis=1
        )
        found = noisy.expectations(case.circuit, case.angles, observables)
        np.testing.assert_allclose(found, values, atol=1e-8)
        cotangents = np.ones((case.n_samples, 2))
        by_strings = np.ones((case.n_samples, 1)) * [1.0, 0.5, -1.0]
        found = noisy.gradients(case.circuit, case.angles, observables, cotangents)
        of_strings = noisy.gradients(case.circuit, case.angles, ["ZX", "ZZ", "XY"], by_strings)
        np.testing.assert_allclose(np.hstack(found), np.hstack(of_strings), atol=1e-10)

    @each_backend()
    def test_the_standard_error_of_a_sum_is_the_spread_of_its_estimates(self, name):
        check_standard_errors(get_backend(name))

    def test_strings_that_share_shots_are_not_independent(self):
        bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
        backend = get_backend("numpy", shots=101, seed=0)
        sums = [{"ZI": 1, "IZ": -1}, {"ZI": 1, "IZ": 1}, "ZI", {"II": 5.0}, {"ZI": 3, "II": 1}]
        values, errors = backend.expectations(bell, [], sums, return_std=True)
        spread = np.sqrt((1 - values[0, 2] ** 2) / 100)
        assert values[0, [0, 3]].tolist() == pytest.approx([0, 5])  # both qubits read the same
        np.testing.assert_allclose(errors[0], [0, 2 * spread, spread, 0, 3 * spread], atol=1e-12)

    def test_a_single_shot_shows_the_largest_error_that_can_be(self):
        circuit = Circuit(2, (Gate("h", (0,)),))
        sums = ["ZI", {"ZI": 2, "IZ": 1, "II": 7}, {"ZI": 2, "XI": 1}]
        _, errors = get_backend("numpy", shots=1, seed=0).expectations(
            circuit, [], sums, return_std=True
        )
        np.testing.assert_allclose(errors, [[1, 3, np.sqrt(5)]])

    def test_strings_share_settings(self):
        assert n_settings((PauliSum.from_dict({"ZZ": 1, "IZ": 2}), "ZI"), shots=10) == 1
        assert n_settings((PauliSum.from_dict({"ZZ": 1, "XI": 2}), "ZI"), shots=10) == 2
        assert n_settings((PauliSum.from_dict({"ZZ": 1, "XI": 2}), "ZI"), shots=None) == 1

    def test_a_string_in_several_sums_is_measured_once(self):
        strings, matrix = expanded(("ZI", PauliSum.from_dict({"ZI": 2, "XX": 1})))
        assert strings == ("ZI", "XX")
        np.testing.assert_array_equal(matrix, [[1, 2], [0, 1]])

    @pytest.mark.parametrize(
        ("observables", "error", "words"),
        [
            ({"ZI": 1.0}, TypeError, "must be a list"),
            (0, TypeError, "must be a list"),
            ([{}], ValueError, "no term"),
            ([{"ZI": 1.0, "Z": 1.0}], ValueError, "for each of the"),
            ([{"ZIZ": 1.0}], ValueError, "for each of the 2 qubits"),
            ([{"ZA": 1.0}], ValueError, "'ZA' must have one letter I, X, Y or Z"),
            ([{"ZI": np.nan}], ValueError, "coefficient of 'ZI' .* finite real number, got nan"),
            ([{"ZI": np.inf}], ValueError, "finite real number"),
            ([{"ZI": 1j}], TypeError, "finite real number, got 1j"),
            ([{"ZI": "1"}], TypeError, "finite real number"),
            ([{"ZI": True}], TypeError, "finite real number"),
            ([{0: 1.0}], TypeError, "must be text"),
            ([2], ValueError, "qubits are 0 to 1"),
            ([-1], ValueError, "qubits are 0 to 1"),
            ([0.5], TypeError, "got 0.5"),
            ([True], TypeError, "got True"),
            ([None], TypeError, "got None"),
        ],
    )
    def test_what_is_no_observable(self, observables, error, words):
        with pytest.raises(error, match=words):
            get_backend("numpy").expectations(Circuit(2, (Gate("h", (0,)),)), [], observables)


class TestPauliSum:
    def test_equal_sums_are_equal_whatever_their_order(self):
        one = PauliSum.from_dict({"ZZ": 0.5, "XI": 1})
        other = PauliSum((("XI", 1.0), ("ZZ", 0.5)))
        assert one == other
        assert len({one, other, PauliSum.from_dict({"ZZ": 0.5})}) == 2
        assert pickle.loads(pickle.dumps(one)) == one
        assert PauliSum.from_dict(one.to_dict()) == one

    def test_text(self):
        assert str(PauliSum.from_dict({"ZZ": -0.5, "XI": 1, "YY": 2})) == "XI + 2 YY − 0.5 ZZ"

    def test_a_string_twice(self):
        with pytest.raises(ValueError, match="'ZZ' comes twice"):
            PauliSum((("ZZ", 0.5), ("ZZ", 1.0)))


class TestEstimators:
    def test_the_automatic_choice_by_hand_is_the_same_model(self):
        automatic, by_hand = classifier().fit(X, y), classifier(observables=["ZI", "IZ"]).fit(X, y)
        by_qubits = classifier(observables=(0, 1)).fit(X, y)
        assert automatic.model_ == by_hand.model_ == by_qubits.model_
        targets = np.c_[X[:, 0], y]
        regressor = VariationalRegressor(max_iter=3, random_state=0)
        same = clone(regressor).set_params(observables=["ZI", "IZ", "ZZ"])
        assert regressor.fit(X, targets).model_ == same.fit(X, targets).model_

    def test_which_qubits_are_read(self):
        model = classifier(observables=[2], n_qubits=4).fit(X, y)
        assert model.observables_ == ("IIZI",)
        assert model.n_parameters_ == model.weights_.size + 2
        assert model.n_parameters_ == model.design(2).n_parameters

    @each_backend()
    @pytest.mark.parametrize("readout", ["linear", "fixed"])
    def test_training_and_moving_between_backends(self, name, readout):
        settings = {"observables": OWN, "readout": readout, "max_iter": 3}
        here, there = classifier(**settings), classifier(backend=name, **settings)
        here.fit(X, y)
        np.testing.assert_allclose(there.fit(X, y).weights_, here.weights_, atol=1e-9)
        moved = here.with_backend(name)
        np.testing.assert_allclose(
            moved.decision_function(X), here.decision_function(X), atol=1e-12
        )

    def test_expectations_of_the_estimator(self):
        model = classifier(observables=OWN, max_iter=30).fit(X, y)
        states = get_backend("numpy").statevector(model.circuit_.circuit, model.model_.angles(X))
        values = expected(states, OWN)
        np.testing.assert_allclose(model.expectations(X), values, atol=1e-12)
        decisions = values @ model.readout_.scale + model.readout_.bias
        np.testing.assert_allclose(model.decision_function(X), decisions[:, 0], atol=1e-12)
        assert model.score(X, y) > 0.9

    @pytest.mark.parametrize(
        "settings", [{"shots": 50}, {"noise": "low"}, {"gradient_method": "spsa"}]
    )
    def test_training_otherwise(self, settings):
        model = classifier(observables=OWN, n_layers=1, max_iter=2, **settings).fit(X[:10], y[:10])
        assert np.isfinite(model.loss_curve_).all()
        per_sample = n_settings(model.observables_, model.shots)
        assert model.training_cost_.circuits_per_sample % per_sample == 0

    def test_clone_and_parameters(self):
        model = classifier(observables=OWN)
        assert clone(model).get_params()["observables"] == OWN
        assert "observables" in repr(model)

    def test_three_classes(self):
        model = classifier(observables=["ZIII", {"IZII": 2, "XXII": 1}, 3]).fit(IRIS.X, IRIS.y)
        assert model.predict_proba(IRIS.X).shape == (150, 3)

    def test_warm_starts_refuse_other_observables(self):
        model = classifier(warm_start=True).fit(X, y)
        with pytest.raises(ValueError, match="observables or readout has changed"):
            model.set_params(observables=["ZI", "XX"]).fit(X, y)
        with pytest.raises(ValueError, match="observables or readout has changed"):
            model.set_params(observables="auto", readout="fixed").fit(X, y)
        with pytest.raises(ValueError, match="observables or readout has changed"):
            model.partial_fit(X, y)
        model.set_params(observables=[0, {"IZ": 1}], readout="linear")
        with pytest.raises(ValueError, match="observables or readout has changed"):
            model.fit(X, y)
        model.set_params(observables=[0, "IZ"]).fit(X, y)

    def test_a_picture_of_the_spectrum(self):
        model = classifier(
            observables=[{"ZZ": 0.5, "XI": 1.0, "II": 2.0}, "ZI"], trainable_scaling=False
        ).fit(X, y)
        spectrum = FourierDisplay.from_estimator(model, features=[0], extra=1).spectrum
        (n,) = spectrum.frequencies
        angle = 0.7
        at = model.scaling_.center + np.array([angle, 0]) * model.scaling_.half_range / (np.pi / 2)
        value = (spectrum.coefficients * np.exp(1j * n * angle)).sum()
        assert value.real == pytest.approx(float(model.decision_function([at])[0]), abs=1e-10)

    def test_mitigation(self):
        observables = [*OWN, {"ZI": 0.5, "YY": -2.0, "II": 1.0}]
        model = classifier(observables=observables).fit(X, y)
        circuit, angles = model.circuit_.circuit, model.model_.angles(X[:3])
        noisy = get_backend("numpy", noise=NoiseModel(readout_error=(0.02, 0.08)))
        found = corrected_expectations(noisy, circuit, angles, model.observables_)
        np.testing.assert_allclose(found, model.expectations(X[:3]), atol=1e-10)
        noisy = get_backend("numpy", noise=NoiseModel(depolarizing_1q=0.002))
        off = abs(
            noisy.expectations(circuit, angles, observables) - model.expectations(X[:3])
        ).max()
        found = zero_noise_extrapolation(noisy, circuit, angles, observables)
        assert abs(found - model.expectations(X[:3])).max() < off / 3

    def test_compare(self):
        parameters = {"observables": OWN, "readout": "fixed", "max_iter": 2, "n_layers": 1}
        quantum = VariationalClassifier(**parameters)
        result = compare((X, y), seeds=1, models=["numpy", "cirq"], classifier=quantum)
        rows = result.table.set_index("model")
        assert rows.loc["numpy", "n_parameters"] == quantum.design(2).n_parameters
        assert result.parity < 1e-10

    def test_page(self):
        page = classifier(observables=OWN).fit(X, y)._repr_html_()
        assert "XI + 0.5 ZZ" in page


class TestFiles:
    @pytest.mark.parametrize("kind", [VariationalClassifier, VariationalRegressor])
    @pytest.mark.parametrize("readout", ["linear", "fixed"])
    @pytest.mark.parametrize(
        "observables", [OWN, (1,), ["ZX"], [PauliSum.from_dict({"ZZ": 1 / 3})], np.array(["ZX"])]
    )
    def test_what_comes_back_is_the_same(self, kind, readout, observables, tmp_path):
        model = kind(observables=observables, readout=readout, max_iter=3, random_state=0)
        model.fit(X, y).save(tmp_path / "m.qmlplay")
        again = load_model(tmp_path / "m.qmlplay")
        assert again.model_ == model.model_
        assert clone(again).fit(X, y).model_ == model.model_
        again.set_params(warm_start=True).fit(X, y)

    def test_versions(self, tmp_path):
        def version(model):
            model.save(tmp_path / "m.qmlplay")
            return document(tmp_path / "m.qmlplay")["format_version"]

        assert version(classifier(observables=["ZI"]).fit(X, y)) < 5
        assert version(classifier(observables=OWN).fit(X, y)) == 5
        assert version(classifier(readout="fixed").fit(X, y)) == 5
        content, _ = read_archive(tmp_path / "m.qmlplay")
        assert content["fixed_readout"] is True

    def test_a_damaged_sum(self, tmp_path):
        classifier(observables=OWN).fit(X, y).save(tmp_path / "m.qmlplay")
        content, arrays = read_archive(tmp_path / "m.qmlplay")
        for wrong in ([{}], [{"ZZ": "a"}], ["ZA"], [{"ZZ": 1.0, "Z": 1.0}], "ZI", [[0]]):
            write_archive(tmp_path / "x.qmlplay", content | {"observables": wrong}, arrays)
            with pytest.raises(ValueError, match="is no model file of qmlplay"):
                load_model(tmp_path / "x.qmlplay")
        write_archive(tmp_path / "x.qmlplay", content | {"fixed_readout": "yes"}, arrays)
        with pytest.raises(ValueError, match="whether its readout is fixed"):
            load_model(tmp_path / "x.qmlplay")


def document(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("model.json"))


class TestBadParameters:
    @pytest.mark.parametrize("kind", [VariationalClassifier, VariationalRegressor])
    @pytest.mark.parametrize(
        ("observables", "error", "words"),
        [
            ("ZI", TypeError, "must be 'auto' or a list"),
            ("all", TypeError, "must be 'auto' or a list"),
            (None, TypeError, "must be 'auto' or a list"),
            ({"ZI": 1.0}, TypeError, "must be 'auto' or a list"),
            (0, TypeError, "must be 'auto' or a list"),
            ({"ZI", "IZ"}, TypeError, "must be 'auto' or a list"),
            ([], ValueError, "observables is empty"),
            ([{}], ValueError, "has no term"),
            (
                ["ZIZ"],
                ValueError,
                "have 3 letters, and the circuit has 2 qubits.* or set n_qubits=3",
            ),
            (["ZI", "Z"], ValueError, "for each of the 2 qubits"),
            (["zi"], ValueError, "one letter I, X, Y or Z"),
            (["ZQ"], ValueError, "one letter I, X, Y or Z"),
            ([""], ValueError, "letter"),
            (["ZI", "ZI"], ValueError, "says the same by 'ZI' and by 'ZI'"),
            ([0, "ZI"], ValueError, "says the same by 0 and by 'ZI'"),
            ([{"ZI": 1, "XX": 2}, {"XX": 2.0, "ZI": 1}], ValueError, "says the same by"),
            (["II"], ValueError, "the same for every state"),
            ([{"II": 2.0, "ZZ": 0}], ValueError, "the same for every state"),
            ([{"ZZ": np.nan}], ValueError, "finite real number"),
            ([{"ZZ": 1 + 1j}], TypeError, "finite real number"),
            ([5], ValueError, "qubits are 0 to 1"),
            ([-1], ValueError, "qubits are 0"),
            ([1.0], TypeError, "must be a Pauli string"),
            ([["ZI"]], TypeError, "must be a Pauli string"),
        ],
    )
    def test_observables(self, kind, observables, error, words):
        model = kind(observables=observables, max_iter=1)
        with pytest.raises(error, match=words):
            model.fit(X, y)
        with pytest.raises(error, match=words):
            model.design(2)
        assert not hasattr(model, "model_")

    @pytest.mark.parametrize("readout", ["linear", "fixed"])
    def test_too_few(self, readout):
        model = classifier(observables=["ZIII", "IZII"], readout=readout)
        with pytest.raises(
            ValueError, match=r"3 classes need at least 3 observables.*has 2: add 1"
        ):
            model.fit(IRIS.X, IRIS.y)
        with pytest.raises(ValueError, match="2 targets need at least 2 observables"):
            VariationalRegressor(observables=["ZI"], readout=readout).fit(X, np.c_[y, y])

    @pytest.mark.parametrize("readout", ["none", "Linear", 1, None, True])
    def test_readout(self, readout):
        with pytest.raises((TypeError, ValueError), match="readout"):
            classifier(readout=readout).fit(X, y)


class TestDevices:
    def test_sums_on_a_simulated_device(self, monkeypatch, tmp_path):
        monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
        turn = [Operation("ry", 0, Feature(0)), Operation("cx", (0, 1))]
        observables = (PauliSum.from_dict({"ZI": 1, "IZ": 1}), "ZI", PauliSum.from_dict({"XX": 2}))
        circuit = ParametricCircuit.from_operations(2, turn, n_features=1)
        readout = Readout(np.ones((3, 1)), np.zeros(1))
        model = TrainedModel(
            circuit, observables, InputScaling.identity(1), np.empty(0), readout, np.array([0, 1])
        )
        fitted = classifier(max_iter=1).fit([[0.0], [1.0]], [0, 1]).with_model(model)
        rows = np.full((40, 1), np.pi / 2)
        plan = ibm.plan(fitted, rows, device="fake_manila", shots=256, seed=1)
        assert plan.n_bases == 2
        result = ibm.submit(plan, max_qpu_seconds=100).wait(timeout=120).result()
        exact = model.expectations(rows, "numpy")
        assert result.expectations.shape == result.standard_errors.shape == exact.shape
        assert abs(result.expectations - exact).mean() < 0.3
        # Both qubits read the same: their sum varies as twice one of them.
        ratio = result.standard_errors[:, 0] / result.standard_errors[:, 1]
        np.testing.assert_allclose(ratio, 2, atol=0.1)

    def test_the_error_of_a_sum_is_the_largest_that_can_be(self):
        strings = JobValues(np.array([[0.5, 0.25, 1.0]]), np.array([[0.1, 0.2, 0.4]]), None)
        observables = (
            PauliSum.from_dict({"ZI": 1, "IZ": -2}),
            "IZ",
            PauliSum.from_dict({"ZI": 1, "XX": 1}),
        )
        assert expanded(observables)[0] == ("IZ", "ZI", "XX")
        values, errors = strings.of(observables)
        np.testing.assert_allclose(values, [[-0.75, 0.5, 1.25]])
        np.testing.assert_allclose(errors, [[0.4, 0.1, np.hypot(0.2, 0.4)]])
