"""The command line on raw files: what was recognised comes first, and options name columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_helpers import QUICK, run

from qmlplay import compare
from qmlplay.compare.reports import report


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "figures", lambda comparison: {})


@pytest.fixture
def raw(trees):
    """Write the trees with ;, decimal commas and a column that counts them."""
    rows = [f"{n};{a};{b};{kind}".replace(".", ",") for n, (a, b, kind) in enumerate(trees, 1)]
    Path("trees.data").write_text("\n".join(["nr;size;mass;kind", *rows]))
    return "trees.data"


LINE = (
    "trees.data: 24 rows × 4 columns, separator ';', header in line 1; target column 'kind' (the "
    "last column) with fir: 12, oak: 12; left out: 'nr' (counts the rows); "
)


@pytest.mark.slow
def test_compare_says_first_what_was_recognised(capsys, raw):
    shown = run(capsys, "compare", "moons", raw, *QUICK)
    assert shown.startswith(LINE)
    assert "\ntrees: 16 training and 8 test samples" in shown
    content = json.loads(run(capsys, "compare", raw, *QUICK, "--json"))
    assert {row["dataset"] for row in content["table"]} == {"trees"}


def test_train_says_so_too_and_predict_takes_the_same_file(capsys, raw):
    assert run(capsys, "train", raw, "--max-iter", "1").startswith(LINE)
    labels = run(capsys, "predict", "model.qmlplay", raw).splitlines()
    assert labels[0] == "prediction"
    assert len(labels) == 25
    content = json.loads(run(capsys, "train", raw, "--max-iter", "1", "--json"))
    assert content["data"]["left_out"] == {"nr": "counts the rows"}
    assert content["data"]["text"].startswith(LINE)
    assert json.loads(run(capsys, "train", "iris", "--max-iter", "1", "--json"))["data"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (["--keep", "nr"], 3),
        (["--drop", "mass"], 1),
        (["--drop", "mass,nr"], 1),
        (["--features", "mass, size"], 2),
        (["--features", "nr,size"], 2),
        (["--sep", "semicolon"], 2),
        (["--sep", ";", "--target", "kind"], 2),
    ],
)
def test_options_name_columns(capsys, raw, options, columns):
    shown = run(capsys, "train", raw, "--max-iter", "1", "--json", *options)
    assert json.loads(shown)["qubits"] == max(2, columns)
    assert run(capsys, "compare", raw, *QUICK, *options)


def test_names_with_commas(capsys, trees):
    frame = pd.DataFrame(trees, columns=["size, in cm", "mass", "kind"])
    frame.to_csv("trees.csv", index=False)
    shown = run(
        capsys, "train", "trees.csv", "--max-iter", "1", "--drop", '"size, in cm"', "--json"
    )
    assert json.loads(shown)["data"]["left_out"] == {"size, in cm": "as asked for"}


def test_python_takes_the_same_options(raw, trees):
    for data in (raw, Path(raw)):
        result = compare(data, models="dummy", seeds=1, keep=["nr"], drop=["mass"], separator=";")
        assert result.splits["trees"].X_train.shape == (16, 2)
    frame = pd.DataFrame(trees, columns=["size", "mass", "kind"]).astype({"size": float})
    result = compare(frame, "kind", models="dummy", seeds=1, features=["size"])
    np.testing.assert_array_equal(
        np.sort(
            np.vstack([result.splits["own data"].X_train, result.splits["own data"].X_test])[:, 0]
        ),
        np.sort(frame["size"]),
    )
    with pytest.raises(TypeError, match=r"drop=.*only a file or a DataFrame has columns"):
        compare("moons", models="dummy", seeds=1, drop=["x0"])
