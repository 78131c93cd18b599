"""The config of a shared folder: which file holds the model, and checksums of all of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from qmlplay._version import __version__
from qmlplay.sharing.model_file import MODEL_FILE, SKOPS_FILE
from qmlplay.sharing.shared_model import SharedModel

__all__ = ["CONFIG_FILE", "check_file", "folder_config", "json_text", "read_config"]

CONFIG_FILE = "config.json"
_FORMAT = 1
#: Bytes of a config that is one.
_LONGEST_CONFIG = 2**20
#: How a file begins that git left in the place of a large one.
_LFS_POINTER = b"version https://git-lfs.github.com/"


def folder_config(shared: SharedModel, folder: Path) -> dict[str, Any]:
    """Return what programs need to know of a folder, with the checksums of its files."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {
        "library_name": "qmlplay",
        "format_version": _FORMAT,
        "qmlplay_version": __version__,
        "model_type": type(shared.quantum).__name__,
        "model_file": next(p.name for p in files if p.name in (MODEL_FILE, SKOPS_FILE)),
        "files": {path.name: _fingerprint(path.read_bytes()) for path in files},
    }


def json_text(content: Any) -> str:
    """Return plain values as JSON for people and programs."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _fingerprint(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def read_config(folder: Path) -> dict[str, Any]:
    """Return the content of config.json.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is none, or it is none of ours.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no {CONFIG_FILE} in {str(folder)!r}: it is no folder that save_to_folder "
            "wrote, or was not downloaded whole"
        )
    try:
        if path.stat().st_size > _LONGEST_CONFIG:
            raise ValueError("it is too large")
        config = json.loads(path.read_bytes())
        if config["library_name"] != "qmlplay":
            raise ValueError(f"it is of library {config['library_name']!r:.50}")
        if config["model_file"] not in (MODEL_FILE, SKOPS_FILE):
            raise ValueError(f"no file of qmlplay is called {config['model_file']!r:.50}")
        if not isinstance(config["files"], dict) or not isinstance(config["format_version"], int):
            raise ValueError("it has no files, or no version")
    except (LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"cannot read {str(path)!r}: {error!r:.200}") from error
    if config["format_version"] > _FORMAT:
        raise ValueError(
            f"{str(folder)!r} was written by qmlplay {config.get('qmlplay_version')!r:.50}, a "
            "newer version: pip install --upgrade qmlplay"
        )
    return dict(config)


def check_file(path: Path, expected: Any) -> None:
    """Raise FileNotFoundError or ValueError unless a file is there as it was written."""
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no {path.name} in {str(path.parent)!r}, which its {CONFIG_FILE} names: it "
            "was not downloaded whole"
        )
    content = path.read_bytes()
    if content.startswith(_LFS_POINTER):
        raise ValueError(
            f"{str(path)!r} is a pointer of git LFS, not the model: type git lfs pull there"
        )
    if _fingerprint(content) != expected:
        raise ValueError(
            f"{str(path)!r} is not the file that its {CONFIG_FILE} vouches for: it was damaged, "
            "changed, or not downloaded whole; download or save the folder anew"
        )
