"""Folders of what could not be sent: JSON lines and files beside them, and their sending later."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any

from qmlplay.mlflow.log_entry import LogEntry
from qmlplay.mlflow.tracking_server import TrackingServer, shown_uri

__all__ = ["UnsentFolder", "send"]

_ENTRIES, _FILES, _SENT = "entries.jsonl", "files", "sent.json"
#: What the first line of the entries says, so that no other file is taken for one.
_FORMAT = "qmlplay unsent log entries 1"


class UnsentFolder:
    """A new folder of entries, made when the first one comes.

    Parameters
    ----------
    parent : path
        Where to make it; where that cannot be written, the folder for temporary files is taken.
    uri : str
        Where the entries should have gone.

    Attributes
    ----------
    path : Path or None
        The folder, None before the first entry.
    """

    def __init__(self, parent: str | PathLike[str], uri: str) -> None:
        self.parent, self.uri = Path(parent), uri
        self.path: Path | None = None
        self._n_files = 0

    def write(self, entry: LogEntry) -> None:
        """Append an entry, and copy its file or folder.

        Raises
        ------
        OSError
            If nothing can be written anywhere.
        """
        folder = self.path or self._new_folder()
        path = None if entry.path is None else self._copy(entry.path, folder)
        content = dict(entry.content)
        _append(folder, {"kind": entry.kind, "run": entry.run, "content": content, "path": path})

    def _new_folder(self) -> Path:
        try:
            self.path = _made_folder(self.parent.absolute(), self.uri)
        except OSError:
            self.path = _made_folder(Path(tempfile.gettempdir()) / self.parent.name, self.uri)
        return self.path

    def _copy(self, path: Path, folder: Path) -> str:
        self._n_files += 1
        target = folder / _FILES / str(self._n_files) / path.name
        target.parent.mkdir(parents=True)
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copy(path, target)
        return target.relative_to(folder).as_posix()


def _made_folder(parent: Path, uri: str) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{datetime.now():%Y%m%d-%H%M%S}-", dir=parent))
    _append(folder, {"format": _FORMAT, "tracking_uri": uri})
    return folder


def _append(folder: Path, values: dict[str, Any]) -> None:
    with (folder / _ENTRIES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def send(path: str | PathLike[str], tracking_uri: str | None = None) -> list[str]:
    """Send what was kept while the tracking server was down, and delete the folder.

    Runs get the times, parameters, losses, files and models that they would have had. Where
    sending breaks off, the next call goes on from there.

    Parameters
    ----------
    path : str or path-like
        The folder that the warning names.
    tracking_uri : str, optional
        Another place to send it to; None takes the one that it was meant for.

    Returns
    -------
    list of str
        The ids of the runs.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it is none of these folders.
    ConnectionError
        If it cannot be sent now either; all that is not sent stays.
    """
    folder = Path(path)
    uri, entries = _read(folder)
    server = TrackingServer(tracking_uri or uri)
    n_sent = _take_up(folder, server)
    for number, entry in enumerate(entries[n_sent:], start=n_sent + 1):
        try:
            server.log(entry)
        except Exception as error:
            raise ConnectionError(
                f"{shown_uri(server.uri)} did not take it ({error}): {number - 1} of "
                f"{len(entries)} entries are sent; call qmlplay.mlflow.send({str(folder)!r}) again"
            ) from error
        state = {"n_sent": number, "run_ids": server.run_ids, "is_ours": server.is_ours}
        (folder / _SENT).write_text(json.dumps(state), encoding="utf-8")
    shutil.rmtree(folder)
    return list(dict.fromkeys(server.run_ids.values()))


def _take_up(folder: Path, server: TrackingServer) -> int:
    """Go on from an earlier call: return how many entries it has sent."""
    if not (folder / _SENT).exists():
        return 0
    state = json.loads((folder / _SENT).read_text(encoding="utf-8"))
    server.run_ids |= state["run_ids"]
    server.is_ours |= state["is_ours"]
    return int(state["n_sent"])


def _read(folder: Path) -> tuple[str, list[LogEntry]]:
    """Return where entries should have gone, and the entries."""
    if not (folder / _ENTRIES).is_file():
        raise FileNotFoundError(
            f"{folder} holds nothing unsent: give the folder that the warning named, which "
            f"is deleted once all of it is sent"
        )
    try:
        head, *lines = _json_lines(folder / _ENTRIES)
        if head["format"] != _FORMAT:
            raise ValueError(f"format {head['format']!r}")
        entries = [
            LogEntry(**{**line, "path": line["path"] and folder / line["path"]}) for line in lines
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} holds no log entries of qmlplay: {error!r}") from error
    return str(head["tracking_uri"]), entries


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines; a last one without an end was cut off by a kill, and nothing is lost."""
    text = path.read_text(encoding="utf-8")
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
