"""Pictures of circuits, states, gradients and spectra; and what all displays have in common."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from qmlplay import NoiseModel, VariationalClassifier, get_backend, load_dataset
from qmlplay.circuit import (
    GATES,
    Feature,
    FeatureProduct,
    Fixed,
    Operation,
    ParametricCircuit,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.picture import CircuitPicture
from qmlplay.framework_names import simulator_label
from qmlplay.plots import (
    BlochDisplay,
    BoundariesDisplay,
    CircuitDisplay,
    ConfusionDisplay,
    CurvesDisplay,
    FourierDisplay,
    GradientVarianceDisplay,
    NativeCircuitDisplay,
    ParityDisplay,
    ProbabilitiesDisplay,
    StateCityDisplay,
    TrainingFramesDisplay,
)

DATA = load_dataset("moons", n_samples=40, random_state=0)
X, y = DATA.X, DATA.y

EVERY_KIND = [
    Operation("h", 0),
    Operation("ry", 1, Feature(0)),
    Operation("ry", 2, WeightedFeature(1, 0)),
    Operation("cx", (0, 2)),
    Operation("rzz", (2, 1), FeatureProduct((0, 1), 2.0)),
    Operation("crx", (2, 0), Weight(1)),
    Operation("swap", (1, 2)),
    Operation("p", 0, Fixed(-0.25)),
]


@pytest.fixture(scope="module")
def clf():
    settings = {"max_iter": 3, "n_layers": 2, "trainable_scaling": False, "random_state": 0}
    model = VariationalClassifier(encoding="angle", ansatz="hardware_efficient", **settings)
    return model.fit(X, y)


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png", dpi=40)  # any warning is an error
    return figure


def named(display, gid):
    return display.ax_.findobj(lambda artist: artist.get_gid() == gid)


# Circuits


def test_kinds_of_gates_differ_in_colour_and_in_shape():
    display = CircuitDisplay.from_operations(3, EVERY_KIND, n_features=2).plot()
    counts = {kind: len(named(display, kind)) for kind in ("data", "scaled", "weight", "fixed")}
    assert counts == {"data": 3, "scaled": 1, "weight": 1, "fixed": 2}
    assert len(named(display, "entangler")) == 4
    (data, *_), (scaled,), (weight,) = (named(display, k) for k in ("data", "scaled", "weight"))
    assert isinstance(data, Polygon)
    assert isinstance(weight, Rectangle)
    assert data.get_facecolor() != weight.get_facecolor()
    assert data.get_facecolor() == scaled.get_facecolor()
    assert scaled.get_linewidth() > data.get_linewidth()
    labels = [text.get_text() for text in display.ax_.texts]
    expected = ["circuit", "q0", "q1", "q2", "H", "RY(x0)", "RY(w0·x1)", "RZZ", "RZZ(2·x0·x1)"]
    assert labels == [*expected, "RX(w1)", "P(−0.25)"]
    legend = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert legend == ["data", "data times weight", "weight (trainable)", "fixed gate", "entangler"]


def test_labels_fit_into_their_gates():
    for n_layers, width in ((1, 18.0), (4, 18.0), (4, 9.0)):
        model = VariationalClassifier(encoding="zz", n_layers=n_layers, max_iter=1).fit(X, y)
        display = CircuitDisplay.from_estimator(model, max_width=width).plot()
        drawn(display.figure_)
        boxes = [b for kind in ("data", "scaled", "weight", "fixed") for b in named(display, kind)]
        extents = [box.get_window_extent() for box in boxes]
        for text in display.ax_.texts[1 + 2 :]:
            own = text.get_window_extent()
            center = (own.x0 + own.x1) / 2, (own.y0 + own.y1) / 2
            around = [e for e in extents if e.contains(*center)]
            assert all(e.x0 <= own.x0 and own.x1 <= e.x1 for e in around)


def test_rows_suit_axes_of_the_user(clf):
    def rows_on(width, height):
        ax = Figure(figsize=(width, height)).subplots()
        display = CircuitDisplay.from_estimator(clf).plot(ax=ax)
        return sum(text.get_text() == "q0" for text in ax.texts), display

    assert rows_on(12, 1)[0] == 1
    assert rows_on(3, 3)[0] > 1
    assert CircuitDisplay.from_estimator(clf, max_width=30.0).max_width == 30.0
    sizes = [rows_on(width, width)[1].ax_.texts[1].get_fontsize() for width in (2, 4)]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_gate_can_be_drawn(name):
    kind = GATES[name]
    qubits = tuple(range(kind.n_qubits))[::-1]
    angle = (None, Weight(0), None, (Weight(0), Weight(1), Fixed(0.5)))[kind.n_angles]
    operation = Operation(name, qubits, angle)
    n_qubits = max(2, kind.n_qubits)
    display = CircuitDisplay.from_operations(n_qubits, [operation], n_features=0).plot()
    drawn(display.figure_)
    assert len(display.ax_.patches) + len(display.ax_.lines) > 2  # more than the wires


def test_gates_stand_in_order_and_never_on_each_other():
    circuit = ParametricCircuit.from_operations(3, EVERY_KIND, n_features=2)
    placed = CircuitPicture.of(circuit).placed(max_width=4.0)
    assert sorted(circuit.circuit.gates.index(one.drawn.gate) for one in placed) == list(range(8))
    assert max(one.row for one in placed) >= 1
    for k, one in enumerate(placed):
        for other in placed[k + 1 :]:
            (low, high), (first, last) = one.drawn.span, other.drawn.span
            if max(low, first) <= min(high, last) and one.row == other.row:
                gap = (one.drawn.width + other.drawn.width) / 2
                assert abs(one.x - other.x) >= gap - 1e-9
    for qubit in range(3):
        mine = [p for p in placed if qubit in p.drawn.gate.qubits]
        order = [
            circuit.circuit.gates.index(p.drawn.gate)
            for p in sorted(mine, key=lambda p: (p.row, p.x))
        ]
        assert order == sorted(order)


@pytest.mark.parametrize(
    ("framework", "pieces"),
    [
        ("qiskit", ["q_0:", "Ry(", "Rz("]),
        ("cirq", ["0: ─", "Ry(", "@"]),
        ("pennylane", ["RY(", "╭●"]),
    ],
)
def test_each_framework_draws_itself(framework, pieces, clf):
    display = NativeCircuitDisplay.from_estimator(clf, X[0], framework).plot()
    assert all(piece in display.text for piece in pieces)
    assert display.text.replace(" ", "").count("X") >= 2  # one CX per layer
    assert max(map(len, display.text.splitlines())) <= 112
    (text,) = display.ax_.texts
    assert text.get_text() == f"drawn by {simulator_label(framework)}\n{display.text}"
    drawn(display.figure_)
    own = text.get_window_extent()
    assert own.x1 <= display.figure_.bbox.x1
    assert own.y0 >= 0


# States


def test_bloch_vectors_are_expectations(clf):
    vectors = BlochDisplay.from_estimator(clf, X[:4]).vectors
    assert vectors.shape == (4, 2, 3)
    psi = get_backend("cirq").statevector(
        clf.circuit_.circuit, clf.circuit_.angles(clf.scaling_.radians(X[:4]), clf.weights_)
    )
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    for qubit, axis in ((0, "nik,pij,njk->np"), (1, "nki,pij,nkj->np")):
        expected = np.einsum(axis, psi.reshape(4, 2, 2).conj(), pauli, psi.reshape(4, 2, 2))
        np.testing.assert_allclose(vectors[:, qubit], expected.real, atol=1e-12)


def test_bloch_means_of_classes(clf):
    display = BlochDisplay.from_estimator(clf, X, np.where(y == 1, "$b", "a")).plot()
    assert display.labels == ["class $b (mean)", "class a (mean)"]
    np.testing.assert_allclose(display.vectors[1], display.clouds[1].mean(axis=0))
    assert [len(cloud) for cloud in display.clouds] == [(y == 1).sum(), (y == 0).sum()]
    assert [len(ax.collections) for ax in display.axes_] == [2, 2]
    for ax in display.axes_:
        assert len(ax.findobj(lambda artist: artist.get_gid() == "arrow")) == 2
    assert display.axes_[1].get_title().startswith("qubit 1\nlength ")


def test_noise_shortens_bloch_vectors():
    """Three gates on each qubit, none between them: each multiplies by 1 − 4p/3."""
    settings = {"ansatz": "no_entanglement", "n_layers": 1, "max_iter": 2, "random_state": 0}
    settings["encoding"] = "angle"
    noisy = VariationalClassifier(noise=NoiseModel(depolarizing_1q=0.06), **settings).fit(X, y)
    lengths = np.linalg.norm(BlochDisplay.from_estimator(noisy, X[:3]).vectors, axis=-1)
    np.testing.assert_allclose(lengths, (1 - 4 * 0.06 / 3) ** 3, atol=1e-12)
    rho = StateCityDisplay.from_estimator(noisy, X[0]).density_matrix
    purity = ((1 + lengths[0] ** 2) / 2).prod()
    assert np.trace(rho @ rho).real == pytest.approx(purity)


def test_bloch_arrow_of_the_zero_state_points_up():
    display = BlochDisplay(np.array([[[0.0, 0.0, 1.0]]]), ["zero"]).plot()
    (arrow,) = display.axes_[0].findobj(lambda artist: artist.get_gid() == "arrow")
    (x0, x1), (y0, y1) = arrow.get_data()
    assert (x0, y0) == (0, 0)
    assert x1 == pytest.approx(0)
    assert y1 > 0.9


def test_bloch_bad_input(clf):
    with pytest.raises(ValueError, match="40 samples are too many arrows: give y"):
        BlochDisplay.from_estimator(clf, X)
    with pytest.raises(ValueError, match="X has 40 samples, but y has shape"):
        BlochDisplay.from_estimator(clf, X, y[:3])
    with pytest.raises(ValueError, match="X must have 2 features"):
        BlochDisplay.from_estimator(clf, [1.0])
    with pytest.raises(ValueError, match="ax must be 2 axes"):
        BlochDisplay.from_estimator(clf, X[0]).plot(ax=Figure().subplots())


def test_probabilities_are_the_bars(clf):
    display = ProbabilitiesDisplay.from_estimator(clf, X[:2]).plot()
    heights = [[bar.get_height() for bar in group] for group in display.ax_.containers]
    np.testing.assert_allclose(heights, display.probabilities)
    np.testing.assert_allclose(np.sum(heights, axis=1), 1)
    assert len({group[0].get_hatch() for group in display.ax_.containers}) == 2
    shots = VariationalClassifier(max_iter=1, shots=10, random_state=0).fit(X, y)
    counts = ProbabilitiesDisplay.from_estimator(shots, X[0]).probabilities * 10
    np.testing.assert_allclose(counts, np.round(counts))


def test_only_the_most_probable_of_many_bit_strings(clf):
    p = np.zeros((1, 64))
    p[0, 20:60] = np.arange(1, 41) / 820
    display = ProbabilitiesDisplay(p).plot()
    labels = [label.get_text() for label in display.ax_.get_xticklabels()]
    assert labels == [format(k, "06b") for k in range(28, 60)]
    assert display.ax_.get_xlabel() == "32 most probable of 64 bit strings"
    with pytest.raises(ValueError, match="at most 5"):
        ProbabilitiesDisplay.from_estimator(clf, X)


@each_backend("backend", names=["numpy", "pennylane"])
def test_city_is_the_outer_product_of_the_state(backend, clf):
    model = clf.with_backend(backend)
    display = StateCityDisplay.from_estimator(model, X[0])
    psi = get_backend("qiskit").statevector(
        clf.circuit_.circuit, clf.circuit_.angles(clf.scaling_.radians(X[:1]), clf.weights_)
    )[0]
    np.testing.assert_allclose(display.density_matrix, np.outer(psi, psi.conj()), atol=1e-12)
    left, right = drawn(display.plot().figure_).axes
    assert (left.get_title(), right.get_title()) == ("real part", "imaginary part")
    assert [label.get_text() for label in left.get_xticklabels()] == ["00", "01", "10", "11"]


def test_city_bad_input(clf):
    big = VariationalClassifier(n_qubits=5, n_layers=1, max_iter=1).fit(X, y)
    with pytest.raises(ValueError, match=r"1024 towers.*or use ProbabilitiesDisplay"):
        StateCityDisplay.from_estimator(big, X[0])
    with pytest.raises(ValueError, match=r"such as X\[0\]"):
        StateCityDisplay.from_estimator(clf, X)
    with pytest.raises(ValueError, match='projection="3d"'):
        StateCityDisplay.from_estimator(clf, X[0]).plot(ax=Figure().subplots(1, 2))


# Gradients and spectra


def test_gradient_variance_beside_its_exact_lines():
    display = GradientVarianceDisplay.from_product_rotations(
        [1, 2, 3], n_samples=4000, random_state=0
    )
    for found, exact in zip(display.variances.values(), display.exact.values(), strict=True):
        for one, line in zip(found, exact, strict=True):
            assert abs(one.variance - line) < 4 * one.standard_error
    ax = display.plot().ax_
    assert [list(line.get_ydata()) for line in ax.get_lines()[:2]] == list(display.exact.values())
    points = [bars.lines[0].get_ydata() for bars in ax.containers]
    points = np.array(points, dtype=float)
    expected = [[one.variance for one in found] for found in display.variances.values()]
    np.testing.assert_allclose(points, expected)
    assert "number of qubits" in ax.get_xlabel()


@pytest.mark.slow
def test_gradient_variance_of_ansatze():
    settings = {"n_layers": 8, "n_samples": 300, "random_state": 0}
    deep = GradientVarianceDisplay.from_ansatze(n_qubits=[2, 3, 4], **settings)
    line = deep.exact["exact, Haar-random circuits"]
    found = [one.variance for one in deep.variances["strongly_entangling"]]
    np.testing.assert_allclose(found, line, rtol=0.3)
    flat = [one.variance for one in deep.variances["no_entanglement"]]
    assert min(flat) > 2 * line[-1]  # it stays, as a single qubit's does
    drawn(deep.plot().figure_)
    with pytest.raises(ValueError, match="unknown observable 'globl': did you mean 'global'"):
        GradientVarianceDisplay.from_ansatze(observable="globl")
    with pytest.raises(ValueError, match="unknown ansatz"):
        GradientVarianceDisplay.from_ansatze(["deep"], [2])


def test_spectrum_of_a_classifier_and_its_band(clf):
    display = FourierDisplay.from_estimator(clf, features=[1], extra=3)
    assert display.spectrum.band == (2,)
    points = np.linspace(-1.5, 1.5, 5)[:, None]
    middle, half = clf.scaling_.center, clf.scaling_.half_range
    rows = np.column_stack(
        [np.full(5, middle[0]), middle[1] + points[:, 0] * half[1] / (np.pi / 2)]
    )
    np.testing.assert_allclose(display.spectrum(points), clf.decision_function(rows), atol=1e-10)
    ax = display.plot().ax_
    heights = {round(b.get_x() + 0.3): b.get_height() for b in ax.containers[0]}
    assert sorted(heights) == list(range(-5, 6))
    assert max(heights[n] for n in (-5, -4, -3, 3, 4, 5)) < 1e-12
    assert heights[2] > 1e-6
    (band,) = [p for p in ax.patches if p not in ax.containers[0].patches]
    assert (band.get_x(), band.get_width()) == (-2.5, 5.0)


def test_spectrum_of_two_features_is_a_map(clf):
    display = FourierDisplay.from_estimator(clf).plot()
    size = display.ax_.images[0].get_array()
    np.testing.assert_allclose(size, np.abs(display.spectrum.coefficients).T)
    (frame,) = display.ax_.patches
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (
        -2.5,
        -2.5,
        5,
        5,
    )
    assert display.ax_.get_ylabel() == "frequency in feature 1"


def test_spectrum_of_one_class_of_three():
    iris = load_dataset("iris")
    settings = {"n_layers": 1, "trainable_scaling": False, "max_iter": 1, "random_state": 0}
    model = VariationalClassifier(encoding="angle", **settings).fit(iris.X, iris.y)
    display = FourierDisplay.from_estimator(model, features=[0], output=2)
    zero = np.array([[0.0]])
    expected = model.decision_function(model.scaling_.center[None])[0, 2]
    np.testing.assert_allclose(display.spectrum(zero), expected)
    with pytest.raises(ValueError, match="one of the 3 outputs, got 3"):
        FourierDisplay.from_estimator(model, features=[0], output=3)
    with pytest.raises(ValueError, match=r"got 4: choose with features=\[0\]"):
        FourierDisplay.from_estimator(model)


def test_trained_scaling_has_no_whole_frequencies():
    model = VariationalClassifier(max_iter=2).fit(X, y)
    with pytest.raises(ValueError, match="trainable_scaling=False"):
        FourierDisplay.from_estimator(model)


# What all have in common


def test_pipelines_and_data_frames():
    wide = pd.DataFrame(np.column_stack([X, X[:, 0] ** 2]), columns=["a", "b", "c"])
    pipeline = make_pipeline(PCA(2), VariationalClassifier(max_iter=1)).fit(wide, y)
    vectors = BlochDisplay.from_estimator(pipeline, wide, y).vectors
    inner = BlochDisplay.from_estimator(pipeline[-1], pipeline[0].transform(wide), y).vectors
    np.testing.assert_array_equal(vectors, inner)
    one = NativeCircuitDisplay.from_estimator(pipeline, wide.iloc[0], "cirq")
    reduced = pipeline[0].transform(wide)[0]
    assert one.text == NativeCircuitDisplay.from_estimator(pipeline[-1], reduced, "cirq").text
    assert CircuitDisplay.from_estimator(pipeline).circuit == pipeline[-1].circuit_


@pytest.mark.parametrize(
    "display",
    [BlochDisplay, CircuitDisplay, FourierDisplay, NativeCircuitDisplay, StateCityDisplay],
)
def test_only_a_fitted_quantum_model_has_a_circuit(display, clf):
    arguments = {
        BlochDisplay: (X[0],),
        StateCityDisplay: (X[0],),
        NativeCircuitDisplay: (X[0], "cirq"),
    }
    with pytest.raises(NotFittedError):
        display.from_estimator(VariationalClassifier(), *arguments.get(display, ()))
    with pytest.raises(TypeError, match="LogisticRegression, which has no circuit"):
        display.from_estimator(LogisticRegression().fit(X, y), *arguments.get(display, ()))
    with pytest.raises(TypeError, match="VariationalRegressor is needed, got TrainedModel"):
        display.from_estimator(clf.model_, *arguments.get(display, ()))
    if display is NativeCircuitDisplay:
        with pytest.raises(ValueError, match="unknown framework 'quiskit': did you mean 'qiskit'"):
            display.from_estimator(clf, X[0], "quiskit")
        with pytest.raises(ValueError, match=r"such as X\[0\]"):
            display.from_estimator(clf, X, "cirq")


def quick():
    return VariationalClassifier(max_iter=2)


EVERY_DISPLAY = {
    "boundaries": lambda clf: BoundariesDisplay.from_estimator(
        quick().fit(X, y), X, y, resolution=9
    ),
    "frames": lambda clf: TrainingFramesDisplay.from_estimator(quick(), X, y, resolution=5),
    "curves": lambda clf: CurvesDisplay.from_training({"a": quick()}, X, y),
    "confusion": lambda clf: ConfusionDisplay.from_predictions(["a long name", "b"], ["b", "b"]),
    "parity": lambda clf: ParityDisplay.from_estimator(clf, X[:3], ["numpy", "pennylane"]),
    "circuit": CircuitDisplay.from_estimator,
    "native": lambda clf: NativeCircuitDisplay.from_estimator(clf, X[0], "cirq"),
    "bloch": lambda clf: BlochDisplay.from_estimator(clf, X, y),
    "probabilities": lambda clf: ProbabilitiesDisplay.from_estimator(clf, X[:2]),
    "city": lambda clf: StateCityDisplay.from_estimator(clf, X[0]),
    "gradients": lambda clf: GradientVarianceDisplay.from_product_rotations([1, 2], n_samples=20),
    "spectrum": lambda clf: FourierDisplay.from_estimator(clf, features=[0]),
    "spectra": FourierDisplay.from_estimator,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY_DISPLAY)
def test_manners_of_every_display(name, clf):
    display = EVERY_DISPLAY[name](clf)
    png = display._repr_png_()  # what Jupyter shows
    assert png.startswith(b"\x89PNG")
    figure = display.figure_
    assert display.plot() is display
    assert display.figure_ is not figure  # every plot has a figure of its own
    inner = drawn(display.figure_).get_tightbbox()
    width, height = display.figure_.get_size_inches()
    assert min(inner.x0, inner.y0) >= -0.01
    assert inner.x1 <= width + 0.01
    assert inner.y1 <= height + 0.01
    axes = getattr(display, "axes_", None) or [display.ax_]
    assert all(ax.get_figure() is display.figure_ for ax in axes)
    titles = [display.figure_.get_suptitle(), *(ax.get_title() for ax in axes)]
    titles += [text.get_text() for text in axes[0].texts]
    assert any(titles)  # it says what is shown
    is_3d = axes[0].name == "3d"
    given = Figure(figsize=(4 * len(axes), 4)).subplots(
        1, len(axes), squeeze=False, subplot_kw={"projection": "3d"} if is_3d else None
    )[0]
    display.plot(ax=given if len(axes) > 1 else given[0])
    assert display.figure_ is given[0].get_figure()
    assert all(ax.has_data() or ax.texts for ax in given)
    drawn(display.figure_)
