"""Every example script prints what its last block says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from extras import mark_of_extras

import qmlplay.examples

FOLDER = Path(qmlplay.examples.__file__).parent
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
QUICK = "first_classifier"  # each is a process of its own
NUMBER = re.compile(r"(\d+\.\d+)")


def expected_output(script: str) -> list[str]:
    text = (FOLDER / f"{script}.py").read_text(encoding="utf-8")
    block = text.split("# Expected output:\n")[1]
    return [line.removeprefix("#").removeprefix(" ") for line in block.splitlines()]


def test_there_are_examples():
    assert len(SCRIPTS) >= 5


def marks(script):
    """Return the marks of a script: slow, and the packages of extras that it imports."""
    text = (FOLDER / f"{script}.py").read_text(encoding="utf-8")
    slow = [] if script == QUICK else [pytest.mark.slow]
    return [*slow, *mark_of_extras(text)]


@pytest.mark.slow
@pytest.mark.parametrize("script", [pytest.param(s, marks=marks(s)) for s in SCRIPTS])
def test_prints_what_it_promises(script, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", f"qmlplay.examples.{script}"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed, promised = done.stdout.splitlines(), expected_output(script)
    # Words must match to the letter, decimals nearly: other processors round otherwise.
    assert [NUMBER.sub("#", line.rstrip()) for line in printed] == [
        NUMBER.sub("#", line) for line in promised
    ]
    for line, promise in zip(printed, promised, strict=True):
        found = [float(number) for number in NUMBER.findall(line)]
        assert found == pytest.approx([float(n) for n in NUMBER.findall(promise)], abs=0.025)
