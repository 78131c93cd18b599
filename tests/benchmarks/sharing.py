"""Sizes and times of a trained model on disk: our file, a pickle, a file of skops, a folder.

    OMP_NUM_THREADS=1 python tests/benchmarks/sharing.py --rounds 9

Everyone has to predict what the model predicted, to the last bit, before anything is timed. It
needs ``pip install -e ".[sharing]"``.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from machine import machine, sentence
from tables import markdown, write_json
from timing import seconds_of

from qmlplay import QuantumKernelClassifier, VariationalClassifier, load_dataset, load_model
from qmlplay.sharing import load_from_folder, save_to_folder, trusted_types

Way = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


def of_file(model: Any) -> bytes:
    """Return the content of our model file."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.qmlplay")
        return (Path(folder) / "model.qmlplay").read_bytes()


def from_file(content: bytes) -> Any:
    """Return the model of such a file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.qmlplay").write_bytes(content)
        return load_model(Path(folder) / "model.qmlplay")


def skops_file(compression: int) -> Callable[[Any], bytes]:
    """Return what writes a file of skops."""

    def write(model: Any) -> bytes:
        file = BytesIO()
        skops.io.dump(model, file, compression=compression)
        return file.getvalue()

    return write


def from_skops(content: bytes) -> Any:
    """Return the model of a file of skops."""
    return skops.io.loads(content, trusted=trusted_types())


WAYS: dict[str, Way] = {
    "model file": (of_file, from_file),
    "pickle": (pickle.dumps, pickle.loads),
    "skops": (skops_file(zipfile.ZIP_STORED), from_skops),
    "skops, deflated": (skops_file(zipfile.ZIP_DEFLATED), from_skops),
}


def models() -> dict[str, tuple[Any, Any]]:
    """Return trained models by name, and rows for them."""
    moons = load_dataset("moons", n_samples=200, random_state=0)
    cancer = load_dataset("breast_cancer")
    X = cancer.X[:200, :8]
    variational = VariationalClassifier(max_iter=100, random_state=0)
    kernel = QuantumKernelClassifier(bandwidth=0.5, C=1.0, random_state=0)
    return {
        "moons, 2 qubits": (variational.fit(moons.X, moons.y), moons.X),
        "8 columns, 8 qubits": (
            VariationalClassifier(max_iter=100, random_state=0).fit(X, cancer.y[:200]),
            X,
        ),
        "moons, kernel": (kernel.fit(moons.X, moons.y), moons.X),
    }


def main() -> None:
    """Print a table: bytes, and milliseconds to write and to read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for name, (model, X) in models().items():
        expected = model.predict_proba(X[:20])
        for way, (write, read) in WAYS.items():
            content = write(model)
            assert (read(content).predict_proba(X[:20]) == expected).all()
            times = [
                np.median([seconds_of(call) for _ in range(options.rounds)])
                for call in (lambda w=write, m=model: w(m), lambda r=read, c=content: r(c))
            ]
            milliseconds = [f"{1e3 * seconds:.1f}" for seconds in times]
            rows.append([name, way, f"{len(content):,}", *milliseconds])
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "model"
            written = seconds_of(lambda m=model, f=folder: save_to_folder(m, f))
            again = load_from_folder(folder)
            assert (again.predict_proba(X[:20]) == expected).all()
            size = sum(path.stat().st_size for path in folder.iterdir())
            loaded = seconds_of(lambda f=folder: load_from_folder(f))
            times = [f"{1e3 * written:.1f}", f"{1e3 * loaded:.1f}"]
            rows.append([name, "folder with card and picture", f"{size:,}", *times])
    headings = ["model", "way", "bytes", "write [ms]", "read [ms]"]
    print(markdown(headings, rows))
    print(sentence(machine()))
    if options.json is not None:
        write_json(options.json, [dict(zip(headings, row, strict=True)) for row in rows])


if __name__ == "__main__":
    main()
