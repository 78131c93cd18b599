"""Folders that hold a model with its card, as the Hugging Face Hub and its clients know them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qmlplay.backends import Backend
from qmlplay.classifier.quantum_pipelines import with_backend
from qmlplay.compare.comparison import Comparison
from qmlplay.saving import load_model
from qmlplay.sharing.card import card_text
from qmlplay.sharing.drawings import write_picture
from qmlplay.sharing.folder_config import (
    CONFIG_FILE,
    check_file,
    folder_config,
    json_text,
    read_config,
)
from qmlplay.sharing.model_file import MODEL_FILE, SKOPS_FILE, read_skops, write_model
from qmlplay.sharing.shared_model import SharedModel

__all__ = ["load_from_folder", "save_to_folder"]

_CARD = "README.md"
_PICTURE = "circuit.png"
_COMPARISON = "comparison.json"
#: All that a folder of ours can hold; on a new save, what is not written anew goes.
_OURS = (_CARD, MODEL_FILE, SKOPS_FILE, _PICTURE, _COMPARISON, CONFIG_FILE)


def save_to_folder(
    model: Any,
    folder: str | os.PathLike[str],
    *,
    name: str | None = None,
    description: str | None = None,
    license: str | None = None,  # noqa: A002 - the word of model cards
    data: Any = None,
    comparison: Comparison | Mapping[str, Any] | None = None,
    compared_as: str | None = None,
    report: Mapping[str, Any] | None = None,
    held_out: tuple[Any, Any] | None = None,
) -> Path:
    """Write a folder with a fitted model and a card that says how good it is, and where it ends.

    The folder is laid out as the Hugging Face Hub has it: README.md (the card, with the metadata
    that the Hub reads), the model, config.json, a picture of the circuit, and the comparison
    where one was given. Nothing is sent anywhere: ``huggingface_hub.upload_folder`` does that.

    Every number of the card comes from the objects given here; what nobody gave is "not given".
    Scores are those of rows that training did not see: of a comparison, of the report of
    `qmlplay train`, or of rows held out. Scores in training are never shown.

    Parameters
    ----------
    model : estimator
        Fitted: an estimator of qmlplay, or a pipeline that ends in one. Pipelines of
        `TablePreprocessor` and `FeatureReduction` are kept in a model file (JSON and arrays);
        those with other steps in a file of skops, which asks for ``pip install
        "qmlplay[sharing]"``.
    folder : str or path-like
        A new or empty folder, or one that this function wrote: its files are then replaced.
    name : str, optional
        Of the model; the name of the folder by default.
    description, license : str, optional
        What it is for, and a license as the Hub spells it, such as ``"apache-2.0"``.
    data : str, Bunch, Table, Recognition or mapping, optional
        What it was trained on: words, or what `load_dataset`, `as_dataset` or
        `qmlplay.tables.read_table` returned or recognised. By default that of the report or of
        the comparison.
    comparison : Comparison or mapping, optional
        What `qmlplay.compare` returned, or the content of comparison.json: its table and its
        verdict come into the card, whoever wins.
    compared_as : str, optional
        The row of the comparison with the settings of this model; found out by default where the
        comparison holds the model, or one trained with the same settings.
    report : mapping, optional
        The content of what ``qmlplay train --json`` printed when it trained this very model.
    held_out : tuple of (X, y), optional
        Rows that training did not see, on which the model is scored now.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        If the folder holds files of others; nothing is changed then.
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError, ValueError
        If the model is of another kind, or what was given does not belong to it or together.
    ImportError
        If the pipeline needs skops, and it is not installed.
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(max_iter=5, random_state=0).fit(data.X[:40], data.y[:40])
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = save_to_folder(
    ...         model, f"{parent}/moons", data=data, held_out=(data.X[40:], data.y[40:]))
    ...     again = load_from_folder(folder)
    ...     print(*sorted(path.name for path in folder.iterdir()))
    README.md circuit.png config.json model.qmlplay
    >>> bool((again.predict_proba(data.X) == model.predict_proba(data.X)).all())
    True
    """
    target = Path(folder)
    _check_target(target)
    shared = SharedModel.of(
        model,
        target.resolve().name if name is None else name,
        description=description,
        license=license,
        data=data,
        comparison=comparison,
        compared_as=compared_as,
        report=report,
        held_out=held_out,
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target if target.exists() else target.resolve().parent  # of the same disk
    with tempfile.TemporaryDirectory(prefix=".qmlplay-", dir=beside) as spare:
        made = Path(spare)
        write_model(model, made)
        has_picture = write_picture(shared.circuit, made / _PICTURE)
        if comparison is not None:
            plain = comparison.to_dict() if isinstance(comparison, Comparison) else comparison
            (made / _COMPARISON).write_text(json_text(plain), encoding="utf-8")
        card = card_text(
            shared, folder=target.resolve().name, picture=_PICTURE if has_picture else None
        )
        (made / _CARD).write_text(card, encoding="utf-8")
        (made / CONFIG_FILE).write_text(json_text(folder_config(shared, made)), encoding="utf-8")
        _move(made, target)
    return target


def _check_target(folder: Path) -> None:
    """Raise FileExistsError where a folder, or a file in its place, is somebody else's."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FileExistsError(f"{str(folder)!r} is a file: give a folder")
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if not visible or _is_ours(folder):
        return
    raise FileExistsError(
        f"{str(folder)!r} holds files that save_to_folder did not write, such as "
        f"{min(path.name for path in visible)!r}: give a new folder, or an empty one"
    )


def _is_ours(folder: Path) -> bool:
    try:
        read_config(folder)
    except (OSError, ValueError):
        return False
    return True


def _move(made: Path, folder: Path) -> None:
    """Put new files in the place of old ones; the config last, as it vouches for the others."""
    folder.mkdir(exist_ok=True)
    (folder / CONFIG_FILE).unlink(missing_ok=True)
    for name in _OURS:
        if (made / name).exists():
            os.replace(made / name, folder / name)  # a link, not what it leads to
        else:
            (folder / name).unlink(missing_ok=True)


def load_from_folder(
    folder: str | os.PathLike[str],
    *,
    backend: str | Backend | None = None,
    trusted: Iterable[str] = (),
) -> Any:
    """Return the fitted model of a folder that `save_to_folder` wrote.

    The folder may have come from the Hugging Face Hub, by ``huggingface_hub.snapshot_download``
    or by git. Nothing of it is run; its model is compared with the checksum in config.json, which
    tells a file that was damaged or half downloaded, not one that was forged together with its
    checksum.

    Parameters
    ----------
    folder : str or path-like
    backend : str or Backend, optional
        Simulator to predict with; None takes the one that trained the model.
    trusted : iterable of str, optional
        Types beside `trusted_types` that a pipeline kept by skops may hold, after you have
        looked at them; a model file needs none.

    Returns
    -------
    estimator
        Fitted, ready to predict.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or a file is missing in it.
    ValueError
        If a file is damaged, was changed, was written by a newer version, or holds types that
        are not trusted.
    ImportError
        If it needs skops, or the backend's framework, and that is not installed.

    Examples
    --------
    See `save_to_folder`.
    """
    place = Path(folder)
    if not place.is_dir():
        raise FileNotFoundError(f"there is no folder {str(place)!r}: check the spelling")
    config = read_config(place)
    path = place / config["model_file"]
    check_file(path, config["files"].get(path.name))
    if path.name == MODEL_FILE:
        return load_model(path, backend=backend)
    model = read_skops(path, trusted)
    return model if backend is None else with_backend(model, backend)
