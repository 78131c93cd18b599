"""Uploaded tables that cannot be used: the page says what the command line says, and keeps all."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_helpers import failure
from test_raw_tables_bad import BAD, NUMBERS, OTHERS, ROWS, table
from waiting import until

from qmlplay import VariationalClassifier, playground
from qmlplay.widget.requests import answer

GOOD = "a,b,label\n" + "\n".join(ROWS) + "\n"


def workbook(frame):
    content = io.BytesIO()
    frame.to_excel(content, index=False)
    return content.getvalue()


def parquet(frame):
    content = io.BytesIO()
    frame.to_parquet(content, compression=None)
    return content.getvalue()


def archive():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("a.txt", "x")
    return content.getvalue()


def cells(*rows):
    return ("a,b,label\n" + "".join(f"{row}\n" for row in rows)).encode()


BOOK = workbook(pd.read_csv(io.StringIO(GOOD)))
PARQUET = parquet(pd.read_csv(io.StringIO(GOOD)).replace("x", "oak"))
MORE = {
    "broken UTF-8": ("bad.csv", GOOD.encode().replace(b"x\n", b"\xff\xfe\x81\n", 1)),
    "half a workbook": ("bad.xlsx", BOOK[: len(BOOK) // 2]),
    "a damaged workbook": ("bad.xlsx", BOOK[:300] + bytes(200) + BOOK[500:]),
    "an empty workbook": ("bad.xlsx", b""),
    "an empty sheet": ("bad.xlsx", workbook(pd.DataFrame())),
    "another archive": ("bad.xlsx", archive()),
    "an old workbook": ("bad.xls", b"\xd0\xcf\x11\xe0" + bytes(600)),
    "damaged Parquet": ("bad.parquet", b"PAR1" + bytes(100)),
    "Parquet with text that is none": ("bad.parquet", PARQUET.replace(b"oak", b"o\xffk")),
    # Its parts contradict its schema: pyarrow's view of them would end Python.
    "Parquet that contradicts itself": (
        "bad.parquet",
        PARQUET.replace(b"%\2\x18\1a", b"%\0\x18\1a"),
    ),
    "all missing": ("bad.csv", cells(*(f",,{'xy'[i % 2]}" for i in range(60)))),
    "beyond all numbers": ("bad.csv", cells(*(f"{i}e999,1,{'xy'[i % 2]}" for i in range(1, 60)))),
    "one class left": ("bad.csv", cells(*(f"{i},{i % 7},{'x' * (i % 2)}" for i in range(60)))),
    "constant": ("bad.csv", cells(*(f"3,4,{'xy'[i % 2]}" for i in range(60)))),
    "two rows": ("bad.csv", cells("1,2,x", "3,4,y")),
    "null bytes": ("bad.csv", b"a,b,label\n1,2,x\0\n" * 20),
    "a document": ("bad.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 10),
    "a pickle": ("bad.pkl", b"\x80\x04\x95" + bytes(50)),
    "text": ("bad", b"hello world"),
    "a second copy": ("bad (1).csv", cells(*(f"3,4,{'xy'[i % 2]}" for i in range(60)))),
    "a name of many letters": ("it's 50% “bad”; a=[b], 🌲.csv", b""),
}
FILES = MORE | {
    what: ("bad.csv", content if isinstance(content, bytes) else content.encode())
    for what, (content, _) in BAD.items()
}


@pytest.fixture(scope="module")
def widget():
    opened = playground()
    until(lambda: opened.run["state"] == "ready" and "model" in opened.session.frames)
    yield opened
    opened.close()
    opened.session.join(20)


def upload(widget, name, content):
    widget.say("")
    answer(widget, {"action": "upload", "name": name, "size": len(content)}, [content])
    return widget.message.get("text", "")


@pytest.mark.parametrize("what", FILES)
def test_the_page_says_what_the_command_line_says(what, widget, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    name, content = FILES[what]
    Path(name).write_bytes(content)
    session, configuration = widget.session, widget.configuration
    said = upload(widget, name, content)
    assert widget.message["kind"] == "error"
    assert widget.session is session
    assert widget.configuration == configuration
    with monkeypatch.context() as patch:
        patch.setattr(VariationalClassifier, "fit", lambda *given: pytest.fail("it was trained"))
        for command in ("compare", "train"):
            assert failure(capsys, command, name) == f"qmlplay: {said}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (table([*NUMBERS[:-1], "1.7e308"], OTHERS, ["x", "y"] * 30), "column 'a' holds 1.7e+308"),
        (table([*NUMBERS[:-1], "-1e151"], OTHERS, ["x", "y"] * 30), "column 'a' holds 1e+151"),
        (table(["", "-1e151", *NUMBERS[2:]], OTHERS, ["x", "y"] * 30), "column 'a' holds 1e+151"),
        (table(NUMBERS, ["x", "y"] * 30, header="a,label"), "the picture needs two or more"),
        (table(NUMBERS * 90, OTHERS * 90, ["x", "y"] * 2700), "5400 rows"),
        (table(NUMBERS, OTHERS, [f"k{i % 9}" for i in range(60)]), "9 classes"),
    ],
)
def test_limits_of_the_page_alone(content, reason, widget):
    session = widget.session
    assert reason in upload(widget, "bad.csv", content.encode())
    assert widget.session is session


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "origin"), [(1e-310, 0.0), (1e-9, 0.0), (1e-9, 1.0), (1e-4, 1e9), (1e149, 0.0)]
)
def test_any_other_numbers_are_shown_as_they_are(scale, origin):
    """They were rounded to six digits after the point, which left nothing of small ones."""
    values = [origin + scale * (7 * i % 11) for i in range(60)]
    rows = table(list(map(repr, values)), OTHERS, ["x", "y"] * 30)
    opened = playground()
    try:
        upload(opened, "good.csv", rows.encode())
        shown = [x for part in ("train", "test") for x, _ in opened.plane[part]["X"]]
        assert sorted(shown) == sorted(values)
        assert np.isfinite(opened.plane["extent"]).all()
        json.dumps(opened.plane, allow_nan=False)
    finally:
        opened.close()
        opened.session.join(20)
