"""The data of the playground: a plane, always; your own, or a reason why not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from qmlplay import load_dataset
from qmlplay.widget.code.own_data_code import own_data_code
from qmlplay.widget.data.own_data import OwnData, Upload
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.settings.choices import OWN_DATA, TOYS
from qmlplay.widget.settings.configuration import Configuration


def configured(own, **settings):
    return Configuration(dataset=OWN_DATA, data_noise=0, own_data=own.fingerprint, **settings)


@pytest.mark.parametrize("name", TOYS)
def test_every_dataset_becomes_a_plane(name):
    plane = make_plane(Configuration.for_dataset(name))
    assert plane.split.X_train.shape[1] == plane.split.X_test.shape[1] == 2
    assert len(plane.class_names) == len(np.unique(plane.split.y_train))
    assert bool(plane.notice) == (len(plane.columns) > 2)
    x_low, x_high, y_low, y_high = plane.extent
    assert x_low < x_high
    assert y_low < y_high
    # The first row of the grid is the top of the picture.
    corners = [[x_low, y_high], [x_high, y_high], [x_low, y_low]]
    assert np.allclose(plane.grid(5)[[0, 4, 20]], corners)


def test_noise_and_seed_make_the_data():
    quiet, loud = (make_plane(Configuration(data_noise=noise)) for noise in (0.0, 0.5))
    data = load_dataset("moons", noise=0.5, random_state=0)
    X_train, _, y_train, _ = train_test_split(
        data.X, data.y, test_size=0.3, stratify=data.y, random_state=0
    )
    assert np.array_equal(loud.split.X_train, X_train)
    assert np.array_equal(loud.split.y_train, y_train)
    assert not np.allclose(quiet.split.X_train, X_train)
    other = make_plane(Configuration(data_noise=0.5, random_state=1))
    assert not np.allclose(other.split.X_train, X_train)


def test_main_directions_come_from_the_training_part_alone():
    data = load_dataset("wine", random_state=0)
    X_train, X_test, _, _ = train_test_split(
        data.X, data.y, test_size=0.3, stratify=data.y, random_state=0
    )
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    pca = PCA(2).fit((X_train - mean) / spread)
    plane = make_plane(Configuration.for_dataset("wine"))
    assert np.allclose(plane.split.X_test, pca.transform((X_test - mean) / spread))


def test_two_columns_can_be_chosen():
    plane = make_plane(Configuration.for_dataset("iris", features=(3, 1)))
    assert plane.split.feature_names == ["petal width (cm)", "sepal width (cm)"]
    assert plane.notice == ""
    with pytest.raises(ValueError, match="iris has columns 0 to 3"):
        make_plane(Configuration.for_dataset("iris", features=(3, 4)))


def test_own_data_from_a_frame_and_a_file(tmp_path):
    frame = pd.DataFrame(
        {"a": [3.0, 5, 4] * 6 + [1, 2], "b": [1.5, 2.5] * 10, "kind": ["x", "y"] * 10}
    )
    path = tmp_path / "mine.csv"
    frame.to_csv(path, index=False)
    of_frame, of_file = OwnData.from_object(frame, "kind"), OwnData.from_object(path)
    assert of_frame.fingerprint == of_file.fingerprint
    assert of_file.upload.file_name == "mine.csv"
    plane = make_plane(configured(of_file), of_file)
    assert plane.class_names == ("x", "y")
    changed = OwnData.from_object(frame.assign(a=frame["a"] + 1e-9), "kind")
    assert changed.fingerprint != of_frame.fingerprint


def test_a_configuration_of_other_own_data_is_refused():
    first, second = (OwnData.from_object((np.eye(8)[:, [0, k]], [0, 1] * 4)) for k in (1, 2))
    for at_hand in (None, second):
        with pytest.raises(ValueError, match="belongs to own data"):
            make_plane(configured(first), at_hand)


def test_a_constant_column_still_gives_a_picture():
    own = OwnData.from_object((np.column_stack([np.arange(12), np.ones(12)]), [0, 1] * 6))
    assert make_plane(configured(own), own).extent[2:] == (0.0, 2.0)


def test_a_hopeless_split_is_refused():
    with pytest.raises(ValueError, match="one sample each"):
        OwnData.from_object((np.eye(5)[:, :2], [0, 0, 0, 0, 1]))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\data\\x.csv", "a/b.csv", "", ".csv", "x\n.csv", "né.CSV"]
)
def test_a_file_name_leads_nowhere(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = OwnData.from_upload(Upload(name, b"a,b,k\n1,2,u\n2,3,v\n3,3,v\n3,1,u\n"))
    file_name = own.upload.file_name
    assert "/" not in file_name
    assert "\\" not in file_name
    assert file_name.lower().endswith(".csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["trees (1).csv", "it's 50% [cm], β=2; “a” & b+c=d.csv", "🌲.csv.gz", "trees_#~$!@^`{}.tsv"],
)
def test_the_code_reads_the_file_under_its_name(name, tmp_path, monkeypatch):
    """Browsers call a second copy "trees (1).csv"."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(b"a,b,k\n1,2,u\n2,3,v\n3,3,v\n3,1,u\n")
    own = OwnData.from_upload(Upload(name, Path(name).read_bytes()), "k")
    imports, lines = own_data_code(own)
    read = {}
    exec("\n".join([*imports, lines]), read)
    np.testing.assert_array_equal(read["X"], own.bunch.X)


