"""A user trains, pauses, changes the data, and takes the code home."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import expect

from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import to_string


def printed_accuracies(code, folder):
    """Run a script in a fresh process; return its two accuracies in percent, as the page rounds."""
    script = folder / "run.py"
    script.write_text(code, "utf-8")
    command = [sys.executable, script]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=True
    )
    found = re.findall(r"^(?:train|test) accuracy ([\d.]+)$", done.stdout, re.MULTILINE)
    return [float(f"{100 * float(number):.1f}") for number in found]


def test_train_pause_and_take_the_code_home(playground, tmp_path):
    first, untrained = playground.accuracies(), playground.picture()
    assert None not in first  # the first weights are a model, too
    steps = playground.train(2.0)
    assert 5 <= steps < 100
    assert playground.accuracies() != first
    shown = playground.accuracies()
    assert min(shown) > 60
    assert playground.picture() != untrained
    time.sleep(1)  # it stands still
    assert playground.steps() == steps
    assert printed_accuracies(playground.code(), tmp_path) == shown


def test_another_dataset_another_run(playground, tmp_path):
    playground.train(1.0)
    moons = playground.picture("baseline")
    playground.choose("Dataset", "Circles")
    playground.wait_for("Ready.")
    assert playground.steps() == 0
    baseline = playground.root.locator("tr[data-model=baseline] td").nth(1)
    expect(baseline).to_have_text(re.compile("%"))
    assert playground.picture("baseline") != moons
    playground.choose("Speed", "full speed")
    playground.press("Play")
    playground.wait_for("Finished.")
    assert playground.steps() == 100
    assert playground.accuracies()[1] > 90
    code = playground.code()
    assert 'load_dataset("circles"' in code
    assert printed_accuracies(code, tmp_path) == playground.accuracies()


def test_a_change_while_it_trains_goes_on_training(playground):
    parameters = playground.root.locator("tr[data-model=model] td").nth(2)
    before = parameters.inner_text()
    playground.press("Play")
    playground.choose("Ansatz", "strongly entangling")
    expect(parameters).not_to_have_text(before)  # from now on what is shown is of the new run
    playground.wait_for("Training.")
    expect(playground.root.locator(".qp-count")).not_to_have_text("step 0")
    playground.press("Pause")
    playground.wait_for("Paused.")
    playground.wait_for_code('ansatz="strongly_entangling"')


def test_quick_changes_are_all_taken(playground):
    playground.choose("Encoding", "ZZ feature map")
    playground.fill("Qubits", "3")
    playground.fill("Layers", "2")
    playground.choose("Optimiser", "SPSA")
    share = playground.root.get_by_label("This state as a string")
    wanted = Configuration(encoding="zz", n_qubits=3, n_layers=2, optimizer="spsa")
    expect(share).to_have_value(to_string(wanted))


def test_step_and_reset(playground):
    for expected in (1, 2, 3):
        playground.press("Step")
        expect(playground.root.locator(".qp-count")).to_have_text(f"step {expected}")
        playground.wait_for("Paused.")
    playground.press("Reset")
    playground.wait_for("Ready.")
    assert playground.steps() == 0


@pytest.mark.parametrize("framework", ["Qiskit", "Cirq", "PennyLane"])
def test_the_native_circuit_computes_the_same(playground, framework, tmp_path):
    playground.go_to_beginning()  # the code of the test before has just left the page's end
    playground.press("Step")
    playground.wait_for("Paused.")
    code = playground.code(framework)
    script = tmp_path / "native.py"
    script.write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=True
    )
    p = [float(value) for value in re.findall(r"^p\(.*\) = ([\d.]+)$", done.stdout, re.MULTILINE)]
    assert sum(p) == pytest.approx(1, abs=1e-5)
    assert "qmlplay" not in code.split("\n", 1)[1]


def test_a_shared_state_comes_back_with_its_training(playground):
    playground.fill("Layers", "2")
    steps = playground.train(1.0)
    before = playground.accuracies()
    playground.open("Share this state")
    text = playground.root.get_by_label("This state as a string").input_value()
    playground.choose("Dataset", "Spirals")
    playground.wait_for("Ready.")
    playground.root.get_by_label("A string that you were given").fill(text)
    playground.press("Restore")
    expect(playground.root.locator(".qp-count")).to_have_text(f"step {steps}")
    playground.wait_for("Paused.")
    assert playground.accuracies() == before
    assert playground.root.get_by_label("Layers", exact=True).input_value() == "2"


def test_the_costs_and_the_circuit_are_shown(playground):
    playground.press("Step")
    playground.wait_for("Paused.")
    costs = playground.root.locator(".qp-costs").inner_text()
    assert re.match(r"[\d.]+ m?s per step here\.", costs)
    assert "would run 11,970 circuits per step, 11,970 so far" in costs
    # 210 samples and 57 circuits each: 28 trainable angles, two circuits for each, and one more.
    # 2 Hadamards; 4 layers of 2 data gates, 4 rotations and one RXX (a box on either qubit).
    counts = [
        playground.root.locator(f".qp-circuit {shape}").count()
        for shape in ("polygon:not(.qp-gradient *)", "rect:not(.qp-gate-area)", "circle")
    ]
    assert counts == [4 * 2, 2 + 4 * (4 + 2), 0]
    playground.fill("Qubits", "3")
    expect(playground.root.locator(".qp-circuit .qp-qubit", has_text="q2")).not_to_have_count(0)
    expect(playground.root.locator(".qp-circuit .qp-qubit", has_text="q3")).to_have_count(0)


def test_reaction_and_first_picture(playground, record_property):
    """Click to reaction, and Play to the first decision boundary, in seconds."""
    measure = """async ({button, changed}) => {
        const root = document.querySelector("section.qmlplay");
        const canvas = root.querySelector(".qp-model canvas");
        const read = () => changed === "picture" ? canvas.getAttribute("aria-label")
            : root.querySelector(".qp-status").textContent;
        const before = read(), start = performance.now();
        const buttons = [...root.querySelectorAll(".qp-toolbar button")];
        buttons.find((node) => node.textContent === button).click();
        while (read() === before) await new Promise(requestAnimationFrame);
        return (performance.now() - start) / 1000;
    }"""

    def seconds(button, changed):
        return playground.page.evaluate(measure, {"button": button, "changed": changed})

    first = seconds("Play", "picture")
    reactions = []
    for button in ("Pause", "Play") * 5:
        playground.root.get_by_role("button", name=button, exact=True).wait_for()
        reactions.append(seconds(button, "status"))
        time.sleep(0.2)
    record_property("first picture [s]", first)
    record_property("reactions [s]", sorted(reactions))
    print(f"{playground.kind}: first picture {first:.3f} s, reactions {sorted(reactions)}")
    assert first < 2
    assert sorted(reactions)[len(reactions) // 2] < 1
