"""Raw files on the command line: train saves one file, and predict takes the raw file again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_helpers import failure, run
from sklearn.pipeline import Pipeline

from qmlplay import VariationalClassifier, load_model
from qmlplay.cli import main
from qmlplay.tables import read_table
from qmlplay.tables.precedents import precedents_of, read_new_rows

QUICK = ["--max-iter", "3", "--n-layers", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def patients(n=60):
    """Return made-up patients as a table of texts, as a file may hold them."""
    random = np.random.default_rng(0)
    ill = random.integers(0, 2, n).astype(bool)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, n), "D")
    table = pd.DataFrame(
        {
            "Id": np.arange(1, n + 1).astype(str),
            "age": (40 + 20 * ill + random.normal(0, 5, n)).round().astype(int).astype(str),
            "dose": [f"{x:.1f}".replace(".", ",") for x in random.gamma(4, 2, n)],
            "smoker": random.choice(["yes", "no"], n),
            "city": random.choice(["Rome", "Bonn", "Oslo", "Köln"], n),
            "seen": [f"{day:%d/%m/%Y}" for day in days],
            "state": np.where(ill, "ill", "well"),
        }
    )
    table.loc[::9, "age"] = ""
    table.loc[::13, "city"] = "?"
    return table


@pytest.fixture
def model(capsys):
    patients().to_csv("patients.csv", sep=";", index=False)
    run(capsys, "train", "patients.csv", *QUICK, "--target", "state")
    return load_model("model.qmlplay")


def predicted(capsys, table, *options, **csv):
    """Return what is predicted for a table, and what is said beside it."""
    table.to_csv("new.csv", index=False, **({"sep": ";"} | csv))
    main(["predict", "model.qmlplay", "new.csv", "--probabilities", "--json", *options])
    shown = capsys.readouterr()
    return pd.DataFrame(json.loads(shown.out)), shown.err


def test_train_says_what_it_did_and_saves_one_file(capsys):
    patients().to_csv("patients.csv", sep=";", index=False)
    shown = run(capsys, "train", "patients.csv", *QUICK)
    assert "target column 'state'" in shown
    assert "'Id' (counts the rows)" in shown
    # age and its gaps, dose, smoker, four cities and none, the days and two waves of two cycles
    assert "columns: 5 → 14 numbers → 8 components" in shown
    assert sorted(path.name for path in Path().iterdir()) == ["model.qmlplay", "patients.csv"]
    report = json.loads(run(capsys, "train", "patients.csv", *QUICK, "--json"))
    assert report["columns"] == "5 → 14 numbers → 8 components"
    assert report["data"]["separator"] == ";"
    model = load_model("model.qmlplay")
    assert isinstance(model, Pipeline)
    assert model.feature_names_in_.tolist() == ["age", "dose", "smoker", "city", "seen"]


def test_predict_takes_the_raw_file(capsys, model):
    table = patients()
    whole, said = predicted(capsys, table)
    assert said == (
        "qmlplay: gaps, treated as in training, with how many rows have them: age (7), city (5)\n"
    )
    features = read_table("patients.csv").features
    np.testing.assert_allclose(whole[["p(ill)", "p(well)"]], model.predict_proba(features))
    assert whole["prediction"].tolist() == model.predict(features).tolist()
    # neither the target nor the number of the row is needed, and the order does not matter
    other = table[["seen", "city", "smoker", "dose", "age"]].assign(note="x")
    for backend in ("numpy", "qiskit", "cirq", "pennylane"):
        again, _ = predicted(capsys, other, "--backend", backend)
        np.testing.assert_allclose(again["p(ill)"], whole["p(ill)"], atol=1e-12)


@pytest.mark.parametrize("row", [0, 1, 5, 13, 26])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_row_alone_is_read_as_in_its_file(capsys, model, row, separator):
    whole, _ = predicted(capsys, patients())
    alone, _ = predicted(capsys, patients().iloc[[row]], sep=separator)
    np.testing.assert_allclose(alone["p(ill)"], whole["p(ill)"][[row]], rtol=1e-12)


def test_a_few_rows_are_read_as_in_their_file(capsys, model):
    table = patients()
    whole, _ = predicted(capsys, table)
    day, month = table["seen"].str[:2].astype(int), table["seen"].str[3:5].astype(int)
    unclear = (day <= 12) & (month <= 12) & (table["smoker"] == "yes")
    assert unclear.sum() > 3
    part, _ = predicted(capsys, table[unclear])
    np.testing.assert_allclose(part["p(ill)"], whole["p(ill)"][unclear], rtol=1e-12)


def test_values_that_training_did_not_have_are_predicted_and_said(capsys, model):
    table = patients().iloc[1:4].assign(city=["Lima", "Bonn", "Lima"])
    shown, said = predicted(capsys, table)
    assert len(shown) == 3
    assert said == (
        "qmlplay: values that the model did not see in training, with how many rows have them: "
        "city=Lima (2); they count as no or another category\n"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"age": ["1", "old", "3"]}, "'old'"),
        ({"dose": ["1,5", "much", "2,5"]}, "'dose': 1 of 3 cells, such as 'much' in line 3"),
        ({"smoker": ["yes", "no", "maybe"]}, "'smoker': 1 of 3 cells, such as 'maybe' in line 4"),
        ({"seen": ["1/2/2021", "soon", "3/2/2021"]}, "'seen': 1 of 3 cells, such as 'soon'"),
        ({"seen": ["1/2/2021", "2/31/2021", "3/2/2021"]}, "such as '2/31/2021' in line 3"),
    ],
)
def test_cells_of_another_kind_are_named(capsys, model, changes, words):
    patients().iloc[1:4].assign(**changes).to_csv("new.csv", index=False, sep=";")
    assert words in failure(capsys, "predict", "model.qmlplay", "new.csv")


def test_missing_columns_are_named(capsys, model):
    patients().drop(columns=["city", "age"]).to_csv("new.csv", index=False)
    shown = failure(capsys, "predict", "model.qmlplay", "new.csv")
    assert "lacks the columns 'age', 'city', which the model was trained on; it has 'Id'" in shown


def test_a_file_without_a_header(capsys):
    table = patients()[["age", "dose", "city", "state"]].replace({"age": {"": "50"}})
    table.to_csv("bare.data", index=False, header=False, sep=";")
    run(capsys, "train", "bare.data", *QUICK)
    whole, _ = predicted(capsys, table, header=False)
    assert len(whole) == 60
    without_labels, _ = predicted(capsys, table.drop(columns="state"), header=False)
    np.testing.assert_allclose(without_labels["p(ill)"], whole["p(ill)"], rtol=1e-12)


def test_codes_stay_text_in_any_file(capsys):
    table = patients().assign(code=np.where(np.arange(60) % 3, "007", "120"))
    table[["age", "code", "state"]].to_csv("codes.csv", index=False)
    run(capsys, "train", "codes.csv", *QUICK, "--target", "state")
    model = load_model("model.qmlplay")
    assert model[0].columns_[1].categories == ("007", "120")
    whole, _ = predicted(capsys, table)
    some, said = predicted(capsys, table[table["code"] == "120"])  # a number, by itself
    assert "did not see" not in said
    np.testing.assert_allclose(some["p(ill)"], whole["p(ill)"][(table["code"] == "120")])


def test_plain_numbers_are_saved_as_before(capsys):
    table = patients()[["age", "dose", "state"]].replace({"age": {"": "50"}})
    table["dose"] = table["dose"].str.replace(",", ".")
    table.to_csv("plain.csv", index=False)
    run(capsys, "train", "plain.csv", *QUICK)
    assert isinstance(load_model("model.qmlplay"), VariationalClassifier)
    shown = json.loads(run(capsys, "predict", "model.qmlplay", "plain.csv", "--json"))
    assert len(shown) == 60


def test_wide_datasets_by_name(capsys):
    shown = run(capsys, "train", "wine", *QUICK)
    assert "columns: 13 → 13 numbers → 8 components" in shown
    assert load_model("model.qmlplay")[-1].n_qubits_ == 8


def test_ibm_takes_raw_files_and_pipelines(capsys, model):
    patients().to_csv("new.csv", sep=";", index=False)
    options = ["--device", "fake_jakarta", "--samples", "2", "--shots", "20", "--json"]
    if model[-1].n_qubits_ > 7:
        run(capsys, "train", "patients.csv", *QUICK, "--n-qubits", "3")
    for target in ([], ["--target", "state"]):
        plan = json.loads(run(capsys, "ibm", "plan", "model.qmlplay", "new.csv", *options, *target))
        assert plan["samples"] == 2 or plan.get("n_samples") == 2


def test_precedents_keep_what_is_needed():
    def cells(column):
        return ("v,w\n" + ",1\n".join(column) + ",1\n").encode()

    unclear = [f"{day}/{month}/2021" for day in range(1, 13) for month in range(1, 13)]
    late = precedents_of(cells([*unclear, "31/12/2021"]), ["v"])["v"]
    assert len(late) == 30  # they say how they were read, if not why
    new = read_new_rows(b"v\n3/4/2021\n", precedents={"v": late})
    assert str(new["v"][0]) == "2021-04-03 00:00:00"
    early = precedents_of(cells(["31/12/2021", *unclear]), ["v"])["v"]
    assert len(early) == 30
    assert precedents_of(b"v,w\n1.5,oak\n2.5,fir\n", ["v", "w"]) == {}
    thousands = precedents_of(b'v,w\n"1,234",a\n"12,345.5",b\n', ["v"])
    assert thousands == {"v": {"1,234": 1234.0, "12,345.5": 12345.5}}
    for text, value in (('"5,678"', 5678), ("7", 7), ("1.25", 1.25)):
        rows = read_new_rows(f"v;w\n{text};0,5\n".encode(), precedents=thousands)
        assert rows["v"][0] == value
