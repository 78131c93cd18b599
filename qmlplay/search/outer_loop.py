"""The outer loop of a search: for every outer split trials inside, then the test part, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import optuna
from joblib import Parallel, delayed
from sklearn.utils import Bunch

from qmlplay.compare.setup import Split
from qmlplay.progress import Progress, Verbose, progress_bar
from qmlplay.search.abandoned_trials import fail_abandoned
from qmlplay.search.classical_space import defaults
from qmlplay.search.finalists import Finalist, judged
from qmlplay.search.search_part import SearchPart
from qmlplay.search.search_settings import SIDES, SearchSettings, fingerprint
from qmlplay.search.study_file import damage_reported, enqueue, open_studies
from qmlplay.search.study_storage import closed_on_error, open_storage
from qmlplay.search.time_budget import used_seconds
from qmlplay.search.trial_loop import run_trials

__all__ = ["OuterLoop"]

Studies = Mapping[str, optuna.Study]
Tell = Callable[[Studies], None]


@dataclass(eq=False)
class OuterLoop:
    """A search while it goes on.

    Parameters
    ----------
    settings : SearchSettings
    table : Bunch
        All rows.
    splits : sequence of Split
        The outer ones.
    path : Path or None
    storage : object
        Optuna's.
    studies : list of dict of str to Study
        Of every outer split, by side.
    budget, start, before : float
        Seconds allowed, `time.time` of the begin, seconds that earlier runs used.
    """

    settings: SearchSettings
    table: Bunch
    splits: Sequence[Split]
    path: Path | None
    storage: Any
    studies: list[Studies]
    budget: float
    start: float
    before: float
    notes: list[str] = field(default_factory=list)
    is_interrupted: bool = False

    @classmethod
    def begin(
        cls,
        settings: SearchSettings,
        table: Bunch,
        splits: Sequence[Split],
        path: Path | None,
        budget: float,
        start: float,
    ) -> OuterLoop:
        """Open the studies, mark what was given up as failed, and put the usual settings first."""
        names = [f"split {k}, {side}" for k in range(len(splits)) for side in SIDES]
        expected = fingerprint(settings, table.X, table.y, list(splits))
        with damage_reported(path):
            storage = open_storage(path)
        with closed_on_error(storage), damage_reported(path):
            opened = open_studies(storage, names, expected, path)
            studies: list[Studies] = [
                {side: opened[f"split {k}, {side}"] for side in SIDES} for k in range(len(splits))
            ]
            for of_split in studies:
                _put_first(settings, of_split)
        trials = [t for of_split in studies for s in of_split.values() for t in s.get_trials(False)]
        used = used_seconds(trials)
        return cls(settings, table, splits, path, storage, studies, budget, start, used)

    @property
    def deadline(self) -> float:
        """When all of it has to be over, by `time.time`."""
        return self.start + self.budget - self.before

    def run(self, n_processes: int, verbose: Verbose) -> list[list[Finalist]]:
        """Return the finalists of every outer split, or of those that Ctrl-C left."""
        finalists: list[list[Finalist]] = []
        with progress_bar(None, "search", verbose=verbose) as progress:
            for number, split in enumerate(self.splits):
                left = max(self.deadline - time.time(), 0.0) / (len(self.splits) - number)
                part = self._part(number, split, time.time() + left)
                self._search(part, n_processes, progress)
                finalists.append(judged(part, split, self.studies[number]))
                if self.is_interrupted:
                    break
        return finalists

    def _part(self, number: int, split: Split, deadline: float) -> SearchPart:
        names = {side: study.study_name for side, study in self.studies[number].items()}
        n_test = len(split.y_test)
        return SearchPart(
            settings=self.settings,
            X=split.X_train,
            y=split.y_train,
            studies=names,
            deadline=deadline,
            test_share=n_test / (n_test + len(split.y_train)),
            path=self.path,
            storage=self.storage if self.path is None else None,
        )

    def _search(self, part: SearchPart, n_processes: int, progress: Progress) -> None:
        def tell(studies: Studies) -> None:
            progress.advance(note=_note(studies))

        try:
            if n_processes == 1:
                self.is_interrupted |= run_trials(part, tell=tell)
            else:
                self._share_trials(part, n_processes, tell)
        except KeyboardInterrupt:
            self.is_interrupted = True
        for of_split in self.studies:
            for study in of_split.values():
                fail_abandoned(study)

    def _share_trials(self, part: SearchPart, n_processes: int, tell: Tell) -> None:
        """Run trials here, and in other processes beside, which take seconds to begin."""
        work = [delayed(run_trials)(part, worker) for worker in range(n_processes)]
        try:
            # With n_jobs=1 joblib would do it here, afterwards.
            beside = Parallel(n_jobs=n_processes, return_as="generator")(work[1:])
        except ValueError:  # a backend of joblib that gives all answers at once
            self.is_interrupted |= any(Parallel(n_jobs=n_processes)(work))
            return
        try:
            self.is_interrupted |= run_trials(part, tell=tell)
            if not self.is_interrupted:
                self.is_interrupted |= any(beside)
        except Exception as error:
            if type(error).__name__ != "TerminatedWorkerError":
                raise
            self.notes.append(
                "A process was lost; its trial counts as failed, and the others went on."
            )
            self.is_interrupted |= run_trials(part, n_processes, tell)
        finally:
            with suppress(Exception):
                beside.close()

    def in_memory(self) -> OuterLoop:
        """Return it with copies of its studies that need no file, without what still waits."""
        storage = optuna.storages.InMemoryStorage()
        copies: list[Studies] = []
        for of_split in self.studies:
            copied = {}
            for side, study in of_split.items():
                copied[side] = optuna.create_study(
                    storage=storage, study_name=study.study_name, direction="maximize"
                )
                copied[side].add_trials(t for t in study.get_trials() if t.state.is_finished())
            copies.append(copied)
        return replace(self, storage=storage, studies=copies, path=None)


def _put_first(settings: SearchSettings, studies: Studies) -> None:
    """Mark what was given up as failed, and let studies begin with the usual settings."""
    shape = settings.shape
    first = {
        "quantum": settings.space.first_choices(settings.prototype, shape),
        "classical": defaults(settings.baselines, shape, settings.n_fewest),
    }
    for side, study in studies.items():
        fail_abandoned(study)
        enqueue(study, first[side])


def _note(studies: Studies) -> str:
    """Return the best inner scores so far."""
    parts = []
    for side, study in studies.items():
        states = (optuna.trial.TrialState.COMPLETE,)
        values = [t.value for t in study.get_trials(deepcopy=False, states=states)]
        if values:
            parts.append(f"{side} {max(v for v in values if v is not None):.3f}")
    return ", ".join(parts)
