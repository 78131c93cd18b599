"""Archives without anything executable: a zip of JSON and plain arrays.

A ``.qmlplay`` file holds two members: ``model.json`` (the format's name and version, the version
of qmlplay that wrote it, and the content) and ``arrays.npz`` (arrays of numbers or text, never
pickled objects). A reader has to trust nothing: sizes are checked before anything is unpacked,
and nothing in the file is ever run.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from qmlplay._version import __version__

__all__ = ["Arrays", "from_npz", "read_archive", "to_npz", "write_archive", "write_whole"]

Arrays = dict[str, NDArray[Any]]

FORMAT = "qmlplay-model"
#: The newest format that is read; a file names the oldest one that has all of its entries.
FORMAT_VERSION = 5
#: Bytes that a file may hold after unpacking.
MAX_BYTES = 2**30
_MEMBERS = ("model.json", "arrays.npz")
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)


def write_archive(
    path: str | os.PathLike[str],
    content: dict[str, Any],
    arrays: dict[str, NDArray[Any]],
    *,
    version: int = 1,
) -> None:
    """Write a model file, so that an interrupted save leaves the old file as it was.

    Parameters
    ----------
    path : str or path-like
        The file, usually with the ending ``.qmlplay``; an older one is replaced.
    content : dict
        Everything that is not an array: strings, finite numbers, booleans, None, lists, and
        dicts with strings as keys. (JSON has no tuples: they come back as lists.)
    arrays : dict of str to ndarray
        Arrays of any shape, of numbers, booleans or text.
    version : int, default=1
        Of the format: older programs refuse a file with entries that they would overlook.

    Raises
    ------
    ValueError
        If content or arrays hold something that JSON or a plain array cannot.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_archive(f"{folder}/a.qmlplay", {"n": 2}, {"w": np.array([0.5, 1.5])})
    ...     read_archive(f"{folder}/a.qmlplay")
    ({'n': 2}, {'w': array([0.5, 1.5])})
    """
    model = _to_json(content, version)
    data = _zipped({"model.json": model, "arrays.npz": to_npz(arrays)})
    # Through a link, as opening the file would go.
    write_whole(
        Path(os.path.realpath(path)),
        data,
        advice="give a file in a folder that exists and that you may write to",
    )


def write_whole(target: Path, data: bytes, *, advice: str) -> None:
    """Write a file whole or not at all, and make sure that it is on the disk.

    Raises
    ------
    OSError
        If it cannot be written; the text ends with the advice.
    """
    spare = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(spare, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(spare, target)
    except OSError as error:
        raise OSError(
            f"cannot write {str(target)!r} ({error.strerror or error}): {advice}"
        ) from error
    finally:
        with suppress(OSError):  # it is there only if something went wrong
            spare.unlink()


def read_archive(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Arrays]:
    """Read what `write_archive` wrote, and run nothing of it.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    content : dict
        Everything that is not an array.
    arrays : dict of str to ndarray
        The arrays.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a model file, is damaged, is too large, holds pickled objects, or was written
        in a newer format; the text says which.
    """
    name = os.fspath(path)
    if not os.path.isfile(name):
        raise FileNotFoundError(f"there is no file {name!r}: check the folder and the spelling")
    try:
        with open(name, "rb") as file:
            members = _unzipped(file)
        if missing := [member for member in _MEMBERS if member not in members]:
            raise ValueError(f"it is not a qmlplay model: it holds no {' and no '.join(missing)}")
        if unknown := sorted(set(members) - set(_MEMBERS)):
            raise ValueError(f"it holds members that no qmlplay model has: {unknown[:3]}")
        return _from_json(members["model.json"]), from_npz(members["arrays.npz"])
    except ValueError as error:
        raise ValueError(f"cannot read {name!r}: {error}") from error


def _to_json(content: dict[str, Any], version: int) -> bytes:
    document = {
        "format": FORMAT,
        "format_version": version,
        "qmlplay_version": __version__,
        "content": content,
    }
    try:
        return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"content cannot be written as JSON ({error}): use strings, finite numbers, booleans, "
            f"None, lists and dicts, and give arrays as arrays"
        ) from error


def _from_json(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its model.json is damaged ({error})") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("it is not a qmlplay model: its model.json names another format")
    version, content = document.get("format_version"), document.get("content")
    if not isinstance(version, int) or version < 1 or not isinstance(content, dict):
        raise ValueError("its model.json is damaged (no valid format_version or content)")
    if version > FORMAT_VERSION:
        raise ValueError(
            f"its format version is {version}, and qmlplay {__version__} reads versions up to "
            f"{FORMAT_VERSION}: update qmlplay (pip install --upgrade qmlplay)"
        )
    return content


def to_npz(arrays: Arrays) -> bytes:
    """Return arrays as an npz file; ValueError for entries that would have to be pickled."""
    members = {}
    for name, array in arrays.items():
        buffer = BytesIO()
        try:
            np.lib.format.write_array(buffer, np.asarray(array), (1, 0), allow_pickle=False)
        except ValueError as error:
            raise ValueError(
                f"array {name!r} cannot be written ({error}): its entries must be numbers, "
                f"booleans or text, such as np.asarray(labels, dtype=str)"
            ) from error
        members[f"{name}.npy"] = buffer.getvalue()
    return _zipped(members)


def from_npz(data: bytes) -> Arrays:
    """Return the arrays of an npz file; ValueError for a damaged one, or for pickled objects."""
    members = _unzipped(BytesIO(data))
    if strange := [name for name in members if not name.endswith(".npy")]:
        raise ValueError(f"its arrays.npz holds something else than arrays: {strange[:3]}")
    return {name.removesuffix(".npy"): _array(name, part) for name, part in members.items()}


def _array(name: str, data: bytes) -> NDArray[Any]:
    """Return an array after checking that its header promises what is there, and no pickle."""
    buffer = BytesIO(data)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ValueError("not an array in version 1.0 of the npy format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(buffer)
        if dtype.hasobject:
            raise ValueError("it holds pickled objects, which could run any program")
        size = prod(shape) * max(1, dtype.itemsize)  # 1: no endless arrays of empty entries
        if min(shape, default=0) < 0 or size != len(data) - buffer.tell():
            raise ValueError(f"shape {shape} does not fit its number of bytes")
        return np.lib.format.read_array(BytesIO(data), allow_pickle=False)
    except Exception as error:  # a hostile header can make its parser fail in any way
        raise ValueError(f"its array {name!r} is refused: {error}") from error


def _zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip file; without times in it, so that equal models give equal files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o644 << 16  # readable for whoever unzips it by hand
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unzipped(file: BinaryIO) -> dict[str, bytes]:
    """Return the members of a zip file that does not unpack to more than MAX_BYTES."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            if size > MAX_BYTES:
                raise ValueError(f"it would unpack to {size} bytes; {MAX_BYTES} are allowed")
            members = {info.filename: _member(archive, info) for info in infos}
    except _ZIP_ERRORS as error:
        raise ValueError(f"it is not a zip file, or a damaged one ({error})") from error
    if len(members) < len(infos):
        raise ValueError("it holds two members of one name")
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"member {info.filename!r} is compressed in a way no qmlplay model is")
    with archive.open(info) as member:
        # A number, even if too large by one, keeps zlib from unpacking more than was declared.
        return member.read(info.file_size + 1)
