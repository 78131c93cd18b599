"""The growing state and the inspected point, against states that were computed otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from waiting import until

from qmlplay import VariationalClassifier, get_backend
from qmlplay.circuit.gates import pauli_matrix
from qmlplay.diagnostics import meyer_wallach
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playground_widget import Playground
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views import ModelViews, model_views
from qmlplay.widget.views.drawn_blocks import DrawnBlocks
from qmlplay.widget.views.frames import make_frame
from qmlplay.widget.views.growth import growth_view, parameter_sum
from qmlplay.widget.views.page_selection import PageSelection
from qmlplay.widget.views.point import place_of, point_view


def trained(**settings):
    """A model of two steps, and its plane."""
    configuration = replace(Configuration(), **settings)
    plane = make_plane(configuration)
    parameters = model_parameters(configuration) | {"max_iter": 2}
    fitted = VariationalClassifier(**parameters).fit(plane.split.X_train, plane.split.y_train)
    return fitted, plane


def maps_of(view):
    shape = (len(view["blocks"]), view["n_qubits"], view["resolution"], view["resolution"])
    return np.frombuffer(view["maps"], np.uint8).reshape(shape) / 127.5 - 1


def dots_of(view):
    shape = (len(view["blocks"]), len(view["labels"]), view["n_qubits"], 3)
    return np.frombuffer(view["dots"], np.int8).reshape(shape) / 127


@pytest.fixture(scope="module")
def three_qubits():
    return trained(n_qubits=3, n_layers=2)


@pytest.mark.parametrize("basis", ["X", "Y", "Z"])
def test_maps_are_expectations_over_the_plane(three_qubits, basis):
    """The last map of qubit q is what the backend says of its Pauli matrix; others are, too."""
    model, plane = three_qubits
    view = growth_view(model, plane, PageSelection(basis=basis))
    maps, grid = maps_of(view), plane.grid(view["resolution"])
    strings = ["I" * q + basis + "I" * (2 - q) for q in range(3)]
    expected = model.model_.expectations(grid, "numpy", observables=strings)
    np.testing.assert_allclose(maps[-1].reshape(3, -1), expected.T, atol=1 / 255 + 1e-9)
    names = [block["name"] for block in view["blocks"]]
    assert names == ["encoding 1", "ansatz 1", "encoding 2", "ansatz 2"]
    first = model.circuit_.circuit.part(0, len(view["blocks"][0]["gates"]))
    angles = model.model_.angles(grid)[: first.n_slots]
    states = get_backend("numpy").statevector(first, angles)
    for q, string in enumerate(strings):
        of_states = np.einsum("ni,ij,nj->n", states.conj(), pauli_matrix(string), states).real
        np.testing.assert_allclose(maps[0, q].ravel(), of_states, atol=1 / 255 + 1e-9)


def test_the_top_row_of_a_map_is_the_top_of_the_plane():
    """⟨Z⟩ after the first encoding depends on one feature per qubit: along rows, or columns."""
    model, plane = trained(n_qubits=2, n_layers=1, encoding="angle")
    maps = maps_of(growth_view(model, plane, PageSelection()))
    across, up = maps[0]
    assert np.ptp(across, axis=0).max() == 0
    assert np.ptp(up, axis=1).max() == 0
    x_low, _, _, y_high = plane.extent
    top_left = point_view(model, plane, PageSelection(point=(x_low, y_high)))["blocks"][0]["bloch"]
    assert maps[0, :, 0, 0] == pytest.approx([vector[2] for vector in top_left], abs=1 / 255)


def test_dots_means_and_lengths(three_qubits):
    model, plane = three_qubits
    view = growth_view(model, plane, PageSelection())
    split = plane.split
    X = np.concatenate([split.X_train, split.X_test])
    assert (len(view["labels"]), view["n_samples"]) == (len(X), len(X))
    classes = np.unique(split.y_train)
    assert view["labels"] == np.searchsorted(classes, [*split.y_train, *split.y_test]).tolist()
    z = model.model_.expectations(X, "numpy", observables=["ZII", "IZI", "IIZ"])
    np.testing.assert_allclose(dots_of(view)[-1, :, :, 2], z, atol=1 / 254 + 1e-9)
    assert view["means"][-1] == pytest.approx(z.mean(axis=0), abs=1e-4)
    states = model.backend_.statevector(model.circuit_.circuit, model.model_.angles(X))
    lengths = np.linalg.norm(dots_of(view)[-1], axis=-1)
    # Mean purity of one qubit, from the Meyer–Wallach measure; (1 + length²)/2 is a purity.
    purity = ((1 + lengths**2) / 2).mean(axis=1)
    np.testing.assert_allclose(purity, 1 - meyer_wallach(states) / 2, atol=0.02)
    assert view["lengths"][0] == pytest.approx([1, 1, 1])
    assert view["entanglement"][0] == pytest.approx([0, 0, 0], abs=1e-4)
    assert view["pairs"] == [[0, 1], [0, 2], [1, 2]]


def test_a_qubit_alone():
    model, plane = trained(n_qubits=1, n_layers=1)
    view = growth_view(model, plane, PageSelection())
    assert (view["pairs"], view["entanglement"]) == ([], [[], []])
    assert point_view(model, plane, PageSelection(sample=0))["blocks"][0]["entanglement"] == []


@pytest.mark.parametrize("settings", [
    {}, {"n_qubits": 3, "n_layers": 1}, {"dataset": "iris", "data_noise": 0.0},
    {"dataset": "blobs"},
    {"encoding": "zz", "ansatz": "real_amplitudes"}, {"ansatz": "convolutional", "n_qubits": 4},
])  # fmt: skip
def test_parameters_add_up(settings):
    configuration = replace(Configuration(), **settings)
    plane = make_plane(configuration)
    design = VariationalClassifier(**model_parameters(configuration)).design(
        2, len(np.unique(plane.split.y_train))
    )
    model, _ = trained(**settings)
    parts = parameter_sum(model.model_)
    assert parts.pop("total") == sum(parts.values()) == design.n_parameters


def test_the_readout_adds_up(three_qubits):
    """Expectation × scale, summed, plus bias: the model's own decision and probability."""
    model, plane = three_qubits
    view = point_view(model, plane, PageSelection(sample=5, part="test"))
    row, readout = plane.split.X_test[5][None], view["readout"]
    assert (view["x"], view["y"]) == pytest.approx(tuple(row[0]))
    total = np.dot(readout["expectations"], readout["scale"]) + readout["bias"]
    assert total == pytest.approx(readout["decisions"], abs=1e-4)
    assert readout["decisions"] == pytest.approx(model.decision_function(row), abs=1e-5)
    assert readout["probabilities"] == pytest.approx(model.predict_proba(row)[0], abs=1e-5)
    assert model.classes_[readout["predicted"]] == model.predict(row)[0]
    assert view["label"] == list(model.classes_).index(plane.split.y_test[5])


