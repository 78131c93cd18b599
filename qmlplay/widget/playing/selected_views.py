"""The views of a run's quantum model: of what is selected in the page, made as they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np

from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views import ModelViews, model_views
from qmlplay.widget.views.drawn_blocks import DrawnBlocks
from qmlplay.widget.views.frames import Frame
from qmlplay.widget.views.page_selection import PageSelection

__all__ = ["SelectedViews"]


class SelectedViews:
    """Makes the views of a quantum model, by one thread at a time.

    Parameters
    ----------
    plane : Plane
    n_gates : int
        Of the circuit.

    Attributes
    ----------
    selection : PageSelection
        What is picked in the page.
    latest : ModelViews or None
        The last ones that were made.
    """

    def __init__(self, plane: Plane, n_gates: int) -> None:
        self._plane, self._n_gates = plane, n_gates
        self.selection = PageSelection()
        self.latest: ModelViews | None = None
        self._making = Lock()

    def select(self, **changes: Any) -> None:
        """Pick a gate, a point or a sample.

        Raises
        ------
        ValueError
            If there is none; everything stays as it was then.
        """
        split = self._plane.split
        n_samples = {"train": len(split.X_train), "test": len(split.X_test)}
        selection = replace(self.selection, **changes)
        self.selection = selection.checked(self._n_gates, n_samples)

    def select_as(self, before: SelectedViews) -> None:
        """Pick what was picked in another run: its point where the plane is the same."""
        planes = (self._plane, before._plane)
        parts = [(plane.split.X_train, plane.split.X_test) for plane in planes]
        is_same = all(map(np.array_equal, *parts))
        self.selection = before.selection.carried(with_point=is_same)

    def make(
        self, moment: Callable[[], tuple[Frame | None, frozenset[int]]], *, coarse: bool
    ) -> None:
        """Make the views anew, unless they are those of this moment.

        Parameters
        ----------
        moment : callable
            ``moment()`` returns the last frame and the weights that are held.
        coarse : bool
            Whether quick ones are wanted, as finer ones will follow.
        """
        with self._making:  # nobody makes twice what another thread makes already
            frame, frozen = moment()
            while frame is not None and not self._is_of(frame, frozen):
                self.latest = self._made(frame, frozen, coarse)
                frame, frozen = moment()

    def _is_of(self, frame: Frame, frozen: frozenset[int]) -> bool:
        latest, now = self.latest, (frame, self.selection, frozen)
        return latest is not None and (latest.frame, latest.selection, latest.frozen) == now

    def _made(self, frame: Frame, frozen: frozenset[int], coarse: bool) -> ModelViews:
        selection, latest = self.selection, self.latest
        blocks = DrawnBlocks.of(frame.estimator) if latest is None else latest.blocks
        values = model_views(
            frame.estimator,
            self._plane,
            selection,
            frozen=frozen,
            coarse=coarse,
            blocks=blocks,
            earlier=latest if latest is not None and latest.frame is frame else None,
        )
        return ModelViews(frame, selection, frozen, blocks, values)
