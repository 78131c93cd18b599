"""Files that no table is in, or a broken one: one line that says what to do."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from table_helpers import lines

from qmlplay.datasets import as_dataset
from qmlplay.tables import read_table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"<!DOCTYPE html>\n<html><body>a,b\n1,2\n", r"web page \(HTML\).*button Raw"),
        (b"\n<?xml version='1.0'?><data/>", "web page"),
        (b'[{"a": 1}]', r"JSON: in Python, pass pd\.read_json"),
        (b'{"a": [1]}', "JSON"),
        (b"% trees\n@relation trees\n@attribute size numeric\n@data\n1\n", "loadarff"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel file: save it as .xlsx"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "damaged compressed file.*download it again"),
        (b"\x1f\x8b\x08garbage", "damaged compressed file"),
        (b"PK\x03\x04garbage", "damaged"),
        (b"PAR1garbage", "parquet|pyarrow"),
        (b"\xff\xfe\x00\x00\x01", "damaged|empty"),
        (bytes(range(256)) * 50, "binary data"),
        (b"a,b,k\n1,2,x\n" + bytes(60), "binary data"),
        (b"size\n1\n2\n", "one column.*--sep"),
        (b"size,mass,kind\n", "no rows"),
        (b"a,b,k\n1,2,oak\n3,4\n5,6,fir\n7,8,fir,9\n", r"lines 3 \(2 cells\), 5 \(4 cells\)"),
        (b"a,b,y\n1,2,3,x\n4,5,6,z\n", r"line 1 has 3 cells.*2 of 2.*lines 2 \(4 cells\)"),
        (b"a,b\n1;0\n2;1\n", "line 1 has 1 cells|one column"),
        (b'a,b\n1,oak\n"2,fir\n3,oak\n', "quotation mark in line 3 is never closed"),
    ],
)  # fmt: skip
def test_no_table(read, content, message):
    with pytest.raises((ValueError, ImportError), match=message) as caught:
        read(content)
    assert len(str(caught.value)) < 1000


@pytest.mark.slow
def test_a_quotation_mark_that_swallows_a_long_file(read):
    rows = [["1", "2", "oak"]] * 30_000
    text = lines(rows).replace("2,oak", '"2,oak', 1)
    with pytest.raises(ValueError, match=r"line 2.*never closed"):
        read(text)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_too_many_columns(read, separator):
    wide = (separator.join(["1"] * 100_000) + "\n") * 4
    with pytest.raises(ValueError, match=r"100,000 columns: at most 10,000"):
        read(wide)


def test_too_many_columns_of_a_frame():
    import pandas as pd

    with pytest.raises(ValueError, match=r"100,000 columns: at most 10,000"):
        as_dataset(pd.DataFrame(np.zeros((2, 100_000))))


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file 'nowhere.csv'"):
        read_table("nowhere.csv")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_table(tmp_path)
    for address in ("https://example.org/a.csv", "s3://bucket/a"):
        with pytest.raises(ValueError, match=r"pass pd\.read_csv\('" + address):
            as_dataset(address)


@pytest.mark.parametrize("separator", ["", "a", "1", '"', "\n"])
def test_separators_that_are_none(read, separator):
    with pytest.raises(ValueError, match="one of comma, semicolon, tab"):
        read("a,b\n1,2\n", separator=separator)
