"""Model files: the round trip, and saves that are interrupted or impossible."""

import json
import os
import zipfile
from io import BytesIO

import numpy as np
import pytest

from qmlplay.model.archive import read_archive, write_archive

CONTENT = {"name": "Käse", "n": 3, "rate": 0.1, "none": None, "list": [1, [2.5, "a"]], "yes": True}
ARRAYS = {
    "weights": np.array([0.1, -2.0, np.pi]),
    "matrix": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "complex": np.array([1 + 2j]),
    "labels": np.array(["cat", "Köter"]),
    "flags": np.array([True, False]),
    "scalar": np.array(1.5),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "file": np.array([np.nan, np.inf]),  # a name that np.savez cannot take
}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "model.qmlplay"
    write_archive(file, CONTENT, ARRAYS)
    return file


def test_round_trip(path):
    content, arrays = read_archive(path)
    assert content == CONTENT
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        np.testing.assert_array_equal(arrays[name], array)


def test_the_file_is_what_the_documentation_says(path):
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["arrays.npz", "model.json"]
        document = json.loads(archive.read("model.json"))
        with np.load(BytesIO(archive.read("arrays.npz")), allow_pickle=False) as arrays:
            np.testing.assert_array_equal(arrays["weights"], ARRAYS["weights"])
    assert document["format"] == "qmlplay-model"
    assert document["format_version"] == 1
    assert document["content"] == CONTENT
    assert set(document) == {"format", "format_version", "qmlplay_version", "content"}


def test_equal_models_give_equal_files(path, tmp_path):
    write_archive(str(tmp_path / "again"), CONTENT, ARRAYS)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_no_arrays_and_no_content(path):
    write_archive(path, {}, {})
    assert read_archive(path) == ({}, {})


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_an_interrupted_save_keeps_the_old_file(path, monkeypatch, error, function):
    before = path.read_bytes()

    def fail(*args):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail)
        with pytest.raises(type(error)):
            write_archive(path, {"new": 1}, {})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]  # nothing left behind
    write_archive(path, {"new": 1}, {})
    assert read_archive(path) == ({"new": 1}, {})


def test_unwritable_places_are_named(path, tmp_path):
    for place in (tmp_path / "missing" / "a.qmlplay", path / "a.qmlplay", tmp_path):
        with pytest.raises(OSError, match=r"cannot write .*give a file in a folder") as caught:
            write_archive(place, {}, {})
        assert repr(str(place)) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value.__cause__, OSError)


def test_a_link_is_followed(path, tmp_path):
    link = tmp_path / "link.qmlplay"
    link.symlink_to(path)
    write_archive(link, {"n": 4}, {})
    assert link.is_symlink()
    assert read_archive(path) == ({"n": 4}, {})


@pytest.mark.parametrize(
    ("content", "arrays", "message"),
    [
        ({"a": np.zeros(2)}, {}, "content cannot be written as JSON .*give arrays as arrays"),
        ({"a": float("nan")}, {}, "content cannot be written as JSON .*finite numbers"),
        ({}, {"a": np.array([{}, print])}, "array 'a' cannot be written"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_file_is_touched(
    path, content, arrays, message
):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        write_archive(path, content, arrays)
    assert path.read_bytes() == before


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*gone\.qmlplay"):
        read_archive(tmp_path / "gone.qmlplay")
