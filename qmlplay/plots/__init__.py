"""Pictures, in scikit-learn's Display style: `from_…` computes, `plot` draws.

matplotlib is imported here, and so only when a picture is asked for.
"""

from qmlplay.plots.boundaries import BoundariesDisplay
from qmlplay.plots.scores import ScoresDisplay

__all__ = ["BoundariesDisplay", "ScoresDisplay"]
