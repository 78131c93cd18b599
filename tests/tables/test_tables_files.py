"""Files of every kind: the same trees come out, whatever they were written in, row for row."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile

import numpy as np
import pandas as pd
import pytest
from table_helpers import lines

from qmlplay.tables import read_features, read_table
from qmlplay.tables.sources import file_source, is_table_file

PLAIN = ("size", "mass")
NUMBERED = ("x0", "x1")


def spaced(rows):
    return "".join("  " + "   ".join(row) + " \n" for row in rows)


def markdown(rows):
    body = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return "| size | mass | kind |\n|------|-----:|:-----|\n" + body


def spaced_and_tabbed(rows):
    return "".join(f'{a}   {b}\t"{kind}"\n' for a, b, kind in rows)


def written_by_r(rows):
    body = "".join(f'"{n}" {a} {b} "{kind}"\n' for n, (a, b, kind) in enumerate(rows, 1))
    return f'"size" "mass" "kind"\n{body}'


def comma(rows):
    return [[cell.replace(".", ",") for cell in row] for row in rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ", ", " ; "])
def test_separators(read, check_trees, trees, separator):
    table = read(lines(trees, separator))
    check_trees(table)
    assert table.recognition.separator == separator.strip(" ")
    assert table.recognition.header == "in line 1"
    nameless = read(lines(trees, separator, header=None))
    check_trees(nameless, NUMBERED)
    assert nameless.recognition.header.startswith("none")


@pytest.mark.parametrize(
    ("write", "separator", "names"),
    [
        (lambda rows: lines(comma(rows), ";"), ";", PLAIN),
        (lambda rows: lines(comma(rows), ";", header=None), ";", NUMBERED),
        (lambda rows: lines(comma(rows), "\t", header=None), "\t", NUMBERED),
        (lambda rows: lines(rows, "::"), None, PLAIN),
        (spaced, " ", NUMBERED),
        (spaced_and_tabbed, " ", NUMBERED),
        (markdown, "|", PLAIN),
        (written_by_r, " ", PLAIN),
    ],
    ids=[
        "comma",
        "comma, no header",
        "comma and tab",
        "two marks",
        "spaces",
        "tab",
        "markdown",
        "R",
    ],
)
def test_notations(read, check_trees, trees, write, separator, names):
    table = read(write(trees), separator=None if separator else "::")
    check_trees(table, names)
    assert table.recognition.separator == (separator or "::")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda text: text.replace("\n", ",\n"), PLAIN),
        (lambda text: text.replace("\n", ",\n").replace(",\n", "\n", 1), PLAIN),
        (lambda text: text.replace("\n", "\r\n"), PLAIN),
        (lambda text: text.replace("\n", "\r"), PLAIN),
        (lambda text: text.replace("\n", "\n\n"), PLAIN),
        (lambda text: text + "\n,,\n  \n", PLAIN),
        (lambda text: "\n\n" + text.strip(), PLAIN),
        (lambda text: "# trees\n# 1,2,3\n" + text, PLAIN),
        (lambda text: "#" + text, PLAIN),
        (lambda text: '% of "trees"\n%\n' + text, PLAIN),
        (lambda text: text.replace("\n", "\n# a comment\n", 3), PLAIN),
        (lambda text: "Trees of 2020\n\n" + text, PLAIN),
        (lambda text: "Trees of 2020,,\n,,\n" + text, PLAIN),
        (lambda text: "sep=,\n" + text, PLAIN),
        (lambda text: text.replace("kind", '"kind"').replace("oak", '"oak"'), PLAIN),
        (lambda text: text.replace("size", "'size'").replace("oak", "'oak'"), PLAIN),
        (lambda text: text.replace("kind\n", "kind\nsize,mass,kind\n"), PLAIN),
        (lambda text: text + "\x1a", PLAIN),
    ],
    ids=[
        "trailing commas", "trailing commas below the header", "DOS", "old Mac", "blank lines",
        "rows without content", "blank lines on top", "comments", "header behind #", "percent",
        "comments between", "title", "title of Excel", "sep=", "quotes", "single quotes",
        "header twice", "end mark of DOS",
    ],
)  # fmt: skip
def test_oddities(read, check_trees, trees, change, names):
    check_trees(read(change(lines(trees))), names)


@pytest.mark.parametrize(
    ("encode", "name"),
    [
        (lambda text: text.encode("utf-8"), "UTF-8"),
        (lambda text: text.encode("utf-8-sig"), "UTF-8"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("utf-16-be"), "UTF-16 (a guess)"),
        (lambda text: text.encode("utf-16-le"), "UTF-16 (a guess)"),
        (lambda text: text.encode("cp1252"), "Windows-1252 (a guess)"),
        (lambda text: text.encode("latin-1") + b"\x81", "Latin-1 (a guess)"),
    ],
)
def test_encodings(read, trees, encode, name):
    text = lines(trees, header=("größe", "mass", "art")).replace("oak", "Bäume")
    table = read(encode(text + "1.5,2.5,fir"))
    assert list(table.features.columns) == ["größe", "mass"]
    assert table.recognition.encoding == name
    assert set(table.target) >= {"Bäume"}
    assert len(table.target) == 25
    assert (f"encoding {name}" in str(table.recognition)) == (name != "UTF-8")


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("trees.csv", content)
    return file.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_compressed_files_whatever_they_are_called(tmp_path, check_trees, trees, pack):
    for name in ("trees.csv.gz", "trees.csv"):
        (tmp_path / name).write_bytes(pack(lines(trees).encode()))
        table = read_table(tmp_path / name)
        check_trees(table)
        assert table.recognition.name == "trees"


def test_excel_and_parquet(tmp_path, check_trees, trees):
    frame = pd.DataFrame(trees, columns=["size", "mass", "kind"]).astype({"size": float})
    pytest.importorskip("openpyxl")
    frame.to_excel(tmp_path / "trees.xlsx", index=False)
    check_trees(read_table(tmp_path / "trees.xlsx"))
    frame.to_excel(tmp_path / "trees.xlsx", index=False, header=False)
    check_trees(read_table(tmp_path / "trees.xlsx"), NUMBERED)
    pytest.importorskip("pyarrow")
    frame.to_parquet(tmp_path / "trees.parquet")
    check_trees(read_table(tmp_path / "trees.parquet"))


@pytest.mark.parametrize(
    ("content", "package"),
    [(b"PAR1" + bytes(20), "pyarrow"), (None, "openpyxl")],
)
def test_a_missing_engine_is_named_with_its_command(read, monkeypatch, content, package):
    def refuse(*arguments, **options):
        raise ImportError("no engine")

    if content is None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("xl/workbook.xml", "")
        content = file.getvalue()
    monkeypatch.setattr(pd, "read_parquet", refuse)
    monkeypatch.setattr(pd, "read_excel", refuse)
    with pytest.raises(ImportError, match=f"needs {package}: pip install {package}"):
        read(content)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["5.1", "3.5", "oak"], ["4.9", "3.0", "fir"]], "most cells of the first row are numbers"),
        ([["1", "2", "0"], ["4", "3", "1"]], "most cells of the first row are numbers"),
        ([["2", "2", "oak"], ["4", "3", "fir"]], "most cells of the first row are numbers"),
        ([["?", "3.5", "oak"], ["4.9", "3.0", "fir"]], "'oak' in the first row is a value"),
        ([["low", "wet", "oak"], ["high", "dry", "fir"]], "'oak' in the first row is a value"),
        ([["oak", "low", "5"], ["fir", "high", "7"]], "'5' in the first row is a value"),
        ([["oak", "low", "9.5"], ["fir", "high", "7"]], "has numbers where its columns have"),
        ([["oak", "low", "new"], ["fir", "high", "old"]], "values of their columns"),
    ],
)
def test_no_header_and_no_row_lost(rows, reason):
    body = [*rows, *rows[::-1], *rows, *([rows[1]] * 4)]
    if rows[0][-1] in ("9.5", "new"):  # this value comes but once
        body = [rows[0], *[[a, b, rows[1][2]] for a, b, _ in body]]
    source = file_source(lines(body, header=None).encode())
    assert reason in source.header
    assert source.n_rows == len(body)
    assert [cells[0] for cells in source.columns.values()] == rows[0]


@pytest.mark.parametrize(
    "header",
    [
        "size,mass,kind", "2019,2020,2021", "0,1,2", ",0,1", "1,b,kind", "?,b,c", ",1,kind",
        "400,402,404,406,408,410,ripe", ",0,1,2,3,4,5,6", "0.5,1.0,1.5,2.0,2.5",
    ],
)  # fmt: skip
def test_headers_that_are_one(trees, header):
    width = header.count(",") + 1
    kinds = {"fir": "11", "oak": "12"}
    rows = [[*(row * 4)[: width - 1], kinds[kind]] for *row, kind in trees]
    if header.startswith(","):
        rows = [[str(k), *row[1:]] for k, row in enumerate(rows)]
    source = file_source(lines([header.split(","), *rows], header=None).encode())
    assert source.header.startswith("in line 1")
    assert source.n_rows == len(rows)
    assert list(source.columns)[-1] == header.split(",")[-1]


def test_lines_are_counted_as_an_editor_does(read, trees):
    text = '# a comment\nsize,mass,kind\n"1\n2",3,oak\n\n' + lines(trees, header=None)
    bad = text.replace(trees[3][0], "broken", 1)
    line = 1 + bad.split("\n").index(next(t for t in bad.split("\n") if "broken" in t))
    with pytest.raises(ValueError, match=f"'broken' in line {line}"):
        read(bad.replace('"1\n2"', '"1"'.replace("1", " 1\n")))


def test_new_rows_need_no_labels(tmp_path, trees):
    path = tmp_path / "new.csv"
    path.write_text("id;size;soil\n1;1,5;wet\n2;?;\n")
    frame = read_features(path)
    assert frame["id"].tolist() == [1, 2]
    np.testing.assert_array_equal(frame["size"], [1.5, np.nan])
    assert frame["soil"].tolist() == ["wet", None]
    assert read_features(b"size\n1\n2\n")["size"].tolist() == [1, 2]
    text = "size,mass\n" + "1,2\n" * 19 + "old,3\n"
    assert len(read_features(text.encode(), columns=["mass"])) == 20
    with pytest.raises(
        ValueError, match="no number in 'size': 1 of 20 cells, such as 'old' in line 21"
    ):
        read_features(text.encode(), columns=["size"])


@pytest.mark.parametrize(
    ("name", "is_table"),
    [("a.csv", True), ("A.TSV", True), ("a.data", True), ("a.txt", True), ("a.csv.gz", True),
     ("a.parquet", True), ("a.xlsx", True), ("iris", False), ("a.qmlplay", False)],
)  # fmt: skip
def test_names_of_tables(name, is_table):
    assert is_table_file(name) == is_table
