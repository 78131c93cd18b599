"""The fair comparison.

`setup` shares the data and makes the models, `running` trains and scores them, `evidence` says what
the scores are worth, `reports` writes it down. ``run`` goes through all of these, and
``comparison`` keeps what came out.
"""

from qmlplay.compare.comparison import Comparison
from qmlplay.compare.run import compare
from qmlplay.compare.setup import Candidate, list_models

__all__ = ["Candidate", "Comparison", "compare", "list_models"]
