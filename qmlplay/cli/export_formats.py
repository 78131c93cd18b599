"""The formats of `qmlplay export`: what writes a model, what runs it, what may be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qmlplay.errors import unknown_name
from qmlplay.export import to_html, to_onnx, to_tflite
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.runtimes import Run, onnx_runtime, tflite_runtime

__all__ = ["FORMATS", "ExportFormat", "format_of"]


@dataclass(frozen=True)
class ExportFormat:
    """A format of files.

    Parameters
    ----------
    write : callable
        From a fitted estimator and the settings asked for to the file's bytes.
    run : callable or None
        From bytes to what runs them here; None where only a browser does.
    settings : tuple of str
        Which of dtype, form and title it takes.
    """

    write: Callable[..., bytes]
    run: Callable[[bytes], Run] | None
    settings: tuple[str, ...]


def format_of(name: str | None, out: Path | None) -> str:
    """Return the format that was asked for, or the one that the ending of the file says.

    Raises
    ------
    ValueError
        If there is no such format, or the file has the ending of another one.

    Examples
    --------
    >>> format_of(None, Path("model.onnx")), format_of("html", None)
    ('onnx', 'html')
    """
    ending = "" if out is None else out.suffix.removeprefix(".").lower()
    if name is None:
        if ending not in FORMATS:
            raise ValueError(f"--to is missing: give --to {', --to '.join(FORMATS)}")
        return ending
    if name not in FORMATS:
        raise unknown_name("format", name, FORMATS)
    if ending in FORMATS and ending != name:
        raise ValueError(f"--out {str(out)!r} is called .{ending}, but --to says {name}")
    return name


def _onnx(estimator: Any, dtype: str = "float32", form: str = "auto") -> bytes:
    ExportedInputs.of(estimator).check_numbers("ONNX")  # names the column, and what takes it
    return bytes(to_onnx(estimator, dtype=dtype, form=form).SerializeToString())


def _html(estimator: Any, form: str = "circuit", title: str | None = None) -> bytes:
    return to_html(estimator, form=form, title=title).encode("utf-8")


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        "onnx": ExportFormat(_onnx, onnx_runtime, ("dtype", "form")),
        "tflite": ExportFormat(to_tflite, tflite_runtime, ("form",)),
        "html": ExportFormat(_html, None, ("form", "title")),
    }
)
