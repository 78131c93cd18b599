"""A badge on every notebook that opens it in Colab, where it installs from the repository.

    python .ci/colab_badges.py

The address is that of pyproject.toml. The badge is a cell of its own below the chapter's head; the
first line of code, a comment, installs what the chapter needs. Nothing has to be run anew.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
INSTALL = re.compile(r'# %pip install "qmlplay(\[[\w,]+\])?(?: @ [^"]+)?"')


def badge(name: str) -> str:
    """Return the text of a notebook's badge."""
    place = REPOSITORY.removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{place}/blob/main/notebooks/{name}"
    return (
        f"[![Open in Colab](images/colab.svg)]({address})\n"
        "There, remove the `#` before `%pip` in the first cell of code: it installs from the "
        "repository."
    )


def with_badge(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a notebook with its badge, in the place of one that it had."""
    identifier = f"{name[:2]}-colab"
    cells = [cell for cell in notebook["cells"] if cell["id"] != identifier]
    source = badge(name).splitlines(keepends=True)
    cell = {"cell_type": "markdown", "id": identifier, "metadata": {}, "source": source}
    code = next(cell for cell in cells if cell["cell_type"] == "code")
    code["source"][0] = INSTALL.sub(
        lambda found: f'# %pip install "qmlplay{found[1] or ""} @ git+{REPOSITORY}"',
        code["source"][0],
    )
    return notebook | {"cells": [cells[0], cell, *cells[1:]]}


def main() -> None:
    """Write all notebooks."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = with_badge(json.loads(path.read_text(encoding="utf-8")), path.name)
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
