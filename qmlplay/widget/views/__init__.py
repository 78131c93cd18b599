"""The views of a model that the page draws; all of those of the quantum model are made here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qmlplay.classifier import VariationalClassifier
from qmlplay.widget.data.plane import Plane
from qmlplay.widget.views.drawn_blocks import DrawnBlocks
from qmlplay.widget.views.frames import Frame
from qmlplay.widget.views.gate_views import gate_gradients, gate_view
from qmlplay.widget.views.growth import growth_view
from qmlplay.widget.views.page_selection import PageSelection
from qmlplay.widget.views.point import point_view

__all__ = ["ModelViews", "model_views"]


@dataclass(frozen=True, eq=False)
class ModelViews:
    """The views of a quantum model at one moment.

    Parameters
    ----------
    frame : Frame
        The moment.
    selection : PageSelection
        What was picked in the page.
    frozen : frozenset of int
        The weights that were held.
    blocks : DrawnBlocks
        Those of the circuit.
    values : dict of str to dict
        A trait of the page → its value.
    """

    frame: Frame
    selection: PageSelection
    frozen: frozenset[int]
    blocks: DrawnBlocks
    values: dict[str, dict[str, Any]]


def model_views(
    estimator: VariationalClassifier,
    plane: Plane,
    selection: PageSelection,
    *,
    frozen: Collection[int] = (),
    coarse: bool = False,
    blocks: DrawnBlocks | None = None,
    earlier: ModelViews | None = None,
) -> dict[str, dict[str, Any]]:
    """Return the values of the page's traits that show the quantum model, but for its frame.

    It is called with every new frame, and whenever the selection, a weight, a frozen weight or
    an entangler changes; the page gets the values at once with the frame.

    Parameters
    ----------
    estimator : VariationalClassifier
        Fitted so far; it stays as it is.
    plane : Plane
        The data.
    selection : PageSelection
        What was picked in the page.
    frozen : collection of int, default=()
        Weights that are held.
    coarse : bool, default=False
        Whether a slider moves or training goes on, so that a quick picture is better than a fine
        one; a fine one follows.
    blocks : DrawnBlocks, optional
        Those of the estimator's circuit, where they are known already.
    earlier : ModelViews, optional
        Views of the same estimator, of which those stay that another selection does not change.

    Returns
    -------
    dict of str to dict
        A trait of the page, such as ``"growth"``, → its value.
    """
    model, before = estimator.model_, _Before(earlier, selection, frozenset(frozen))
    growth = before.get("growth", "basis")
    if growth is None or (growth["is_coarse"] and not coarse):
        growth = growth_view(estimator, plane, selection, coarse=coarse, blocks=blocks)
    shown = before.get("gate_view", "gate")
    if shown is None:
        shown = (
            {"gate": None} if selection.gate is None else gate_view(model, plane, selection.gate)
        )
    return {
        "growth": growth,
        "point": before.get("point", "point", "sample", "part")
        or point_view(estimator, plane, selection, blocks=blocks),
        "gates": before.get("gates") or gate_gradients(model, plane, frozen),
        "gate_view": shown,
    }


@dataclass(frozen=True)
class _Before:
    """Views of the same estimator, some of which stay when another thing is picked."""

    earlier: ModelViews | None
    selection: PageSelection
    frozen: frozenset[int]

    def get(self, name: str, *fields: str) -> dict[str, Any] | None:
        """Return a view, unless there is none or one of these fields of the selection differs."""
        if self.earlier is None or self.earlier.frozen != self.frozen:
            return None
        before, now = self.earlier.selection, self.selection
        if any(getattr(before, field) != getattr(now, field) for field in fields):
            return None
        return self.earlier.values.get(name)