def test_three_classes():
    model, plane = trained(dataset="blobs", n_layers=1)
    readout = point_view(model, plane, PageSelection(point=(0.0, 0.0)))["readout"]
    assert np.shape(readout["scale"]) == (len(readout["observables"]), 3)
    assert readout["probabilities"] == pytest.approx(model.predict_proba([[0.0, 0.0]])[0], abs=1e-5)


def test_amplitudes_of_the_point(three_qubits):
    """Probabilities, and phases relative to the largest amplitude, of the final state."""
    model, plane = three_qubits
    x = [0.3, -0.2]
    view = point_view(model, plane, PageSelection(point=tuple(x)))
    psi = model.backend_.statevector(model.circuit_.circuit, model.model_.angles([x]))[0]
    bars = view["blocks"][-1]["bars"]
    assert [bar["bits"] for bar in bars] == [format(i, "03b") for i in range(8)]
    assert [bar["probability"] for bar in bars] == pytest.approx(np.abs(psi) ** 2, abs=1e-5)
    shown = np.sqrt([b["probability"] for b in bars]) * np.exp(
        1j * np.array([b["phase"] for b in bars])
    )
    assert abs(np.vdot(shown, psi)) == pytest.approx(1, abs=1e-4)
    largest = int(np.argmax(np.abs(psi)))
    assert abs(np.angle(psi[largest])) > 0.01
    assert bars[largest]["phase"] == 0
    assert view["label"] is None