def test_messages_name_the_file():
    with pytest.raises(ValueError, match=r"^'empty\.csv' is empty"):
        OwnData.from_upload(Upload("uploads/empty.csv", b""))


def test_columns_of_a_file():
    assert Upload("t.csv", b"a, b ,kind\n1,2,3\n").columns == ["a", "b", "kind"]
    assert Upload("t.data", b"5.1;3,5;setosa\n4.9;3;virginica\n").columns == ["x0", "x1", "x2"]
    assert Upload("t.csv", b"").columns == []
    assert Upload("t.csv", b"\xff\xfe").columns == []


def raw_frame(n_rows=60):
    """Two classes that text tells apart; with gaps and dates."""
    random = np.random.default_rng(0)
    kind = np.where(np.arange(n_rows) % 2, "oak", "fir")
    site = np.where(random.random(n_rows) < 0.9, np.where(kind == "oak", "dry", "wet"), "bog")
    size = random.normal(size=n_rows).round(3)
    size[::7] = np.nan
    seen = pd.date_range("2021-03-01", periods=n_rows, freq="9D")
    return pd.DataFrame({"size": size, "site": site, "seen": seen, "kind": kind})


def test_text_gaps_and_dates_become_a_plane_learned_from_the_training_part():
    frame = raw_frame()
    own = OwnData.from_object(frame, "kind")
    plane = make_plane(configured(own), own)
    assert plane.columns[:4] == ("size", "size is missing", "site=bog", "site=dry")
    assert "numbers made of its columns" in plane.notice
    chosen = make_plane(configured(own, features=(0, 3)), own)
    assert chosen.split.feature_names == ["size", "site=dry"]
    X_train, X_test, _, _ = train_test_split(
        frame, frame["kind"], test_size=0.3, stratify=frame["kind"], random_state=0
    )
    filled = X_test["size"].fillna(X_train["size"].median())
    assert np.array_equal(chosen.split.X_test[:, 0], filled)
    assert np.array_equal(chosen.split.X_test[:, 1], X_test["site"] == "dry")


