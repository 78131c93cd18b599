"""Comparisons on paper: nothing is lost, and no name can do harm."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from html_page import Page, assert_harmless
from matplotlib.figure import Figure
from own_models import Broken, Recorder
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.cli.terminal import print_comparison
from qmlplay.compare.reports import parity_sentence, readable, to_dict

QUICK = VariationalClassifier(max_iter=2, n_layers=1)
HOSTILE = "<script>alert('1')</script> [bold]$\\frac & ../../etc/:smile:"


@pytest.fixture(scope="module")
def result():
    names = ["numpy", "cirq", "no_entanglement", "k_nearest_neighbours"]
    return compare("moons", models=names, classifier=QUICK, seeds=2)


@pytest.fixture(scope="module")
def hostile():
    moons = load_dataset("moons", n_samples=30, random_state=0)
    labels = np.array([HOSTILE, "$x$"])[moons.y]
    data = Bunch(X=moons.X, y=labels, name=HOSTILE, feature_names=[HOSTILE, "$y"])
    broken = Broken(random_state=0)
    models = {f"{HOSTILE} model": GaussianNB(), "broken": broken, "no_p": Recorder()}
    return compare(data, models=models, seeds=[1])


def test_readable(result):
    shown = readable(result)
    assert shown.columns.tolist() == [
        "dataset", "kind", "model", "test accuracy", "train accuracy", "fit [s]", "predict [s]",
        "parameters", "qubits", "depth", "two-qubit gates", "circuit evaluations",
    ]  # fmt: skip
    first, table = shown.iloc[0], result.table.iloc[0]
    expected = f"{table['test_accuracy']:.3f} ± {table['test_accuracy_std']:.3f}"
    assert first["test accuracy"] == expected
    assert first["train accuracy"] == f"{table['train_accuracy']:.3f}"
    assert first["circuit evaluations"] == f"{table['circuit_evaluations']:,}"
    assert float(first["fit [s]"]) == pytest.approx(table["fit_seconds"], abs=1e-4)
    assert shown.iloc[-1][["qubits", "depth"]].tolist() == ["–", "–"]
    assert not shown.isin(["nan", "NaN", "<NA>", "None"]).any(axis=None)


def test_further_metrics(result):
    shown = readable(result, ("log_loss", "balanced_accuracy"))
    assert {"log-loss", "balanced accuracy"} < set(shown.columns)
    assert all("±" in cell for cell in shown["log-loss"])


def test_empty_columns_are_left_out_and_failures_explained():
    models = {"line": LogisticRegression(), "broken": Broken()}
    shown = readable(compare("moons", models=models, seeds=[1])).set_index("model")
    assert {"qubits", "depth"}.isdisjoint(shown.columns)
    assert shown.loc["broken", "test accuracy"] == "failed"
    assert shown.loc["broken", "failed because"].endswith("the moon is in the wrong house")
    assert shown.loc["line", "failed because"] == ""


def test_to_dict_is_json_without_nan(result, hostile):
    for comparison in (result, hostile):
        again = json.loads(json.dumps(to_dict(comparison), allow_nan=False))
        assert list(again) == [
            "table", "runs", "parity", "parity_table", "verdict", "data", "statistics",
                "forecast",
        ]  # fmt: skip
        assert len(again["table"]) == len(comparison.table)
        assert len(again["runs"]) == len(comparison.runs)
        assert again["verdict"] == comparison.verdict
    content = result.to_dict()
    assert content["runs"][0]["log_loss"] == result.runs["log_loss"][0]  # every digit
    assert content["runs"][0]["n_qubits"] == 2
    assert content["runs"][-1]["n_qubits"] is None
    differences = [row["max_probability_difference"] for row in content["parity_table"]]
    assert max(differences) == content["parity"] == result.parity
    assert hostile.to_dict()["parity"] is None


def test_parity_sentence(result, hostile):
    assert "(2 pairs): probabilities differ by at most" in parity_sentence(result)
    assert f"{result.parity:.1e}" in parity_sentence(result)
    assert "not measured" in parity_sentence(hostile)


def _tables(result):
    return (
        result.table,
        result.runs,
        result.parity_table,
        result.statistics,
        result.forecast_table,
    )


@pytest.mark.slow
def test_html_is_one_self_contained_page(result, tmp_path):
    path = tmp_path / "page.html"
    page = result.to_html(path)
    assert path.read_text(encoding="utf-8") == page
    assert page.startswith("<!DOCTYPE html>")
    parsed = assert_harmless(page)
    assert parsed.tags.count("img") == 3
    rows = [len(frame) for frame in _tables(result)]
    assert parsed.tags.count("tr") == sum(1 + n for n in rows)
    text = " ".join(parsed.text)
    for sentence in (*result.verdict, parity_sentence(result)):
        assert sentence in text
    assert "ablation" in text


@pytest.mark.slow
def test_html_escapes_names(hostile):
    parsed = assert_harmless(hostile.to_html())
    assert HOSTILE in " ".join(parsed.text)
    assert f"{HOSTILE} model" in parsed.text
    assert "RuntimeError: the moon is in the wrong house" in parsed.text  # whole, not cut


def test_long_reasons_are_not_cut():
    class Long(Recorder):
        def fit(self, X, y):
            raise ValueError("why " * 100 + "because")

    result = compare("moons", models={"long": Long()}, seeds=1)
    assert "because" in result.to_html()
    assert "every model failed" in result.to_html()


def test_notebooks_show_a_table(result):
    parsed = assert_harmless(result._repr_html_())
    assert parsed.tags.count("tr") == 1 + len(result.table)
    assert repr(result).startswith("Comparison(4 models on moons)\nmoons: ")


@pytest.mark.slow
def test_save_writes_all_of_it(result, tmp_path):
    folder = tmp_path / "deep" / "down"
    written = result.save(folder)
    names = ["table.csv", "runs.csv", "parity.csv", "comparison.json"]
    names += ["moons_scores.png", "moons_cost.png", "moons_boundaries.png"]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    table = pd.read_csv(folder / "table.csv")
    np.testing.assert_array_equal(table["test_accuracy"], result.table["test_accuracy"])
    assert len(pd.read_csv(folder / "runs.csv")) == 4 * 2
    assert len(pd.read_csv(folder / "parity.csv")) == 2
    assert json.loads((folder / "comparison.json").read_text("utf-8")) == result.to_dict()
    for name in names[4:]:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_hostile_name_stays_inside_the_folder(hostile, tmp_path):
    written = hostile.save(tmp_path / "out")
    assert len(written) == 7
    assert {path.parent for path in written} == {tmp_path / "out"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert all(set(path.name).isdisjoint("/\\<>$ :") for path in written)


@pytest.mark.slow
def test_names_that_become_the_same_file_get_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(Figure, "savefig", lambda figure, path, **settings: path.touch())
    iris = load_dataset("iris", n_samples=30, random_state=0)
    data = [Bunch(X=iris.X, y=iris.y, name=name) for name in ("a/b", "a_b", "x" * 300)]
    result = compare(data, models=["dummy"], seeds=1)
    names = [path.name for path in result.save(tmp_path)[4:]]
    assert names[::2][:2] == ["a_b_scores.png", "a_b_2_scores.png"]
    assert len(names[-1]) < 100


def test_failed_datasets_have_no_pictures(tmp_path):
    result = compare("moons", models={"broken": Broken()}, seeds=[1])
    names = [path.name for path in result.save(tmp_path)]
    assert names == ["table.csv", "runs.csv", "parity.csv", "comparison.json"]
    assert "img" not in Page(result.to_html()).tags


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("metrics", [(), ("balanced_accuracy",)])
def test_tables_fit_their_width(result, capsys, width, metrics):
    print_comparison(result, metrics, width=width)
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines[0].startswith(
        "moons: 210 training and 90 test samples, mean ± spread over 2 split"
    )
    assert {"quantum:", "ablation:", "classical:"} <= set(lines)
    rows = [line for line in lines if line.startswith(" k_nearest_neighbours")]
    assert readable(result)["test accuracy"].iloc[-1] in rows[0]
    # A table of its own for what does not fit, and a classical model is in it only for a metric.
    assert len(rows) == (1 if width == 140 or not metrics else 2)
    assert "[s]" in shown
    for name in ("two-qubit", "circuit", "params", "qubits", "depth"):
        assert name in shown
    flat = " ".join(shown.split())
    for sentence in (*result.verdict, parity_sentence(result)):
        assert sentence in flat


def test_long_names_of_models_stay_whole(capsys):
    name = "a name of fifty-five characters, of which none is lost."
    print_comparison(compare("moons", models={name: GaussianNB()}, seeds=1), width=80)
    assert f"\n {name} " in capsys.readouterr().out


def test_terminal_prints_names_and_reasons_as_they_are(hostile, capsys):
    print_comparison(hostile, width=200)
    shown = capsys.readouterr().out
    assert f" {HOSTILE} model" in shown
    assert "broken failed: RuntimeError: the moon is in the wrong house" in shown
    assert "circuit evals" not in shown