def test_noise_shrinks_the_vectors():
    clean, plane = trained(n_layers=2)
    noisy = clean.with_backend("numpy", noise="high")
    views = [point_view(model, plane, PageSelection(sample=1)) for model in (clean, noisy)]
    assert [view["is_mixed"] for view in views] == [False, True]
    lengths = np.array([[block["lengths"] for block in view["blocks"]] for view in views])
    assert (lengths[1] < lengths[0] - 1e-3).all()
    assert views[1]["blocks"][0]["bars"][0]["phase"] is None
    expected = noisy.predict_proba(plane.split.X_train[1][None])[0]
    assert views[1]["readout"]["probabilities"] == pytest.approx(expected, abs=1e-5)
    assert growth_view(noisy, plane, PageSelection())["lengths"][0][0] < 0.999


def test_noise_on_many_qubits_is_left_out_and_that_is_said():
    clean, plane = trained(n_qubits=5, n_layers=1)
    noisy = clean.with_backend("numpy", noise="high")
    view = growth_view(noisy, plane, PageSelection())
    assert "without the device's noise" in view["notice"]
    assert view["lengths"][0] == pytest.approx([1] * 5, abs=1e-3)


def test_nothing_is_computed_twice(three_qubits):
    """Of an earlier selection's views all those stay that another selection does not change."""
    model, plane = three_qubits
    frame, blocks = make_frame(model, plane), DrawnBlocks.of(model)

    def views(selection, earlier=None, **settings):
        found = model_views(model, plane, selection, earlier=earlier, blocks=blocks, **settings)
        return ModelViews(frame, selection, frozenset(settings.get("frozen", ())), blocks, found)

    first = views(PageSelection())
    assert first.values["point"] == {}
    second = views(PageSelection(sample=0), first)
    assert second.values["point"]["sample"] == 0
    third = views(PageSelection(sample=0, basis="X"), second)
    assert third.values["growth"]["basis"] == "X"
    assert third.values["point"] is second.values["point"]
    fourth = views(PageSelection(sample=0, basis="X", gate=2), third)
    assert fourth.values["gate_view"] != {}
    for name in ("growth", "point", "gates"):
        assert fourth.values[name] is third.values[name]
    assert second.values["growth"] is first.values["growth"]
    coarse = views(PageSelection(), coarse=True)
    assert coarse.values["growth"]["resolution"] < first.values["growth"]["resolution"]
    assert views(PageSelection(), coarse).values["growth"] == first.values["growth"]
    assert views(PageSelection(), first, coarse=True).values["growth"] is first.values["growth"]
    unknown = model_views(model, plane, PageSelection(sample=0), coarse=False)
    assert unknown["growth"] == first.values["growth"]
    assert unknown["point"] == second.values["point"]


def test_where_amplitudes_are_all_zero():
    """No state is there: a map has one right beside it, and the point shows nothing."""
    model, plane = trained(encoding="amplitude", n_layers=1)
    X = plane.split.X_train.copy()
    X[[0, 1]] = [[-2.5, -2.5], [2.5, 2.5]]
    plane = replace(plane, split=replace(plane.split, X_train=X))
    assert not plane.grid(3)[4].round(6).any()  # the middle of the plane
    for resolution in (3, 5, 28):
        rows = plane.grid(resolution)
        assert np.isfinite(model.predict_proba(rows)).all()
    assert point_view(model, plane, PageSelection(point=(0.0, 0.0))) == {}
    assert point_view(model, plane, PageSelection(point=(0.0, 0.1)))["n_qubits"] == model.n_qubits_


