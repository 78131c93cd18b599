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

_PIXELS_PER_INCH = 100


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
        """Return a picture with two dots per pixel, for screens that have them."""
        if "figure_" not in vars(self):
            self.plot()
        stream = io.BytesIO()
        self.figure_.savefig(stream, format="png", dpi=2 * _PIXELS_PER_INCH)
        return stream.getvalue()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the picture, and in how many pixels it is to be shown."""
        picture = b64encode(self._repr_png_()).decode("ascii")
        inches = self.figure_.get_size_inches()
        width, height = (round(_PIXELS_PER_INCH * length) for length in inches)
        bundle = {"text/plain": repr(self), "image/png": picture}
        return bundle, {"image/png": {"width": width, "height": height}}


def dataset_name(comparison: Any, dataset: str | None) -> str:
    """Return the name of one of a comparison's datasets, the first one's by default."""
    name: str = next(iter(comparison.splits)) if dataset is None else dataset
    if name not in comparison.splits:
        raise unknown_name("dataset", name, comparison.splits)
    return name
