"""The folder of finished runs: each is written as it is done, and taken up by those who go on."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from qmlplay.classifier import with_backend
from qmlplay.classifier.fingerprint import digest
from qmlplay.compare.kept_runs.earlier_runs import FOLDER_NAME, RUN
from qmlplay.compare.kept_runs.fitted_files import read_fitted, write_fitted
from qmlplay.compare.kept_runs.folder_lock import FolderLock
from qmlplay.compare.kept_runs.plan_file import as_planned, read_plan, write_plan
from qmlplay.compare.kept_runs.run_files import KeptRun, read_run, write_run
from qmlplay.compare.kept_runs.run_fingerprint import differences, fingerprint_of
from qmlplay.compare.running import (
    Forecast,
    Lineup,
    ModelRun,
    RunKey,
    TrainEverywhere,
    recorded_predictions,
)
from qmlplay.compare.setup import Candidate, Split

__all__ = ["RunFolder"]

#: The ending of a fitted model's file.
_MODEL = ".qmlplay"


class RunFolder:
    """Finished runs of one comparison, each in a file.

    It is a context: nobody else may use the folder meanwhile.

    Parameters
    ----------
    folder : str or path-like
        It is made if need be; the runs lie in a folder inside of it.

    Raises
    ------
    OSError
        If it cannot be written to.
    ValueError
        If another process uses it.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        if not isinstance(folder, str | PathLike):
            raise TypeError(f"resume must be a folder, such as resume='results'; got {folder!r}")
        self.folder = Path(folder) / FOLDER_NAME
        self._fingerprints: dict[RunKey, dict[str, str]] = {}
        self._taken_up: set[RunKey] = set()
        self._is_in_trouble = False
        #: Seconds that the runs took which were taken up.
        self.seconds_before = 0.0

    def __enter__(self) -> RunFolder:
        self._had_parent = self.folder.parent.exists()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                f"resume={str(self.folder.parent)!r}: no folder can be made there "
                f"({error.strerror or error}): give another one"
            ) from error
        self._lock = FolderLock(self.folder / "lock")
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()
        if not any(self.folder.glob(f"*{RUN}")):  # nothing was done
            with suppress(OSError):
                for name in ("lock", "plan.json"):
                    (self.folder / name).unlink(missing_ok=True)
                self.folder.rmdir()
                if not self._had_parent:
                    self.folder.parent.rmdir()

    def planned(
        self, make: Callable[[], Forecast], train_everywhere: TrainEverywhere, lineups: Any
    ) -> Forecast:
        """Return the forecast, by which those train that trained before; make one if need be."""
        file = self.folder / "plan.json"
        before = read_plan(file, train_everywhere)
        wanted = {(split.dataset, c.name) for split, candidates in lineups for c in candidates}
        if before is not None and wanted == {(m.dataset, m.model) for m in before.models}:
            counts = {d: sum(s.dataset == d for s, _ in lineups) for d, _ in wanted}
            forecast = _with_counts(before, counts)
        elif before is not None:
            forecast = as_planned(make(), before)
        else:
            forecast = make()
        self._try(lambda: write_plan(file, forecast, train_everywhere))
        return forecast

    def finished(
        self, lineups: Sequence[Lineup], trained_on: Mapping[tuple[str, str], str]
    ) -> dict[RunKey, ModelRun]:
        """Return the runs that need not be done again.

        Those whose file is damaged are left out, with a warning.

        Raises
        ------
        ValueError
            If runs are there of other data or settings; the text says which.
        """
        wanted = {(s.dataset, c.name, s.seed): (s, c) for s, cs in lineups for c in cs}
        for key, (split, candidate) in wanted.items():
            source = trained_on.get(key[:2])
            self._fingerprints[key] = fingerprint_of(split, candidate, source)
        kept, damaged = self._read(list(wanted))
        _check_same(kept, self._fingerprints, self.folder)
        runs: dict[RunKey, ModelRun] = {}
        for key, run in kept.items():
            try:
                runs[key] = self._restored(run, *wanted[key])
            except (OSError, ValueError):
                damaged.append(self._file(key, _MODEL).name)
        for key, run in kept.items():  # those that have the weights of another one
            source = trained_on.get(key[:2])
            trained = runs.get((key[0], source, key[2])) if source else None
            if key in runs and trained is not None and trained.estimator is not None:
                estimator = with_backend(trained.estimator, key[1])
                runs[key] = ModelRun(run.row, estimator, runs[key].predictions)
        if damaged:
            warnings.warn(
                f"{len(damaged)} files of {self.folder} cannot be read, and their runs are done "
                f"again: {', '.join(sorted(damaged)[:3])}",
                UserWarning,
                stacklevel=3,
            )
        self._taken_up = set(runs)
        self.seconds_before = sum(_seconds(run.row) for run in runs.values())
        return runs

    def _read(self, keys: Sequence[RunKey]) -> tuple[dict[RunKey, KeptRun], list[str]]:
        kept: dict[RunKey, KeptRun] = {}
        damaged: list[str] = []
        for key in keys:
            file = self._file(key, RUN)
            if not file.exists():
                continue
            try:
                run = read_run(file)
                if run.key != key:
                    raise ValueError("it is of another run")
            except (OSError, ValueError):
                damaged.append(file.name)
            else:
                kept[key] = run
        return kept, damaged

    def _restored(self, kept: KeptRun, split: Split, candidate: Candidate) -> ModelRun:
        predictions = None
        if kept.predicted is not None:
            if len(kept.predicted) != len(split.y_test):
                raise ValueError("it has other predictions")
            predictions = recorded_predictions(split, kept.predicted, kept.training_score)
        estimator = None
        if kept.has_model:
            estimator = read_fitted(self._file(kept.key, _MODEL), candidate)
        return ModelRun(kept.row, estimator, predictions)

    def keep(self, runs: Sequence[ModelRun]) -> None:
        """Write runs that have just been done; a disk that is full costs a warning."""
        for run in runs:
            # A failure is tried again: what was missing may be there by then.
            if run.key not in self._taken_up and run.row["status"] == "ok":
                self._try(lambda run=run: self._write(run))  # type: ignore[misc]

    def _write(self, run: ModelRun) -> None:
        is_trained = self._fingerprints[run.key]["trained on"] == "itself"
        has_model = (
            run.estimator is not None
            and is_trained
            and write_fitted(self._file(run.key, _MODEL), run.estimator)
        )
        fingerprint = self._fingerprints[run.key]
        write_run(self._file(run.key, RUN), run, fingerprint, has_model=has_model)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (OSError, TypeError, ValueError) as error:
            if not self._is_in_trouble:
                warnings.warn(
                    f"a finished run is not kept, and the comparison goes on: {error}",
                    UserWarning,
                    stacklevel=4,
                )
            self._is_in_trouble = True

    def _file(self, key: RunKey, ending: str) -> Path:
        dataset, model, seed = key
        words = re.sub(r"[^A-Za-z0-9_]+", "-", f"{dataset} {model}")[:60]
        return self.folder / f"{words}-{seed}-{digest(*key)[:8]}{ending}"


def _with_counts(forecast: Forecast, counts: Mapping[str, int]) -> Forecast:
    """Return a forecast for so many splits of every dataset."""
    models = tuple(replace(m, n_splits=counts[m.dataset]) for m in forecast.models)
    return replace(forecast, models=models)


def _seconds(row: Mapping[str, Any]) -> float:
    values = (row.get("fit_seconds"), row.get("predict_seconds"))
    return float(np.nansum([np.nan if value is None else value for value in values]))


def _check_same(
    kept: Mapping[RunKey, KeptRun], fingerprints: Mapping[RunKey, dict[str, str]], folder: Path
) -> None:
    """Raise ValueError, saying what differs, where runs are of another comparison."""
    different = {
        key: words
        for key, run in kept.items()
        if (words := differences(fingerprints[key], run.fingerprint))
    }
    if not different:
        return
    (dataset, model, seed), words = next(iter(different.items()))
    more = f", and {len(different) - 1} other runs differ" if len(different) > 1 else ""
    raise ValueError(
        f"{folder} holds runs of another comparison: for {model} on {dataset} with seed {seed}, "
        f"{'; '.join(words)}{more}. It is left as it is: give another folder, or the same data "
        f"and settings (more seeds, models or datasets may come)"
    )