# What the page asks for


def test_places_that_the_page_names():
    plane = make_plane(Configuration())
    assert place_of({}, plane) == {"point": None, "sample": None}
    assert place_of({"x": 0.5, "y": 0}, plane) == {"point": (0.5, 0.0), "sample": None}
    sample = {"point": None, "sample": 3, "part": "test"}
    assert place_of({"sample": 3, "part": "test"}, plane) == sample
    for bad in (99.0, -99.0, float("nan"), float("inf"), "0", True, [0.1], {}):
        with pytest.raises(ValueError, match=r"plane goes|two finite numbers"):
            place_of({"x": bad, "y": 0.0}, plane)
        with pytest.raises(ValueError, match=r"plane goes|two finite numbers"):
            place_of({"x": 0.0, "y": bad}, plane)
    with pytest.raises(ValueError, match="two finite numbers"):
        place_of({"x": 0.0}, plane)


@pytest.fixture
def widget():
    shown = Playground(Configuration())
    until(lambda: shown.growth)
    yield shown
    shown.close()


def ask(widget, **content):
    widget._handle_custom_msg(content, [])
    return widget.message.get("text", "")


def test_a_point_and_a_basis_are_asked_for(widget):
    """Before the first step there is a state to look at, and it follows every step."""
    assert widget.growth["blocks"][0]["name"] == "encoding 1"
    assert widget.point == {}
    assert ask(widget, action="inspect", x=0.1, y=0.2) == ""
    assert (widget.point["x"], widget.point["y"]) == (0.1, 0.2)
    before = widget.point["readout"]
    widget.step()
    until(lambda: widget.run["step"] == 1 and widget.point["readout"] != before)
    assert ask(widget, action="basis", value="X") == ""
    assert widget.growth["basis"] == "X"
    assert ask(widget, action="inspect") == ""
    assert widget.point == {}


def test_a_point_without_a_state_fails_no_run(widget):
    assert ask(widget, action="inspect", x=0.0, y=0.0) == ""
    widget.change(encoding="amplitude")
    until(lambda: widget.growth or widget.run["state"] == "failed")
    assert (widget.run["state"], widget.point) == ("ready", {})
    widget.change(encoding="angle")
    until(lambda: widget.point)


def test_other_settings_keep_the_point_and_other_data_do_not(widget):
    ask(widget, action="basis", value="Y")
    ask(widget, action="inspect", sample=3, part="test")
    widget.change(n_layers=2)
    until(lambda: len(widget.growth.get("blocks", ())) == 4 and widget.point)
    assert (widget.growth["basis"], widget.point["sample"], widget.point["part"]) == (
        "Y",
        3,
        "test",
    )
    widget.change(dataset="circles")
    until(lambda: widget.growth)
    assert (widget.growth["basis"], widget.point) == ("Y", {})


@pytest.mark.parametrize("content", [
    {"action": "inspect", "x": 99.0, "y": 0.0},
    {"action": "inspect", "x": float("nan"), "y": 0.0},
    {"action": "inspect", "sample": 100_000, "part": "train"},
    {"action": "inspect", "sample": -1, "part": "train"},
    {"action": "inspect", "sample": 1.5, "part": "train"},
    {"action": "inspect", "sample": 1, "part": "validation"},
    {"action": "inspect", "sample": 1},
    {"action": "basis", "value": "W"},
    {"action": "basis", "value": ["Z"]},
    {"action": "basis"},
])  # fmt: skip
def test_what_is_refused_changes_nothing(widget, content):
    ask(widget, action="inspect", x=0.1, y=0.2)
    before = (widget.session.views.selection, widget.point, widget.growth)
    assert ask(widget, **content)
    assert (widget.session.views.selection, widget.point, widget.growth) == before
