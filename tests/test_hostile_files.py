"""Model files that are damaged or mean harm."""

import json
import os
import pickle
import zipfile
from io import BytesIO

import numpy as np
import pytest

from qmlplay.model import archive as archive_module
from qmlplay.model.archive import read_archive, write_archive

CONTENT = {"name": "Käse", "list": [1, [2.5, "a"]]}
ARRAYS = {"weights": np.linspace(-2, 2, 40), "labels": np.array(["cat", "Köter"])}


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "model.qmlplay"
    write_archive(file, CONTENT, ARRAYS)
    return file


def rewrite(path, **members):
    """Write a zip with the valid members, some replaced (None: left out)."""
    with zipfile.ZipFile(path) as archive:
        old = {name: archive.read(name) for name in archive.namelist()}
    new = old | {name.replace("__", "."): data for name, data in members.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in new.items():
            if data is not None:
                archive.writestr(name, data)


def rewrite_json(path, **changes):
    with zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read("model.json")) | changes
    rewrite(path, model__json=json.dumps(document))


def npz(**members):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name + ".npy", data)
    return buffer.getvalue()


def npy(header, data=b""):
    """Return a member of an npz with a header of one's own."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


class Bomb:
    """Unpickling this leaves a trace."""

    def __reduce__(self):
        return os.mkdir, (os.environ["QMLPLAY_TRACE"],)


def refuses(path, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_archive(path)
    assert str(caught.value).startswith(f"cannot read {os.fspath(path)!r}: ")
    assert "\n" not in str(caught.value)


def test_not_a_zip_and_truncated(path):
    whole = path.read_bytes()
    for data in (b"", b"hello", pickle.dumps([1]), whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(data)
        refuses(path, "not a zip file, or a damaged one")


def test_every_flipped_byte_is_refused_or_harmless(path):
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        data = bytearray(whole)
        data[place] ^= 0xFF
        path.write_bytes(data)
        try:
            content, arrays = read_archive(path)
        except ValueError:
            continue
        assert content == CONTENT
        assert list(arrays) == list(ARRAYS)


def test_missing_and_unknown_members(path):
    rewrite(path, extra__py="print('hello')")
    refuses(path, r"holds members that no qmlplay model has: \['extra.py'\]")
    rewrite(path, extra__py=None, model__json=None)
    refuses(path, "not a qmlplay model: it holds no model.json")


def test_two_members_of_one_name(path):
    with (
        zipfile.ZipFile(path, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("model.json", "{}")
    refuses(path, "two members of one name")


@pytest.mark.parametrize(
    "text", ["", "{", b"\xff\xfe", "[" * 100_000, '{"a": ' + "9" * 5_000 + "}"], ids=range(5)
)
def test_damaged_json(path, text):
    rewrite(path, model__json=text)
    refuses(path, "model.json is damaged")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "names another format"),
        ({"format": None}, "names another format"),
        ({"format_version": 6}, r"format version is 6, .* versions up to 5: update qmlplay \(pip"),
        ({"format_version": "1"}, "no valid format_version"),
        ({"format_version": 0}, "no valid format_version"),
        ({"content": [1]}, "no valid format_version or content"),
    ],
)
def test_another_format_or_version(path, changes, message):
    rewrite_json(path, **changes)
    refuses(path, message)


def test_json_that_is_no_dict(path):
    rewrite(path, model__json="[1, 2]")
    refuses(path, "names another format")


def test_pickles_are_refused_and_never_run(path, tmp_path, monkeypatch):
    trace = tmp_path / "trace"
    monkeypatch.setenv("QMLPLAY_TRACE", str(trace))
    objects, pickled = BytesIO(), pickle.dumps(Bomb())
    np.save(objects, np.array([Bomb()], dtype=object), allow_pickle=True)
    rewrite(path, arrays__npz=npz(a=objects.getvalue()))
    refuses(path, "'a.npy' is refused: it holds pickled objects")
    rewrite(path, arrays__npz=npz(a=pickled))
    refuses(path, "'a.npy' is refused: the magic string is not correct")
    rewrite(path, arrays__npz=pickled)
    refuses(path, "not a zip file")
    assert not trace.exists()
    pickle.loads(pickled)  # the bomb would have worked
    assert trace.exists()


@pytest.mark.parametrize(
    "member",
    [
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"),
        npy("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}"),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", pickle.dumps(1)),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", bytes(9)),
        npy("{'descr': 'what', 'fortran_order': False, 'shape': (1,)}"),
        npy("__import__('os').mkdir('x')"),
        npy("{'descr': "),
        npy("(" * 110),
        npy("-" * 110),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': " + "(1," * 20 + ")}"),
        b"\x93NUMPY\x03\x00\x10\x00\x00\x00" + b" " * 16,
        b"\x93NUM",
        b"",
    ],
    ids=range(14),
)
def test_hostile_array_headers(path, member):
    rewrite(path, arrays__npz=npz(a=member))
    refuses(path, "its array 'a.npy' is refused")


def test_something_else_beside_the_arrays(path):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.py", "print()")
    rewrite(path, arrays__npz=buffer.getvalue())
    refuses(path, "something else than arrays")


def test_sizes_are_checked_before_unpacking(path, monkeypatch):
    monkeypatch.setattr(archive_module, "MAX_BYTES", 300)
    refuses(path, "would unpack to .* bytes; 300 are allowed")
    monkeypatch.setattr(archive_module, "MAX_BYTES", 10_000)
    read_archive(path)
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(1_000_000))  # small outside, large inside
    rewrite(path, arrays__npz=inner.getvalue())
    refuses(path, "would unpack to 1000000 bytes; 10000 are allowed")


def test_a_lying_size_does_not_unpack_more(path):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.json", b" " * 70_000)
        archive.writestr("arrays.npz", npz())
    size = (70_000).to_bytes(4, "little")
    assert buffer.getvalue().count(size) == 2
    path.write_bytes(buffer.getvalue().replace(size, (10).to_bytes(4, "little")))
    refuses(path, "a damaged one")


def test_other_compressions_and_passwords_are_refused(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("model.json", "{}")
    refuses(path, "compressed in a way no qmlplay model is")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", "{}")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # "encrypted", in the directory
    data[6] |= 1
    path.write_bytes(data)
    refuses(path, "a damaged one .*encrypted")
