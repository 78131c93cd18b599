"""Notebooks run anew, and their outputs committed as a reader without a kernel should see them.

    python .ci/execute_notebooks.py notebooks/02*.ipynb

What a cell's metadata say of its picture (MyST-NB's ``{"mystnb": {"image": {"alt": …}}}``) goes
into the output, too, where Jupyter's exports look for it; the picture of the cell tagged
``opening`` becomes the one at the head of the chapter; of the playground, which nothing shows
without a kernel, a line of text is left, and of progress bars nothing.
"""

from __future__ import annotations

import io
import sys
import time
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

WIDGET = "application/vnd.jupyter.widget-view+json"
COLORS = 256


def smaller(picture: bytes) -> bytes:
    """Return a PNG in a palette of 256 colours where that saves something."""
    stream = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    palette = image.quantize(COLORS, kmeans=1, dither=Image.Dither.NONE)
    palette.save(stream, format="PNG", optimize=True)
    return min(picture, stream.getvalue(), key=len)


def tidy(cell: Any) -> None:
    """Leave in a cell what readers need, the same on every machine."""
    cell.metadata.pop("execution", None)
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
    if "playground" in cell.metadata.get("tags", []):
        for output in cell.outputs:
            output.data = {"text/plain": "the playground: run this cell to open it"}
    cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            data["image/png"] = b64encode(smaller(b64decode(data["image/png"]))).decode("ascii")
            output.metadata.setdefault("image/png", {})["alt"] = alt or ""


def write_opening(path: Path, notebook: Any) -> None:
    """Write the picture of the cell tagged ``opening`` beside the notebook."""
    for cell in notebook.cells:
        if "opening" in cell.metadata.get("tags", []):
            shown = [output.get("data", {}) for output in cell.outputs]
            (picture,) = [data["image/png"] for data in shown if "image/png" in data]
            opening = path.parent / "images" / f"opening_{path.stem[:2]}.png"
            opening.write_bytes(b64decode(picture))


def execute(path: Path) -> None:
    """Run a notebook in its folder and write it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=1200,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": path.parent}},
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tidy(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    write_opening(path, notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        started = time.monotonic()
        execute(Path(name))
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
