"""`qmlplay search`: what it prints and writes, and one clear line for bad input."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from qmlplay.cli import main

pytestmark = pytest.mark.needs("optuna")
QUICK = ["--max-iter", "3", "--trials", "2", "--budget", "10m", "--no-progress"]


@pytest.fixture
def flowers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    table = pd.DataFrame({"size": generator.normal(size=50), "color": ["red", "blue"] * 25})
    table["kind"] = np.where(table["size"] > 0, "rose", "lily")
    table.to_csv("flowers.csv", index=False)
    return table


def test_prints_and_writes(flowers, tmp_path, capsys):
    main(["search", "flowers.csv", *QUICK, "--baselines", "dummy", "--study", "s.db"])
    text = capsys.readouterr().out
    assert "target column 'kind'" in text
    assert "flowers: ranked by the inner accuracy" in text
    assert "flowers: quantum (quantum) is chosen" in text
    assert "best: model=quantum, encoding=" in text
    written = {path.name for path in (tmp_path / "qmlplay-search").iterdir()}
    assert written == {"best.qmlplay", "history.png", "leaderboard.csv", "search.json"}
    main(["predict", "qmlplay-search/best.qmlplay", "flowers.csv"])
    assert set(capsys.readouterr().out.split()[1:]) <= {"rose", "lily"}
    main(["search", "flowers.csv", *QUICK, "--baselines", "dummy", "--study", "s.db", "--json"])
    record = json.loads(capsys.readouterr().out)
    assert [row["n_trials"] for row in record["leaderboard"] if row["model"] == "quantum"] == [2]


def test_classical_winner_leaves_the_quantum_model(flowers, tmp_path, capsys):
    quick = [*QUICK, "--baselines", "random_forest", "--encodings", "zz", "--max-qubits", "2"]
    main(["search", "flowers.csv", *quick, "--out", "o", "--json"])
    assert json.loads(capsys.readouterr().out)["best_params"]["model"] == "random_forest"
    assert (tmp_path / "o" / "quantum.qmlplay").exists()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--budget", "soon"], "budget must be a time above 0, such as 60, '60s', '5m' or '2h'"),
        (["--study", "flowers.csv"], "'flowers.csv' is damaged or no study"),
        (["--study", "no/where.db"], "there is no folder 'no'"),
        (["--encodings", "angel"], "unknown encoding 'angel': did you mean 'angle'?"),
        (["--baselines", "svc"], "unknown baseline 'svc'"),
        (["--max-qubits", "0"], "--max-qubits must be at least 1, got 0"),
        (["--jobs", "0"], "n_jobs must be a number of processes"),
        (["--trials", "0"], "n_trials must be an integer of at least 1"),
        (["--cv", "1"], "cv must be at least 2 folds"),
        (["--out", "flowers.csv"], "is a file and not a folder"),
    ],
)
def test_bad_input_is_one_line(flowers, capsys, arguments, text):
    with pytest.raises(SystemExit) as caught:
        main(["search", "flowers.csv", *arguments])
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1
