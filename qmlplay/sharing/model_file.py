"""The file with the model: our own where it can hold it, and one of skops for other pipelines."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Any

from qmlplay.classifier import save_model
from qmlplay.classifier.quantum_pipelines import pipeline_parts, with_quantum_model
from qmlplay.saving import trusted_types
from qmlplay.tables import FeatureReduction, TablePreprocessor

__all__ = ["MODEL_FILE", "SKOPS_FILE", "read_skops", "write_model"]

MODEL_FILE, SKOPS_FILE = "model.qmlplay", "model.skops"
#: Bytes that a file may hold after unpacking.
_MAX_BYTES = 2**30


def write_model(model: Any, folder: Path) -> None:
    """Write a fitted model into a folder.

    Raises
    ------
    ImportError
        If only skops can hold it, and it is not installed.
    OSError, ValueError
        If it cannot be written.
    """
    steps, _ = pipeline_parts(model)
    own = (TablePreprocessor, FeatureReduction)
    if all(type(step) in own for _, step in steps):
        save_model(model, folder / MODEL_FILE)
        return
    foreign = [type(step).__name__ for _, step in steps if type(step) not in own]
    skops = _skops(f"a pipeline with {', '.join(foreign)}")
    shared = _without_callbacks(model)
    skops.dump(shared, folder / SKOPS_FILE, compression=zipfile.ZIP_DEFLATED)


def _without_callbacks(model: Any) -> Any:
    """Return a model without the callbacks of its training, which nobody else could trust."""
    quantum = pipeline_parts(model)[1]
    if not quantum.get_params(deep=False).get("callbacks"):
        return model
    return with_quantum_model(model, copy(quantum).set_params(callbacks=None))


def read_skops(path: Path, trusted: Iterable[str]) -> Any:
    """Return the model of a file of skops that holds nothing but trusted types.

    Raises
    ------
    ImportError
        If skops is not installed.
    ValueError
        If it is damaged, or holds another type.
    """
    skops = _skops(f"{path.name}, which was written with it,")
    allowed = {*trusted_types(), *trusted}
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_BYTES:
                raise ValueError(f"it would unpack to more than {_MAX_BYTES} bytes")
        unknown = sorted(set(skops.get_untrusted_types(file=path)) - allowed)
        if unknown:
            raise ValueError(
                f"it holds types that are not trusted: {', '.join(unknown[:10])}; if you know "
                "them, and who wrote the file, load_from_folder(folder, trusted=[...])"
            )
        model = skops.load(path, trusted=sorted(allowed))
        pipeline_parts(model)
    except Exception as error:  # a hostile file can make its reader fail in any way
        raise ValueError(f"cannot read {str(path)!r}: {error}") from error
    return model


def _skops(who: str) -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise ImportError(f'{who} needs skops: pip install "qmlplay[sharing]"') from error
    return skops.io
