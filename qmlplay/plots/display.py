"""The base of all displays: data first, drawn on demand, shown by Jupyter."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.figure import Figure

from qmlplay.errors import unknown_name

__all__ = ["Display", "dataset_name"]


@dataclass(eq=False, repr=False)
class Display(ABC):
    """A picture: it keeps its data, `plot` draws them, and Jupyter shows it as it is.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.

    Examples
    --------
    >>> from qmlplay.plots import ProbabilitiesDisplay
    >>> display = ProbabilitiesDisplay([[0.25, 0.75]])
    >>> display.plot() is display
    True
    >>> display._repr_png_()[1:4]
    b'PNG'
    """

    figure_: Figure = field(init=False, repr=False)

    @abstractmethod
    def plot(self, ax: Any = None) -> Self:
        """Draw on the given axes or in a new figure, and return the display."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # its data would fill pages

    def _repr_png_(self) -> bytes:
        return self._png(100)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Return a picture with two dots per pixel, for screens that have them, and its size."""
        picture = b64encode(self._png(200)).decode("ascii")
        width, height = (round(100 * inches) for inches in self.figure_.get_size_inches())
        bundle = {"text/plain": repr(self), "image/png": picture}
        return bundle, {"image/png": {"width": width, "height": height}}

    def _png(self, dots_per_inch: int) -> bytes:
        if "figure_" not in vars(self):
            self.plot()
        stream = io.BytesIO()
        self.figure_.savefig(stream, format="png", dpi=dots_per_inch)
        return stream.getvalue()


def dataset_name(comparison: Any, dataset: str | None) -> str:
    """Return the name of one of a comparison's datasets, the first one's by default."""
    name: str = next(iter(comparison.splits)) if dataset is None else dataset
    if name not in comparison.splits:
        raise unknown_name("dataset", name, comparison.splits)
    return name
