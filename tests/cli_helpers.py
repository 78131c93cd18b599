"""What the tests of the command line share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qmlplay.cli import main

QUICK = ["--models", "numpy,dummy", "--seeds", "1", "--max-iter", "3", "--n-layers", "1"]


def run(capsys, *arguments):
    """Run the command line, expect success, and return what it printed."""
    main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def failure(capsys, *arguments):
    """Run the command line, expect exit code 2 and one line, and return that line."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("qmlplay: ")
    assert "Traceback" not in line
    return line


def write_trees(path, **changes):
    """Write 24 trees of two kinds to a CSV file; `changes` replace or add columns."""
    random = np.random.default_rng(0)
    kind = np.repeat(["fir", "oak"], 12)
    table = pd.DataFrame(random.normal(size=(24, 2)), columns=["size", "mass"])
    table["size"] += 3 * (kind == "oak")
    table.assign(kind=kind).assign(**changes).to_csv(path, index=False)
    return path
