"""Raw files through the command line, with no option for the table: the sensible thing is done."""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from raw_tables import N_ROWS, RAW
from sklearn.model_selection import train_test_split

from qmlplay import load_model
from qmlplay.cli import main

QUICK = ["--models", "numpy,dummy,logistic_regression", "--seeds", "1", "--set", "max_iter=40"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=RAW)
def raw(request, tmp_path):
    """A raw table, written to the current folder."""
    table = RAW[request.param]
    (tmp_path / table.file_name).write_bytes(table.write(table.frame()))
    return table


def check_recognition(line, table):
    """Compare a recognition, as JSON has it, with the right answers."""
    assert (line["n_rows"], line["target"]) == (N_ROWS, table.target)
    assert sum(line["class_counts"].values()) == N_ROWS
    assert len(line["class_counts"]) == table.n_classes
    assert set(line["left_out"]) == set(table.left_out)
    for column, reason in table.left_out.items():
        assert reason in line["left_out"][column]
        assert f"'{column}' (" in line["text"]
    for words in (table.file_name, table.target, *table.words):
        assert words in line["text"]
    assert "\n" not in line["text"]
    assert len(line["text"]) <= 1000


@pytest.mark.slow
def test_compare(raw, capsys):
    main(["compare", raw.file_name, *QUICK, "--json"])
    result = json.loads(capsys.readouterr().out)
    (data,) = result["data"].values()
    check_recognition(data["recognition"], raw)
    assert data["n_train"] + data["n_test"] == N_ROWS
    assert data["n_features"] == raw.n_features
    rows = {row["model"]: row for row in result["table"]}
    assert all(row["status"] == "ok" for row in rows.values())
    low, high = raw.accuracy
    for model in ("numpy", "logistic_regression"):
        # 36 samples of a test part: three standard errors around what new rows will show.
        assert low - 0.2 <= rows[model]["test_accuracy"] <= min(1, high + 0.2)
    if low > 0.5:
        assert rows["numpy"]["balanced_accuracy"] > rows["dummy"]["balanced_accuracy"] + 0.15


def test_train_and_predict(raw, capsys):
    main(["train", raw.file_name, "--set", "max_iter=30", "--json"])
    check_recognition(json.loads(capsys.readouterr().out)["data"], raw)
    new = raw.frame(seed=1)
    written_name = new.columns[-1] if raw.target == "x4" else raw.target
    truth = new.pop(written_name).astype(str).str.strip()
    with open(f"new_{raw.file_name}", "wb") as file:
        file.write(raw.write(new))
    main(["predict", "model.qmlplay", f"new_{raw.file_name}"])
    predicted = pd.read_csv(StringIO(capsys.readouterr().out), dtype=str)["prediction"]
    assert len(predicted) == N_ROWS
    assert set(predicted) <= set(truth)
    low, high = raw.accuracy
    assert low <= np.mean(predicted.to_numpy() == truth.to_numpy()) <= high


@pytest.mark.slow
def test_the_line_is_printed_and_stands_in_the_page(capsys):
    table = RAW["text, gaps, semicolons and an id"]
    with open(table.file_name, "wb") as file:
        file.write(table.write(table.frame()))
    main(["compare", table.file_name, *QUICK, "--html", "page.html"])
    line = f"customers.csv: {N_ROWS} rows × 6 columns, separator ';', header in line 1; target"
    assert capsys.readouterr().out.startswith(line)
    with open("page.html", encoding="utf-8") as page:
        assert "left out: &#39;Id&#39; (counts the rows)" in page.read()


def test_the_rare_class_counts_as_much_in_the_report_of_a_training(capsys):
    table = RAW["unbalanced"]
    with open(table.file_name, "wb") as file:
        file.write(table.write(table.frame()))
    main(["train", table.file_name, "--set", "max_iter=5", "--json"])
    report = json.loads(capsys.readouterr().out)
    frame = table.frame()
    _, test = train_test_split(frame, test_size=0.3, stratify=frame["fraud"], random_state=0)
    is_right = load_model("model.qmlplay").predict(test[["amount", "hour"]]) == test["fraud"]
    recalls = [is_right[test["fraud"] == label].mean() for label in (0, 1)]
    assert report["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert report["test_accuracy"] == pytest.approx(is_right.mean())
