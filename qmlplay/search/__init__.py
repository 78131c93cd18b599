"""The automatic search: the best model of a table within a time, quantum or classical.

`search` takes a dataset as `qmlplay.compare` does, `SearchClassifier` and `SearchRegressor` are the
same as estimators; what is searched is a `SearchSpace`. `PruningCallback` reports a training to a
trial of your own. All of it is built on Optuna, whose studies are in the result.

An outer split holds rows out that no trial sees (``outer_loop``). Inside, two sides, quantum and
classical, have the same time: whichever had less goes next (``trial_loop``). Each trial is a
cross-validation of the other rows (``trial_run``, ``inner_validation``). The best of every kind is
then trained again and judged on the rows held out (``finalists``), which gives the ``leaderboard``
and the ``search_verdict``. ``study_file`` guards the SQLite file.
"""

try:
    import optuna as _optuna  # noqa: F401 - said early, and what to type
except ImportError as error:
    raise ImportError('qmlplay.search needs Optuna: pip install "qmlplay[search]"') from error

from qmlplay.search.history_display import SearchHistoryDisplay
from qmlplay.search.pruning import PruningCallback
from qmlplay.search.search_estimators import SearchClassifier, SearchRegressor
from qmlplay.search.search_result import SearchResult
from qmlplay.search.searching import search
from qmlplay.search.space import SearchSpace

__all__ = [
    "PruningCallback",
    "SearchClassifier",
    "SearchHistoryDisplay",
    "SearchRegressor",
    "SearchResult",
    "SearchSpace",
    "search",
]
