"""A model's page in Chromium: it answers as Python does, alone, by keyboard, whatever its names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    FeatureReduction,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)
from qmlplay.ansatze import ANSATZE
from qmlplay.encodings import ENCODINGS
from qmlplay.export import to_html

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOSTILE = "</script><script>document.title='x'</script>\"'><img src=x onerror=alert(1)> {{7*7}}"
RIGHT_TO_LEFT = "\u202eevil \u05d0\u05d1"
IRIS = load_dataset("iris")


def classifier(X=IRIS.X, y=IRIS.y, **settings):
    settings = {"n_layers": 2, "max_iter": 5, "random_state": 0} | settings
    return VariationalClassifier(**settings).fit(X, y)


def rows_of(X, n_rows=200):
    """Rows from a box a little wider than the data."""
    X = np.asarray(X)
    margin = 0.2 * np.ptp(X, axis=0)
    return np.random.default_rng(1).uniform(
        X.min(0) - margin, X.max(0) + margin, (n_rows, X.shape[1])
    )


@pytest.fixture
def opened(chromium, tmp_path):
    """A function that opens the page of a model in a browser without a network."""
    pages = []

    def open_page(model, *, title=None, width=1280, scheme="light"):
        path = tmp_path / "model.html"
        to_html(model, path, title=title)
        page = chromium.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.errors, page.requests = [], []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda message: page.errors.append(message.text))
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    chromium.set_offline(True)
    yield open_page
    chromium.set_offline(False)
    for page in pages:
        assert page.errors == []
        assert all(url.startswith(("file:", "blob:")) for url in page.requests)
        page.close()


def answers(page, rows, entry="probabilities"):
    given = "([rows, entry]) => qmlplay.predict(rows).map((answer) => answer[entry])"
    return np.array(page.evaluate(given, [np.asarray(rows).tolist(), entry]))


@pytest.mark.parametrize("ansatz", ["hardware_efficient_rxx", "strongly_entangling"])
@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_it_answers_as_python_does(opened, encoding, ansatz):
    clf = classifier(encoding=encoding, ansatz=ansatz)
    rows = rows_of(IRIS.X)
    page = opened(clf)
    np.testing.assert_allclose(answers(page, rows), clf.predict_proba(rows), rtol=0, atol=1e-12)
    assert answers(page, rows, "name").tolist() == clf.predict(rows).astype(str).tolist()


@pytest.mark.parametrize("ansatz", list(ANSATZE))
def test_two_classes_and_other_observables(opened, ansatz):
    X, y = IRIS.X[:, :3], IRIS.y == 2
    observables = ["XYZ", {"ZZI": 0.5, "IIY": -1.5}, 2]
    clf = classifier(X, y, ansatz=ansatz, observables=observables)
    rows = rows_of(X)
    page = opened(clf)
    np.testing.assert_allclose(answers(page, rows), clf.predict_proba(rows), rtol=0, atol=1e-12)


def test_ten_qubits(opened):
    X = np.random.default_rng(0).normal(size=(30, 10))
    clf = classifier(X, X[:, 0] > 0, n_qubits=10, max_iter=1)
    page = opened(clf)
    np.testing.assert_allclose(answers(page, X), clf.predict_proba(X), rtol=0, atol=1e-12)


@pytest.mark.parametrize("targets", [1, 2])
def test_a_regression(opened, targets):
    X = np.random.default_rng(0).uniform(-3, 5, (60, 2))
    y = np.column_stack([100 + X[:, 0] ** 2, X.sum(axis=1)])[:, :targets]
    model = VariationalRegressor(max_iter=5, random_state=0).fit(X, y[:, 0] if targets == 1 else y)
    page = opened(model)
    rows = rows_of(X)
    expected = model.predict(rows).reshape(len(rows), targets)
    np.testing.assert_allclose(answers(page, rows, "values"), expected, rtol=1e-12)
    shown = page.locator("#answer").inner_text()
    middle = page.evaluate("answerOf(controls.values).values")
    assert [float(number) for number in shown.split(";")] == pytest.approx(middle, rel=1e-5)


def test_a_pipeline_takes_its_table(opened):
    random = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 70, 90).astype(float),
            "always": ["yes"] * 90,
            "color": random.choice(["red", "blue", "green"], 90),
            "sold": random.choice([True, False], 90),
            "mass": random.normal(5, 2, 90),
        }
    )
    table.loc[::7, "age"] = np.nan
    table.loc[::11, "color"] = None
    y = np.where(table["mass"] + 2 * (table["color"] == "red") > 5.5, "heavy", "light")
    model = make_pipeline(
        TablePreprocessor(), FeatureReduction(3), VariationalClassifier(max_iter=5, random_state=0)
    ).fit(table, y)
    page = opened(model)
    page.get_by_text("Many rows").click()
    page.get_by_label("Rows, a line each").fill(table.to_csv(index=False, sep=";"))
    page.get_by_role("button", name="Predict all rows").click()
    expect(page.locator("#rows-message")).to_have_text("90 rows predicted.")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save all as CSV").click()
    csv = pd.read_csv(saved.value.path())
    assert list(csv) == ["prediction", "P(heavy)", "P(light)"]
    assert csv["prediction"].tolist() == model.predict(table).tolist()
    p = csv[["P(heavy)", "P(light)"]].to_numpy()
    np.testing.assert_allclose(p, model.predict_proba(table), rtol=0, atol=1e-12)


def test_far_outliers_are_held_as_in_training(opened):
    X = np.append(np.linspace(20, 60, 50), 1e6)[:, None]
    clf = classifier(X, X[:, 0] > 40)
    assert clf.scaling_.holds
    page = opened(clf)
    rows = [[112.0], [113.0], [5e5], [-1e9]]
    np.testing.assert_allclose(answers(page, rows), clf.predict_proba(rows), rtol=0, atol=1e-12)
    page.get_by_label("x0", exact=True).fill("5e5")
    expect(page.locator("#note-0")).to_contain_text("counts as 1")


def test_scikit_learn_steps_before_it(opened):
    X, y = IRIS.X * [1, 10, 100, 1000], IRIS.y
    model = make_pipeline(StandardScaler(), VariationalClassifier(max_iter=3, random_state=0))
    model.fit(X, y)
    page = opened(model)
    rows = rows_of(X)
    np.testing.assert_allclose(answers(page, rows), model.predict_proba(rows), rtol=0, atol=1e-12)
    ends = page.locator("#slider-3").evaluate("slider => [slider.min, slider.max].map(Number)")
    assert ends == pytest.approx([X[:, 3].min(), X[:, 3].max()], rel=0.02)


def test_it_notices_a_wrong_number(opened, monkeypatch):
    from qmlplay.export import page_content

    monkeypatch.setattr(page_content, "_TOLERANCE", -1.0)
    page = opened(classifier())
    expect(page.locator("#check")).to_contain_text("Do not trust this page")


def test_it_says_that_it_is_checked(opened):
    expect(opened(classifier()).locator("#check")).to_contain_text("Checked just now: on 5 rows")


def moons():
    data = load_dataset("moons", n_samples=80, random_state=0)
    return data.X, np.array(["upper", "lower"])[data.y]


def test_sliders_fields_and_bars(opened):
    X, y = moons()
    clf = classifier(pd.DataFrame(X, columns=["east", "north"]), y, max_iter=40)
    page = opened(clf, title="Two moons")
    assert page.title() == "Two moons"
    page.get_by_label("east, slider").fill("1.5")
    page.get_by_label("north", exact=True).fill("-0.25")
    row = pd.DataFrame([[1.5, -0.25]], columns=["east", "north"])
    expect(page.get_by_label("east", exact=True)).to_have_value("1.5")
    expect(page.get_by_label("north, slider")).to_have_value("-0.25")
    lower, upper = clf.predict_proba(row)[0]
    expect(page.locator("#share-0")).to_have_text(f"{100 * lower:.1f} %")
    expect(page.locator("#share-1")).to_have_text(f"{100 * upper:.1f} %")
    expect(page.locator("#answer-name")).to_have_text(clf.predict(row)[0])
    width = page.locator("#bar-0").evaluate("bar => bar.offsetWidth / bar.parentNode.clientWidth")
    assert width == pytest.approx(lower, abs=0.01)
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_label("east", exact=True)).not_to_have_value("1.5")


def test_bad_fields_keep_the_last_answer(opened):
    page = opened(classifier())
    before = page.locator("#answer").inner_text()
    field = page.get_by_label("x0", exact=True)
    field.fill("")
    expect(page.locator("#note-0")).to_contain_text("is no number for x0")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.locator("#answer").inner_text() == before
    field.fill("1e3")
    expect(page.locator("#note-0")).to_contain_text("outside the range of training")
    assert field.get_attribute("aria-invalid") is None


def test_the_point_can_be_dragged(opened):
    X, y = moons()
    page = opened(classifier(X, y, max_iter=40))
    canvas = page.locator("#picture")
    expect(canvas).to_have_attribute("data-cells", "72")
    box = canvas.bounding_box()
    at = [
        (box["x"] + share * box["width"], box["y"] + share * box["height"]) for share in (0.5, 0.8)
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    page.mouse.up()
    x, y = page.evaluate("controls.values")
    low, high = np.array(page.evaluate("plan.inputs.map((input) => [input.low, input.high])")).T
    np.testing.assert_allclose(([x, y] - low) / (high - low), [0.8, 0.2], atol=0.02)
    page.mouse.move(*at[0])  # nothing is held down
    assert page.evaluate("controls.values") == [x, y]


def test_the_plane_has_the_colors_of_the_classes(opened):
    X, y = moons()
    clf = classifier(X, y, max_iter=60, n_layers=4)
    page = opened(clf)
    canvas = page.locator("#picture")
    expect(canvas).to_have_attribute("data-cells", "72")
    read = """(canvas) => ({width: canvas.width, height: canvas.height, data: [
        ...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]})"""
    image = canvas.evaluate(read)
    pixels = np.array(image["data"]).reshape(image["height"], image["width"], 4)[::-1]
    low, high = np.array(page.evaluate("plan.inputs.map((input) => [input.low, input.high])")).T
    seen = 0
    for share in np.random.default_rng(0).uniform(0.05, 0.95, (60, 2)):
        p = clf.predict_proba([low + share * (high - low)])[0]
        if abs(p[1] - 0.5) < 0.3 or np.abs(share - 0.5).max() < 0.1:  # a border, or the point
            continue
        red, _, blue, _ = pixels[int(share[1] * len(pixels)), int(share[0] * pixels.shape[1])]
        assert (blue > red) == (p[0] > p[1])  # the first class is blue, the second orange
        seen += 1
    assert seen > 30


def test_axes_can_be_chosen(opened):
    X = IRIS.X.copy()
    X[:, :2] = np.random.default_rng(0).normal(size=(150, 2))  # these tell nothing
    page = opened(classifier(X, alpha=0.01, max_iter=60))
    across, upwards = page.get_by_label("To the right"), page.get_by_label("Upwards")
    first, second = across.input_value(), upwards.input_value()
    assert {first, second} == {"2", "3"}  # petals tell irises apart
    before = page.locator("#picture").evaluate("canvas => canvas.toDataURL()")
    across.select_option("0")
    page.wait_for_function(
        "before => document.getElementById('picture').toDataURL() !== before", arg=before
    )
    across.select_option(second)  # they change places
    expect(upwards).to_have_value("0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Paste a row first"),
        ("1,2,3", "Line 1 has 3 values, but 4 are needed"),
        ("1,2,3,4\n\n1,2,3,4,5", "Line 3 has 5 values"),
        ("1,2,3,4\n1,2,x,4", "Line 2: “x” is no number for x2"),
        ("1,2,,4", "Line 1: “” is no number for x2"),
        ("1,2,Infinity,4", "“Infinity” is no number"),
        ("x0,x1,x2,x3", "Paste a row first"),
    ],
)
def test_bad_rows_are_named(opened, text, message):
    page = opened(classifier())
    page.get_by_text("Many rows").click()
    page.get_by_label("Rows, a line each").fill(text)
    page.get_by_role("button", name="Predict all rows").click()
    expect(page.locator("#rows-message")).to_contain_text(message)
    assert page.locator("#rows-results").is_hidden()


def test_rows_as_a_spreadsheet_copies_them(opened):
    page = opened(classifier())
    page.get_by_text("Many rows").click()
    page.get_by_label("Rows, a line each").fill("x3\tx1\tx0\tx2\tnote\n0,2\t3,5\t5,1\t1,4\thello\n")
    page.get_by_role("button", name="Predict all rows").click()
    expect(page.locator("#rows-message")).to_have_text("1 row predicted.")
    p = classifier().predict_proba([[5.1, 3.5, 1.4, 0.2]])[0]
    cells = page.locator("#rows-table td").all_inner_texts()
    assert [float(cell) for cell in cells[2:]] == pytest.approx(p.tolist(), rel=1e-5)


def hostile_model():
    X = pd.DataFrame(IRIS.X[:, :3], columns=[HOSTILE, RIGHT_TO_LEFT, "a\u0000b,c"])
    y = np.array([HOSTILE, RIGHT_TO_LEFT, "=1+1"])[IRIS.y]
    return classifier(X, y)


def test_hostile_names_are_names(opened):
    page = opened(hostile_model(), title=HOSTILE)
    assert page.title() == HOSTILE
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0
    names = page.locator(".bars bdi").all_inner_texts()
    assert {HOSTILE, RIGHT_TO_LEFT, "=1+1"} == set(names)
    assert page.get_by_label(HOSTILE, exact=True).count() == 1
    shown = page.locator("#answer-name")
    expect(shown).to_have_text(page.evaluate("qmlplay.predict([controls.values])[0].name"))
    assert shown.evaluate("node => node.tagName") == "BDI"


def violations(page):
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    page.get_by_label("Rows, a line each").fill("5,3,1,0.2\n6,3,5,2")
    page.get_by_role("button", name="Predict all rows").click()
    found = Axe().run(page, options=RULES).response
    judged = sum(len(rule["nodes"]) for rule in found["passes"] if rule["id"] == "color-contrast")
    assert judged > 20  # it did look
    return [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found["violations"]]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe(opened, scheme, width):
    page = opened(classifier(), width=width, scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_sees_bad_contrast(opened):
    page = opened(classifier())
    page.evaluate("document.querySelector('h1').style.color = '#dddddd'")
    assert [rule for rule, _ in violations(page)] == ["color-contrast"]


def test_by_keyboard(opened):
    page = opened(classifier())
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_label("x0", exact=True)).to_be_focused()
    keys.press("Tab")
    slider = page.get_by_label("x0, slider")
    expect(slider).to_be_focused()
    before = float(slider.input_value())
    keys.press("ArrowRight")
    step = float(slider.get_attribute("step"))
    assert float(slider.input_value()) == pytest.approx(before + step)
    expect(page.get_by_label("x0", exact=True)).to_have_value(slider.input_value())
    for _ in range(3 * 2 + 1):  # past the other features
        keys.press("Tab")
    expect(page.get_by_role("button", name="Reset")).to_be_focused()
    keys.press("Enter")
    assert float(slider.input_value()) == pytest.approx(before)


def test_nothing_else_may_run(opened):
    """The policy of the page forbids what is not in it."""
    page = opened(classifier())
    blocked = """() => new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation",
            (event) => resolve(event.violatedDirective));
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.head.append(script);
        setTimeout(() => resolve("allowed"), 1000);
    })"""
    assert page.evaluate(blocked) == "script-src-elem"
    assert page.evaluate("window.ran") is None
    page.errors.clear()  # Chromium tells the console as well
    fetched = "fetch('file:///etc/hostname').then(() => 'loaded', () => 'refused')"
    assert page.evaluate(fetched) == "refused"
    page.errors.clear()
    page.requests.clear()
