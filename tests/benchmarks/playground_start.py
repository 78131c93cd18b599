"""The start of `qmlplay play`: when its address is printed, when its page answers, and the bytes.

    python tests/benchmarks/playground_start.py --rounds 5

Seconds from the command to the printed address, to a page whose buttons can be pressed, in a
Chromium that runs already, and to the picture of the first training step. "Cold" is without
Python's compiled files, as right after an installation.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from machine import machine, sentence
from playwright.sync_api import Page, Request, expect, sync_playwright
from tables import markdown, seconds, write_json

COMMAND = [sys.executable, "-c", "import qmlplay_command; qmlplay_command.main()"]
MOMENTS = ("address", "interactive", "first step")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    times: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    sizes: Counter[str] = Counter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        for _ in range(arguments.rounds):
            for kind, found in times.items():
                page = browser.new_context().new_page()
                sizes = _count_bytes(page)
                found.append(_start(page, sizes, is_cold=kind == "cold"))
                page.context.close()
        browser.close()
    rows = [
        [kind, *(seconds(median(one[moment] for one in found)) for moment in MOMENTS)]
        for kind, found in times.items()
    ]
    print(markdown(["start", *MOMENTS], rows), "\n")
    print(markdown(["part", "kB"], [[name, f"{size / 1e3:.1f}"] for name, size in sizes.items()]))
    before = times["warm"][-1]["kB"]
    print(f"\nIn all {sum(sizes.values()) / 1e3:.0f} kB, {before:.0f} of it before the step.\n")
    print(sentence(machine()))
    write_json(arguments.json, {"times": times, "bytes": dict(sizes), "machine": machine()})


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    return str(found)


def _count_bytes(page: Page) -> Counter[str]:
    """Return a counter of what the page receives, compressed, until its first step."""
    sizes: Counter[str] = Counter()

    def count_file(request: Request) -> None:
        sizes[request.resource_type] += request.sizes()["responseBodySize"]

    def count_frame(frame: str | bytes) -> None:
        sizes["state over the socket"] += len(frame)

    page.on("requestfinished", count_file)
    page.on("websocket", lambda socket: socket.on("framereceived", count_frame))
    return sizes


def _start(page: Page, sizes: Counter[str], *, is_cold: bool) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        environment = os.environ | {"QMLPLAY_HOME": folder}
        if is_cold:
            environment["PYTHONPYCACHEPREFIX"] = folder
        begin = perf_counter()
        process = subprocess.Popen(
            [*COMMAND, "play", "--no-browser"], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert process.stdout is not None
        address = re.search(r"http\S+", process.stdout.readline())
        assert address is not None
        found = {"address": perf_counter() - begin}
        page.goto(address[0], timeout=120_000)
        step = page.get_by_role("button", name="Step", exact=True)
        step.wait_for(timeout=120_000)
        found["interactive"] = perf_counter() - begin
        found["kB"] = sum(sizes.values()) / 1e3
        step.click()
        expect(page.locator(".qp-count")).to_have_text("step 1", timeout=60_000)
        found["first step"] = perf_counter() - begin
        process.terminate()
        process.wait(60)
    return found


if __name__ == "__main__":
    main()
