"""Pictures of the playground at the point of every chapter, for readers without a kernel.

    python .ci/playground_pictures.py [NAME …]

A name is that of an experiment or of a dataset; by default all that chapters open. Each is trained
to its end, or for half a minute, and what is seen is written to ``notebooks/images``.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import expect, sync_playwright

FOLDER = Path(__file__).parents[1] / "notebooks"
CELL = re.compile(r'playground\((?:experiment=)?\\"(\w+)\\"\)')
#: What is photographed; 1.2 dots per pixel, so that two are left at the width in the book.
VIEW: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1.2}
MOST_SECONDS = 30


def names() -> list[str]:
    """Return the arguments of the chapters' playground cells."""
    found = [CELL.findall(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.ipynb")]
    return sorted({name for chapter in found for name in chapter})


def photograph(browser: Any, name: str) -> bytes:
    """Return a picture of the page, trained."""
    dataset = [name] if name in ("circles", "moons") else ["--experiment", name]
    command = [sys.executable, "-m", "qmlplay", "play", "--no-browser", *dataset]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        (address,) = re.findall(r"http://\S+", server.stdout.readline())
        page = browser.new_page(**VIEW)
        page.goto(address, timeout=60_000)
        play = page.get_by_role("button", name="Play", exact=True)
        expect(play).to_be_enabled(timeout=60_000)
        page.get_by_label("Speed").select_option(label="full speed")
        play.click()
        page.wait_for_timeout(1000 * MOST_SECONDS)
        picture: bytes = page.screenshot()
        page.close()
    finally:
        server.terminate()
        server.wait()
    return picture


def main() -> None:
    """Photograph what was asked for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name in sys.argv[1:] or names():
            image = Image.open(io.BytesIO(photograph(browser, name))).convert("RGB")
            path = FOLDER / "images" / f"playground_{name}.png"
            palette = image.quantize(256, kmeans=1, dither=Image.Dither.NONE)
            palette.save(path, format="PNG", optimize=True)
            print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
