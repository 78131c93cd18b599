"""The answers of the playground: from a slider to the boundary, from a click to its picture.

    python tests/benchmarks/playground_latency.py --rounds 30

Milliseconds in a Chromium: from the event to the drawing of the boundary and of the small maps
while a weight is moved by hand, and from a click on a gate to its panel while training goes on.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from machine import machine, sentence
from playwright.sync_api import Page, sync_playwright
from tables import markdown, write_json

COMMAND = [sys.executable, "-m", "qmlplay", "play", "--no-browser"]
#: Notes when a picture is drawn, and in which part of the page.
NOTE_DRAWINGS = """
window.drawings = [];
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (...given) {
  const isIn = (part) => this.canvas.closest(part);
  const part = isIn(".qp-model") ? "boundary" : isIn(".qp-growth") ? "maps" : "";
  if (part) window.drawings.push([part, performance.now()]);
  return draw.apply(this, given);
};
"""
MOVE = """async (turn) => {
  const slider = document.querySelector(".qp-weights input[type=range]");
  slider.value = Number(slider.value) + (turn % 2 ? -0.4 : 0.4);
  window.drawings = [];
  const begin = performance.now();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const first = (part) => window.drawings.find(([drawn]) => drawn === part)?.[1] - begin;
  while (!(first("boundary") && first("maps")) && performance.now() - begin < 5000) {
    await new Promise(requestAnimationFrame);
  }
  return { boundary: first("boundary"), maps: first("maps") };
}"""
CHOOSE = """async (place) => {
  const begin = performance.now();
  const gate = document.querySelector(`.qp-circuit [data-gate="${place}"]`);
  gate.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const about = document.querySelector(".qp-about-gate");
  while ((about.textContent === "…" || !about.offsetParent) && performance.now() - begin < 5000) {
    await new Promise(requestAnimationFrame);
  }
  return { gate: performance.now() - begin };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    times = {}
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for n_qubits in (2, 3, 4):
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            page.add_init_script(NOTE_DRAWINGS)
            with _server(folder) as process:
                times[n_qubits] = _measured(page, _address(process), n_qubits, arguments.rounds)
                process.terminate()
            page.context.close()
        browser.close()
    rows = [
        [f"{n_qubits}", *(_shown(values) for values in of_size.values())]
        for n_qubits, of_size in times.items()
    ]
    heads = ["qubits", "slider to boundary", "slider to small maps", "click to gate, training"]
    print(markdown(heads, rows), "\n\nMilliseconds: median, and 90 % are below.\n")
    print(sentence(machine()))
    write_json(arguments.json, {"times": times, "machine": machine()})


def _server(folder: str) -> subprocess.Popen[str]:
    environment = os.environ | {"QMLPLAY_HOME": folder}
    return subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, env=environment)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    address = re.search(r"http\S+", process.stdout.readline())
    assert address is not None
    return address[0]


def _measured(page: Page, address: str, n_qubits: int, rounds: int) -> dict[str, list[float]]:
    page.goto(address, timeout=120_000)
    page.get_by_role("button", name="Step", exact=True).wait_for(timeout=120_000)
    page.get_by_label("Qubits", exact=True).fill(str(n_qubits))
    page.get_by_label("Qubits", exact=True).press("Tab")
    page.locator(f".qp-circuit svg[aria-label^='Circuit of {n_qubits}']").wait_for()
    page.locator(".qp-circuit [data-gate]").nth(n_qubits).click()
    page.locator(".qp-weights input[type=range]").first.wait_for()
    page.wait_for_timeout(1000)
    moved = _repeated(page, MOVE, range(rounds))
    page.get_by_label("Speed", exact=True).select_option(label="full speed")
    page.get_by_label("Iterations", exact=True).fill("1000")
    page.get_by_label("Iterations", exact=True).press("Tab")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_timeout(500)
    places = [n_qubits + 1 + place % (2 * n_qubits) for place in range(rounds // 3)]
    chosen = _repeated(page, CHOOSE, places)
    return {name: [one[name] for one in moved] for name in ("boundary", "maps")} | {
        "gate": [one["gate"] for one in chosen]
    }


def _repeated(page: Page, script: str, values: Any) -> list[dict[str, float]]:
    found = []
    for value in values:
        found.append(page.evaluate(script, value))
        page.wait_for_timeout(200)
    return found


def _shown(values: list[float]) -> str:
    return f"{median(values):.0f}; {quantiles(values, n=10)[-1]:.0f}"


if __name__ == "__main__":
    main()
