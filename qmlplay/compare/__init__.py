"""The fair comparison.

``splits`` shares the data, ``candidates`` names the models, ``run`` trains them,
``comparison`` keeps what came out, ``verdict`` and ``report`` put it into words.
"""

from qmlplay.compare.comparison import Comparison
from qmlplay.compare.run import compare
from qmlplay.compare.setup import Candidate, list_models

__all__ = ["Candidate", "Comparison", "compare", "list_models"]