def test_one_fingerprint_for_a_table_as_file_and_as_frames(tmp_path):
    polars = pytest.importorskip("polars")
    frame = raw_frame()
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "b.tsv", index=False, sep="\t", encoding="utf-16")
    other = polars.DataFrame(
        frame.astype(object).where(frame.notna(), None).to_dict("list"), strict=False
    )
    given = [frame, tmp_path / "a.csv", str(tmp_path / "b.tsv"), other]
    assert len({OwnData.from_object(data, "kind").fingerprint for data in given}) == 1
    changed = frame.assign(site=frame["site"].replace("bog", "fen"))
    assert OwnData.from_object(changed, "kind").fingerprint not in {
        OwnData.from_object(frame, "kind").fingerprint
    }


def test_a_column_that_tells_nothing_in_training_is_refused():
    sizes = np.random.default_rng(0).normal(size=20).round(2)
    rows = {"a": sizes, "b": [*"xy" * 9, "x", "z"], "kind": ["u", "v"] * 10}
    own = OwnData.from_object(pd.DataFrame(rows), "kind")
    column = own.columns.index("b=z")
    seeds = range(20)
    parts = [
        train_test_split(rows["b"], test_size=0.3, stratify=rows["kind"], random_state=s)
        for s in seeds
    ]
    seed = next(seed for seed in seeds if "z" in parts[seed][1])
    with pytest.raises(ValueError, match="'b=z' is the same in the whole training part"):
        make_plane(configured(own, features=(0, column), random_state=seed), own)


def test_an_uploaded_table_keeps_the_fingerprint_of_old_strings():
    # As shared before text and gaps were read.
    rows = [b"%d,%d,%s\n" % (i * 7 % 5, i * i % 11, b"xy"[i % 2 :][:1]) for i in range(20)]
    own = OwnData.from_upload(Upload("t.csv", b"a,b,kind\n" + b"".join(rows)))
    assert own.fingerprint == "3eade26ba6d11286"


def zipped(content, name="big.csv"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def as_parquet(frame):
    content = io.BytesIO()
    frame.to_parquet(content)
    return content.getvalue()


MANY_ROWS = b"1,2,3\n" * 1_000_000
PACKED = {
    "big.csv.gz": gzip.compress(MANY_ROWS),
    "big.csv.bz2": bz2.compress(MANY_ROWS),
    "big.csv.xz": lzma.compress(MANY_ROWS),
    "big.csv.zip": zipped(MANY_ROWS),
    "big.zip.gz": gzip.compress(zipped(MANY_ROWS)),
    "big.xlsx": zipped(MANY_ROWS * 10, "xl/worksheets/sheet1.xml"),
    "big.parquet": as_parquet(pd.DataFrame({"a": np.zeros(3_000_000), "b": 1})),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(name):
    assert len(PACKED[name]) < 100_000
    with pytest.raises(ValueError, match=rf"^'{name}' has more than 5\.0 MB"):
        Upload(name, PACKED[name])


@pytest.mark.slow
@pytest.mark.parametrize("write", [zipped, as_parquet, "xlsx"])
def test_a_table_of_many_cells_is_no_large_file(write):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(2000, 20)).round(3).astype(object))
    frame = frame.rename(columns=str).assign(kind=["x", "y"] * 1000)
    if write == "xlsx":
        content = io.BytesIO()
        frame.to_excel(content, index=False)
        content = content.getvalue()
    else:
        content = write(frame.to_csv(index=False) if write is zipped else frame)
    assert OwnData.from_upload(Upload("table", content)).bunch.X.shape == (2000, 20)


def test_an_archive_that_ends_early_is_refused():
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        archive.writestr("short.csv", b"a,b,kind\n1,2,x\n")
    content = bytearray(packed.getvalue())
    sizes = content.index(b"PK\x01\x02") + 20  # of the member, as the archive's index has them
    content[sizes : sizes + 8] = (10_000).to_bytes(4, "little") * 2
    with pytest.raises(ValueError, match=r"^'short\.zip' is damaged or locked \(it ends early\)"):
        OwnData.from_upload(Upload("short.zip", bytes(content)))
